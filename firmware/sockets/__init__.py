"""BSD sockets over messages: the commands of the host.

`sockets.py` takes requests and events and knows every socket; the commands are in `opening.py`, `transferring.py`,
`closing.py` and `asking.py`; `socket.py` is what is kept of one socket.
"""

from firmware.sockets.socket import MOST_WAITING, Socket
from firmware.sockets.sockets import FIRST_DESCRIPTOR, Sockets

__all__ = ["FIRST_DESCRIPTOR", "MOST_WAITING", "Socket", "Sockets"]
