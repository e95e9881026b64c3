"""The machine's own Linux at the other end of the wire: a TAP interface in real time, or the recording of such a run.

What the machine sends is recorded with the simulated time at which it enters, and so is the request to stop. Played
again (`kernel.pacer.Recorded`) they make the same run, without the interface and as fast as the simulation goes.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import json
import os
import signal
import struct
import threading
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from models import kernel
from models.kernel.pacer import Pacer, RealTime, Recorded
from models.network.ethernet_fcs import with_fcs
from models.network.peer import PeerInterface
from models.observation.capture import Capture, Direction, Interface, read_capture
from models.runner import REQUEST_VARIABLE

INPUTS_FILE = "inputs.pcapng"
SUMMARY_FILE = "summary.json"
STOP_PIPE = "stop"
"""A named pipe in the folder of the run: what is written to it ends the run."""
NAMESPACES = Path("/run/netns")
DEVICE = "tap0"
"""Name of the interface within its network namespace."""
LONGEST_FRAME = 1 << 16
RATE_BPS = 1_000_000_000
PATIENCE_PS = kernel.S
"""So long after its last frame a recording goes on whose end is not known."""

_TUNSETIFF = 0x400454CA
_IFF_TAP, _IFF_NO_PI = 0x0002, 0x1000
_CLONE_NEWNET = 0x40000000


class RecordingUnusable(Exception):
    """The folder does not hold a recorded run; the text is one line."""


class Line(Protocol):
    """Where frames come from and go to, as the simulation sees it; frames are without FCS."""

    arrived: kernel.Event
    """Something may be there for `read`; whoever finds nothing clears it."""
    stopped: kernel.Event
    pacer: Pacer

    def read(self) -> bytes | None:
        """The next frame; None if there is none at this time."""

    def write(self, frame: bytes) -> None: ...

    def close(self) -> None: ...


class LiveLine:
    """A TAP interface; what it brings is recorded in the folder of the run."""

    def __init__(self, namespace: str, out: Path) -> None:
        """Attaches to `DEVICE` in a network namespace of `ip netns`. Raises OSError."""
        self.arrived, self.stopped = kernel.Event(), kernel.Event()
        self.pacer = RealTime()
        self.refused = 0
        """Frames of the card that the machine did not take (the interface is down, or its queue full)."""
        self._tap = attach(namespace, DEVICE)
        self._stop = os.open(out / STOP_PIPE, os.O_RDWR | os.O_NONBLOCK)
        self.pacer.watch(self._tap, self.arrived)
        self.pacer.watch(self._stop, self.stopped)
        self._recording = Capture(out / INPUTS_FILE, [Interface("tap", "what came from outside, when it entered")])
        if REQUEST_VARIABLE in os.environ and threading.current_thread() is threading.main_thread():
            # in a simulator process: the one that has started it says when to stop
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)

    def read(self) -> bytes | None:
        try:
            frame = os.read(self._tap, LONGEST_FRAME)
        except BlockingIOError:
            return None
        except OSError:  # someone has removed the interface: nothing will come any more
            self.pacer.forget(self._tap)
            self.stopped.set()
            return None
        self._recording.write(0, kernel.now(), with_fcs(frame), Direction.INBOUND)
        self._recording.flush()
        return frame

    def write(self, frame: bytes) -> None:
        try:
            os.write(self._tap, frame)
        except OSError:
            self.refused += 1

    def close(self) -> None:
        self._recording.close()
        os.close(self._tap)
        os.close(self._stop)


class RecordedLine:
    """What a `LiveLine` has recorded."""

    def __init__(self, folder: Path) -> None:
        """Raises RecordingUnusable."""
        self.arrived, self.stopped = kernel.Event(), kernel.Event()
        self._frames = deque(recorded_frames(folder))
        inputs = [(time_ps, self.arrived) for time_ps, _ in self._frames]
        if has_ended(folder):
            inputs += [(time_ps, self.stopped) for time_ps in recorded_stop(folder)]
        else:
            last_ps = self._frames[-1][0] if self._frames else 0
            inputs.append((last_ps + PATIENCE_PS | 1, self.stopped))
        self.pacer = Recorded(sorted(inputs, key=lambda each: each[0]))

    def read(self) -> bytes | None:
        if self._frames and self._frames[0][0] <= kernel.now():
            return self._frames.popleft()[1]
        return None

    def write(self, frame: bytes) -> None:
        """The run's capture has it."""

    def close(self) -> None:
        """Nothing is open."""


def recorded_frames(folder: Path) -> list[tuple[int, bytes]]:
    """Time and frame (padded, without FCS) of each input. Raises RecordingUnusable."""
    path = folder / INPUTS_FILE
    frames = []
    try:
        for each in read_capture(path):
            frames.append((each.time_ps, each.data[:-4]))
    except FileNotFoundError:
        raise RecordingUnusable(f"{folder} is not the folder of a live run: there is no {INPUTS_FILE}") from None
    except OSError as error:
        raise RecordingUnusable(f"{path}: {error.strerror}") from None
    except (ValueError, IndexError, struct.error):
        if not frames:
            raise RecordingUnusable(f"{path} is not a recording, or is cut short in its first frame") from None
    return frames


def has_ended(folder: Path) -> bool:
    """Has the run come to its end, so that its recording and its capture are complete?"""
    return (folder / SUMMARY_FILE).exists()


def recorded_stop(folder: Path) -> list[int]:
    """When the run was asked to stop; empty if it has ended by itself. Raises RecordingUnusable."""
    path = folder / SUMMARY_FILE
    try:
        stop_ps = json.loads(path.read_text())["stopped_ps"]
    except (OSError, ValueError, KeyError, TypeError):
        raise RecordingUnusable(f"{path} is not the summary of a live run") from None
    return [stop_ps] if isinstance(stop_ps, int) else []


def attach(namespace: str, device: str) -> int:
    """A descriptor, not blocking, that reads and writes frames of a TAP interface in a namespace. Raises OSError.

    Checksums are complete and no frame is longer than the interface's MTU allows: without IFF_VNET_HDR Linux offloads
    nothing to a TAP interface.
    """
    libc = ctypes.CDLL(None, use_errno=True)

    def enter(descriptor: int) -> None:
        if libc.setns(descriptor, _CLONE_NEWNET):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))

    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    there = os.open(NAMESPACES / namespace, os.O_RDONLY | os.O_CLOEXEC)
    try:
        enter(there)
        try:
            tap = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
            try:
                request = struct.pack("16sH22x", device.encode(), _IFF_TAP | _IFF_NO_PI)
                fcntl.ioctl(tap, _TUNSETIFF, request)
            except BaseException:
                os.close(tap)
                raise
        finally:
            enter(home)
    finally:
        os.close(home)
        os.close(there)
    return tap


class TapPeer:
    """The machine at the end of a line. Its applications are the machine's programs: it has no sockets to offer.

    `stopped` is set when someone wants the run to end.
    """

    def __init__(self, line: Line) -> None:
        self.wire = PeerInterface(RATE_BPS)
        self.wire.arrived = line.write
        self.stopped = line.stopped
        self._line = line
        self._stopped_ps: int | None = None

    def start(self) -> None:
        """From here on time goes as the line says."""
        kernel.pace(self._line.pacer)
        kernel.spawn(self._transmit(), "TAP")
        kernel.spawn(self._note_stop(), "TAP stop")

    async def ready(self) -> None:
        """Until applications may use it: at once."""

    async def finish(self, out: Path) -> None:
        """The recording is complete."""
        self._line.close()

    def drops(self) -> dict[str, int]:
        """What it has dropped, by cause, for the summary: what the machine drops is not of the simulation."""
        return {}

    def details(self) -> dict[str, Any]:
        """For the summary: when it was asked to stop, which is what a repetition must know beside the frames."""
        return {"stopped_ps": self._stopped_ps}

    async def socket(self) -> Any:
        """Raises OSError."""
        raise OSError(errno.EOPNOTSUPP, "PEER=tap has no sockets: its applications are programs of this machine")

    async def listen(self, port: int, backlog: int = 128) -> Any:
        """Raises OSError."""
        return await self.socket()

    async def connect(self, address: tuple[str, int]) -> Any:
        """Raises OSError."""
        return await self.socket()

    async def _transmit(self) -> None:
        line = self._line
        while True:
            frame = line.read()
            if frame is not None:
                await self.wire.transmit(frame)
                continue
            line.arrived.clear()
            await line.arrived

    async def _note_stop(self) -> None:
        await self.stopped
        self._stopped_ps = kernel.now()


def stop(out: Path) -> None:
    """Ask the live run whose folder this is to end; no effect if there is none."""
    with suppress(OSError):
        pipe = os.open(out / STOP_PIPE, os.O_WRONLY | os.O_NONBLOCK)
        os.write(pipe, b"stop\n")
        os.close(pipe)
