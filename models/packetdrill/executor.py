"""Runs a script: events one after the other on the time line, packets held against those that HL-TCP sends."""

from __future__ import annotations

import dataclasses
import ipaddress
from collections import deque
from dataclasses import dataclass
from typing import Any

from firmware.network.arp import PACKET as ARP_PACKET
from firmware.tcp.config import TcpConfig
from firmware.tcp.segment import ACK, PSH, RST, SYN
from models import kernel
from models.host.sockets import Socket
from models.packetdrill import backend, settings, snippet, tcp_info, wire
from models.packetdrill.calls import Calls, Mismatch
from models.packetdrill.script import (
    NANOSECONDS,
    Code,
    Command,
    Event,
    IcmpPacket,
    PacketEvent,
    Script,
    SystemCall,
    TcpPacket,
    UdpPacket,
    Unsupported,
)

LONGEST_SCRIPT = 30 * 86_400 * NANOSECONDS
"""Simulated time that a script may take."""
LONGEST_WAIT = 3600 * NANOSECONDS
"""A packet at any time ('*') comes within so long."""
FIRST_REMOTE_PORT = 49200
"""Ports of the peer that a script does not name, one a connection."""


class Failure(Exception):
    """HL-TCP did not do what the script says, at a line."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class Result:
    """What came of a script: 'pass', 'fail', 'unsupported' (it needs what is not there), or 'error' (it is no script,
    or something broke while it ran)."""

    script: str
    on: str
    result: str
    message: str = ""
    line: int = 0


def run(script: Script, on: str, linux: bool = False) -> Result:
    """Run a script on a back-end ('protocol', 'model'); `linux`: with what Linux has by default, and less strictly.

    Scripts for Linux presume its timers and buffers, and leave packets at their end unmentioned.
    """
    line = 0
    running: _Run | None = None
    try:
        options = settings.options(script.options)
        config = TcpConfig(mss=options.mtu - 40)
        if linux:
            if all(name != "tcp_ts_tick_usecs" for name, _, _ in script.options):
                options = dataclasses.replace(options, timestamp_tick_ns=0)
            options = dataclasses.replace(options, leftover=True, any_push=True)
            config = settings.configured(config, settings.LINUX_DEFAULTS)
        for event in script.events:
            line = event.line
            if not isinstance(event.action, Command):
                break
            config = settings.configured(config, settings.changes(event.action.text))
        running = _Run(script, backend.make(on, config, options), options)
        kernel.run(running.run())
    except Unsupported as missing:
        return Result(script.path, on, "unsupported", str(missing), getattr(missing, "line", line))
    except Failure as failure:
        return Result(script.path, on, "fail", str(failure), failure.line)
    except kernel.Deadlock as deadlock:
        return Result(script.path, on, "fail", str(deadlock).splitlines()[0], running.line)
    except Exception as error:  # noqa: BLE001 - one script that breaks something must not end the others
        line = running.line if running is not None else line
        return Result(script.path, on, "error", f"{script.path}:{line}: {type(error).__name__}: {error}", line)
    return Result(script.path, on, "pass")


class _Run:
    """One run of a script. Times are ns since it began."""

    def __init__(self, script: Script, target: Any, options: settings.Options) -> None:
        self.line = script.events[0].line
        """Of the event under way."""
        self._script = script
        self._target = target
        self._options = options
        self._tolerance = options.tolerance_ns + target.slack_ns
        self._addresses = wire.Addresses(
            backend.LOCAL_MAC, backend.REMOTE_MAC, ipaddress.ip_address(options.local_address).packed,
            ipaddress.ip_address(options.remote_address).packed)
        self._begin_ps = 0
        self._flows: list[wire.Flow] = []
        self._flow: wire.Flow | None = None
        """The connection that packets without ports belong to."""
        self._listening: int | None = None
        self._arrived: deque[wire.Observed] = deque()
        self._packet = kernel.Event()
        self._calls = Calls(target.process, options, self._queues)
        self._calls.listening = self._listens
        self._calls.connecting = self._connects
        self._calls.accepted = self._accepted
        self._blocked: list[tuple[Event, kernel.Task, int]] = []
        self._next_port = FIRST_REMOTE_PORT

    # -- the time line

    @property
    def _now(self) -> int:
        return (kernel.now() - self._begin_ps) // kernel.NS

    async def _sleep_until(self, time: int) -> None:
        wait_ps = time * kernel.NS + self._begin_ps - kernel.now()
        if wait_ps > 0:
            await kernel.sleep(wait_ps)

    async def run(self) -> None:
        """Raises Failure, Unsupported."""
        self._target.sent = self._sent
        await self._target.start()
        await self._learn_neighbours()
        self._begin_ps = kernel.now()
        before = 0
        first = True
        for event in self._script.events:
            if isinstance(event.action, Command) and first:
                continue  # part of the configuration that the back-end was made with
            first = False
            self.line = event.line
            try:
                before = await self._event(event, before)
            except Unsupported as missing:
                missing.line = event.line
                raise
            self._check_blocked()
        await self._end(before)

    async def _event(self, event: Event, before: int) -> int:
        """Returns the time that the next relative time counts from."""
        when = event.when
        start = before + when.start if when.relative else when.start
        if start > LONGEST_SCRIPT:
            raise Unsupported(f"a script of {start // (86_400 * NANOSECONDS)} days")
        action = event.action
        if isinstance(action, PacketEvent) and not action.inbound:
            return await self._expect(event, start, before)
        await self._sleep_until(start)
        if isinstance(action, PacketEvent):
            self._inject(event, action)
            await kernel.sleep(self._target.settle_ps)
        elif isinstance(action, SystemCall):
            await self._call(event, action, start, before)
            await kernel.sleep(2)
        elif isinstance(action, Command):
            stack = self._target.stack
            stack.config = settings.configured(stack.config, settings.changes(action.text))
        elif isinstance(action, Code):
            self._snippet(event, action)
        return start

    async def _end(self, before: int) -> None:
        for event, task, until in list(self._blocked):
            await self._sleep_until(until + self._tolerance)
            if not task.done:
                raise Failure(event.line, f"{event.action.name} does not return by {_seconds(until)}")
        self._check_blocked()
        line = self._script.events[-1].line
        flows = {(flow.local_port, flow.remote_port) for flow in self._flows}
        left = [seen for seen in self._arrived if seen.time < before and not self._options.leftover
                and (seen.kind != "tcp" or (seen.source_port, seen.destination_port) in flows)]
        if left:
            raise Failure(line, f"no line expects {self._describe(left[0])}, sent at {_seconds(left[0].time)}")

    # -- system calls

    def _listens(self, port: int) -> None:
        self._listening = port
        self._flow = None

    def _connects(self, descriptor: int, port: int) -> None:
        if self._target.sockets.connection_of(descriptor) is None:  # and no second call for the same connection
            self._flow = self._new_flow(None, port)

    def _accepted(self, socket: Socket) -> None:
        connection = self._target.sockets.connection_of(socket.descriptor)
        if connection is not None:
            for flow in self._flows:
                if flow.remote_port == connection.binding.remote_port:
                    self._flow = flow
                    flow.connection = connection

    def _new_flow(self, local_port: int | None, remote_port: int) -> wire.Flow:
        flow = wire.Flow(local_port, remote_port, self._options.remote_isn)
        self._flows.append(flow)
        return flow

    def _queues(self, descriptor: int) -> tuple[int, int]:
        connection = self._target.sockets.connection_of(descriptor)
        return (0, 0) if connection is None else (connection.rcv_unread, connection.send_queue)

    async def _call(self, event: Event, call: SystemCall, start: int, before: int) -> None:
        task = kernel.spawn(self._outcome(event, call), f"{call.name} of line {event.line}")
        if call.until is not None:
            until = before + call.until if event.when.relative else call.until
            self._blocked.append((event, task, until))
            return
        limit_ps = self._tolerance * kernel.NS
        if await kernel.first(task, kernel.after(limit_ps)) is not task:
            raise Failure(event.line, f"{call.name} does not return at once")
        self._raise(event, task)

    async def _outcome(self, event: Event, call: SystemCall) -> Exception | int:
        """When the call returned, or what was wrong with what it returned."""
        try:
            await self._calls.perform(call)
        except (Mismatch, Unsupported) as wrong:
            return wrong
        return self._now

    @staticmethod
    def _raise(event: Event, task: kernel.Task) -> None:
        if isinstance(task.result, Mismatch):
            raise Failure(event.line, str(task.result))
        if isinstance(task.result, Unsupported):
            task.result.line = event.line
            raise task.result

    def _check_blocked(self) -> None:
        """Blocking calls that have returned: were their results and times right?"""
        for entry in list(self._blocked):
            event, task, until = entry
            if task.done:
                self._blocked.remove(entry)
                self._raise(event, task)
                if abs(task.result - until) > self._tolerance:
                    raise Failure(event.line, f"{event.action.name} returns at {_seconds(task.result)}, expected "
                                              f"{_seconds(until)}")
            elif self._now > until + self._tolerance:
                raise Failure(event.line, f"{event.action.name} does not return by {_seconds(until)}")

    # -- packets

    async def _learn_neighbours(self) -> None:
        """HL-TCP asks for the gateway's MAC address at a time that no script knows: have it known before."""
        gateway = ipaddress.ip_address(self._options.gateway).packed
        if self._options.ipv6:
            self._target.arrive(wire.neighbor_frame(self._addresses, gateway, False))
            self._target.arrive(wire.neighbor_frame(self._addresses, gateway, True))
        else:
            self._target.arrive(self._arp(2, backend.LOCAL_MAC, gateway))
        await kernel.sleep(self._target.settle_ps)

    def _arp(self, operation: int, target_mac: bytes, sender: bytes) -> bytes:
        packet = ARP_PACKET.pack(1, 0x0800, 6, 4, operation, backend.REMOTE_MAC, sender, target_mac,
                                 self._addresses.local)
        return target_mac + backend.REMOTE_MAC + b"\x08\x06" + packet + bytes(18)

    def _sent(self, frame: bytes) -> None:
        if frame[12:14] == b"\x08\x06":
            if frame[20:22] == b"\x00\x01":  # a request: whoever is asked for is behind the same MAC address
                kernel.spawn(self._answer_arp(bytes(frame[38:42])), "ARP answer")
            return
        if (asked := wire.solicited_neighbor(frame)) is not None:
            if asked:
                kernel.spawn(self._answer_solicitation(asked), "neighbor advertisement")
            return
        seen = wire.observe(frame, self._now)
        if seen is not None:
            self._arrived.append(seen)
            self._packet.set()

    async def _answer_arp(self, sender: bytes) -> None:
        self._target.arrive(self._arp(2, backend.LOCAL_MAC, sender))

    async def _answer_solicitation(self, target: bytes) -> None:
        self._target.arrive(wire.neighbor_frame(self._addresses, target, True))

    def _flow_of(self, event: Event, packet: TcpPacket, inbound: bool) -> wire.Flow:
        """The connection of a packet; a SYN to a listening port begins one."""
        if packet.ports is not None:
            remote, local = packet.ports if inbound else packet.ports[::-1]
            for flow in self._flows:
                if flow.remote_port == remote and flow.local_port in (local, None):
                    self._flow = flow
                    return flow
            self._flow = self._new_flow(local, remote)
            return self._flow
        if self._flow is None:
            if not inbound:
                raise Failure(event.line, "there is no connection whose packet this could be")
            local = self._listening if self._listening is not None else self._calls.bound_port
            self._flow = self._new_flow(local, self._next_port)
            self._next_port += 1
        return self._flow

    def _inject(self, event: Event, action: PacketEvent) -> None:
        packet = action.packet
        if isinstance(packet, IcmpPacket):
            self._target.arrive(wire.icmp_frame(packet, self._flow, self._addresses))
            return
        if isinstance(packet, UdpPacket):
            self._target.arrive(wire.udp_frame(packet, self._addresses))
            return
        flow = self._flow_of(event, packet, True)
        if flow.local_port is None:
            self._learn(flow)
        frame = wire.tcp_frame(packet, flow, self._addresses)
        if packet.flags & SYN and not packet.flags & RST:
            flow.last_remote_syn = flow.remote_seq(packet.seq, True)
            if not flow.synchronized:
                flow.remote_isn = flow.last_remote_syn
        elif not packet.flags & RST and flow.remote_isn is not None and flow.local_isn is not None:
            flow.synchronized = True
        self._target.arrive(frame)

    def _learn(self, flow: wire.Flow) -> None:
        """HL-TCP has chosen a port: its SYN tells it, which no line of the script may have asked for yet."""
        for seen in self._arrived:
            if seen.kind == "tcp" and seen.flags & (SYN | ACK) == SYN and seen.destination_port == flow.remote_port:
                if all(other.local_port != seen.source_port for other in self._flows):
                    flow.local_port = seen.source_port
                    flow.local_isn = seen.seq
                    return

    async def _expect(self, event: Event, start: int, before: int) -> int:
        """Wait for the packet of an event and hold it against the script."""
        when = event.when
        packet = event.action.packet
        if when.any_time:
            earliest, latest = 0, self._now + LONGEST_WAIT
        else:
            end = start if when.end is None else before + when.end if when.relative else when.end
            earliest, latest = start - self._tolerance, end + self._tolerance
        if isinstance(packet, UdpPacket):
            raise Unsupported("UDP that comes out")
        flow = self._flow_of(event, packet, False) if isinstance(packet, TcpPacket) else None
        seen = await self._next(event, flow, latest)
        if flow is not None and packet.length > len(seen.payload):
            seen = await self._joined(seen, flow, packet.length)
        if isinstance(packet, IcmpPacket):
            self._compare_icmp(event, packet, seen)
        else:
            self._compare(event, packet, seen, flow)
        if seen.time < earliest:
            raise Failure(event.line, f"{self._describe(seen)} is sent too early: at {_seconds(seen.time)}, expected "
                                      f"{_seconds(earliest + self._tolerance)}")
        return seen.time if when.any_time or when.end is not None else start

    async def _next(self, event: Event, flow: wire.Flow | None, latest: int) -> wire.Observed:
        """The next packet of a connection (or the next ICMP message), sent by `latest`."""
        while True:
            for seen in self._arrived:
                if self._belongs(seen, flow):
                    if seen.time > latest:
                        raise Failure(event.line, f"{self._describe(seen)} is sent too late: at {_seconds(seen.time)}, "
                                                  f"expected by {_seconds(latest - self._tolerance)}")
                    self._arrived.remove(seen)
                    return seen
            self._packet.clear()
            wait_ps = (latest + 1) * kernel.NS + self._begin_ps - kernel.now()
            if wait_ps <= 0 or await kernel.first(self._packet, kernel.after(wait_ps)) is not self._packet:
                other = next((f"; {self._describe(seen)} is sent on another connection" for seen in self._arrived), "")
                raise Failure(event.line, f"nothing is sent by {_seconds(latest - self._tolerance)}{other}")

    def _belongs(self, seen: wire.Observed, flow: wire.Flow | None) -> bool:
        if flow is None:
            return seen.kind == "icmp"
        if seen.kind != "tcp" or seen.destination_port != flow.remote_port:
            return False
        if flow.local_port is None:
            taken = any(other.local_port == seen.source_port and other.remote_port == seen.destination_port
                        for other in self._flows)
            if taken or seen.flags & (SYN | ACK) != SYN:
                return False
            flow.local_port, flow.local_isn = seen.source_port, seen.seq
        return seen.source_port == flow.local_port

    async def _joined(self, seen: wire.Observed, flow: wire.Flow, length: int) -> wire.Observed:
        """Segments that were cut from one send, as the one packet that the script sees before that."""
        await kernel.sleep(self._target.settle_ps)
        while len(seen.payload) < length:
            after = next((each for each in self._arrived if self._belongs(each, flow)), None)
            if after is None and self._target.slack_ns:
                self._packet.clear()
                if await kernel.first(self._packet, kernel.after(kernel.MS)) is self._packet:
                    continue
            if after is None or not wire.joins(seen, after):
                break
            self._arrived.remove(after)
            seen.payload += after.payload
            seen.flags |= after.flags
            seen.problem = seen.problem or after.problem
        return seen

    def _compare(self, event: Event, packet: TcpPacket, seen: wire.Observed, flow: wire.Flow) -> None:
        if packet.flags & SYN and seen.flags & SYN and not packet.flags & RST:
            flow.local_isn = seen.seq
            if seen.flags & ACK and flow.last_remote_syn is not None and not flow.synchronized:
                flow.remote_isn = flow.last_remote_syn
            elif seen.flags & ACK and flow.last_remote_syn is not None and (
                    seen.ack == (flow.last_remote_syn + 1) & wire.MASK):
                flow.remote_isn = flow.last_remote_syn  # a new connection with the same ports
        if seen.flags & (SYN | RST) == 0 and flow.remote_isn is not None:
            flow.synchronized = True
        if self._options.any_push and packet.length:
            packet = dataclasses.replace(packet, flags=packet.flags & ~PSH | seen.flags & PSH)
        tick_ns = self._options.timestamp_tick_ns
        ticks = (self._tolerance // tick_ns + 1) if tick_ns else None
        found = wire.differences(packet, seen, flow, ticks)
        if found:
            raise Failure(event.line, f"{'; '.join(found)}: sent was {self._describe(seen)}")
        self._remember_connection(flow)

    def _compare_icmp(self, event: Event, packet: IcmpPacket, seen: wire.Observed) -> None:
        if self._options.ipv6:
            kind = wire.ICMPV6_KINDS.get(packet.kind)
            code = wire.ICMPV6_CODES.get((packet.kind, packet.code or ""), 0)
        else:
            kind = wire.ICMP_KINDS.get(packet.kind)
            code = wire.UNREACHABLE_CODES.get(packet.code or "", 0)
        if seen.problem:
            raise Failure(event.line, seen.problem)
        if (seen.payload[0], seen.payload[1]) != (kind, code):
            raise Failure(event.line, f"ICMP type {seen.payload[0]} code {seen.payload[1]} is sent, expected type "
                                      f"{kind} code {code}")
        if packet.kind == "echo_reply":
            identifier = int.from_bytes(seen.payload[4:6], "big")
            if identifier != packet.echo_id or seen.payload[8:] != wire.stream_bytes(0, len(seen.payload) - 8):
                raise Failure(event.line, f"the echo's id is {identifier}, or its data is not what was asked with")

    def _describe(self, seen: wire.Observed) -> str:
        flow = next((flow for flow in self._flows if seen.kind == "tcp" and flow.remote_port == seen.destination_port
                     and flow.local_port in (None, seen.source_port)), None)
        return wire.describe(seen, flow)

    # -- snippets

    def _remember_connection(self, flow: wire.Flow) -> None:
        for connection in self._target.stack.connections:
            binding = connection.binding
            if binding.remote_port == flow.remote_port and binding.local_port == flow.local_port:
                flow.connection = connection

    def _snippet(self, event: Event, code: Code) -> None:
        names: dict[str, Any] = dict(tcp_info.CONSTANTS)
        names.update({f"count_{name}": value for name, value in self._target.counters.items()})
        if self._flow is not None:
            self._remember_connection(self._flow)
            if self._flow.connection is not None:
                names.update(tcp_info.names_of(self._flow.connection, kernel.now() // kernel.NS))
        try:
            snippet.run(code.text, names)
        except snippet.AssertionFailed as failed:
            raise Failure(event.line, str(failed)) from None


def _seconds(time: int) -> str:
    return f"{time / 1e9:.6f} s"
