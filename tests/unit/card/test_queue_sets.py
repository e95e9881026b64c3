"""Two queue sets on one MAC: who gets what is received, who sends when, and what one set does to the other."""

import struct

import pytest
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Dot1Q, Ether

from firmware.registers import bridge, ethernet
from firmware.registers import ethernet_rx as layout
from models.kernel import US, sleep
from models.network.ethernet_fcs import with_fcs
from models.ports import BusError
from tests.unit.card.stimuli import BRIDGE, ETHERNET, MEMORY, PEER, STATION, Rig, stimulus
from tests.unit.card.test_pause import PAUSE, control
from tests.unit.card.test_transmit import EOP, IFCS, RS, legacy

OWN_BUFFERS = MEMORY + 0x40000
DATA = MEMORY + 0x80000
BAR = 2
TX_RING, RX_RING, HOST_BUFFERS, HOST_DATA = 0x1000, 0x2000, 0x10000, 0x40000
TOE, NIC, BOTH = 0, 1, 2
EN_BAM = ethernet.RCTL_EN | ethernet.RCTL_BAM | ethernet.RCTL_SECRC
ENTRIES = 16
CONTROL = ethernet.RULE_BASE
V4 = IP(src="10.0.0.9", dst="10.0.0.1")
V6 = IPv6(src="2001:db8::9", dst="fe80::1")


class HostSet:
    """The host's queue set through BAR2; rings and buffers are in host memory."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.tx_next = self.rx_next = 0

    async def get(self, offset: int) -> int:
        return int.from_bytes(await self.rig.card.host.read(BAR, offset, 4), "little")

    async def put(self, offset: int, value: int) -> None:
        await self.rig.card.host.write(BAR, offset, value.to_bytes(4, "little"))

    async def start(self, rctl: int = EN_BAM, mask: int = 0) -> None:
        await self.put(ethernet.CTRL, ethernet.CTRL_FD | ethernet.CTRL_SLU)
        for low, length, base in (
            (ethernet.TDBAL, ethernet.TDLEN, TX_RING),
            (ethernet.RDBAL, ethernet.RDLEN, RX_RING),
        ):
            await self.put(low, base)
            await self.put(length, 16 * ENTRIES)
        await self.put(ethernet.IMS, mask)
        await self.put(ethernet.TCTL, ethernet.TCTL_EN | ethernet.TCTL_PSP)
        await self.put(ethernet.RCTL, rctl)
        await self.get(ethernet.STATUS)

    async def offer(self, count: int) -> None:
        for _ in range(count):
            at = RX_RING + 16 * self.rx_next
            self.rig.memory.write(at, struct.pack("<QQ", HOST_BUFFERS + 0x800 * self.rx_next, 0))
            self.rx_next = (self.rx_next + 1) % ENTRIES
        await self.put(ethernet.RDT, self.rx_next)

    def received(self) -> list[bytes]:
        frames = []
        for index in range(ENTRIES):
            length, _, status = struct.unpack("<HHI", self.rig.memory.read(RX_RING + 16 * index + 8, 8))
            if status & layout.STATUS_DD:
                frames.append(self.rig.memory.read(HOST_BUFFERS + 0x800 * index, length))
        return frames

    async def transmit(self, *frames: bytes) -> None:
        for frame in frames:
            place = HOST_DATA + 0x1000 * self.tx_next
            self.rig.memory.write(place, frame)
            self.rig.memory.write(TX_RING + 16 * self.tx_next, legacy(place, len(frame), EOP | IFCS | RS))
            self.tx_next = (self.tx_next + 1) % ENTRIES
        await self.put(ethernet.TDT, self.tx_next)


async def steer(rig: Rig, owner: int, other_bits: int = 0) -> None:
    await rig.put(ETHERNET + ethernet.STEERING, owner | other_bits)


async def rule(rig: Rig, index: int, words: dict[int, int]) -> None:
    for offset, value in sorted(words.items(), reverse=True):
        await rig.put(ETHERNET + offset + index * ethernet.RULE_STRIDE, value)


async def both_receive(rig: Rig, other_bits: int = 0, count: int = 8, host_count: int = 8) -> HostSet:
    await rig.start_ethernet(entries=ENTRIES)
    await steer(rig, BOTH, other_bits)
    host = HostSet(rig)
    await host.start()
    await rig.offer(*(OWN_BUFFERS + 0x800 * index for index in range(count)))
    await host.offer(host_count)
    await host.get(ethernet.RDT)
    return host


async def own_received(rig: Rig) -> list[bytes]:
    frames = []
    for index in range(ENTRIES):
        length, _, status = await rig.rx_descriptor(index)
        if status & layout.STATUS_DD:
            frames.append(await rig.card.firmware.read(OWN_BUFFERS + 0x800 * index, length))
    return frames


async def settle(frames: int) -> None:
    await sleep((10 + 14 * frames) * US)


def frame(layers: object, dst: bytes = STATION, tag: int | None = None) -> bytes:
    link = Ether(dst=dst, src=PEER)
    return bytes((link if tag is None else link / Dot1Q(vlan=tag)) / layers).ljust(60, b"\0")


def numbered(index: int, size: int, dst: bytes = STATION) -> bytes:
    return (dst + PEER + b"\x88\xb5" + bytes([index])).ljust(size, bytes([index + 1]))


@stimulus(queue_sets=2)
async def test_the_host_has_no_registers_until_it_has_a_part_in_the_wire(rig: Rig) -> None:
    await rig.start_ethernet()
    host = HostSet(rig)
    with pytest.raises(BusError):
        await host.get(ethernet.STATUS)
    await host.put(ethernet.IMS, 0xFF)
    with pytest.raises(BusError):
        await host.get(ethernet.IMS)
    for owner in (NIC, BOTH):
        await steer(rig, owner)
        assert await host.get(ethernet.RA_RAL) == int.from_bytes(STATION[:4], "little")
        assert await host.get(ethernet.IMS) == 0
        assert await host.get(ethernet.STEERING) == 0
        await host.put(ethernet.STEERING, 0)
        assert await host.get(ethernet.STATUS) & ethernet.STATUS_LU == 0
        await steer(rig, TOE)
        with pytest.raises(BusError):
            await host.get(ethernet.STATUS)
    assert await rig.get(ETHERNET + ethernet.STEERING) == TOE


@stimulus(queue_sets=2)
async def test_the_host_has_a_link_when_both_sets_ask_for_it(rig: Rig) -> None:
    await steer(rig, BOTH)
    host = HostSet(rig)
    await host.start()
    assert not await host.get(ethernet.STATUS) & ethernet.STATUS_LU
    await rig.put(ETHERNET + ethernet.CTRL, ethernet.CTRL_FD | ethernet.CTRL_SLU)
    assert await host.get(ethernet.STATUS) & ethernet.STATUS_LU
    await rig.put(ETHERNET + ethernet.CTRL, ethernet.CTRL_FD)
    assert not await host.get(ethernet.STATUS) & ethernet.STATUS_LU


RULES = {
    "mac": ({CONTROL: ethernet.RULE_CONTROL_MAC, ethernet.RULE_MAC_LOW: 0x0000_0002, ethernet.RULE_MAC_HIGH: 0x0700},
            frame(V4 / UDP(), b"\x02\0\0\0\0\x07"), frame(V4 / UDP())),
    "type": ({CONTROL: ethernet.RULE_CONTROL_TYPE, ethernet.RULE_TYPE: 0x88B5}, numbered(1, 60), frame(V4 / UDP())),
    "protocol": ({CONTROL: ethernet.RULE_CONTROL_PROTOCOL, ethernet.RULE_TYPE: 17 << 16}, frame(V4 / UDP()),
                 frame(V4 / TCP())),
    "source": ({CONTROL: ethernet.RULE_CONTROL_SOURCE, ethernet.RULE_SOURCE0: 0x0A000009}, frame(V4 / TCP()),
               frame(IP(src="10.0.0.8", dst="10.0.0.9") / TCP())),
    "destination6": ({CONTROL: ethernet.RULE_CONTROL_DESTINATION, ethernet.RULE_DESTINATION0: 0xFE800000,
                      ethernet.RULE_DESTINATION3: 1}, frame(V6 / TCP()),
                     frame(IPv6(src="fe80::1", dst="fe80::2") / TCP())),
    "source port": ({CONTROL: ethernet.RULE_CONTROL_SOURCE_PORT, ethernet.RULE_PORTS: 7},
                    frame(V4 / UDP(sport=7, dport=8)), frame(V4 / UDP(sport=8, dport=7))),
    "port6": ({CONTROL: ethernet.RULE_CONTROL_DESTINATION_PORT, ethernet.RULE_PORTS: 5001 << 16},
              frame(V6 / TCP(sport=9, dport=5001)), frame(V6 / TCP(sport=5001, dport=9))),
    "tagged": ({CONTROL: ethernet.RULE_CONTROL_DESTINATION_PORT | ethernet.RULE_CONTROL_TYPE,
                ethernet.RULE_TYPE: 0x0800, ethernet.RULE_PORTS: 80 << 16}, frame(V4 / TCP(dport=80), tag=5),
               frame(V4 / TCP(dport=81), tag=5)),
    "fragment": ({CONTROL: ethernet.RULE_CONTROL_DESTINATION_PORT, ethernet.RULE_PORTS: 80 << 16},
                 frame(V4 / TCP(dport=80)), frame(IP(src="10.0.0.9", dst="10.0.0.1", frag=2) / TCP(dport=80))),
    "options": ({CONTROL: ethernet.RULE_CONTROL_DESTINATION_PORT, ethernet.RULE_PORTS: 80 << 16},
                frame(V4 / TCP(dport=80)),
                frame(IP(src="10.0.0.9", dst="10.0.0.1", options=b"\1\1\1\1") / TCP(dport=80))),
    "connection": ({CONTROL: ethernet.RULE_CONTROL_PROTOCOL | ethernet.RULE_CONTROL_SOURCE
                    | ethernet.RULE_CONTROL_DESTINATION | ethernet.RULE_CONTROL_SOURCE_PORT
                    | ethernet.RULE_CONTROL_DESTINATION_PORT, ethernet.RULE_TYPE: 6 << 16,
                    ethernet.RULE_SOURCE0: 0x0A000009, ethernet.RULE_DESTINATION0: 0x0A000001,
                    ethernet.RULE_PORTS: 80 << 16 | 4000}, frame(V4 / TCP(sport=4000, dport=80)),
                   frame(V4 / TCP(sport=4001, dport=80))),
}  # fmt: skip
"""Registers of a rule, a frame that it matches, and one that it does not."""


@pytest.mark.parametrize("index", [0, 7])
@pytest.mark.parametrize("kind", list(RULES))
@stimulus(queue_sets=2)
async def test_a_rule_steers_what_matches_it(rig: Rig, kind: str, index: int) -> None:
    words, matching, other = RULES[kind]
    own_default = index == 0
    default = 0 if own_default else ethernet.STEERING_DEFAULT
    queue = ethernet.RULE_CONTROL_QUEUE if own_default else 0
    host = await both_receive(rig, default)
    for place in (ethernet.RA_BASE + 8, ethernet.RA_BASE + 12):  # the address of rule "mac" is wanted by both
        value = 0x0000_0002 if place % 8 == 0 else 0x0700 | ethernet.RA_RAH_AV
        await rig.put(ETHERNET + place, value)
        await host.put(place, value)
    await host.get(ethernet.STATUS)
    await rule(rig, index, words | {CONTROL: words[CONTROL] | ethernet.RULE_CONTROL_VALID | queue})
    rig.card.wire.send(with_fcs(matching))
    rig.card.wire.send(with_fcs(other))
    await settle(2)
    to_host, to_own = (matching, other) if own_default else (other, matching)
    assert host.received() == [to_host]
    assert await own_received(rig) == [to_own]
    assert await host.get(ethernet.GPRC) == 1
    assert await host.get(ethernet.TPR) == 1


@stimulus(queue_sets=2)
async def test_no_address_that_the_host_names_is_card_memory(rig: Rig) -> None:
    await rig.start_ethernet(entries=ENTRIES)
    await steer(rig, NIC)
    host = HostSet(rig)
    high = MEMORY >> 32  # bit 63
    for register in (ethernet.TDBAH, ethernet.RDBAH):
        await host.put(register, high)
    await host.start()
    for index in range(2):
        rig.memory.write(RX_RING + 16 * index, struct.pack("<QQ", MEMORY | HOST_BUFFERS + 0x800 * index, 0))
    await host.put(ethernet.RDT, 2)
    places = (TX_RING, RX_RING, HOST_BUFFERS, HOST_DATA)
    before = [await rig.card.firmware.read(MEMORY + place, 64) for place in places]
    frames = [numbered(index, 60 + index) for index in range(3)]
    for each in frames[:2]:
        rig.card.wire.send(with_fcs(each))
    await settle(2)
    assert host.received() == frames[:2]
    rig.memory.write(HOST_DATA, frames[2])
    rig.memory.write(TX_RING, legacy(MEMORY | HOST_DATA, len(frames[2]), EOP | IFCS | RS))
    await host.put(ethernet.TDT, 1)
    await settle(1)
    assert [each for each, _, _ in rig.frames] == [with_fcs(frames[2])]
    assert rig.memory.read(TX_RING + 12, 1)[0] & 1, "done"
    assert [await rig.card.firmware.read(MEMORY + place, 64) for place in places] == before


@stimulus(queue_sets=2)
async def test_the_first_rule_that_matches_decides(rig: Rig) -> None:
    host = await both_receive(rig)
    valid = ethernet.RULE_CONTROL_VALID
    await rule(rig, 2, {CONTROL: valid | ethernet.RULE_CONTROL_PROTOCOL, ethernet.RULE_TYPE: 6 << 16})
    await rule(rig, 5, {CONTROL: valid | ethernet.RULE_CONTROL_QUEUE})
    frames = [frame(V4 / TCP()), frame(V4 / UDP()), numbered(3, 60)]
    for each in frames:
        rig.card.wire.send(with_fcs(each))
    await settle(3)
    assert await own_received(rig) == frames[:1]
    assert host.received() == frames[1:]


@pytest.mark.parametrize("bits", [0, ethernet.STEERING_BROADCAST, ethernet.STEERING_MULTICAST])
@stimulus(queue_sets=2)
async def test_group_frames_go_to_both_sets_when_they_shall(rig: Rig, bits: int) -> None:
    host = await both_receive(rig, bits)
    multicast = b"\x01\0\x5e\0\0\1"
    for write in (host.put, lambda offset, value: rig.put(ETHERNET + offset, value)):
        await write(ethernet.RCTL, EN_BAM | ethernet.RCTL_MPE)
    await host.get(ethernet.RCTL)
    frames = [numbered(index, 60, dst) for index, dst in enumerate((b"\xff" * 6, multicast, STATION))]
    for each in frames:
        rig.card.wire.send(with_fcs(each))
    await settle(3)
    assert await own_received(rig) == frames
    shared = {0: [], ethernet.STEERING_BROADCAST: frames[:1], ethernet.STEERING_MULTICAST: frames[1:2]}
    assert host.received() == shared[bits]


@stimulus(queue_sets=2)
async def test_the_owner_gets_all_and_its_filters_apply(rig: Rig) -> None:
    host = await both_receive(rig)
    for index, owner in enumerate((NIC, TOE)):
        await steer(rig, owner)
        rig.card.wire.send(with_fcs(numbered(index, 100)))
        rig.card.wire.send(with_fcs(numbered(index, 100, PEER)))  # wanted by nobody
        rig.card.wire.send(with_fcs(numbered(index, 100))[:-1] + b"x")
        await settle(3)
    await steer(rig, NIC)
    assert host.received() == [numbered(0, 100)]
    assert await own_received(rig) == [numbered(1, 100)]
    assert [await host.get(each) for each in (ethernet.TPR, ethernet.GPRC, ethernet.CRCERRS)] == [3, 1, 1]


@stimulus(queue_sets=2)
async def test_both_sets_send_in_turns(rig: Rig) -> None:
    await rig.start_ethernet(entries=ENTRIES)
    await steer(rig, BOTH)
    host = HostSet(rig)
    await host.start()
    await rig.put(ETHERNET + ethernet.CTRL, ethernet.CTRL_FD)  # no link: frames wait
    sizes = [1000, 400, 1514, 300]
    for index, size in enumerate(sizes):
        await rig.card.firmware.write(DATA + 0x800 * index, numbered(index, size, PEER))
    await rig.transmit(*(legacy(DATA + 0x800 * index, size, EOP | IFCS | RS) for index, size in enumerate(sizes)))
    await host.transmit(*(numbered(0x80 + index, 700, PEER) for index in range(4)))
    await host.get(ethernet.TDT)
    await sleep(60 * US)
    assert not rig.frames
    await rig.put(ETHERNET + ethernet.CTRL, ethernet.CTRL_FD | ethernet.CTRL_SLU)
    await rig.until(lambda: len(rig.frames) == 8)
    sent = [each[0] for each in rig.frames]
    assert sent[::2] == [with_fcs(numbered(index, size, PEER)) for index, size in enumerate(sizes)]
    assert sent[1::2] == [with_fcs(numbered(0x80 + index, 700, PEER)) for index in range(4)]
    gaps = [(later[1] - earlier[2]) // 8000 for earlier, later in zip(rig.frames, rig.frames[1:], strict=False)]
    assert gaps == [12] * 7
    await settle(0)
    assert await host.get(ethernet.TPT) == 4
    assert await rig.statistic(ethernet.TPT) == 4


@stimulus(queue_sets=2)
async def test_a_dry_ring_does_not_disturb_the_other_set(rig: Rig) -> None:
    host = await both_receive(rig, count=15, host_count=0)
    valid_type = ethernet.RULE_CONTROL_VALID | ethernet.RULE_CONTROL_TYPE
    await rule(rig, 0, {CONTROL: valid_type | ethernet.RULE_CONTROL_QUEUE, ethernet.RULE_TYPE: 0x88B6})
    mine = [numbered(index, 1000) for index in range(14)]
    for each in mine:
        rig.card.wire.send(with_fcs(each))
        for _ in range(6):
            rig.card.wire.send(with_fcs(each[:13] + b"\xb6" + each[14:]))
    await settle(7 * len(mine))
    assert await own_received(rig) == mine
    assert await host.get(ethernet.MPC) > 0
    assert await rig.statistic(ethernet.MPC) == 0
    await host.offer(15)
    await settle(15)
    assert host.received() == [each[:13] + b"\xb6" + each[14:] for each in sorted(mine * 6)][:15]


@stimulus(queue_sets=2)
async def test_a_part_of_a_register_cannot_be_written(rig: Rig) -> None:
    host = await both_receive(rig, ethernet.STEERING_DEFAULT)
    await host.put(ethernet.RDTR, 0x1234)
    await rig.card.host.write(BAR, ethernet.RDTR, b"\xaa")
    assert await host.get(ethernet.RDTR) == 0x1234
    assert await rig.get(BRIDGE + bridge.POSTED_DROPS) == 1


@stimulus(queue_sets=2)
async def test_flow_control_is_counted_where_the_mac_is_whoever_gets_the_frame(rig: Rig) -> None:
    await both_receive(rig, ethernet.STEERING_DEFAULT)
    await rig.put(ETHERNET + ethernet.FCAL, int.from_bytes(PAUSE[:4], "little"))
    await rig.put(ETHERNET + ethernet.FCAH, int.from_bytes(PAUSE[4:], "little"))
    await rig.put(ETHERNET + ethernet.FCT, 0x8808)
    await rig.put(ETHERNET + ethernet.CTRL, ethernet.CTRL_FD | ethernet.CTRL_SLU | ethernet.CTRL_RFCE)
    for opcode, time in ((1, 100), (1, 0), (5, 0)):
        rig.card.wire.send(control(time, opcode=opcode))
    await settle(3)
    for counter in (ethernet.XOFFRXC, ethernet.XONRXC, ethernet.FCRUC):
        assert await rig.statistic(counter) == 1, hex(counter)
    assert await rig.statistic(ethernet.TPR) == 0


@stimulus(queue_sets=2)
async def test_resets_of_the_sets(rig: Rig) -> None:
    host = await both_receive(rig, ethernet.STEERING_DEFAULT)
    await host.put(ethernet.RDTR, 5)
    await rig.put(ETHERNET + ethernet.TIDV, 6)
    await host.put(ethernet.CTRL, ethernet.CTRL_RST)
    await sleep(20 * US)
    assert await host.get(ethernet.RDTR) == 0
    assert await rig.get(ETHERNET + ethernet.TIDV) == 6
    rig.card.wire.send(with_fcs(numbered(1, 60)))  # nobody takes it: the set is off
    await settle(1)
    await steer(rig, BOTH)
    rig.card.wire.send(with_fcs(numbered(2, 60)))
    await settle(1)
    assert await own_received(rig) == [numbered(2, 60)]
    await host.put(ethernet.RDTR, 5)
    assert await host.get(ethernet.RDTR) == 5
    await rig.put(ETHERNET + ethernet.CTRL, ethernet.CTRL_RST)
    await sleep(20 * US)
    assert await rig.get(ETHERNET + ethernet.TIDV) == 0
    assert await rig.get(ETHERNET + ethernet.STEERING) == TOE
    await steer(rig, BOTH)
    assert await host.get(ethernet.RDTR) == 0


@stimulus(queue_sets=2)
async def test_the_host_is_interrupted_by_its_set(rig: Rig) -> None:
    await rig.start_ethernet(entries=ENTRIES)
    await steer(rig, NIC)
    host = HostSet(rig)
    await host.start(mask=ethernet.ICR_RXT0)
    await host.offer(4)
    await host.get(ethernet.RDT)
    for index in range(2):
        rig.card.wire.send(with_fcs(numbered(index, 60)))
        await rig.until(lambda index=index: len(rig.interrupts) == index + 1)
        assert await host.get(ethernet.ICR) & ethernet.ICR_RXT0
    assert host.received() == [numbered(0, 60), numbered(1, 60)]
