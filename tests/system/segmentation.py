"""Random segmented sends for tests/system/test_segmentation.py: each frame against plain byte arithmetic."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from firmware.registers import ethernet, ethernet_tx_context, ethernet_tx_data
from models.kernel import US
from tests.rtl.ethernet.reference_segmenter import Headers, segment
from tests.unit.card.stimuli import ETHERNET, MEMORY, Rig

PAGE = 4096
RING = 1024
HOST_FIRST, HOST_END = 0x10_0000, 0x7F_0000
CARD_FIRST, CARD_END = MEMORY + 0x100000, MEMORY + 0x3F0000
CARD_PIECE = 2048
"""Pieces up to this size may lie in card memory, larger ones are in host memory."""
PIECES = 120
FCS = 4


def random_headers(rng: random.Random) -> Headers:
    return Headers(
        version=rng.choice([4, 6]),
        vlan=rng.random() < 0.3,
        identification=rng.choice([0x1234, 0xFFFE, 0x00FF, rng.randrange(1 << 16)]),
        sequence=rng.choice([0xFFFFF000, 0x00FFFFF0, rng.randrange(1 << 32)]),
        flags=rng.choice([0x18, 0x99, 0x10, 0x11]),
        ip_options=rng.randbytes(4 * rng.choice([0, 0, 0, 3, 10])),
        tcp_options=rng.randbytes(4 * rng.choice([0, 3, rng.randrange(11)])),
    )


def random_size(rng: random.Random, mss: int, largest: int, segments: int) -> int:
    """Bytes of payload; the boundaries of segments are tried often."""
    kind = rng.randrange(5)
    if kind == 0:
        size = rng.randrange(1, 9)
    elif kind == 1:
        size = mss * rng.randrange(1, 9) + rng.randrange(-1, 2)
    elif kind == 2:
        size = largest - rng.randrange(3)
    else:
        size = int(2 ** rng.uniform(0, largest.bit_length() - 1))
    return max(1, min(size, largest, segments * mss))


def cut(rng: random.Random, header: int, payload: int) -> list[int]:
    """Lengths of the descriptors of a send of so many bytes of header and of payload."""
    total = header + payload
    kind = rng.randrange(6)
    if kind == 0:
        return [total]
    if kind == 1:
        return [header, payload]
    if kind == 2:  # as a driver does with user pages: the first and the last are parts
        first = min(payload, rng.randrange(1, PAGE + 1))
        pages = [PAGE] * ((payload - first) // PAGE)
        return [header, first, *pages, (payload - first) % PAGE]
    if kind == 3:  # the header in several, its last piece with payload behind it
        at = sorted(rng.sample(range(1, header), 3))
        return [at[0], at[1] - at[0], at[2] - at[1], total - at[2]]
    count = min(total, rng.randrange(1, PIECES))
    if kind == 4 and count > 1:
        cuts = sorted(rng.sample(range(1, total), count - 1))
        lengths = [b - a for a, b in zip([0, *cuts], [*cuts, total], strict=True)]
        for _ in range(rng.randrange(3)):
            lengths.insert(rng.randrange(1, len(lengths)), 0)
        return lengths
    small = [rng.randrange(1, 12) for _ in range(min(40, total // 12))]
    return [*small, total - sum(small)]


@dataclass
class Memories:
    """Places for pieces, in host and card memory, each behind the one before it at an address of any alignment."""

    rig: Rig
    rng: random.Random
    next_: list[int] = field(default_factory=lambda: [HOST_FIRST, CARD_FIRST])

    def reset(self) -> None:
        self.next_ = [HOST_FIRST, CARD_FIRST]

    async def place(self, content: bytes) -> int:
        in_card = len(content) <= CARD_PIECE and self.rng.random() < 0.3
        address = self.next_[in_card]
        kind = self.rng.randrange(4)
        if kind == 0:
            address += self.rng.randrange(9)
        elif kind == 1:  # over the end of a page
            address += -address % PAGE + PAGE - self.rng.randrange(1, min(PAGE, len(content) + 2))
        elif kind == 2:
            address += -address % PAGE
        if address + len(content) > (CARD_END if in_card else HOST_END):
            address = CARD_FIRST if in_card else HOST_FIRST
        self.next_[in_card] = address + len(content)
        if in_card:
            for at in range(0, len(content), 256):
                await self.rig.card.firmware.write(address + at, content[at : at + 256])
        else:
            self.rig.memory.write(address, content)
        return address


def context(headers: Headers, paylen: int, mss: int) -> bytes:
    layout = ethernet_tx_context
    link, network, four = len(headers.link), len(headers.network(0, 0)), headers.version == 4
    command = paylen | layout.COMMAND_DEXT | layout.COMMAND_TSE | layout.COMMAND_TCP | (four and layout.COMMAND_IP)
    return struct.pack(
        "<BBHBBHII", link, link + 10, link + network - 1 if four else 0, link + network, link + network + 16, 0,
        command, len(headers.prototype) << layout.STATUS_HDRLEN_LSB | mss << layout.STATUS_MSS_LSB,
    )  # fmt: skip


def descriptors(headers: Headers, pieces: list[tuple[int, int]], tag: int | None) -> Iterator[bytes]:
    layout = ethernet_tx_data
    status = layout.STATUS_TXSM | (headers.version == 4 and layout.STATUS_IXSM)
    for number, (address, length) in enumerate(pieces):
        command = length | 1 << layout.COMMAND_DTYP_LSB | layout.COMMAND_DEXT | layout.COMMAND_TSE
        command |= layout.COMMAND_IFCS
        if number == len(pieces) - 1:
            command |= layout.COMMAND_EOP | layout.COMMAND_RS
        if tag is not None:
            command |= layout.COMMAND_VLE
        yield struct.pack("<QII", address, command, status | (tag or 0) << layout.STATUS_SPECIAL_LSB)


async def segmented_sends(rig: Rig, sends: int, largest: int, segments: int, seed: int) -> dict[str, Any]:
    """`sends` random sends of up to `largest` bytes and `segments` frames; each frame is compared byte by byte."""
    rng = random.Random(seed)
    memories = Memories(rig, rng)
    await rig.start_ethernet(entries=RING, mask=0)
    await rig.put(ETHERNET + ethernet.VET, 0x8100)
    await rig.put(ETHERNET + ethernet.CTRL, ethernet.CTRL_FD | ethernet.CTRL_SLU | ethernet.CTRL_VME)
    bytes_sent = frames = 0
    left = sends
    while left:
        memories.reset()
        batch = min(left, rng.randrange(1, 4))  # sends follow one another without a pause
        left -= batch
        ring: list[bytes] = []
        expected: list[tuple[str, bytes]] = []
        for _ in range(batch):
            headers = random_headers(rng)
            mss = rng.choice([88, 89, 536, 1448, 1460, 8948, 8960, rng.randrange(88, 8961)])
            payload = rng.randbytes(random_size(rng, mss, largest, segments))
            tag = rng.choice([None, None, 0, 0x2005, 0xFFFF])
            content = headers.prototype + payload
            pieces, at = [], 0
            for length in cut(rng, len(headers.prototype), len(payload)):
                pieces.append((await memories.place(content[at : at + length]), length))
                at += length
            assert at == len(content)
            ring += [context(headers, len(payload), mss), *descriptors(headers, pieces, tag)]
            what = f"{headers}, {len(payload)} bytes, MSS {mss}, tag {tag}, pieces {[n for _, n in pieces][:12]}"
            for frame in segment(headers, payload, mss):
                if tag is not None:
                    frame = frame[:12] + b"\x81\x00" + tag.to_bytes(2, "big") + frame[12:]
                expected.append((what, frame.ljust(60, b"\0")))
            bytes_sent += len(payload)
        assert len(ring) < RING
        await rig.transmit(*ring)
        await rig.until(lambda wanted=expected: len(rig.frames) >= len(wanted), limit_ps=100_000 * US)
        for number, ((what, wanted), (frame, _, _)) in enumerate(zip(expected, rig.frames, strict=True)):
            assert frame[:-FCS] == wanted, f"frame {number} of {len(expected)}, {what}"
        frames += len(expected)
        rig.frames.clear()
    await rig.poll(ETHERNET + ethernet.TDH, lambda head: head == rig.tx_next)
    assert await rig.statistic(ethernet.TSCTC) == sends and await rig.statistic(ethernet.TSCTFC) == 0
    assert await rig.statistic(ethernet.GPTC) == frames
    assert not rig.frames
    return {"bytes": bytes_sent, "frames": frames}
