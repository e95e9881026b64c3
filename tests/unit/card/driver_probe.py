"""The register accesses of a stock 82544 driver: EEPROM bit by bit, PHY through MDIC, reset, tables, rings."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from firmware.registers import ethernet
from models.kernel import US, sleep
from tests.unit.card.stimuli import ETHERNET, Rig

READ_OPCODE, OPCODE_BITS, ADDRESS_BITS = 0b110, 3, 6
PHY = 1


class Driver:
    """Each access is one that such a driver makes, STATUS reads as write flushes among them.

    `get` and `put` reach the registers wherever the driver sits, and `glance` reads one as often as it takes until it
    changes. `accesses` are the kinds ("read", "write") and offsets of all that was done, `phy_registers` those of MDIC.
    """

    def __init__(
        self,
        get: Callable[[int], Awaitable[int]],
        put: Callable[[int, int], Awaitable[None]],
        glance: Callable[[int], Awaitable[int]] | None = None,
    ) -> None:
        self._get, self._put = get, put
        self._glance = glance or get
        self.accesses: set[tuple[str, int]] = set()
        self.phy_registers: set[int] = set()

    @classmethod
    def of_firmware(cls, rig: Rig) -> Driver:
        """At the firmware's port of a TOE."""

        async def glance(offset: int) -> int:
            data = await rig.card.unobserved.firmware.read(ETHERNET + offset, 4)
            return int.from_bytes(data, "little")

        return cls(
            lambda offset: rig.get(ETHERNET + offset), lambda offset, value: rig.put(ETHERNET + offset, value), glance
        )

    async def get(self, offset: int) -> int:
        self.accesses.add(("read", offset))
        return await self._get(offset)

    async def put(self, offset: int, value: int) -> None:
        self.accesses.add(("write", offset))
        await self._put(offset, value)

    async def poll(self, offset: int, condition: Callable[[int], bool]) -> int:
        """Read a register every microsecond until its value is right."""
        self.accesses.add(("read", offset))
        for _ in range(10_000):
            value = await self._glance(offset)
            if condition(value):
                return value
            await sleep(US)
        raise AssertionError(f"register {offset:#x} does not change")

    async def flush(self) -> None:
        await self.get(ethernet.STATUS)

    # ---- EEPROM

    async def _eecd(self, eecd: int, flush: bool = False) -> int:
        await self.put(ethernet.EECD, eecd)
        if flush:
            await self.flush()
        return eecd

    async def clock(self, eecd: int) -> int:
        """SK rises and falls."""
        await self._eecd(eecd | ethernet.EECD_SK, flush=True)
        return await self._eecd(eecd & ~ethernet.EECD_SK)

    async def shift_out(self, value: int, count: int) -> int:
        """Bits to the EEPROM, the highest first; returns EECD."""
        eecd = await self.get(ethernet.EECD) & ~(ethernet.EECD_DO | ethernet.EECD_DI)
        for bit in range(count - 1, -1, -1):
            eecd &= ~ethernet.EECD_DI
            if value >> bit & 1:
                eecd |= ethernet.EECD_DI
            await self._eecd(eecd, flush=True)
            eecd = await self.clock(eecd)
        return await self._eecd(eecd & ~ethernet.EECD_DI)

    async def shift_in(self, count: int) -> int:
        eecd = await self.get(ethernet.EECD) & ~(ethernet.EECD_DO | ethernet.EECD_DI)
        data = 0
        for _ in range(count):
            await self._eecd(eecd | ethernet.EECD_SK)
            answer = await self.get(ethernet.EECD)
            data = data << 1 | bool(answer & ethernet.EECD_DO)
            await self._eecd(eecd & ~ethernet.EECD_SK)
        return data

    async def select(self) -> None:
        eecd = await self.get(ethernet.EECD)
        eecd = await self._eecd(eecd & ~(ethernet.EECD_DI | ethernet.EECD_SK))
        await self._eecd(eecd | ethernet.EECD_CS)

    async def standby(self) -> None:
        """CS falls and rises: the EEPROM waits for a command."""
        eecd = await self._eecd(await self.get(ethernet.EECD) & ~(ethernet.EECD_CS | ethernet.EECD_SK), flush=True)
        eecd = await self.clock(eecd)
        await self._eecd(eecd | ethernet.EECD_CS)

    async def release(self) -> None:
        await self._eecd(await self.get(ethernet.EECD) & ~(ethernet.EECD_CS | ethernet.EECD_DI))

    async def read_eeprom(self, first: int, count: int = 1) -> list[int]:
        words = []
        await self.select()
        for address in range(first, first + count):
            await self.shift_out(READ_OPCODE, OPCODE_BITS)
            await self.shift_out(address, ADDRESS_BITS)
            words.append(await self.shift_in(16))
            await self.standby()
        await self.release()
        return words

    # ---- PHY

    async def mdic(self, operation: int, register: int, data: int = 0, phy: int = PHY, interrupt: bool = False) -> int:
        await self.put(
            ethernet.MDIC,
            data
            | register << ethernet.MDIC_REGADD_LSB
            | phy << ethernet.MDIC_PHYADD_LSB
            | operation << ethernet.MDIC_OP_LSB
            | (ethernet.MDIC_I if interrupt else 0),
        )
        self.phy_registers.add(register)
        return await self.poll(ethernet.MDIC, lambda value: bool(value & ethernet.MDIC_READY))

    async def read_phy(self, register: int) -> int:
        value = await self.mdic(2, register)
        assert not value & ethernet.MDIC_ERROR
        return value & ethernet.MDIC_DATA

    async def write_phy(self, register: int, data: int) -> None:
        assert not await self.mdic(1, register, data) & ethernet.MDIC_ERROR

    # ---- the whole

    async def write_reset(self, ctrl: int) -> None:
        """CTRL with RST."""
        await self.put(ethernet.CTRL, ctrl)

    async def reset(self) -> None:
        await self.put(ethernet.IMC, 0xFFFFFFFF)
        await self.put(ethernet.RCTL, 0)
        await self.put(ethernet.TCTL, ethernet.TCTL_PSP)
        await self.flush()
        await self.write_reset(await self.get(ethernet.CTRL) | ethernet.CTRL_RST)
        await self.poll(ethernet.CTRL, lambda value: not value & ethernet.CTRL_RST)
        await self.put(ethernet.CTRL_EXT, await self.get(ethernet.CTRL_EXT) | ethernet.CTRL_EXT_EE_RST)
        await self.flush()
        await self.put(ethernet.IMC, 0xFFFFFFFF)
        await self.get(ethernet.ICR)
