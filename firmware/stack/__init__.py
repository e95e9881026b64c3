"""The TCP/IP stack around the protocol, without I/O: ports, routes, turns and timers of many connections.

`stack.py` is what the caller sees, `output.py` whose turn it is to send, `tcp_input.py` to whom a segment belongs (SYN
cookies included), `table.py` which connections there are, `listeners.py` which ports listen, `timers.py` when a
connection must be called.
"""

from ..network.ipv6_layer import Ipv6Config
from ..network.tcp_frame import FrameTransmit, segment_in_software
from .binding import Binding
from .output import CONTROL_QUEUE, LARGEST_PAYLOAD
from .stack import Stack, needs_whole_frame, parse_address
from .table import EPHEMERAL_FIRST, EPHEMERAL_LAST, PATH_MTUS

__all__ = ["CONTROL_QUEUE", "EPHEMERAL_FIRST", "EPHEMERAL_LAST", "LARGEST_PAYLOAD", "PATH_MTUS", "Binding",
           "FrameTransmit", "Ipv6Config", "Stack", "needs_whole_frame", "parse_address", "segment_in_software"]
