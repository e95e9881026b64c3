"""A User-Mode Linux process whose clock the simulation owns: it runs when it is let run, and takes no time for it.

The kernel runs with `time-travel=ext`: whenever it has nothing to do it says until when, and waits. Processing takes no
simulated time, but for 256 ns each time a process reads the clock (so that one that polls it gets on).
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
import select
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from models.network.linux.time_travel import NEVER_NS, SIZE, Message, Op
from models.network.linux.vhost_user import VhostUserDevice
from models.network.linux.virtqueue import GuestFault

SILENCE_S = 120
"""Wall time after which a guest that runs without a word is taken for hung."""
_CALENDAR = "calendar"
_PR_SET_PDEATHSIG = 1


class GuestError(Exception):
    """The guest is gone, hangs, or does what it must not; one line, with the last words of its console."""


class Clock(Protocol):
    """The simulation's time, in whole nanoseconds."""

    def now_ns(self) -> int: ...

    def quiet_until_ns(self) -> int:
        """Before this time nothing happens to the guest but what it does itself."""


class Guest:
    """Use: `boot()`, then `run()` whenever the time `next_ns` has come.

    Only `boot`, `run` and an interrupt of a device let the guest do anything; it is always waiting when they return.
    """

    def __init__(
        self,
        kernel_image: Path,
        clock: Clock,
        devices: Sequence[tuple[VhostUserDevice, int]],
        init: Sequence[str | Path],
        seed: int,
        console: Path,
        memory: str = "256M",
        variables: Sequence[str] = (),
    ) -> None:
        """`devices`: each with its virtio device number. `init`: the guest's first process and its arguments, in the
        machine's own file system, which the guest sees read-only; a Path may have blanks in it. `console`: where its
        words go.
        """
        self._kernel_image = kernel_image
        self._clock = clock
        self._devices = [device for device, _ in devices]
        self._device_ids = [number for _, number in devices]
        self._init = list(init)
        self._seed = seed
        self._console = console
        self._memory = memory
        self._variables = list(variables)
        self._folder: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._calendar: socket.socket | None = None
        self._listening: dict[int, tuple[socket.socket, Callable[[socket.socket], None]]] = {}
        self._serving: dict[int, Callable[[], None]] = {}
        self._poll = select.poll()
        self._waiting = False
        self._serial = 0
        self._guest_ns = 0
        self._reached_ns = 0  # a time that the guest's clock has not passed
        self.next_ns: int | None = None
        """When the guest wants to run next; None: only an interrupt wakes it."""
        self.requested: Callable[[], None] = lambda: None
        """Called when `next_ns` may have become earlier, other than by `run`."""

    def boot(self) -> None:
        """Start the process and let it run until it waits. Raises GuestError."""
        self._guest_ns = self._reached_ns = self._clock.now_ns()
        self._folder = folder = Path(tempfile.mkdtemp(prefix="linux-peer-"))
        self._listen(folder / _CALENDAR, self._calendar_comes)
        arguments = []
        for number, device in enumerate(self._devices):
            self._listen(folder / f"device{number}", self._device_comes(device))
            device.interrupt = functools.partial(self.interrupt, device)
            arguments.append(f"virtio_uml.device=device{number}:{self._device_ids[number]}")
        command = [
            str(self._kernel_image),
            f"mem={self._memory}",
            f"time-travel=ext:{_CALENDAR}",
            "time-travel-start=0",
            "con=null",
            "con0=null,fd:1",
            "root=hostfs",
            "rootfstype=hostfs",
            "rootflags=/",
            "ro",
            "norandmaps",
            "uml_dir=./",
            "umid=guest",
            *arguments,
            *self._variables,
            f"init={self._init[0]}",
            "--",
            *(self._without_blanks(each) for each in self._init[1:]),
        ]
        with self._console.open("wb") as console:
            self._process = subprocess.Popen(
                command,
                cwd=folder,
                env={"PATH": os.defpath, "HOME": str(folder), "SIMULATION_SEED": str(self._seed)},
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )
        self._serve_until_waiting()

    def run(self) -> None:
        """Let the guest do what it has asked for at `next_ns`, which has come, until it waits again. Raises GuestError.

        It need not ask for times before `clock.quiet_until_ns()`: nothing happens to it before.
        """
        while self.next_ns is not None and self.next_ns <= self._clock.now_ns():
            at_ns = self._guest_ns = self.next_ns
            self.next_ns = None
            self._waiting = False
            quiet_until_ns = self._clock.quiet_until_ns()
            if quiet_until_ns > at_ns:
                self._send(Op.FREE_UNTIL, quiet_until_ns)
                self._reached_ns = max(self._reached_ns, quiet_until_ns)
            self._send(Op.RUN, at_ns)
            self._serve_until_waiting()

    def interrupt(self, device: VhostUserDevice, index: int) -> None:
        """Tell the guest of something in a queue, and let it act on it. Raises GuestError."""
        assert self._waiting and device.backend is not None
        backend = device.backend
        self._reached_ns = max(self._reached_ns, self._clock.now_ns())
        try:
            backend.sendall(device.call_message(index))
            self._poll.register(backend, select.POLLIN)
            try:
                answered = False
                while not answered:
                    for fd in self._ready():
                        if fd == backend.fileno():
                            answered = len(backend.recv(device.reply_bytes)) == device.reply_bytes
                            if not answered:
                                raise ConnectionResetError("no answer to an interrupt")
                        else:
                            self._serving[fd]()
            finally:
                self._poll.unregister(backend)
        except (OSError, GuestFault) as error:
            raise self._failure(str(error)) from None
        self.run()
        self.requested()

    def close(self) -> None:
        """End the guest, whatever it does."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None
        for each in (self._calendar, *(listener for listener, _ in self._listening.values()), *self._devices):
            if each is not None:
                each.close()
        self._listening.clear()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    # Messages.

    def _serve_until_waiting(self) -> None:
        try:
            while not self._waiting:
                for fd in self._ready():
                    if fd in self._listening:
                        listener, comes = self._listening.pop(fd)
                        self._poll.unregister(fd)
                        comes(listener.accept()[0])
                        listener.close()
                    else:
                        self._serving[fd]()
        except (OSError, GuestFault, ValueError) as error:
            raise self._failure(str(error)) from None

    def _ready(self) -> list[int]:
        found = self._poll.poll(1000 * SILENCE_S if self._calendar is not None else 1000)
        if not found:
            if self._calendar is not None:
                raise GuestFault(f"it has not said a word for {SILENCE_S} s")
            assert self._process is not None
            if self._process.poll() is not None:
                raise GuestFault(f"it ended at once, with {self._process.returncode}")
        return [fd for fd, _ in found]

    def _serve_calendar(self) -> None:
        assert self._calendar is not None
        data = self._calendar.recv(SIZE, socket.MSG_WAITALL)
        if len(data) < SIZE:
            raise ConnectionResetError("it has ended")
        message = Message.from_bytes(data)
        time_ns = 0
        match message.op:
            case Op.ACK:
                return
            case Op.REQUEST:
                self.next_ns = None if message.time_ns >= NEVER_NS else message.time_ns
            case Op.WAIT:
                self._waiting = True
            case Op.UPDATE:
                self._guest_ns = message.time_ns
            case Op.GET | Op.GET_TOD:
                time_ns = self._reached_ns
            case _:
                pass
        self._calendar.sendall(Message(Op.ACK, message.seq, time_ns).to_bytes())

    def _send(self, op: Op, time_ns: int) -> None:
        assert self._calendar is not None
        self._serial += 1
        try:
            self._calendar.sendall(Message(op, self._serial, time_ns).to_bytes())
        except OSError as error:
            raise self._failure(str(error)) from None

    @property
    def now_ns(self) -> int:
        """The guest's clock when it makes something available to a device."""
        return self._guest_ns

    # Connections.

    def _without_blanks(self, argument: str | Path) -> str:
        """A kernel's command line has no way to write a blank: a path goes by a link."""
        if isinstance(argument, str):
            return argument
        assert self._folder is not None
        link = self._folder / argument.name
        link.symlink_to(argument.resolve())
        return str(link)

    def _listen(self, path: Path, comes: Callable[[socket.socket], None]) -> None:
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(str(path))
        listener.listen(1)
        self._listening[listener.fileno()] = (listener, comes)
        self._poll.register(listener, select.POLLIN)

    def _calendar_comes(self, connection: socket.socket) -> None:
        self._calendar = connection
        self._serve(connection, self._serve_calendar)

    def _device_comes(self, device: VhostUserDevice) -> Callable[[socket.socket], None]:
        def comes(connection: socket.socket) -> None:
            device.connected(connection)
            self._serve(connection, device.serve)

        return comes

    def _serve(self, connection: socket.socket, serve: Callable[[], None]) -> None:
        self._serving[connection.fileno()] = serve
        self._poll.register(connection, select.POLLIN)

    def _failure(self, reason: str) -> GuestError:
        words = ""
        with contextlib.suppress(OSError):
            lines = [each.strip() for each in self._console.read_text(errors="replace").splitlines() if each.strip()]
            panic = [each for each in lines if "panic" in each.lower()]
            words = (panic or lines or [""])[-1]
        self.close()
        return GuestError(f"the Linux guest: {reason} (console: {words[:200]}; all of it in {self._console})")


def _die_with_parent() -> None:
    """In the child: SIGKILL when the simulation ends, in whatever way."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
