"""Random transmit work: descriptors of every kind, good and bad, and the frames and counts that must come of them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from bench_ethernet_transmit import offload
from ethernet_bench import FAULT, context, data, legacy, tagged, with_tag
from reference_segmenter import Headers, checksum, segment

from firmware.registers import ethernet, ethernet_tx_data

SHORTEST = 60
"""Bytes of a frame without FCS; shorter ones are padded."""


@dataclass
class Send:
    """Descriptors, the frames that leave, without FCS, and by how much each statistics register goes up."""

    descriptors: list[bytes]
    frames: list[bytes] = field(default_factory=list)
    counted: Counter[int] = field(default_factory=Counter)


class Sends:
    """Makes sends whose bytes lie in an image of memory from `base` on, to be written before the descriptors are."""

    def __init__(self, dice: random.Random, longest: int) -> None:
        self.dice, self.longest = dice, longest
        self.vlan_mode = False
        self._headers: Headers | None = None  # of the context for plain sends
        self.begin(0)

    def begin(self, base: int) -> None:
        """A new image."""
        self.base, self.image = base, bytearray()

    def next(self) -> Send:
        kinds: dict[Callable[[], Send], int] = {
            self._plain: 4, self._legacy_checksum: 2, self._checksums: 3, self._segmented: 4, self._bad: 2,
            self._unreadable: 1,
        }  # fmt: skip
        (kind,) = self.dice.choices(list(kinds), list(kinds.values()))
        return kind()

    # ---- parts

    def _place(self, content: bytes) -> int:
        """Put bytes behind those before, at any alignment; their address."""
        self.image += self.dice.randbytes(self.dice.randrange(9))
        address = self.base + len(self.image)
        self.image += content
        return address

    def _scatter(self, content: bytes) -> list[tuple[int, int]]:
        """Place bytes in one to five pieces of any length."""
        pieces = min(self.dice.choice((1, 1, 2, 3, 5)), len(content))
        cuts = sorted(self.dice.sample(range(1, len(content)), pieces - 1))
        return [
            (self._place(content[start:stop]), stop - start)
            for start, stop in zip([0, *cuts], [*cuts, len(content)], strict=True)
        ]

    def _pieces(self, content: bytes) -> list[tuple[int, int]]:
        """The same, and sometimes an empty one, at the end too."""
        places = self._scatter(content)
        if self.dice.random() < 0.1:
            places.insert(self.dice.randrange(1, len(places) + 1), (self._place(b""), 0))
        return places

    def _size(self) -> int:
        dice = self.dice
        return dice.choice((dice.randrange(1, 20), dice.randrange(40, 80), dice.randrange(1, 200)))

    def _tag(self) -> int | None:
        return self.dice.randrange(1 << 16) if self.dice.random() < 0.4 else None

    def _left(self, frames: list[bytes], tag: int | None) -> list[bytes]:
        """The frames as they leave; one of at most two addresses gets no tag."""
        if tag is not None and self.vlan_mode:
            frames = [tagged(frame, tag) if len(frame) > 12 else frame for frame in frames]
        return [frame.ljust(SHORTEST, b"\0") for frame in frames]

    def _good(self, descriptors: list[bytes], frames: list[bytes], tag: int | None) -> Send:
        left = self._left(frames, tag)
        return Send(descriptors, left, Counter({ethernet.GPTC: len(left)}))

    def _report(self) -> bool:
        return self.dice.random() < 0.6

    # ---- kinds

    def _plain(self) -> Send:
        content = self.dice.randbytes(1514 if self.dice.random() < 0.02 else self._size())
        tag, places = self._tag(), self._pieces(content)
        ring = []
        for n, (at, length) in enumerate(places):
            last = n == len(places) - 1
            piece = legacy(at, length, eop=last, rs=self._report())
            if last and tag is not None:
                piece = with_tag(piece, tag)
            elif not last and self.dice.random() < 0.2:
                piece = with_tag(piece, self.dice.randrange(1 << 16))  # means nothing: the packet does not end here
            ring.append(piece)
        return self._good(ring, [content], tag)

    def _legacy_checksum(self) -> Send:
        content = bytearray(self.dice.randbytes(self._size() + 2))
        at = self.dice.randrange(min(255, len(content) - 1))
        start = self.dice.randrange(min(255, len(content)))
        places = self._scatter(bytes(content))
        ring = [
            legacy(where, length, eop=n == len(places) - 1, rs=self._report(), css=start, cso=at, ic=True)
            for n, (where, length) in enumerate(places)
        ]
        content[at : at + 2] = checksum(bytes(content[start:])).to_bytes(2, "big")
        return self._good(ring, [bytes(content)], None)

    def _random_headers(self) -> Headers:
        dice = self.dice
        version = dice.choice((4, 6))
        return Headers(
            version=version,
            identification=dice.choice((0x1234, 0xFFFE, 0x00FF)),
            sequence=dice.choice((0xFFFFFFF0, 0x00FFFFF0, 7)),
            flags=dice.choice((0x18, 0x99, 0x10, 0x11)),
            tcp=dice.random() < 0.7,
            ip_options=dice.randbytes(4 * dice.choice((0, 0, 3))) if version == 4 else b"",
            tcp_options=dice.randbytes(4 * dice.choice((0, 3, 10))),
        )

    def _checksums(self) -> Send:
        """Checksums by a context, which may be the one of a send before."""
        ring = []
        if self._headers is None or self.dice.random() < 0.7:
            self._headers = self._random_headers()
            ring.append(_reporting(offload(self._headers, tse=False), self._report()))
        headers = self._headers
        frame = bytearray(headers.frame(0, 0, self.dice.randbytes(self._size()), True, True))
        start = len(headers.link) + len(headers.network(0, 0))
        at, ip_at = start + (16 if headers.tcp else 6), len(headers.link) + 10
        draft = bytearray(frame)
        draft[at : at + 2] = (checksum(headers.pseudo(len(frame) - start)) ^ 0xFFFF).to_bytes(2, "big")
        if headers.version == 4:
            draft[ip_at : ip_at + 2] = b"\0\0"
        ip, tu = headers.version == 4 and self.dice.random() < 0.8, self.dice.random() < 0.8
        if not tu:
            frame[at : at + 2] = draft[at : at + 2]
        if not ip:
            frame[ip_at : ip_at + 2] = draft[ip_at : ip_at + 2]
        tag, places = self._tag(), self._pieces(bytes(draft))
        for n, (where, length) in enumerate(places):
            piece = data(where, length, eop=n == len(places) - 1, rs=self._report(), ip=ip, tu=tu)
            ring.append(piece if tag is None else with_tag(piece, tag))
        return self._good(ring, [bytes(frame)], tag)

    def _segmentation(self) -> tuple[Headers, bytes, int, list[tuple[int, int]]]:
        """Headers, payload, MSS and where both lie."""
        dice = self.dice
        headers = self._random_headers()
        mss = dice.choice((8, 50, dice.randrange(1, 200)))
        payload = dice.randbytes(dice.choice((1, mss, mss + 1, dice.randrange(1, 4 * mss + 1))))
        return headers, payload, mss, self._pieces(headers.prototype + payload)

    def _segmented(self) -> Send:
        headers, payload, mss, places = self._segmentation()
        tag = self._tag()
        ring = [_reporting(offload(headers, tse=True, mss=mss, paylen=len(payload)), self._report())]
        for n, (at, length) in enumerate(places):
            last = n == len(places) - 1
            piece = data(at, length, eop=last, rs=self._report(), tse=True, ip=headers.version == 4, tu=True)
            ring.append(piece if tag is None else with_tag(piece, tag))
        send = self._good(ring, segment(headers, payload, mss), tag)
        send.counted[ethernet.TSCTC] += 1
        return send

    def _unreadable(self) -> Send:
        """One piece cannot be read: segments that were whole before it leave, and nothing else."""
        headers, payload, mss, places = self._segmentation()
        segmented = self.dice.random() < 0.6
        bad = self.dice.choice([n for n, (_, length) in enumerate(places) if length])
        before = sum(length for _, length in places[:bad]) - len(headers.prototype)
        ring = [offload(headers, tse=True, mss=mss, paylen=len(payload))] if segmented else []
        for n, (at, length) in enumerate(places):
            at |= FAULT if n == bad else 0
            last, report = n == len(places) - 1, self._report()
            if segmented:
                ring.append(data(at, length, eop=last, rs=report, tse=True, ip=headers.version == 4, tu=True))
            else:
                ring.append(legacy(at, length, eop=last, rs=report))
        whole = before // mss if segmented and before > 0 else 0
        send = self._good(ring, segment(headers, payload, mss)[:whole], None)
        send.counted[ethernet.TXRDERR] += 1
        send.counted[ethernet.TSCTC] += segmented  # the bytes of all its segments were asked for
        return send

    def _bad(self) -> Send:
        """Descriptors that make no packet."""
        dice, longest = self.dice, self.longest
        headers = self._random_headers()
        size = len(headers.prototype)
        at = self._place(dice.randbytes(size + 20))

        def tso(mss: int, hdrlen: int) -> bytes:
            return context(
                ipcss=14, ipcso=24, ipcse=33, tucss=34, tucso=50, hdrlen=hdrlen, mss=mss, paylen=500, tse=True
            )

        plain = [
            [data(at, 60, dtyp=dice.randrange(2, 16))],
            [data(at, 60, dtyp=5, eop=False), data(at, 60)],
            [data(at, 60, eop=False), data(at, 60, dtyp=9, eop=False), data(at, 60)],
            [legacy(at, longest + 1, rs=False)],
            [legacy(at, longest - 10, eop=False, rs=False), legacy(at, 11, eop=False, rs=False), legacy(at, 5)],
            [legacy(at, 0)],
        ]
        segmented = [
            [tso(100, 0), data(at, size, tse=True)],
            [tso(0, size), data(at, size, eop=False, tse=True), data(at, 10, tse=True)],
            [tso(longest + 1 - size, size), data(at, size, tse=True)],
            [tso(100, size), data(at, size, tse=True)],
            [tso(100, size), data(at, 20, eop=False, tse=True), data(at, 10, tse=True)],
            [tso(100, size), data(at, size, eop=False, tse=True), data(at, 0, tse=True)],
        ]
        chosen = dice.choice((plain, segmented))
        ring = [_reporting(each, self._report()) for each in dice.choice(chosen)]
        return Send(ring, [], Counter({ethernet.TXBADD: 1, ethernet.TSCTFC: int(chosen is segmented)}))


def _reporting(descriptor: bytes, report: bool) -> bytes:
    """The descriptor with RS set, or as it is; a context has the bit in the same place."""
    bits = int.from_bytes(descriptor, "little")
    return (bits | report * ethernet_tx_data.COMMAND_RS << 64).to_bytes(16, "little")


def written_back(descriptor: bytes) -> bytes:
    """What stands in the ring when a descriptor is done."""
    if not descriptor[11] & ethernet_tx_data.COMMAND_RS >> 24:
        return descriptor
    return descriptor[:12] + bytes([ethernet_tx_data.STATUS_DD]) + descriptor[13:]
