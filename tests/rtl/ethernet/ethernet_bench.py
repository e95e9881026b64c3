"""Drives the Ethernet controller in ethernet_harness: registers, memory, rings and whole frames."""

from __future__ import annotations

import random
import struct
import zlib
from collections import deque
from dataclasses import dataclass, field

import cocotb
from cocotb.handle import SimHandleBase
from cocotb.triggers import Event, First, ReadOnly, Timer, ValueChange

from firmware.registers import ethernet, ethernet_rx, ethernet_tx_context, ethernet_tx_data, ethernet_tx_legacy

PREAMBLE = b"\x55" * 7 + b"\xd5"
CHUNK = 4096
FAULT = 1 << 40  # addresses with this bit answer SLVERR
TX_RING, RX_RING = 0x1000, 0x3000
CLK_PS = 16000


def fcs(frame: bytes) -> bytes:
    """Frame check sequence, in the order of transmission."""
    return struct.pack("<I", zlib.crc32(frame))


def vector_bytes(vector: SimHandleBase, length: int) -> bytes:
    """The lowest bytes of a wide vector, as the simulator's own string: parsing bits in Python is slow."""
    bits = vector._handle.get_signal_val_binstr()[-8 * length :]
    return int(bits, 2).to_bytes(length, "little") if length else b""


@dataclass(frozen=True)
class WireFrame:
    """A frame that left the controller: content without FCS, and the idle byte times in front of its preamble."""

    data: bytes
    gap: int


@dataclass(frozen=True)
class Received:
    """A frame as the receive descriptors describe it."""

    data: bytes
    status: int
    errors: int
    checksum: int
    descriptors: int
    special: int


@dataclass
class Bench:
    """The harness and the driver's view of both rings."""

    dut: SimHandleBase
    random: random.Random
    frames: deque[WireFrame] = field(default_factory=deque)
    tx_size: int = 64
    rx_size: int = 16
    tx_ring: int = TX_RING
    rx_ring: int = RX_RING
    tx_tail: int = 0
    rx_tail: int = 0
    rx_head: int = 0
    rx_buffers: dict[int, int] = field(default_factory=dict)
    arrived: Event = field(default_factory=Event)
    port: SimHandleBase | None = None
    """Where the registers are accessed; None: those of set 0."""

    # ---- registers and memory
    async def _access(self, address: int, data: int, write: bool) -> int:
        dut = self.dut.own_port if self.port is None else self.port
        dut.access_address.value = address
        dut.access_data.value = data
        dut.access_write.value = int(write)
        dut.access.value = 1 - int(dut.access.value)
        await ValueChange(dut.access_done)
        await ReadOnly()
        value = int(dut.access_data.value)
        await Timer(1, "ps")
        return value

    async def write(self, address: int, data: int) -> None:
        await self._access(address, data, True)

    async def read(self, address: int) -> int:
        return await self._access(address, 0, False)

    async def poke(self, address: int, data: bytes) -> None:
        """Write memory behind the controller's back."""
        for start in range(0, len(data), CHUNK):
            part = data[start : start + CHUNK]
            vector, go = self._vector("poke", len(part))
            self.dut.chunk_address.value = (address & 0xFFFFF) + start
            self.dut.chunk_length.value = len(part)
            vector.value = int.from_bytes(part, "little")
            await Timer(1, "ps")
            go.value = 1 - int(go.value)
            await Timer(1, "ps")

    async def peek(self, address: int, length: int) -> bytes:
        """Read memory behind the controller's back."""
        data = b""
        for start in range(0, length, CHUNK):
            size = min(CHUNK, length - start)
            vector, go = self._vector("peek", size)
            self.dut.chunk_address.value = (address & 0xFFFFF) + start
            self.dut.chunk_length.value = size
            await Timer(1, "ps")
            go.value = 1 - int(go.value)
            await Timer(1, "ps")
            data += vector_bytes(vector, size)
        return data

    def _vector(self, what: str, size: int) -> tuple[SimHandleBase, SimHandleBase]:
        """The vector through which so many bytes pass, and the signal that starts it."""
        if size <= 64:
            return self.dut.window, getattr(self.dut, f"{what}_window")
        return self.dut.chunk, getattr(self.dut, what)

    # ---- life
    async def start(self, tx_size: int = 64, rx_size: int = 16, rctl: int = 0, rxcsum: int = 0x300) -> None:
        """Reset, then both rings, transmit on, receive on when `rctl` has any bit."""
        self.tx_size, self.rx_size = tx_size, rx_size
        self.dut.rst.value = 1
        await Timer(200, "ns")
        self.dut.rst.value = 0
        await Timer(1, "us")
        cocotb.start_soon(self._watch_wire())
        await self.set_up(rctl, rxcsum)

    async def set_up(self, rctl: int = 0, rxcsum: int = 0x300) -> None:
        self.tx_tail = self.rx_tail = self.rx_head = 0
        self.rx_buffers.clear()
        await self.write(ethernet.CTRL, ethernet.CTRL_FD | ethernet.CTRL_SLU)
        await self.write(ethernet.TDBAL, self.tx_ring)
        await self.write(ethernet.TDBAH, 0x80000000)
        await self.write(ethernet.TDLEN, 16 * self.tx_size)
        await self.write(ethernet.TDH, 0)
        await self.write(ethernet.TDT, 0)
        await self.write(ethernet.RDBAL, self.rx_ring)
        await self.write(ethernet.RDBAH, 1)
        await self.write(ethernet.RDLEN, 16 * self.rx_size)
        await self.write(ethernet.RDH, 0)
        await self.write(ethernet.RDT, 0)
        await self.write(ethernet.RXCSUM, rxcsum)
        await self.write(ethernet.TCTL, ethernet.TCTL_EN | ethernet.TCTL_PSP)
        if rctl:
            await self.write(ethernet.RCTL, rctl | ethernet.RCTL_EN)

    async def _watch_wire(self) -> None:
        while True:
            await ValueChange(self.dut.tx_frames)
            await ReadOnly()
            length = int(self.dut.tx_length.value)
            raw = vector_bytes(self.dut.tx_frame, length)
            assert raw[:8] == PREAMBLE, raw[:8].hex()
            assert raw[-4:] == fcs(raw[8:-4]), f"frame of {length - 8} bytes leaves with a wrong FCS"
            self.frames.append(WireFrame(raw[8:-4], int(self.dut.tx_gap.value)))
            self.arrived.set()

    async def wire_frame(self, microseconds: int = 200) -> WireFrame:
        """The next frame that leaves."""
        while not self.frames:
            self.arrived.clear()
            limit = Timer(microseconds, "us")
            assert await First(self.arrived.wait(), limit) is not limit, "no frame leaves"
            await Timer(1, "ps")
        return self.frames.popleft()

    async def quiet(self, microseconds: int = 1000) -> None:
        """Wait until the controller is idle; it must become so."""
        for _ in range(microseconds):
            await Timer(1, "us")
            if not int(self.dut.busy.value):
                assert int(self.dut.tx_errors.value) == 0, "gmii_tx_er"
                return
        raise AssertionError("the controller stays busy")

    # ---- rings
    async def put_descriptors(self, ring: int, size: int, first: int, descriptors: list[bytes]) -> None:
        """Write descriptors to a ring, from the one with index `first` on."""
        first %= size
        before_end = descriptors[: size - first]
        await self.poke(ring + 16 * first, b"".join(before_end))
        if len(before_end) < len(descriptors):
            await self.poke(ring, b"".join(descriptors[size - first :]))

    async def ring(self, ring: int, size: int, first: int, count: int) -> bytes:
        """`count` descriptors of a ring, from the one with index `first` on."""
        before_end = min(count, size - first)
        content = await self.peek(ring + 16 * first, 16 * before_end)
        return content + await self.peek(ring, 16 * (count - before_end))

    # ---- transmit
    async def post(self, descriptors: list[bytes]) -> None:
        """Append descriptors and move the tail."""
        await self.put_descriptors(self.tx_ring, self.tx_size, self.tx_tail, descriptors)
        self.tx_tail = (self.tx_tail + len(descriptors)) % self.tx_size
        await self.write(ethernet.TDT, self.tx_tail)

    async def tx_done(self, index: int) -> bool:
        return bool((await self.peek(self.tx_ring + 16 * index + 12, 1))[0] & ethernet_tx_data.STATUS_DD)

    # ---- receive
    async def give(self, count: int, size: int = 2048, base: int = 0x40000, fault: bool = False) -> None:
        """Append receive buffers of `size` bytes, at odd addresses."""
        descriptors = []
        for _ in range(count):
            address = base + self.rx_tail * (size + 16) + self.random.randrange(8)
            self.rx_buffers[self.rx_tail] = address
            descriptors.append(struct.pack("<QQ", address | (FAULT if fault else 0), 0))
            self.rx_tail = (self.rx_tail + 1) % self.rx_size
        await self.put_descriptors(self.rx_ring, self.rx_size, self.rx_tail - count, descriptors)
        await self.write(ethernet.RDT, self.rx_tail)

    async def inject(
        self, frame: bytes, *, bad_fcs: bool = False, error_at: int = -1, gap: int = 12, raw: bool = False
    ) -> None:
        """Put a frame on the receive wire, behind the one before it."""
        data = frame if raw else PREAMBLE + frame + (bytes(4) if bad_fcs else fcs(frame))
        dut = self.dut
        dut.rx_frame.value = int.from_bytes(data, "little")
        dut.rx_length.value = len(data)
        dut.rx_error_at.value = error_at
        dut.rx_gap.value = gap
        dut.rx_go.value = 1 - int(dut.rx_go.value)
        await ValueChange(dut.rx_taken)
        await Timer(1, "ps")

    async def received(self, microseconds: int = 200) -> Received:
        """The next frame in the receive ring."""
        data, count = b"", 0
        for _ in range(microseconds):
            low, high = struct.unpack("<QQ", await self.peek(self.rx_ring + 16 * self.rx_head, 16))
            status = high >> 32 & 0xFF
            if not status & ethernet_rx.STATUS_DD:
                await Timer(1, "us")
                continue
            length = high & 0xFFFF
            data += await self.peek(self.rx_buffers[self.rx_head], length)
            count += 1
            await self.poke(self.rx_ring + 16 * self.rx_head + 8, bytes(8))
            self.rx_head = (self.rx_head + 1) % self.rx_size
            if status & ethernet_rx.STATUS_EOP:
                return Received(data, status, high >> 40 & 0xFF, high >> 16 & 0xFFFF, count, high >> 48)
        raise AssertionError("no frame is written to the receive ring")


def tagged(frame: bytes, tag: int) -> bytes:
    """A frame with its VLAN tag."""
    return frame[:12] + struct.pack(">HH", 0x8100, tag) + frame[12:]


def with_tag(descriptor: bytes, tag: int) -> bytes:
    """A transmit descriptor, legacy or data, that asks for a VLAN tag."""
    address, command, status = struct.unpack("<QII", descriptor)
    return struct.pack("<QII", address, command | ethernet_tx_legacy.COMMAND_VLE, status | tag << 16)


def legacy(
    address: int,
    length: int,
    *,
    eop: bool = True,
    rs: bool = True,
    cso: int = 0,
    css: int = 0,
    ic: bool = False,
    ide: bool = False,
) -> bytes:
    """Legacy transmit descriptor."""
    layout = ethernet_tx_legacy
    command = length | cso << layout.COMMAND_CSO_LSB | layout.COMMAND_IFCS
    command |= (eop and layout.COMMAND_EOP) | (rs and layout.COMMAND_RS) | (ic and layout.COMMAND_IC)
    command |= ide and layout.COMMAND_IDE
    return struct.pack("<QII", address, command, css << layout.STATUS_CSS_LSB)


def data(
    address: int,
    length: int,
    *,
    eop: bool = True,
    rs: bool = False,
    tse: bool = False,
    ip: bool = False,
    tu: bool = False,
    dtyp: int = 1,
) -> bytes:
    """TCP/IP data descriptor."""
    layout = ethernet_tx_data
    command = length | dtyp << layout.COMMAND_DTYP_LSB | layout.COMMAND_IFCS | layout.COMMAND_DEXT
    command |= (eop and layout.COMMAND_EOP) | (rs and layout.COMMAND_RS) | (tse and layout.COMMAND_TSE)
    return struct.pack("<QII", address, command, (ip and layout.STATUS_IXSM) | (tu and layout.STATUS_TXSM))


def context(
    *,
    ipcss: int,
    ipcso: int,
    ipcse: int,
    tucss: int,
    tucso: int,
    tucse: int = 0,
    paylen: int = 0,
    hdrlen: int = 0,
    mss: int = 0,
    tse: bool = False,
    ipv4: bool = True,
    tcp: bool = True,
) -> bytes:
    """TCP/IP context descriptor."""
    layout = ethernet_tx_context
    command = paylen | layout.COMMAND_DEXT | (tse and layout.COMMAND_TSE) | (ipv4 and layout.COMMAND_IP)
    command |= tcp and layout.COMMAND_TCP
    return struct.pack(
        "<BBHBBHII",
        ipcss,
        ipcso,
        ipcse,
        tucss,
        tucso,
        tucse,
        command,
        hdrlen << layout.STATUS_HDRLEN_LSB | mss << layout.STATUS_MSS_LSB,
    )
