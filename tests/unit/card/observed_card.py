"""Notes what is read through a card's ports, and which accesses were refused, in the order of the accesses."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from models.ports import BusError, FirmwarePort, HostPort


class ObservedCard:
    """The card itself, with host and firmware port observed; `unobserved` is the card without."""

    def __init__(self, card: Any, trace: list[list[Any]]) -> None:
        self.unobserved = card
        self.firmware = _ObservedFirmwarePort(card.firmware, trace)
        self.host = _ObservedHostPort(card.host, trace)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.unobserved, name)


class _Observed:
    def __init__(self, port: Any, trace: list[list[Any]]) -> None:
        self._port = port
        self._trace = trace

    def __getattr__(self, name: str) -> Any:
        return getattr(self._port, name)

    async def _note(self, access: Awaitable[bytes | None], *what: Any) -> bytes | None:
        try:
            data = await access
        except BusError:
            self._trace.append([*what, "BusError"])
            raise
        if data:
            self._trace.append([*what, int.from_bytes(data, "little") if len(data) <= 4 else data.hex()])
        return data


class _ObservedFirmwarePort(_Observed):
    _port: FirmwarePort

    async def read(self, address: int, length: int) -> bytes:
        return await self._note(self._port.read(address, length), "firmware read", address)

    async def write(self, address: int, data: bytes) -> None:
        await self._note(self._port.write(address, data), "firmware write", address)


class _ObservedHostPort(_Observed):
    _port: HostPort

    async def read(self, bar: int, offset: int, length: int) -> bytes:
        return await self._note(self._port.read(bar, offset, length), "host read", bar, offset)

    async def write(self, bar: int, offset: int, data: bytes) -> None:
        await self._note(self._port.write(bar, offset, data), "host write", bar, offset)
