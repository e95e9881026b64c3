"""What cocotbext-pcie's configuration space lacks: INTx messages and function-level reset."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cocotbext.pcie.core.tlp import Tlp, TlpType

from models.host.pcie_personality import Personality

ASSERT_INTA = 0x20
DEASSERT_INTA = 0x24
"""Message codes (PCI Express Base Specification 2.2.8.1)."""


def personify(function: Any, personality: Personality) -> None:
    """Give the function its identity, BARs and capabilities."""
    function.vendor_id = personality.vendor_id
    function.device_id = personality.device_id
    function.subsystem_vendor_id = personality.subsystem_vendor_id
    function.subsystem_id = personality.subsystem_id
    function.class_code = personality.class_code
    function.interrupt_pin = personality.interrupt_pin
    function.pcie_cap.function_level_reset_capability = True
    if not personality.msi_vectors:
        function.deregister_capability(function.msi_cap)
    for bar in personality.bars:
        function.configure_bar(bar.number, bar.size, bar.wide, bar.prefetchable, bar.io)


def on_function_reset(function: Any, begin: Callable[[], None]) -> None:
    """Call `begin` when the host initiates a function-level reset; configuration is as after power-on by then.

    What the host has to restore: command register, BARs, MSI, device control (7.5.3.4).
    """
    bars = list(function.bar)

    async def initiate() -> None:
        function.bus_master_enable = function.memory_space_enable = function.io_space_enable = False
        function.interrupt_disable = False
        function.bar[:] = bars
        function.msi_cap.msi_enable = False
        function.msi_cap.msi_multiple_message_enable = 0
        function.msi_cap.msi_mask_bits = 0
        function.pcie_cap.max_payload_size = 0
        function.pcie_cap.max_read_request_size = 2
        begin()

    function.pcie_cap.initiate_function_level_reset = initiate


def intx_message(level: bool, function: Any) -> Tlp:
    """The message that tells the root complex of a new level of INTA."""
    tlp = Tlp()
    tlp.fmt_type = TlpType.MSG_LOCAL
    tlp.requester_id = function.pcie_id
    code = ASSERT_INTA if level else DEASSERT_INTA
    tlp.first_be, tlp.last_be = code & 0xF, code >> 4
    return tlp


def intx_level(message: Tlp) -> bool:
    """Level of INTA after `message`; raises ValueError when it says something else."""
    code = message.last_be << 4 | message.first_be
    if code not in (ASSERT_INTA, DEASSERT_INTA):
        raise ValueError(f"message {code:#x}")
    return code == ASSERT_INTA
