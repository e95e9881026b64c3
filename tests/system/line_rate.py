"""Scenarios of tests/system/test_line_rate.py: what happens inside the simulator."""

from __future__ import annotations

import random
import struct
import zlib
from itertools import pairwise
from typing import Any

from firmware.registers import bridge, dma, ethernet, ethernet_rx
from models import kernel
from models.kernel import NS, US, sleep
from models.network.ethernet_fcs import with_fcs
from tests.rtl.ethernet.reference_segmenter import Headers, segment
from tests.unit.card.stimuli import BRIDGE, DMA, ETHERNET, MEMORY, PEER, STATION, Rig, dma_descriptor

BYTE_PS = 8 * NS
PAGE = 4096
PREAMBLE, FCS, GAP = 8, 4, 12
MSS = 1460
LARGEST_SEND = 256 << 10
HOST_PAGES = 0x10_0000
HEADERS, CHAIN, COPY = MEMORY + 0x40000, MEMORY + 0x50000, MEMORY + 0x200000
RING = 1024


def context(headers: Headers, paylen: int, mss: int) -> bytes:
    """The context descriptor of a segmented send."""
    link, network = len(headers.link), len(headers.network(0, 0))
    command = paylen | 1 << 29 | 1 << 26 | 1 << 25 | 1 << 24  # DEXT, TSE, IP, TCP
    return struct.pack(
        "<BBHBBHII", link, link + 10, link + network - 1, link + network, link + network + 16, 0, command,
        len(headers.prototype) << 8 | mss << 16,
    )  # fmt: skip


def data(address: int, length: int, last: bool) -> bytes:
    """A data descriptor of a segmented send."""
    command = length | 1 << 20 | 1 << 29 | 1 << 26 | 1 << 25 | (last and 1 << 24 | 1 << 27)
    return struct.pack("<QII", address, command, 0x300)


async def transmit(
    rig: Rig, size: int, send: int, copies: int, delay_ns: int, seed: int, period_fs: int = 8_000_000
) -> dict[str, Any]:
    """`size` bytes of host pages in consecutive segmented sends, while the DMA controller copies the same pages.

    The host's memory takes `delay_ns` beside what the link takes.
    """
    rig.card.host.pcie.root.completion_delay = lambda: float(delay_ns)
    payload = random.Random(seed).randbytes(size)
    rig.memory.write(HOST_PAGES, payload)
    await rig.start_ethernet(entries=RING, mask=0)
    await rig.put(BRIDGE + bridge.ARBITER_CONTROL, bridge.ARBITER_CONTROL_ROUND_ROBIN)
    ring: list[bytes] = []
    expected: list[bytes] = []
    for number, start in enumerate(range(0, size, send)):
        part = payload[start : start + send]
        headers = Headers(sequence=start, identification=0x100 * number)
        place = HEADERS + 256 * number
        await rig.card.firmware.write(place, headers.prototype)
        ring.append(context(headers, len(part), MSS))
        ring.append(data(place, len(headers.prototype), False))
        for at in range(0, len(part), PAGE):
            ring.append(data(HOST_PAGES + start + at, min(PAGE, len(part) - at), at + PAGE >= len(part)))
        expected += segment(headers, part, MSS)
    assert len(ring) < RING
    for at in range(0, len(ring), 32):
        await rig.card.firmware.write(rig.tx_ring + 16 * at, b"".join(ring[at : at + 32]))
    pages = [(HOST_PAGES + at, COPY + at, min(PAGE, size - at)) for _ in range(copies) for at in range(0, size, PAGE)]
    for n in range(0, len(pages), 16):
        chain = [
            dma_descriptor(CHAIN + 32 * (k + 1) if k + 1 < len(pages) else 0, *pages[k])
            for k in range(n, min(n + 16, len(pages)))
        ]
        await rig.card.firmware.write(CHAIN + 32 * n, b"".join(chain))
    await rig.put(ETHERNET + ethernet.TDT, len(ring))
    if pages:
        await rig.dma_start(CHAIN)
    await rig.until(lambda: len(rig.frames) >= len(expected), limit_ps=100_000 * US)
    ended_early = bool(pages) and not await rig.get(DMA + dma.CHANNEL_CSR) & dma.CHANNEL_CSR_ACTIVE
    gaps: dict[str, list[int]] = {}
    for n, (frame, begin_ps, _) in enumerate(rig.frames):
        assert frame[:-FCS] == expected[n], f"frame {n} is wrong"
        if n:
            before, before_ps, _ = rig.frames[n - 1]
            # edges fall on even picoseconds
            gap = round((begin_ps - before_ps) * 1000 / period_fs) - PREAMBLE - len(before)
            gaps.setdefault(str(gap), []).append(n)
    if pages:
        assert not await rig.dma_status() & ~dma.CHANNEL_CSR_EOC
        for at in range(0, size, 512):
            length = min(512, size - at)
            assert await rig.card.firmware.read(COPY + at, length) == payload[at : at + length], f"copy at {at:#x}"
    await sleep(10 * US)
    assert len(rig.frames) == len(expected)
    return {"frames": len(expected), "gaps": gaps, "copy_ended_before_the_last_frame": ended_early}


# ---- receive ---------------------------------------------------------------------------------------------------------

SLOTS = 512
"""Descriptors of the receive ring."""
HOST_RINGS, HOST_BUFFERS, CARD_BUFFERS = 0x8_0000, 0x20_0000, MEMORY + 0x100000


class Receiver:
    """A driver's receive side: a ring of SLOTS descriptors, and for each of `wrap` frames a buffer of its own."""

    def __init__(self, rig: Rig, in_host: bool, buffer_bytes: int, wrap: int = 1 << 14) -> None:
        self.wrap = wrap
        self.rig = rig
        self.in_host = in_host
        self.buffer_bytes = buffer_bytes
        self.buffers = HOST_BUFFERS if in_host else CARD_BUFFERS
        self.offered = self.taken = 0
        self.lengths: list[int] = []

    async def start(self) -> None:
        size_code = {2048: 0, 256: 3}[self.buffer_bytes]
        rctl = ethernet.RCTL_EN | ethernet.RCTL_SECRC | size_code << ethernet.RCTL_BSIZE_LSB
        ring = HOST_RINGS if self.in_host else MEMORY + 0x10000
        await self.rig.start_ethernet(entries=SLOTS, rctl=rctl, ring=ring, mask=0)

    async def read(self, address: int, length: int) -> bytes:
        if self.in_host:
            return self.rig.memory.read(address, length)
        return b"".join(
            [await self.rig.card.firmware.read(address + at, min(512, length - at)) for at in range(0, length, 512)]
        )

    async def _write(self, address: int, content: bytes) -> None:
        if self.in_host:
            self.rig.memory.write(address, content)
        else:
            await self.rig.card.firmware.write(address, content)

    async def offer(self, count: int) -> None:
        """Buffers for so many more frames, in blocks of descriptors that lie side by side."""
        while count:
            slot = self.offered % SLOTS
            block = min(count, 32 - slot % 32)
            descriptors = [struct.pack("<QQ", self._buffer(self.offered + n), 0) for n in range(block)]
            await self._write(self.rig.rx_ring + 16 * slot, b"".join(descriptors))
            self.offered += block
            count -= block
        await self.rig.put(ETHERNET + ethernet.RDT, self.offered % SLOTS)

    async def take(self) -> None:
        """Note what is done."""
        while self.taken < self.offered:
            slot = self.taken % SLOTS
            block = min(self.offered - self.taken, 32 - slot % 32)
            ring = await self.read(self.rig.rx_ring + 16 * slot, 16 * block)
            done = 0
            while done < block:
                length, _, status, errors, _ = struct.unpack_from("<HHBBH", ring, 16 * done + 8)
                if not status & ethernet_rx.STATUS_DD:
                    break
                assert status & ethernet_rx.STATUS_EOP and not errors, f"frame {self.taken + done}"
                self.lengths.append(length)
                done += 1
            self.taken += done
            if done < block:
                break

    async def frame(self, number: int) -> bytes:
        return await self.read(self._buffer(number), self.lengths[number])

    def _buffer(self, number: int) -> int:
        return self.buffers + number % self.wrap * self.buffer_bytes


def make_frames(rng: random.Random, count: int, length: int) -> list[bytes]:
    """Numbered frames of `length` bytes with FCS."""
    return [
        STATION + PEER + b"\x88\xb5" + n.to_bytes(4, "big") + rng.randbytes(length - 18 - FCS) for n in range(count)
    ]


async def receive(
    rig: Rig, count: int, length: int, in_host: bool, throttle_ns: int, send: int, delay_ns: int, seed: int
) -> dict[str, Any]:
    """`count` frames back to back, buffers given as the ring empties; `send` bytes leave meanwhile.

    With `throttle_ns` the driver acts on interrupts alone, which come at most so often; else it polls the ring.
    """
    rig.card.host.pcie.root.completion_delay = lambda: float(delay_ns)
    receiver = Receiver(rig, in_host, 256 if length <= 256 else 2048)
    await receiver.start()
    await receiver.offer(SLOTS - 1)
    frames = make_frames(random.Random(seed), count, length)
    if throttle_ns:
        await rig.put(ETHERNET + ethernet.ITR, throttle_ns // 256)
        await rig.put(ETHERNET + ethernet.IMS, ethernet.ICR_RXT0)
    expected = await _post_plain_send(rig, send, seed) if send else []
    begin_ps = kernel.now()
    for frame in frames:
        rig.card.wire.send(with_fcs(frame))
    while receiver.taken < count:
        if throttle_ns:
            await rig.until(lambda: bool(rig.card.firmware.irq & 8))
            assert await rig.get(ETHERNET + ethernet.ICR) & ethernet.ICR_RXT0
        else:
            await sleep(5 * US)
        await receiver.take()
        await receiver.offer(min(SLOTS - 1 - (receiver.offered - receiver.taken), count - receiver.offered + SLOTS))
        assert kernel.now() - begin_ps < 2 * count * (length + 20) * BYTE_PS + 1000 * US, "frames do not come"
    elapsed_ps = kernel.now() - begin_ps
    interrupts = [time_ps for time_ps, levels in rig.levels if levels & 8]
    for number, frame in enumerate(frames):
        assert await receiver.frame(number) == frame, f"frame {number} is wrong"
    for name, value in (("MPC", 0), ("RNBC", 0), ("GPRC", count), ("CRCERRS", 0)):
        assert await rig.statistic(getattr(ethernet, name)) == value, name
    if send:
        await rig.until(lambda: len(rig.frames) >= len(expected))
        assert [frame[:-FCS] for frame, _, _ in rig.frames] == expected
    return {
        "beyond_the_wire_ns": (elapsed_ps - count * (length + PREAMBLE + GAP) * BYTE_PS) // NS,
        "interrupts": len(interrupts),
        "apart_ns": min((b - a for a, b in pairwise(interrupts)), default=0) // NS,
        "gaps": sorted(gaps_of(rig)),
    }


async def _post_plain_send(rig: Rig, size: int, seed: int) -> list[bytes]:
    """One segmented send out of host memory; returns its frames."""
    payload = random.Random(seed + 1).randbytes(size)
    rig.memory.write(HOST_PAGES, payload)
    headers = Headers()
    await rig.card.firmware.write(HEADERS, headers.prototype)
    pieces = [(HEADERS, len(headers.prototype))]
    pieces += [(HOST_PAGES + at, min(PAGE, size - at)) for at in range(0, size, PAGE)]
    await rig.transmit(context(headers, size, MSS), *(data(*piece, piece is pieces[-1]) for piece in pieces))
    return segment(headers, payload, MSS)


def gaps_of(rig: Rig) -> set[int]:
    """Byte times between the frames that left."""
    return {(after[1] - before[1]) // BYTE_PS - PREAMBLE - len(before[0]) for before, after in pairwise(rig.frames)}


async def ring_dry(rig: Rig, length: int, in_host: bool, count: int, buffers: int, seed: int) -> dict[str, Any]:
    """More frames than buffers, back to back; then buffers again, and more frames."""
    receiver = Receiver(rig, in_host, 256 if length <= 256 else 2048)
    await receiver.start()
    frames = make_frames(random.Random(seed), count + 100, length)
    missed = no_buffer = begin = 0
    for round_ in range(2):
        await receiver.offer(buffers)
        expected = await _post_plain_send(rig, 16 << 10, seed)  # the other direction goes on meanwhile
        for frame in frames[begin:count]:
            rig.card.wire.send(with_fcs(frame))
        await sleep((count - begin) * (length + 20) * BYTE_PS + 50 * US)
        await rig.until(lambda wanted=expected: len(rig.frames) >= len(wanted))
        assert [frame[:-FCS] for frame, _, _ in rig.frames] == expected, "the send was disturbed"
        assert gaps_of(rig) == {GAP}
        rig.frames.clear()
        await receiver.take()
        assert receiver.taken == receiver.offered
        missed += await rig.statistic(ethernet.MPC)
        no_buffer += await rig.statistic(ethernet.RNBC)
        if round_ == 0:
            kept = count - missed  # in buffers and waiting for buffers
            assert missed > 0 and kept > buffers and no_buffer == 1, (missed, no_buffer)
            begin = count
    held = kept - receiver.taken
    left = held + 100
    await receiver.offer(min(left, SLOTS - 1))
    for frame in frames[count:]:
        rig.card.wire.send(with_fcs(frame))
    while left:
        await sleep(min(left, SLOTS - 1) * (length + 20) * BYTE_PS + 50 * US)
        await receiver.take()
        left = kept + 100 - receiver.taken
        await receiver.offer(min(left, SLOTS - 1) - (receiver.offered - receiver.taken))
    assert await rig.statistic(ethernet.MPC) == 0
    assert await rig.statistic(ethernet.GPRC) == kept + 100
    assert receiver.taken == kept + 100
    # The first frames that came found room until there was none, then only missed ones: one gap in the numbers.
    for number in range(receiver.taken):
        wanted = frames[number] if number < kept else frames[count + number - kept]
        assert await receiver.frame(number) == wanted, f"frame {number} is wrong"
    return {"missed": missed, "held": kept - buffers, "no_buffer": no_buffer}


# ---- frames of all kinds ---------------------------------------------------------------------------------------------

OTHER = bytes.fromhex("02000000aa01")
GROUP = bytes.fromhex("0300000000aa")
BROADCAST = b"\xff" * 6


def random_frame(rng: random.Random, tally: dict[str, int]) -> tuple[bytes, bytes | None]:
    """A frame as it enters the wire, and what of it is delivered; the counters it must move are added to `tally`."""
    destination = rng.choice([STATION, STATION, STATION, BROADCAST, GROUP, OTHER])
    kind = rng.randrange(8)
    length = {0: rng.randrange(18, 64), 1: rng.randrange(1523, 2000)}.get(kind, rng.randrange(64, 1523))
    if kind > 4:
        length = rng.choice([64, 65, 66, 71, 72, 73, 127, 128, 1517, 1518, 1522])
    body = destination + PEER + b"\x88\xb5" + rng.randbytes(length - 18)
    damaged = rng.random() < 0.15
    frame = body + struct.pack("<I", zlib.crc32(body))
    if damaged:
        place = rng.randrange(12, length)
        frame = frame[:place] + bytes([frame[place] ^ 1 << rng.randrange(8)]) + frame[place + 1 :]
    tally["TPR"] += 1
    if destination in (OTHER, GROUP):
        return frame, None  # what is wrong with the frames of others is not counted
    if length < 64:
        tally["RFC" if damaged else "RUC"] += 1
        tally["RLEC"] += 1
        return frame, None
    if length > 1522:
        tally["RJC" if damaged else "ROC"] += 1
        tally["RLEC"] += 1
        return frame, None
    if damaged:
        tally["CRCERRS"] += 1
        return frame, None
    tally["GPRC"] += 1
    tally["BPRC"] += destination == BROADCAST
    tally["PRC64"] += length == 64
    tally["PRC1522"] += length > 1023
    return frame, body


async def receive_random(rig: Rig, count: int, in_host: bool, seed: int) -> dict[str, Any]:
    """`count` frames, good ones and all kinds of bad ones; those for the station arrive, the others are counted."""
    rng = random.Random(seed)
    receiver = Receiver(rig, in_host, 2048, wrap=SLOTS)
    await receiver.start()
    await rig.put(ETHERNET + ethernet.RCTL, await rig.get(ETHERNET + ethernet.RCTL) | ethernet.RCTL_BAM)
    names = ("TPR", "RFC", "RUC", "RLEC", "RJC", "ROC", "CRCERRS", "GPRC", "BPRC", "PRC64", "PRC1522", "MPC", "RNBC")
    tally = dict.fromkeys(names, 0)
    await receiver.offer(SLOTS - 1)
    expected: list[bytes] = []
    checked = sent = 0
    while sent < count:
        on_wire = 0
        for _ in range(min(count - sent, rng.randrange(1, 200))):
            frame, delivered = random_frame(rng, tally)
            rig.card.wire.send(frame)
            on_wire += PREAMBLE + len(frame) + GAP
            sent += 1
            if delivered is not None:
                expected.append(delivered)
        await sleep(on_wire * BYTE_PS + rng.randrange(10, 30) * US)
        await receiver.take()
        for number in range(checked, min(receiver.taken, len(expected))):
            found = await receiver.frame(number)
            assert found == expected[number], f"frame {number} is wrong: {found[:16].hex()}, {len(found)} bytes"
        assert receiver.taken == len(expected), f"{receiver.taken} of {len(expected)} frames have come"
        checked = receiver.taken
        await receiver.offer(SLOTS - 1 - (receiver.offered - receiver.taken))
    for name, value in tally.items():
        found = await rig.statistic(getattr(ethernet, name))
        assert found == value, f"{name}: {found}, and there were {value}"
    return tally
