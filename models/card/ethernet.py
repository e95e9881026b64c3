"""The Ethernet controller: one or two queue sets that share the MAC."""

from __future__ import annotations

from collections.abc import Callable

from models.card.bus import Buses, HostBuses
from models.card.ethernet_queue_set import QueueSet
from models.card.ethernet_wire import Arrival, ReceiveWire, TransmitWire
from models.card.receive_steering import ReceiveSteering
from models.card.timing import CardTiming
from models.kernel import Task, sleep, sleep_until, spawn
from models.ports import BusError


class EthernetController:
    """`receive` is called with each frame that leaves, `line` with the level of set 0's interrupt line.

    With `host_line`, that of set 1, there are two sets. Set 0 has the MAC: its registers rule it, its CTRL.RST resets
    all.
    """

    def __init__(
        self,
        timing: CardTiming,
        buses: Buses,
        line: Callable[[bool], None],
        receive: Callable[[bytes, int, int], None],
        mac_address: bytes,
        host_line: Callable[[bool], None] | None = None,
    ) -> None:
        self._timing = timing
        own = QueueSet(timing, buses, line, self.reset, mac_address)
        self._sets = [own]
        self.mac = own.mac
        self.mac.pause_sent = own.statistics.count
        self.host: HostQueues | None = None
        if host_line is not None:
            host = QueueSet(timing, HostBuses(buses), host_line, self._reset_host, mac_address, own)
            self._sets.append(host)
            self.mac.link_changed = host.mac.set_carrier
            host.mac.set_carrier(self.mac.link)
            self.steering = ReceiveSteering()
            self.host = HostQueues(host, self.steering)
        self._leaves = receive
        self._transmit = TransmitWire(timing, self.mac, self._sent)
        self._receive = ReceiveWire(timing, self._arrived)
        self._set_senders()
        self._wire_tasks: list[Task] = []

    def _set_senders(self) -> None:
        self._transmit.senders = [each.transmitter for each in self._sets]

    def start(self) -> None:
        self._start_wire()
        for each in self._sets:
            each.start()

    def _start_wire(self) -> None:
        self._wire_tasks = [spawn(task, "Ethernet") for task in (self._transmit.run(), self._receive.run())]

    def reset(self) -> None:
        """CTRL.RST: everything but MTA and VFTA; only a frame that is already leaving still goes its way."""
        if not self._sets[0].resetting:
            for each in self._sets:
                each.stop()
            spawn(self._reset(), "Ethernet reset")

    def reset_function(self) -> None:
        """Function-level reset: the PHY as well."""
        for each in self._sets:
            each.mac.reset_phy()
        self.reset()

    async def _reset(self) -> None:
        transmit, receive = self._wire_tasks
        receive.cancel()
        await sleep_until(self._transmit.line_free_ps)
        await sleep(self._timing.ethernet_reset_ps)
        transmit.cancel()
        self._transmit.reset()
        self._receive.reset()
        if self.host is not None:
            self.steering.reset()
        self._start_wire()
        for each in self._sets:
            each.restart()
        self._set_senders()

    def _reset_host(self) -> None:
        """CTRL.RST of set 1 concerns that set alone."""
        host = self._sets[1]
        if not host.resetting:
            host.stop()
            spawn(self._restart_host(host), "Ethernet reset")

    async def _restart_host(self, host: QueueSet) -> None:
        await sleep_until(host.transmitter.leaving_until_ps)
        await sleep(self._timing.ethernet_reset_ps)
        if not self._sets[0].resetting:
            host.restart()
            self._set_senders()

    def enter(self, frame: bytes) -> None:
        """A frame comes to the receive pins."""
        if not self.mac.loopback:
            self._receive.enter(frame)

    def _sent(self, frame: bytes, begin_ps: int, end_ps: int) -> None:
        if self.mac.loopback:
            self._receive.loop(frame)
        else:
            self._leaves(frame, begin_ps, end_ps)

    def _arrived(self, frame: bytes) -> None:
        arrival = Arrival(frame, self.mac)
        receiver = self._sets[0].receiver
        arrival.control = control = receiver.pause.recognise(arrival.content, receiver.rctl)
        if self.host is None:
            receiver.take(arrival)
            return
        own, host = self.steering.sets_of(arrival)
        receiver.take(arrival, own or bool(control is not None and control.passes))
        if host and not self._sets[1].resetting:
            self._sets[1].receiver.take(arrival)

    def read(self, offset: int) -> int:
        """A register of the set that has the MAC, or of the steering."""
        if self.host is not None and self.steering.has(offset):
            return self.steering.read(offset)
        return self._sets[0].read(offset)

    def write(self, offset: int, value: int) -> None:
        if self.host is not None and self.steering.has(offset):
            self.steering.write(offset, value)
        else:
            self._sets[0].write(offset, value)


class HostQueues:
    """Registers of set 1, as the host sees them; BusError while it has no part in the wire."""

    def __init__(self, queues: QueueSet, steering: ReceiveSteering) -> None:
        self._queues = queues
        self._steering = steering

    def _check(self, offset: int) -> None:
        if not self._steering.host_enabled:
            raise BusError(f"the host's queue set is off: {offset:#x}")

    def read(self, offset: int) -> int:
        self._check(offset)
        return self._queues.read(offset)

    def write(self, offset: int, value: int) -> None:
        self._check(offset)
        self._queues.write(offset, value)
