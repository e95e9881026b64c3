"""The connection states (RFC 9293 §3.3.2)."""

import enum


class State(enum.IntEnum):
    """Ordered so that `state >= ESTABLISHED` means a synchronized state."""

    CLOSED = 0
    LISTEN = 1
    SYN_SENT = 2
    SYN_RECEIVED = 3
    ESTABLISHED = 4
    FIN_WAIT_1 = 5
    FIN_WAIT_2 = 6
    CLOSE_WAIT = 7
    CLOSING = 8
    LAST_ACK = 9
    TIME_WAIT = 10


def _table(*members: State) -> tuple[bool, ...]:
    return tuple(state in members for state in State)


#: indexed by state: may data or FIN of ours be on its way (first transmission or again)?
CAN_TRANSMIT_DATA = _table(State.ESTABLISHED, State.FIN_WAIT_1, State.CLOSE_WAIT, State.CLOSING, State.LAST_ACK)
#: indexed by state: may the peer still send data?
CAN_RECEIVE_DATA = _table(State.ESTABLISHED, State.FIN_WAIT_1, State.FIN_WAIT_2)
#: indexed by state: does SEND append to the stream?
CAN_SEND = _table(State.SYN_SENT, State.SYN_RECEIVED, State.ESTABLISHED, State.CLOSE_WAIT)
