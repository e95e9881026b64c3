"""TCP (RFC 9293) as a state machine without I/O, clock or randomness of its own."""

from .config import TcpConfig
from .connection import CallError, Connection
from .events import (
    Acknowledged,
    Closed,
    DataArrived,
    DeliveryTrouble,
    Error,
    Established,
    Event,
    PeerClosed,
    UrgentData,
)
from .isn import initial_sequence_number
from .segment import ACK, CWR, ECE, FIN, PSH, RST, SYN, URG, MalformedSegment, TcpHeader, build_header, parse_header
from .states import State
from .transmit import Transmit

__all__ = [
    "ACK", "CWR", "ECE", "FIN", "PSH", "RST", "SYN", "URG", "Acknowledged", "CallError", "Closed", "Connection",
    "DataArrived", "DeliveryTrouble", "Error", "Established", "Event", "MalformedSegment", "PeerClosed", "State",
    "TcpConfig", "TcpHeader", "Transmit", "UrgentData", "build_header", "initial_sequence_number", "parse_header",
]
