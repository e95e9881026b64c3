"""What the stack keeps with a connection beside the protocol's own state."""

from ..network.ipv4_layer import Ipv4Layer
from ..network.ipv6_layer import Ipv6Layer
from ..tcp.listener import Listener

Layer = Ipv4Layer | Ipv6Layer


def connection_key(remote_address: bytes, local_address: bytes, remote_port: int, local_port: int) -> bytes:
    """The four that identify a connection (RFC 9293 §3.3.1), in the order in which an arriving frame has them."""
    return remote_address + local_address + remote_port.to_bytes(2, "big") + local_port.to_bytes(2, "big")


class Binding:
    """Addresses (4 or 16 bytes each), ports, the way to the peer, and whether the connection waits or has its turn."""

    __slots__ = ("delivering", "flow_label", "key", "layer", "listener", "local_address", "local_port", "next_hop",
                 "ready", "remote_address", "remote_port", "rerouted", "scheduled", "waiting")

    def __init__(self, key: bytes, layer: Layer, local_address: bytes, local_port: int, remote_address: bytes,
                 remote_port: int, next_hop: bytes, listener: Listener | None, label: int = 0) -> None:
        self.key = key
        self.layer = layer
        self.local_address = local_address
        self.local_port = local_port
        self.remote_address = remote_address
        self.remote_port = remote_port
        self.next_hop = next_hop
        self.listener = listener
        """The port that accepted it; None if we opened it."""
        self.flow_label = label
        self.rerouted = 0
        """Next hops that were tried in turn since one last answered."""
        self.ready = False
        """In the queue of those that may send."""
        self.waiting = False
        """For the link-layer address of the next hop."""
        self.delivering = False
        """Its events are being passed on."""
        self.scheduled: int | None = None
        """Deadline of its entry among the timers, ns."""
