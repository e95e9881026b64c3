"""What the card is to the host: one table of identities and BARs, for configuration space and for the RTL.

`python -m models.host.pcie_personality` writes the table for the RTL (hdl/registers/generated/personality.vh).
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from pathlib import Path

CARD_MEMORY_BYTES = 16 << 20
HOST_QUEUES_BAR = 2
"""Of the TOE: registers of the host's Ethernet queue set."""
VERILOG = Path(__file__).resolve().parents[2] / "hdl" / "registers" / "generated" / "personality.vh"


class Target(enum.IntEnum):
    """What a BAR leads to (hdl/pci_bridge/pci_target.v)."""

    NOTHING = 0
    REGISTERS = 1
    CARD_MEMORY = 2
    IO_WINDOW = 3
    """IOADDR at +0, IODATA at +4 (82544: the registers through I/O space)."""


@dataclass(frozen=True)
class Bar:
    """A base address register: number, size in bytes (a power of two), and its attributes."""

    number: int
    size: int
    prefetchable: bool = False
    wide: bool = False
    """64 bits; takes the next number as well."""
    io: bool = False
    target: Target = Target.NOTHING


@dataclass(frozen=True)
class Personality:
    """What the function looks like in configuration space."""

    vendor_id: int
    device_id: int
    subsystem_vendor_id: int
    subsystem_id: int
    class_code: int
    bars: tuple[Bar, ...]
    msi_vectors: int
    """0: no MSI capability."""
    interrupt_pin: int = 1
    """1: INTA."""
    nic: bool = False
    """The strap `strap_nic`."""


def toe_personality(card_memory_bytes: int = CARD_MEMORY_BYTES, queue_sets: int = 1) -> Personality:
    """The TOE: BAR0 messaging unit, BAR1 window on card memory, with two queue sets BAR2 the host's; one MSI or INTA
    (docs/architecture.md)."""
    queues = (Bar(HOST_QUEUES_BAR, 128 << 10, target=Target.REGISTERS),) if queue_sets == 2 else ()
    return Personality(
        vendor_id=0x1234,
        device_id=0x70E0,
        subsystem_vendor_id=0x1234,
        subsystem_id=0x0001,
        class_code=0x02_80_00,
        bars=(
            Bar(0, 4096, target=Target.REGISTERS),
            Bar(1, card_memory_bytes, target=Target.CARD_MEMORY),
            *queues,
        ),
        msi_vectors=1,
    )


def nic_personality() -> Personality:
    """The 82544GC alone: BAR0 its registers, BAR2 the I/O window on them, INTA; no firmware, no MSI."""
    return Personality(
        vendor_id=0x8086,
        device_id=0x100C,
        subsystem_vendor_id=0x8086,
        subsystem_id=0x1112,
        class_code=0x02_00_00,
        bars=(
            Bar(0, 128 << 10, target=Target.REGISTERS),
            Bar(2, 8, io=True, target=Target.IO_WINDOW),
        ),
        msi_vectors=0,
        nic=True,
    )


def verilog_text() -> str:
    """The BARs of both personalities as Verilog constants; the size of card memory is a parameter there."""
    lines = [
        "// BARs of the personalities (TOE2: with two queue sets): what each leads to (2 bits a BAR from BAR0",
        "// on) and log2 of its bytes (8).",
        "// Written by `python -m models.host.pcie_personality` from the table there.",
    ]
    personalities = {"TOE": toe_personality(), "TOE2": toe_personality(queue_sets=2), "NIC": nic_personality()}
    for name, personality in personalities.items():
        targets = sizes = 0
        for bar in personality.bars:
            targets |= bar.target << 2 * bar.number
            if bar.target is not Target.CARD_MEMORY:
                sizes |= (bar.size - 1).bit_length() << 8 * bar.number
        lines.append(f"`define PERSONALITY_{name}_BAR_TARGETS 12'h{targets:03x}")
        lines.append(f"`define PERSONALITY_{name}_BAR_SIZES 48'h{sizes:012x}")
    memory = next(bar.number for bar in toe_personality().bars if bar.target is Target.CARD_MEMORY)
    lines.append(f"`define PERSONALITY_TOE_MEMORY_BAR {memory}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    VERILOG.write_text(verilog_text())
