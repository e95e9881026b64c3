"""Bench of ethernet_statistics: random events and reads against a reference; boundaries, saturation, octets."""

from __future__ import annotations

import os
import random
from typing import Any

import cocotb
from cocotb.clock import Clock
from cocotb.triggers import FallingEdge, RisingEdge

from firmware.registers import ethernet

CLOCKS = int(os.environ.get("OPERATIONS", "2000"))
FIRST = ethernet.CRCERRS
OCTETS = {
    (ethernet.GORCL, ethernet.GORCH): "good received",
    (ethernet.GOTCL, ethernet.GOTCH): "good sent",
    (ethernet.TORL, ethernet.TORH): "received",
    (ethernet.TOTL, ethernet.TOTH): "sent",
}
"""Registers of a 64-bit counter, cleared with the upper half, and what it counts."""
SINGLE = {
    "no_buffer": ethernet.RNBC, "segmented_sent": ethernet.TSCTC, "segmented_failed": ethernet.TSCTFC,
    "tx_read_failed": ethernet.TXRDERR, "tx_bad_send": ethernet.TXBADD, "tx_bad_fetch": ethernet.TXDESCERR,
    "rx_write_failed": ethernet.RXWRERR, "rx_bad_fetch": ethernet.RXDESCERR, "write_back_failed": ethernet.WBERR,
    "xon_sent": ethernet.XONTXC, "xoff_sent": ethernet.XOFFTXC, "xon_received": ethernet.XONRXC,
    "xoff_received": ethernet.XOFFRXC, "unsupported_control": ethernet.FCRUC,
}  # fmt: skip
FLAGS = ("tx_frame", "tx_multicast", "tx_broadcast", "rx_frame", "rx_for_us", "rx_fcs_error", "rx_error", "rx_short",
         "rx_long", "rx_good", "rx_missed", "rx_multicast", "rx_broadcast", *SINGLE)  # fmt: skip
SIZES = (60, 64, 65, 127, 128, 255, 256, 511, 512, 1023, 1024, 1518, 9000)
SENT_BY_SIZE = (ethernet.PTC64, ethernet.PTC127, ethernet.PTC255, ethernet.PTC511, ethernet.PTC1023, ethernet.PTC1522)
GOOD_BY_SIZE = (ethernet.PRC64, ethernet.PRC127, ethernet.PRC255, ethernet.PRC511, ethernet.PRC1023, ethernet.PRC1522)
LIMITS = (64, 127, 255, 511, 1023)
FULL = 0xFFFF_FFFF


def by_size(registers: tuple[int, ...], size: int) -> int:
    return registers[sum(size > limit for limit in LIMITS)]


def counted(flag: dict[str, bool], tx_bytes: int, rx_bytes: int) -> tuple[set[int], dict[str, int]]:
    """Registers that go up by one in a clock with these events, and octets (82544 SDM 13.7)."""
    up = {register for name, register in SINGLE.items() if flag[name]}
    octets: dict[str, int] = {}
    if flag["tx_frame"]:
        octets["sent"] = tx_bytes
        up.add(ethernet.TPT)
    if flag["tx_frame"] and tx_bytes >= 64:
        octets["good sent"] = tx_bytes
        up |= {ethernet.GPTC, by_size(SENT_BY_SIZE, tx_bytes)}
        up |= {ethernet.MPTC} if flag["tx_multicast"] else set()
        up |= {ethernet.BPTC} if flag["tx_broadcast"] else set()
    if flag["rx_frame"]:
        octets["received"] = rx_bytes
        up.add(ethernet.TPR)
        bad, ours = flag["rx_fcs_error"], flag["rx_for_us"]
        up |= {ethernet.RXERRC} if flag["rx_error"] and ours else set()
        up |= {ethernet.MPC} if flag["rx_missed"] else set()
        if not ours:
            pass
        elif flag["rx_short"]:
            up |= {ethernet.RLEC, ethernet.RFC if bad else ethernet.RUC}
        elif flag["rx_long"]:
            up |= {ethernet.RLEC, ethernet.RJC if bad else ethernet.ROC}
        elif bad:
            up.add(ethernet.CRCERRS)
        if flag["rx_good"]:
            octets["good received"] = rx_bytes
            up |= {ethernet.GPRC, by_size(GOOD_BY_SIZE, rx_bytes)}
            up |= {ethernet.MPRC} if flag["rx_multicast"] else set()
            up |= {ethernet.BPRC} if flag["rx_broadcast"] else set()
    return up, octets


class Reference:
    def __init__(self) -> None:
        self.counts: dict[int, int] = {}
        self.octets = dict.fromkeys(OCTETS, 0)

    def value(self, register: int) -> int:
        for (low, high), count in self.octets.items():
            if register in (low, high):
                return count >> 32 if register == high else count & FULL
        return self.counts.get(register, 0)

    def clock(self, read: int | None, up: set[int], octets: dict[str, int]) -> None:
        if read is not None:
            self.counts[read] = 0
        for register in up:
            self.counts[register] = min(FULL, self.counts.get(register, 0) + 1)
        for (low, high), what in OCTETS.items():
            kept = 0 if read == high else self.octets[low, high]
            self.octets[low, high] = kept + octets.get(what, 0)


async def begin(dut: Any) -> tuple[Reference, random.Random]:
    for name in (*FLAGS, "tx_bytes", "rx_bytes", "address", "read"):
        getattr(dut, name).value = 0
    dut.rst.value = 1
    cocotb.start_soon(Clock(dut.clk, 16, "ns").start())
    for _ in range(4):
        await RisingEdge(dut.clk)
    dut.rst.value = 0
    return Reference(), random.Random(cocotb.RANDOM_SEED)


async def clock(
    dut: Any, reference: Reference, flag: dict[str, bool], tx_bytes: int = 0, rx_bytes: int = 0, read: int | None = None
) -> None:
    """One clock with these events; the register that is read in it has the value it should have."""
    for name in FLAGS:
        getattr(dut, name).value = int(flag.get(name, False))
    dut.tx_bytes.value, dut.rx_bytes.value = tx_bytes, rx_bytes
    dut.read.value = int(read is not None)
    if read is not None:
        dut.address.value = read - FIRST
        await FallingEdge(dut.clk)
        assert int(dut.value.value) == reference.value(read), hex(read)
    reference.clock(read, *counted({name: flag.get(name, False) for name in FLAGS}, tx_bytes, rx_bytes))
    await RisingEdge(dut.clk)


def random_events(dice: random.Random) -> dict[str, bool]:
    flag = {name: dice.random() < 0.1 for name in SINGLE}
    flag["tx_frame"] = dice.random() < 0.4
    flag["rx_frame"] = dice.random() < 0.4
    flag["rx_for_us"] = dice.random() < 0.7
    kind = dice.choice(("", "multicast", "broadcast"))
    for way in ("tx", "rx"):
        flag |= {f"{way}_{name}": name == kind for name in ("multicast", "broadcast")}
    nature = dice.choice(("good", "good", "good", "missed", "fcs", "error", "short", "long", "short fcs", "long fcs"))
    flag |= {
        "rx_good": nature == "good", "rx_missed": nature == "missed", "rx_error": nature == "error",
        "rx_fcs_error": "fcs" in nature, "rx_short": "short" in nature, "rx_long": "long" in nature,
    }  # fmt: skip
    return flag


@cocotb.test()
async def every_event_is_counted_and_reading_clears(dut: Any) -> None:
    reference, dice = await begin(dut)
    registers = sorted({*SINGLE.values(), *SENT_BY_SIZE, *GOOD_BY_SIZE,
                        *(half for pair in OCTETS for half in pair), ethernet.TPT, ethernet.GPTC, ethernet.MPTC,
                        ethernet.BPTC, ethernet.TPR, ethernet.RXERRC, ethernet.RLEC, ethernet.RUC, ethernet.RFC,
                        ethernet.ROC, ethernet.RJC, ethernet.CRCERRS, ethernet.MPC, ethernet.GPRC, ethernet.MPRC,
                        ethernet.BPRC})  # fmt: skip
    for _ in range(CLOCKS):
        read = dice.choice(registers) if dice.random() < 0.2 else None
        sizes = [dice.choice((*SIZES, dice.randrange(60, 9235))) for _ in range(2)]
        await clock(dut, reference, random_events(dice), *sizes, read=read)
    for register in registers:
        await clock(dut, reference, {}, read=register)
    for register in registers:
        await clock(dut, reference, {}, read=register)
        assert reference.value(register) == 0


@cocotb.test()
async def sizes_fall_into_their_classes(dut: Any) -> None:
    reference, _ = await begin(dut)
    for size in SIZES:
        await clock(dut, reference, {"tx_frame": True, "rx_frame": True, "rx_good": True}, size, size)
        for register in (*SENT_BY_SIZE, *GOOD_BY_SIZE):
            await clock(dut, reference, {}, read=register)


@cocotb.test()
async def counters_stay_at_their_end_and_octets_carry(dut: Any) -> None:
    reference, _ = await begin(dut)
    for register in (ethernet.GPTC, ethernet.RNBC):
        dut.counter[(register - FIRST) // 4].value = reference.counts[register] = FULL - 2
    dut.tot_reg.value = reference.octets[ethernet.TOTL, ethernet.TOTH] = FULL - 1000
    for _ in range(5):
        await clock(dut, reference, {"tx_frame": True, "no_buffer": True}, 300)
    assert reference.value(ethernet.GPTC) == FULL and reference.value(ethernet.TOTH) == 1
    for register in (ethernet.GPTC, ethernet.RNBC, ethernet.TOTL, ethernet.TOTH, ethernet.TOTL, ethernet.GPTC):
        await clock(dut, reference, {}, read=register)
