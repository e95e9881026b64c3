"""What a script runs on: HL-TCP with sockets above and a wire below, in simulated time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from firmware.stack import Stack
from firmware.tcp.config import TcpConfig
from models.host.sockets import Process
from models.packetdrill.settings import Options

LOCAL_MAC = bytes.fromhex("020000000001")
REMOTE_MAC = bytes.fromhex("020000000002")


class Backend(Protocol):
    """Made anew for each script. `sent(frame)` is called for each frame (without FCS) that HL-TCP has sent."""

    settle_ps: int
    """So long what has arrived takes until an application can see it."""
    slack_ns: int
    """So much later than the protocol by itself everything may happen."""
    sent: Callable[[bytes], None]
    process: Process

    async def start(self) -> None:
        """Bring everything up; afterwards sockets can be made."""

    def arrive(self, frame: bytes) -> None:
        """A frame (without FCS) comes in."""

    @property
    def stack(self) -> Stack:
        """The TCP/IP stack under test."""

    @property
    def counters(self) -> dict[str, int]:
        """Everything that is counted, by name."""


def make(on: str, config: TcpConfig, options: Options) -> Any:
    """The back-end of a name; KeyError for an unknown one."""
    from models.packetdrill import on_model, on_protocol

    return {"protocol": on_protocol.Protocol, "model": on_model.Model}[on](config, options)
