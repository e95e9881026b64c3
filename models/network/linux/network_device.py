"""A virtio network device (virtio 1.1 §5.1) without offloads: whole frames with real checksums, both ways."""

from __future__ import annotations

import struct
from collections.abc import Callable

from models.network.linux.vhost_user import VhostUserDevice
from models.network.linux.virtqueue import Chain, GuestFault

DEVICE_ID = 1
RECEIVE, TRANSMIT = 0, 1
_F_MTU, _F_MAC, _F_MRG_RXBUF = 1 << 3, 1 << 5, 1 << 15
_CONFIG = struct.Struct("<6sHHH")
_HEADER_BYTES = 12
"""struct virtio_net_hdr_v1; all zero, and num_buffers in the last two bytes."""
_LARGEST_PLAIN_MTU = 1500
"""Up to this the driver's buffers hold a whole frame; above it a frame may take several."""


class NetworkDevice(VhostUserDevice):
    """Transmitted frames wait in their queue until somebody takes them, so that the guest feels a full one."""

    def __init__(self, mac: bytes, mtu: int) -> None:
        super().__init__(queues=2)
        self._mac = mac
        self._mtu = mtu
        self.features = _F_MAC | _F_MTU | (_F_MRG_RXBUF if mtu > _LARGEST_PLAIN_MTU else 0)
        self.something_to_send: Callable[[], None] = lambda: None
        """Called when the guest has made frames available after `take_frame` said that there are none."""
        self.frames_without_buffer = 0
        """Frames for which the guest had no buffer; they are dropped, as by any card."""

    def config(self) -> bytes:
        return _CONFIG.pack(self._mac, 1, 1, self._mtu)

    def kicked(self, index: int) -> None:
        if index == TRANSMIT:
            self.something_to_send()

    def take_frame(self) -> tuple[bytes, Chain] | None:
        """The next frame to send (without FCS); None when there is none. Raises GuestFault."""
        queue = self.queue(TRANSMIT)
        if queue is None:
            return None
        chain = queue.take()
        if chain is None:
            queue.ask_for_kick()
            return None
        return b"".join(chain.readable)[_HEADER_BYTES:], chain

    def frame_is_sent(self, chain: Chain) -> None:
        """Give the buffers of a frame back."""
        queue = self.queue(TRANSMIT)
        if queue is None:
            return
        queue.give(chain, 0)
        if queue.interrupt_is_wanted():
            self.interrupt(TRANSMIT)

    def receive(self, frame: bytes) -> None:
        """A frame has arrived (without FCS). Raises GuestFault."""
        queue = self.queue(RECEIVE)
        first = queue.take() if queue is not None else None
        if queue is None or first is None:
            self.frames_without_buffer += 1
            return
        data = bytes(_HEADER_BYTES) + frame
        parts = [(first, _fill(first, data))]
        filled = parts[0][1]
        while filled < len(data):
            chain = queue.take() if self.negotiated & _F_MRG_RXBUF else None
            if chain is None:
                raise GuestFault(f"a frame of {len(frame)} bytes does not fit the driver's buffers")
            parts.append((chain, _fill(chain, data[filled:])))
            filled += parts[-1][1]
        head = first.writable[0]
        head[_HEADER_BYTES - 2 : _HEADER_BYTES] = len(parts).to_bytes(2, "little")
        for chain, length in parts:
            queue.give(chain, length)
        if queue.interrupt_is_wanted():
            self.interrupt(RECEIVE)


def _fill(chain: Chain, data: bytes) -> int:
    """Write as much of `data` as fits; returns how much."""
    done = 0
    for view in chain.writable:
        piece = data[done : done + len(view)]
        view[: len(piece)] = piece
        done += len(piece)
        if done == len(data):
            break
    return done
