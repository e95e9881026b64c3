"""The Ethernet controller: a queue set and the MAC."""

from __future__ import annotations

from collections.abc import Callable

from models.card.bus import Buses
from models.card.ethernet_queue_set import QueueSet
from models.card.ethernet_wire import Arrival, ReceiveWire, TransmitWire
from models.card.timing import CardTiming
from models.kernel import Task, sleep, sleep_until, spawn


class EthernetController:
    """`receive` is called with each frame that leaves; `line` with the level of the interrupt line."""

    def __init__(
        self,
        timing: CardTiming,
        buses: Buses,
        line: Callable[[bool], None],
        receive: Callable[[bytes, int, int], None],
        mac_address: bytes,
    ) -> None:
        self._timing = timing
        self._set = QueueSet(timing, buses, line, self.reset, mac_address)
        self.mac = self._set.mac
        self.mac.pause_sent = self._set.statistics.count
        self._transmit = TransmitWire(timing, self.mac, receive)
        self._receive = ReceiveWire(timing, self._arrived)
        self._transmit.senders = [self._set.transmitter]
        self._wire_tasks: list[Task] = []

    def start(self) -> None:
        self._start_wire()
        self._set.start()

    def _start_wire(self) -> None:
        self._wire_tasks = [spawn(task, "Ethernet") for task in (self._transmit.run(), self._receive.run())]

    def reset(self) -> None:
        """CTRL.RST: everything but MTA and VFTA; only a frame that is already leaving still goes its way."""
        if not self._set.resetting:
            self._set.stop()
            spawn(self._reset(), "Ethernet reset")

    async def _reset(self) -> None:
        transmit, receive = self._wire_tasks
        receive.cancel()
        await sleep_until(self._transmit.line_free_ps)
        await sleep(self._timing.ethernet_reset_ps)
        transmit.cancel()
        self._transmit.reset()
        self._receive.reset()
        self._start_wire()
        self._set.restart()
        self._transmit.senders = [self._set.transmitter]

    def enter(self, frame: bytes) -> None:
        """A frame comes to the receive pins."""
        self._receive.enter(frame)

    def _arrived(self, frame: bytes) -> None:
        arrival = Arrival(frame, self.mac)
        receiver = self._set.receiver
        arrival.control = receiver.pause.recognise(arrival.content, receiver.rctl)
        receiver.take(arrival)

    def read(self, offset: int) -> int:
        """A register of the set that owns the MAC."""
        return self._set.read(offset)

    def write(self, offset: int, value: int) -> None:
        self._set.write(offset, value)
