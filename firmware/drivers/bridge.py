"""PCI bridge and bus arbiter: the arbiter's policy, and errors on the host bus counted by cause."""

from __future__ import annotations

from firmware.processor import Bus
from firmware.registers import bridge, card
from firmware.statistics import Statistics

_CAUSES = {
    bridge.STATUS_UNSUPPORTED_REQUEST: ("bridge_unsupported_requests", bridge.UNSUPPORTED_REQUESTS),
    bridge.STATUS_COMPLETER_ABORT: ("bridge_completer_aborts", bridge.COMPLETER_ABORTS),
    bridge.STATUS_COMPLETION_ERROR: ("bridge_completion_errors", bridge.COMPLETION_ERRORS),
    bridge.STATUS_COMPLETION_TIMEOUT: ("bridge_completion_timeouts", bridge.COMPLETION_TIMEOUTS),
    bridge.STATUS_UNEXPECTED_COMPLETION: ("bridge_unexpected_completions", bridge.UNEXPECTED_COMPLETIONS),
    bridge.STATUS_BUS_MASTER_OFF: ("bridge_bus_master_off_drops", bridge.BUS_MASTER_OFF_DROPS),
    bridge.STATUS_POISONED: ("bridge_poisoned_tlps", bridge.POISONED_TLPS),
    bridge.STATUS_POSTED_DROP: ("bridge_posted_drops", bridge.POSTED_DROPS),
}


class BridgeDriver:
    """Takes the bridge's error interrupt; whoever asked for a failed access learns of it on its own way."""

    def __init__(self, bus: Bus, statistics: Statistics) -> None:
        self._bus = bus
        self._statistics = statistics
        self._counted: dict[int, int] = {}

    async def start(self, round_robin: bool) -> None:
        """Choose the arbiter's policy; errors from before are not ours."""
        base = card.BRIDGE_BASE
        await self._bus.write_register(base + bridge.ARBITER_CONTROL,
                                       bridge.ARBITER_CONTROL_ROUND_ROBIN if round_robin else 0)
        for _, register in _CAUSES.values():
            self._counted[register] = await self._bus.read_register(base + register)
        await self._bus.write_register(base + bridge.STATUS, 0xFFFFFFFF)
        await self._bus.write_register(base + bridge.MASK, 0)

    async def interrupt(self) -> None:
        """Clear the error status and count what has happened."""
        base = card.BRIDGE_BASE
        status = await self._bus.read_register(base + bridge.STATUS)
        await self._bus.write_register(base + bridge.STATUS, status)
        for bit, (name, register) in _CAUSES.items():
            if status & bit:
                count = await self._bus.read_register(base + register)
                self._statistics.count(name, (count - self._counted[register]) & 0xFFFFFFFF)
                self._counted[register] = count
