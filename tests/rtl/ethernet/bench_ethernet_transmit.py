"""Transmit path of the Ethernet controller: plain sends, checksum insertion, segmentation, errors, line rate."""

from __future__ import annotations

import random

import cocotb
from cocotb.triggers import Timer
from ethernet_bench import CHUNK, FAULT, Bench, context, data, legacy, tagged, with_tag
from reference_segmenter import Headers, checksum, segment
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from stalls import ethernet_test

from firmware.registers import ethernet

HIGH = 0x0000_5A5A_0000_0000  # buffers stand far up in the address space
BASE = HIGH | 0x10000


async def begin(dut, **settings) -> Bench:
    bench = Bench(dut, random.Random(cocotb.RANDOM_SEED))
    await bench.start(**settings)
    return bench


async def scatter(bench: Bench, content: bytes, pieces: int, address: int = BASE) -> list[tuple[int, int]]:
    """Place `content` in memory in pieces of odd lengths at odd addresses; (address, length) of each."""
    cuts = sorted(bench.random.sample(range(1, len(content)), pieces - 1)) if pieces > 1 else []
    places = []
    for start, stop in zip([0, *cuts], [*cuts, len(content)], strict=True):
        address += bench.random.randrange(9)
        await bench.poke(address, content[start:stop])
        places.append((address, stop - start))
        address += stop - start
    return places


def offload(headers: Headers, *, tse: bool, mss: int = 0, paylen: int = 0) -> bytes:
    """The context descriptor a driver writes for these headers."""
    link = len(headers.link)
    network = len(headers.network(0, 0))
    return context(
        ipcss=link,
        ipcso=link + 10,
        ipcse=link + network - 1 if headers.version == 4 else 0,
        tucss=link + network,
        tucso=link + network + (16 if headers.tcp else 6),
        hdrlen=len(headers.prototype) if tse else 0,
        mss=mss,
        paylen=paylen,
        tse=tse,
        ipv4=headers.version == 4,
        tcp=headers.tcp,
    )


async def send_segmented(
    bench: Bench,
    headers: Headers,
    payload: bytes,
    mss: int,
    pieces: int,
    address: int = BASE,
    tag: int | None = None,
) -> list[bytes]:
    """Post a segmented send, header and payload scattered; returns the frames it must make, tagged in VLAN mode."""
    places = await scatter(bench, headers.prototype + payload, pieces, address)
    ring = [offload(headers, tse=True, mss=mss, paylen=len(payload))]
    for n, (at, length) in enumerate(places):
        last = n == len(places) - 1
        piece = data(at, length, eop=last, rs=last, tse=True, ip=headers.version == 4, tu=True)
        ring.append(piece if tag is None else with_tag(piece, tag))
    await bench.post(ring)
    frames = segment(headers, payload, mss)
    return frames if tag is None else [tagged(frame, tag) for frame in frames]


@ethernet_test()
async def plain_frames_leave_as_they_are(dut):
    bench = await begin(dut)
    for length in [1, 14, 59, 60, 61, 64, 600, 1513, 1514, *(bench.random.randrange(15, 1515) for _ in range(4))]:
        content = bench.random.randbytes(length)
        first = bench.tx_tail
        places = await scatter(bench, content, min(length, bench.random.randrange(1, 5)))
        await bench.post([legacy(at, size, eop=n == len(places) - 1) for n, (at, size) in enumerate(places)])
        assert (await bench.wire_frame()).data == content.ljust(60, b"\0"), f"length {length}"
        await bench.quiet()
        assert await bench.tx_done(first)
        assert await bench.read(ethernet.TDH) == bench.tx_tail
    causes = await bench.read(ethernet.ICR)
    assert causes & ethernet.ICR_TXDW and causes & ethernet.ICR_TXQE
    assert await bench.read(ethernet.ICR) == 0
    assert await bench.read(ethernet.GPTC) == 13
    assert await bench.read(ethernet.GPTC) == 0, "reading clears"


@ethernet_test()
async def checksums_are_inserted_without_segmentation(dut):
    bench = await begin(dut)
    for _ in range(8):
        size = bench.random.randrange(0, 1400)
        ipv6, udp = bench.random.random() < 0.5, bench.random.random() < 0.5
        upper = UDP(sport=1, dport=2) if udp else TCP(sport=1, dport=2, seq=5)
        network = IPv6(src="fe80::1", dst="fe80::2") if ipv6 else IP(src="10.0.0.1", dst="10.0.0.2")
        packet = (
            Ether(dst="02:00:00:00:00:01", src="02:00:00:00:00:02") / network / upper / bench.random.randbytes(size)
        )
        right = bytes(packet)
        start = 14 + (40 if ipv6 else 20)
        at = start + (6 if udp else 16)
        length = len(right) - start
        addresses = right[22:54] if ipv6 else right[26:34]
        pseudo = addresses + length.to_bytes(4, "big") + bytes([0, 0, 0, 17 if udp else 6])
        draft = bytearray(right)
        draft[at : at + 2] = (checksum(pseudo) ^ 0xFFFF).to_bytes(2, "big")
        if not ipv6:
            draft[24:26] = b"\0\0"
        places = await scatter(bench, bytes(draft), bench.random.randrange(1, 4))
        descriptors = [context(ipcss=14, ipcso=24, ipcse=33, tucss=start, tucso=at, tcp=not udp)]
        for n, (where, part) in enumerate(places):
            descriptors.append(data(where, part, eop=n == len(places) - 1, rs=True, ip=not ipv6, tu=True))
        await bench.post(descriptors)
        assert (await bench.wire_frame()).data == right.ljust(60, b"\0"), (ipv6, udp, size)


@ethernet_test()
async def legacy_checksum_is_inserted(dut):
    bench = await begin(dut)
    content = bytearray(bench.random.randbytes(301))
    content[50:52] = b"\0\0"
    await bench.poke(BASE, bytes(content))
    await bench.post([legacy(BASE, 301, css=17, cso=50, ic=True)])
    value = checksum(bytes(content[17:]))
    # 50 - 17 is odd: the part puts the sum's high byte at the offset all the same
    content[50:52] = value.to_bytes(2, "big")
    assert (await bench.wire_frame()).data == bytes(content)


@ethernet_test()
async def segmented_sends_equal_the_reference(dut):
    bench = await begin(dut)
    rng = bench.random
    await bench.write(ethernet.CTRL, ethernet.CTRL_FD | ethernet.CTRL_SLU | ethernet.CTRL_VME)
    for trial in range(10):
        headers = Headers(
            version=rng.choice([4, 6]),
            vlan=rng.random() < 0.3,
            identification=rng.choice([0x1234, 0xFFFE, 0x00FF]),
            sequence=rng.choice([0xFFFFF000, 0x00FFFFF0, 7]),
            flags=rng.choice([0x18, 0x99, 0x10, 0x11]),
            tcp=rng.random() < 0.8,
            ip_options=rng.randbytes(4 * rng.choice([0, 0, 3])),
            tcp_options=rng.randbytes(4 * rng.choice([0, 3, 10])),
        )
        mss = rng.choice([1460, 1448, 536, 97, 1000, 8])
        size = rng.choice([1, mss, mss + 1, 2 * mss, rng.randrange(1, 8 * mss)])
        tag = rng.randrange(1 << 16) if rng.random() < 0.5 else None
        pieces = rng.randrange(1, min(8, size + 2))
        expected = await send_segmented(bench, headers, rng.randbytes(size), mss, pieces, tag=tag)
        for n, frame in enumerate(expected):
            got = (await bench.wire_frame()).data
            assert got == frame.ljust(60, b"\0"), (
                f"send {trial} {headers} mss {mss} size {size}: segment {n} of {len(expected)}\n"
                f"got  {got[:100].hex()}\nneed {frame[:100].hex()}"
            )
        await bench.quiet()
        assert await bench.tx_done((bench.tx_tail - 1) % bench.tx_size)
    assert await bench.read(ethernet.TSCTC) == 10
    assert not bench.frames


@ethernet_test()
async def tags_go_in_wherever_the_header_begins_in_its_word(dut):
    bench = await begin(dut)
    await bench.write(ethernet.CTRL, ethernet.CTRL_FD | ethernet.CTRL_SLU | ethernet.CTRL_VME)
    lanes = set()
    for vlan in (False, True):
        for words in range(4):
            headers = Headers(vlan=vlan, tcp_options=bytes([1] * 4 * words))
            lanes.add(-len(headers.prototype) % 8)
            payload = bench.random.randbytes(1500)
            for frame in await send_segmented(bench, headers, payload, 700, 3, tag=0x2345 + words):
                assert (await bench.wire_frame()).data == frame.ljust(60, b"\0"), headers
    assert lanes == {2, 6}, "headers end in the middle of a word: a link header has 14 or 18 bytes"


def that_sums_up_to_zero(headers: Headers, payload: bytes) -> bytes:
    """The payload with its end changed so that the checksum of the one frame it fits into is 0."""
    payload = payload[:-2] + b"\0\0"
    bare = headers.transport(headers.sequence, headers.flags, 0, len(payload)) + payload
    return payload[:-2] + checksum(headers.pseudo(len(bare)) + bare).to_bytes(2, "big")


@ethernet_test()
async def a_checksum_of_zero_is_sent_by_tcp_and_as_all_ones_by_udp(dut):
    bench = await begin(dut)
    for version in (4, 6):
        for tcp in (False, True):
            headers = Headers(version=version, tcp=tcp)
            start = len(headers.link) + len(headers.network(0, 0))
            at = start + (16 if tcp else 6)
            payload = that_sums_up_to_zero(headers, bench.random.randbytes(200))
            (frame,) = await send_segmented(bench, headers, payload, 1460, 2)
            assert frame[at : at + 2] == (b"\0\0" if tcp else b"\xff\xff")
            assert (await bench.wire_frame()).data == frame
            # the same without segmentation: lengths are there, the driver has put the pseudo header's sum in
            seed = checksum(headers.pseudo(len(frame) - start)) ^ 0xFFFF
            draft = bytearray(frame)
            draft[at : at + 2] = seed.to_bytes(2, "big")
            if version == 4:
                draft[len(headers.link) + 10 : len(headers.link) + 12] = b"\0\0"
            ((where, length),) = await scatter(bench, bytes(draft), 1)
            await bench.post([offload(headers, tse=False), data(where, length, rs=True, ip=version == 4, tu=True)])
            assert (await bench.wire_frame()).data == frame, headers


@ethernet_test()
async def jumbo_segments(dut):
    bench = await begin(dut)
    headers = Headers(tcp_options=bytes([1, 1, 8, 10] + [7] * 8))
    payload = bench.random.randbytes(20001)
    for frame in await send_segmented(bench, headers, payload, 8948, 5):
        assert (await bench.wire_frame()).data == frame


@ethernet_test(pause=0)
async def frames_of_segmented_sends_leave_back_to_back(dut):
    """The wire stays full inside sends and across them, with a memory 1.3 us away."""
    bench = await begin(dut)
    headers = Headers()
    expected = []
    await bench.write(ethernet.TCTL, ethernet.TCTL_PSP)  # the sends are queued before the first one starts
    for n in range(3):
        expected += await send_segmented(bench, headers, bench.random.randbytes(4 * 1460), 1460, 3, BASE + n * 0x2000)
    await bench.write(ethernet.TCTL, ethernet.TCTL_PSP | ethernet.TCTL_EN)
    gaps = []
    for frame in expected:
        got = await bench.wire_frame()
        assert got.data == frame
        gaps.append(got.gap)
    assert gaps[1:] == [12] * (len(expected) - 1), gaps


@ethernet_test(pause=0)
async def small_frames_leave_back_to_back(dut):
    bench = await begin(dut)
    await bench.write(ethernet.TCTL, ethernet.TCTL_PSP)
    await bench.poke(BASE, bench.random.randbytes(CHUNK))
    await bench.post([legacy(BASE + 61 * n, 60) for n in range(40)])
    await bench.write(ethernet.TCTL, ethernet.TCTL_PSP | ethernet.TCTL_EN)
    gaps = [(await bench.wire_frame()).gap for _ in range(40)]
    assert gaps[1:] == [12] * 39, gaps


@ethernet_test()
async def the_ring_wraps_and_lives_anywhere(dut):
    bench = await begin(dut, tx_size=8)
    for n in range(30):
        content = bench.random.randbytes(70 + n)
        places = await scatter(bench, content, bench.random.randrange(1, 6))
        await bench.post([legacy(at, size, eop=k == len(places) - 1) for k, (at, size) in enumerate(places)])
        assert (await bench.wire_frame()).data == content


@ethernet_test()
async def a_ring_may_begin_and_cross_pages_anywhere(dut):
    """The monitors see to it that no fetch crosses 4 KiB."""
    bench = await begin(dut)
    bench.tx_size = 40
    for ring in (0x1F90, 0x2FF0, 0x1E10):
        await bench.write(ethernet.TCTL, ethernet.TCTL_PSP)
        bench.tx_ring, bench.tx_tail = ring, 0
        await bench.write(ethernet.TDBAL, ring)
        await bench.write(ethernet.TDLEN, 16 * bench.tx_size)
        await bench.write(ethernet.TDH, 0)
        await bench.write(ethernet.TDT, 0)
        await bench.write(ethernet.TCTL, ethernet.TCTL_PSP | ethernet.TCTL_EN)
        for _ in range(3):
            contents = [bench.random.randbytes(60 + n) for n in range(30)]
            for n, content in enumerate(contents):
                await bench.poke(BASE + 0x100 * n, content)
            await bench.post([legacy(BASE + 0x100 * n, len(content)) for n, content in enumerate(contents)])
            for content in contents:
                assert (await bench.wire_frame()).data == content
            await bench.quiet()


@ethernet_test(pause=220)
async def the_head_moves_when_the_status_is_in_memory(dut):
    """Whoever reads TDH, or is interrupted, may look at the descriptors before it."""
    bench = await begin(dut)
    await bench.poke(BASE, bench.random.randbytes(64))
    seen = 0
    for _ in range(4):
        first = bench.tx_tail
        await bench.post([legacy(BASE, 60, rs=True)] * 12)
        done = 0
        while done < 12:
            head = await bench.read(ethernet.TDH)
            while (first + done) % bench.tx_size != head:
                assert await bench.tx_done((first + done) % bench.tx_size), "TDH ran ahead"
                done += 1
                seen += 1
        for _ in range(12):
            await bench.wire_frame()
        await bench.quiet()
    assert seen == 48


@ethernet_test()
async def a_failed_read_drops_the_send_and_nothing_else(dut):
    bench = await begin(dut)
    content = bench.random.randbytes(400)
    await bench.poke(BASE, content)
    headers = Headers()
    place = (await scatter(bench, headers.prototype, 1, BASE + 0x1000))[0]
    await bench.post(
        [
            legacy(BASE, 100, eop=False),
            legacy(BASE | FAULT, 100),
            legacy(BASE, 100),
            offload(headers, tse=True, mss=100, paylen=400),
            data(*place, eop=False, tse=True, ip=True, tu=True),
            data(BASE, 150, eop=False, tse=True, ip=True, tu=True),
            data(BASE | FAULT, 60, eop=False, tse=True, ip=True, tu=True),
            data(BASE + 210, 190, rs=True, tse=True, ip=True, tu=True),
            data(place[0] | FAULT, place[1], eop=False, tse=True, ip=True, tu=True),
            data(BASE, 150, rs=True, tse=True, ip=True, tu=True),
            legacy(BASE + 7, 200),
        ]
    )
    assert (await bench.wire_frame()).data == content[:100]
    first = await bench.wire_frame()
    assert first.data == segment(headers, content[:400], 100)[0], "the segment before the failure is good"
    assert (await bench.wire_frame()).data == content[7:207]
    await bench.quiet()
    assert not bench.frames
    assert await bench.read(ethernet.TXRDERR) == 3
    assert await bench.read(ethernet.TDH) == bench.tx_tail


@ethernet_test()
async def bad_descriptors_are_dropped_and_counted(dut):
    bench = await begin(dut)
    headers = Headers()
    content = bench.random.randbytes(12000)
    await bench.poke(BASE, content)
    good = [legacy(BASE, 100)]
    size = len(headers.prototype)

    def tso(mss: int, hdrlen: int) -> bytes:
        return context(ipcss=14, ipcso=24, ipcse=33, tucss=34, tucso=50, hdrlen=hdrlen, mss=mss, paylen=500, tse=True)

    cases = {
        "reserved DTYP": [data(BASE, 60, dtyp=5)],
        "reserved DTYP, two descriptors": [data(BASE, 60, dtyp=5, eop=False), data(BASE, 60)],
        "reserved DTYP inside": [data(BASE, 60, eop=False), data(BASE, 60, dtyp=9, eop=False), data(BASE, 60)],
        "header length 0": [tso(100, 0), data(BASE, 200, tse=True)],
        "MSS 0": [tso(0, size), data(BASE, 200, eop=False, tse=True), data(BASE, 10, tse=True)],
        "segment too long": [tso(9200, size), data(BASE, 200, tse=True)],
        "frame too long": [legacy(BASE, 9500)],
        "frame too long in pieces": [legacy(BASE, 9000, eop=False), legacy(BASE, 300, eop=False), legacy(BASE, 5)],
        "no byte": [legacy(BASE, 0)],
        "no payload": [tso(100, size), data(BASE, size, tse=True)],
        "header incomplete": [tso(100, size), data(BASE, 20, eop=False, tse=True), data(BASE, 10, tse=True)],
        "no payload, end later": [tso(100, size), data(BASE, size, eop=False, tse=True), data(BASE, 0, tse=True)],
    }
    for name, descriptors in cases.items():
        await bench.post(descriptors + good)
        assert (await bench.wire_frame()).data == content[:100], name
        await bench.quiet()
        assert not bench.frames, name
        assert await bench.read(ethernet.TXBADD) == 1, name
        assert await bench.read(ethernet.TDH) == bench.tx_tail, name


@ethernet_test()
async def empty_descriptors_inside_a_send_are_harmless(dut):
    bench = await begin(dut)
    content = bench.random.randbytes(300)
    await bench.poke(BASE, content)
    await bench.post(
        [
            legacy(BASE, 0, eop=False),
            legacy(BASE, 120, eop=False),
            legacy(BASE + 120, 0, eop=False),
            legacy(BASE + 120, 180, eop=False),
            legacy(BASE, 0),
        ]
    )
    assert (await bench.wire_frame()).data == content
    headers = Headers()
    place = (await scatter(bench, headers.prototype, 1, BASE + 0x1000))[0]
    await bench.post(
        [
            offload(headers, tse=True, mss=150, paylen=300),
            data(*place, eop=False, tse=True, ip=True, tu=True),
            data(BASE, 300, eop=False, tse=True, ip=True, tu=True),
            data(BASE, 0, rs=True, tse=True),
        ]
    )
    for frame in segment(headers, content, 150):
        assert (await bench.wire_frame()).data == frame
    await bench.quiet()
    assert not bench.frames and await bench.read(ethernet.TXBADD) == 0


@ethernet_test()
async def a_descriptor_that_cannot_be_read_is_counted(dut):
    bench = await begin(dut)
    await bench.poke(BASE, bytes(100))
    await bench.write(ethernet.TDBAH, FAULT >> 32)
    await bench.post([legacy(BASE, 100)])
    await bench.quiet()
    assert await bench.read(ethernet.TXDESCERR) == 1
    assert not bench.frames


@ethernet_test(pause=0)
async def delayed_interrupts_wait_and_the_throttle_holds(dut):
    bench = await begin(dut)
    await bench.poke(BASE, bytes(100))
    await bench.write(ethernet.IMS, ethernet.IMS_TXDW)
    await bench.write(ethernet.TIDV, 20)
    await bench.write(ethernet.ITR, 400)
    await bench.post([legacy(BASE, 100, ide=True)])
    await Timer(15, "us")
    assert int(dut.irq.value) == 0 and int(dut.busy.value) == 1
    await Timer(12, "us")
    assert int(dut.irq.value) == 1
    assert await bench.read(ethernet.ICR) & ethernet.ICR_TXDW
    await bench.post([legacy(BASE, 100)])
    await Timer(20, "us")
    assert int(dut.irq.value) == 0, "throttled: 102.4 us from the last assertion"
    await Timer(90, "us")
    assert int(dut.irq.value) == 1
    await bench.write(ethernet.IMC, ethernet.IMC_TXDW)
    assert int(dut.irq.value) == 0
    assert await bench.read(ethernet.ICS) == 0


@ethernet_test()
async def a_reset_in_full_flight_leaves_no_broken_frame(dut):
    bench = await begin(dut)
    headers = Headers()
    for delay in [1, 3, 7, 12, 20, 33]:
        await send_segmented(bench, headers, bench.random.randbytes(9000), 1460, 4)
        await Timer(delay, "us")
        await bench.write(ethernet.CTRL, ethernet.CTRL_RST)
        for _ in range(100):
            if not await bench.read(ethernet.CTRL) & ethernet.CTRL_RST:
                break
            await Timer(1, "us")
        else:
            raise AssertionError("CTRL.RST does not clear itself")
        assert await bench.read(ethernet.TDH) == 0 and await bench.read(ethernet.TCTL) == 0
        bench.frames.clear()  # each was checked for its FCS when it arrived
        await bench.set_up()
        await bench.poke(BASE, bytes(range(100)))
        await bench.post([legacy(BASE, 100)])
        assert (await bench.wire_frame()).data == bytes(range(100))
        await bench.quiet()
