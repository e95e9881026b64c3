"""The wire port of the functional model."""

from __future__ import annotations

from collections.abc import Callable


class ModelWirePort:
    """WirePort (models/ports.py): frames with FCS enter at line rate and are told of when their last byte is out."""

    def __init__(self) -> None:
        self._receive: Callable[[bytes, int, int], None] = lambda frame, begin_ps, end_ps: None
        self.enter: Callable[[bytes], None]
        self.carrier: Callable[[bool], None]

    def send(self, frame: bytes) -> None:
        self.enter(bytes(frame))

    def connect(self, receive: Callable[[bytes, int, int], None]) -> None:
        self._receive = receive

    def left(self, frame: bytes, begin_ps: int, end_ps: int) -> None:
        """A frame has left the card's transmit pins."""
        self._receive(frame, begin_ps, end_ps)

    def set_link(self, up: bool) -> None:
        self.carrier(up)
