"""Transmit merger and receive steering under random traffic: nothing lost, doubled, reordered or in the wrong set."""

from __future__ import annotations

import os
import random
from collections import deque
from dataclasses import dataclass
from typing import Any

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, RisingEdge

from firmware.registers import ethernet

FRAMES = int(os.environ.get("OPERATIONS", "400"))
"""Of each set through the merger; the steering gets twice as many."""
BOTH = 2
INPUTS = ("s_data", "s_last", "s_valid", "m_ready", "write", "write_address", "write_data", "read_address", "host_rst",
          "rx_data", "rx_last", "rx_valid", "tag_inside")  # fmt: skip


async def reset(dut: Any) -> random.Random:
    for name in INPUTS:
        getattr(dut, name).value = 0
    dut.rst.value = 1
    cocotb.start_soon(Clock(dut.clk, 16, "ns").start())
    for _ in range(4):
        await RisingEdge(dut.clk)
    dut.rst.value = 0
    return random.Random(cocotb.RANDOM_SEED)


# ---- merger


class Source:
    """Frames of one set as words {set, frame, word, random}; pauses between words too."""

    def __init__(self, index: int, dice: random.Random, frames: int, eagerness: float) -> None:
        self.dice, self.eagerness = dice, eagerness
        self.words: deque[tuple[int, bool]] = deque()
        for number in range(frames):
            length = dice.choice([1, 2, 3, 8, dice.randrange(1, 40)])
            for word in range(length):
                data = index << 63 | number << 44 | word << 32 | dice.getrandbits(32)
                self.words.append((data, word == length - 1))
        self.sent = list(self.words)
        self.offered = False

    def step(self) -> tuple[int, bool, bool]:
        self.offered = bool(self.words) and (self.offered or self.dice.random() < self.eagerness)
        data, last = self.words[0] if self.words else (0, False)
        return data, last, self.offered

    def taken(self) -> None:
        self.words.popleft()
        self.offered = False


@cocotb.test()
async def frames_of_both_sets_leave_whole_and_in_turns(dut: Any) -> None:
    dice = await reset(dut)
    for eagerness, readiness in ((1.0, 1.0), (1.0, 0.3), (0.5, 1.0), (0.3, 0.7)):
        sources = [Source(index, dice, FRAMES // 4, eagerness) for index in (0, 1)]
        arrived: list[list[tuple[int, bool]]] = [[], []]
        open_set: int | None = None
        last_set: int | None = None
        held: int | None = None
        clocks = 0
        while any(source.words for source in sources):
            await RisingEdge(dut.clk)
            (data0, last0, valid0), (data1, last1, valid1) = (source.step() for source in sources)
            dut.s_data.value = data1 << 64 | data0
            dut.s_last.value = last1 << 1 | last0
            dut.s_valid.value = valid1 << 1 | valid0
            ready = dice.random() < readiness
            dut.m_ready.value = int(ready)
            await FallingEdge(dut.clk)
            clocks += 1
            valid = bool(dut.m_valid.value)
            assert valid == (valid0 or valid1 if open_set is None else (valid0, valid1)[open_set])
            if not valid:
                continue
            word, which = int(dut.m_data.value), int(dut.m_dest.value)
            assert held is None or held == word, "a word that was offered has changed"
            assert word >> 63 == which
            assert int(dut.m_rest.value) == word & 0xFF and int(dut.m_tag.value) == word >> 8 & 0x1FFFF
            assert int(dut.s_ready.value) == (ready << which)
            if open_set is None and held is None and valid0 and valid1 and last_set is not None:
                assert which != last_set, "not in turns"
            assert open_set in (None, which), "a frame was interrupted"
            open_set, last_set = which, which
            held = None if ready else word
            if ready:
                sources[which].taken()
                arrived[which].append((word, bool(dut.m_last.value)))
                if dut.m_last.value:
                    open_set = None
        for index, source in enumerate(sources):
            assert arrived[index] == source.sent
        assert int(dut.monitor_failed.value) == 0, "rule of a stream broken: see the lines MONITOR"
        if eagerness == readiness == 1.0:
            assert clocks == sum(len(source.sent) for source in sources), "a clock was lost"
        await RisingEdge(dut.clk)
        dut.s_valid.value = 0


# ---- steering

RULES = ethernet.RULE_COUNT
MACS = [b"\xff" * 6, b"\x01\0\x5e\0\0\1", b"\2\0\0\0\0\1", b"\2\0\0\0\0\2"]
ADDRESSES = {4: [bytes([10, 0, 0, last]) for last in (1, 2)],
             6: [bytes.fromhex("fe80") + bytes(13) + bytes([last]) for last in (1, 2)]}  # fmt: skip
PORTS = [80, 5001]
FIELDS = ("mac", "type", "protocol", "source", "destination", "source_port", "destination_port")


@dataclass
class Frame:
    """Its fields, None where it has none, and its bytes."""

    fields: dict[str, object]
    content: bytes
    tagged: bool


def random_frame(dice: random.Random) -> Frame:
    version = dice.choice([0, 4, 4, 6, 6])
    mac, protocol = dice.choice(MACS), dice.choice([6, 17, 1])
    fields: dict[str, object] = dict.fromkeys(FIELDS)
    fields["mac"] = mac
    ports = [dice.choice(PORTS), dice.choice(PORTS)]
    body = b"".join(port.to_bytes(2, "big") for port in ports)
    whole = True
    if version == 0:
        kind, packet = 0x88B5, dice.randbytes(60)
    else:
        kind = {4: 0x0800, 6: 0x86DD}[version]
        source, destination = dice.choice(ADDRESSES[version]), dice.choice(ADDRESSES[version])
        fields |= {"protocol": protocol, "source": source, "destination": destination}
        if version == 4:
            words = dice.choice([5, 5, 5, 6])
            fragment = dice.choice([0, 0, 0x4000, 0x2000, 0x2000, 0x0001])
            whole = words == 5 and not fragment & 0x3FFF
            packet = bytes([0x40 | words, 0, 0, 0, 0, 0, *fragment.to_bytes(2, "big"), 64, protocol, 0, 0])
            packet += source + destination + dice.randbytes(4 * (words - 5)) + body
        else:
            packet = b"\x60\0\0\0\0\0" + bytes([protocol, 64]) + source + destination + body
        if whole and protocol != 1:
            fields["source_port"], fields["destination_port"] = ports
    fields["type"] = kind
    tagged = dice.random() < 0.3
    content = mac + dice.randbytes(6) + (b"\x81\0" + dice.randbytes(2) if tagged else b"") + kind.to_bytes(2, "big")
    content += packet
    content += dice.randbytes(dice.choice([0, 1, 9, 100]))
    content = content.ljust(64, b"\x55")
    if dice.random() < 0.1:  # too short to have headers
        content = content[: dice.randrange(9, 57)]
        fields = {"mac": mac}
    return Frame(fields, content, tagged)


def random_rule(dice: random.Random) -> dict[str, object]:
    version = dice.choice([4, 6])
    asked = dice.sample(FIELDS, dice.choice([0, 1, 1, 2, 3]))
    values = {
        "mac": dice.choice(MACS), "type": dice.choice([0x0800, 0x86DD, 0x88B5]), "protocol": dice.choice([6, 17, 1]),
        "source": dice.choice(ADDRESSES[version]), "destination": dice.choice(ADDRESSES[version]),
        "source_port": dice.choice(PORTS), "destination_port": dice.choice(PORTS),
    }  # fmt: skip
    return {field: values[field] for field in asked}


def rule_words(rule: dict[str, object], queue: int, valid: bool) -> dict[int, int]:
    control = queue * ethernet.RULE_CONTROL_QUEUE | valid * ethernet.RULE_CONTROL_VALID
    for field in rule:
        control |= getattr(ethernet, f"RULE_CONTROL_{field.upper()}")
    mac = rule.get("mac", bytes(6))
    words = {
        ethernet.RULE_CONTROL: control,
        ethernet.RULE_MAC_LOW: int.from_bytes(mac[:4], "little"),
        ethernet.RULE_MAC_HIGH: int.from_bytes(mac[4:], "little"),
        ethernet.RULE_TYPE: rule.get("type", 0) | rule.get("protocol", 0) << 16,
        ethernet.RULE_PORTS: rule.get("source_port", 0) | rule.get("destination_port", 0) << 16,
    }
    for name, base in (("source", ethernet.RULE_SOURCE0), ("destination", ethernet.RULE_DESTINATION0)):
        address = rule.get(name, b"").ljust(16, b"\0")
        for word in range(4):
            words[base + 4 * word] = int.from_bytes(address[4 * word : 4 * word + 4], "big")
    return words


async def put(dut: Any, address: int, value: int) -> None:
    await RisingEdge(dut.clk)
    dut.write.value, dut.write_address.value, dut.write_data.value = 1, address, value
    dut.read_address.value = address
    await RisingEdge(dut.clk)
    dut.write.value = 0
    await FallingEdge(dut.clk)
    assert int(dut.read_value.value) == value, hex(address)


@cocotb.test()
async def each_frame_gets_to_the_sets_that_it_is_for(dut: Any) -> None:
    dice = await reset(dut)
    rules: list[tuple[dict[str, object], int, bool]] = [({}, 0, False)] * RULES
    control, both_ways = 0, 0
    for number in range(2 * FRAMES):
        if number % 20 == 0:
            rules = [(random_rule(dice), dice.getrandbits(1), dice.random() < 0.7) for _ in range(RULES)]
            for index, (rule, queue, valid) in enumerate(rules):
                for address, value in rule_words(rule, queue, valid).items():
                    await put(dut, address + index * ethernet.RULE_STRIDE, value)
        if number % 3 == 0:
            owner = dice.choice([0, 1, BOTH, BOTH, BOTH, BOTH, 3])
            control = owner | dice.getrandbits(3) << 2
            await put(dut, ethernet.STEERING, control)
            assert bool(dut.host_enabled.value) == (owner != 0)
        owner = control & 3
        frame = random_frame(dice)
        broken = dice.random() < 0.1  # set 1 is reset while the frame comes
        turned = not broken and dice.random() < 0.1  # the owner changes meanwhile: counts from the next frame on
        words = [frame.content[at : at + 8].ljust(8, b"\xaa") for at in range(0, len(frame.content), 8)]
        at_word = dice.randrange(len(words))
        seen_by_host = 0
        for index, word in enumerate(words):
            while dice.random() < 0.3:
                await RisingEdge(dut.clk)
                dut.rx_valid.value = 0
                dut.host_rst.value = 0
                dut.write.value = 0
            await RisingEdge(dut.clk)
            dut.rx_data.value = int.from_bytes(word, "little")
            dut.rx_last.value = int(index == len(words) - 1)
            dut.rx_valid.value = 1
            dut.host_rst.value = int(broken and index == at_word)
            dut.write.value = int(turned and index == at_word and index > 0)
            if turned and index == at_word and index > 0:
                control = control & ~3 | dice.choice([other for other in range(4) if other != owner])
                dut.write_address.value, dut.write_data.value = ethernet.STEERING, control
            await FallingEdge(dut.clk)
            seen_by_host += int(dut.host_pass.value)
        await RisingEdge(dut.clk)
        dut.rx_valid.value = dut.rx_last.value = dut.host_rst.value = dut.write.value = 0
        dut.tag_inside.value = int(frame.tagged)
        await FallingEdge(dut.clk)  # the clock of the verdict
        found = int(dut.dest.value)
        multicast, broadcast = frame.fields["mac"][0] & 1, frame.fields["mac"] == b"\xff" * 6
        if owner == 0:
            expected = 1
        elif owner == 1:
            expected = 2
        elif multicast and control & (ethernet.STEERING_BROADCAST if broadcast else ethernet.STEERING_MULTICAST):
            expected = 3
            both_ways += 1
        else:
            queue = bool(control & ethernet.STEERING_DEFAULT)
            if len(frame.fields) > 1:
                for rule, chosen, valid in rules:
                    if valid and all(frame.fields[field] == value for field, value in rule.items()):
                        queue = bool(chosen)
                        break
            expected = 1 << queue
        if broken:
            expected &= 1
        assert found == expected, f"frame {number}: {found} instead of {expected}, owner {owner}, {frame}, {rules}"
        whole = seen_by_host == len(words)
        assert whole == (owner != 0 and not broken), "set 1 sees whole frames, or is not asked for them"
        if owner == 0:
            assert seen_by_host == 0
    assert both_ways > 5
