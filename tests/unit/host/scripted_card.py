"""A card made of a message queue and a script: what the driver's tests talk to."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable

from firmware import messages
from firmware.messages import Command, Message
from firmware.registers import messaging_host as registers
from models import kernel
from models.ports import BusError, PhysicalMemory

NO_FRAME = 0xFFFF_FFFF


class ScriptedCard:
    """A HostPort; `answer(message)` gives the reply to each request, None for none (see `reply`)."""

    def __init__(
        self,
        answer: Callable[[Message], Message | None],
        frames: int = 8,
        ready_ps: int = 0,
        seed: int = 1,
        word: int = messages.READY_WORD,
    ) -> None:
        self.memory_bar = bytearray(1 << 20)
        self.answer = answer
        self.free = deque(0x1000 + index * messages.REQUEST_FRAME_BYTES for index in range(frames))
        self.replies: deque[int] = deque()
        self.given: deque[int] = deque()
        self.posted: kernel.Queue[int] = kernel.Queue()
        self.seen: list[Message] = []
        self.broken = False
        self._random = random.Random(f"scripted card {seed}")
        self._omr0 = 0
        self._om0 = False
        self._mask = 0xF
        self._level = False
        self._ready_ps = ready_ps
        self._word = word
        self.memory: PhysicalMemory | None = None
        self._interrupt: Callable[[int], None] = lambda vector: None

    def connect(self, memory: PhysicalMemory, interrupt: Callable[[int], None]) -> None:
        self.memory, self._interrupt = memory, interrupt

    async def start(self) -> None:
        await kernel.sleep(kernel.US)
        kernel.spawn(self._firmware(), "scripted firmware")

    async def read(self, bar: int, offset: int, length: int) -> bytes:
        await kernel.sleep(kernel.US)
        if self.broken:
            raise BusError("no answer")
        assert bar == 0 and length == 4
        value = 0
        if offset == registers.IQP:
            value = self.free.popleft() if self.free else NO_FRAME
        elif offset == registers.OQP:
            value = self.replies.popleft() if self.replies else NO_FRAME
        elif offset == registers.OMR0:
            value = self._omr0
        self._update()
        return value.to_bytes(4, "little")

    async def write(self, bar: int, offset: int, data: bytes) -> None:
        await kernel.sleep(100 * kernel.NS)
        if bar == 1:
            self.memory_bar[offset : offset + len(data)] = data
            return
        value = int.from_bytes(data, "little")
        if offset == registers.IQP:
            self.posted.put(value)
        elif offset == registers.OQP:
            assert value not in self.given, "a reply frame was given twice"
            self.given.append(value)
        elif offset == registers.OIMR:
            self._mask = value
        elif offset == registers.OISR and value & 1:
            self._om0 = False
        self._update()

    def _update(self) -> None:
        """An interrupt message when the line rises."""
        level = bool((int(self._om0) | (8 if self.replies else 0)) & ~self._mask)
        if level and not self._level:
            self._interrupt(0)
        self._level = level

    async def _firmware(self) -> None:
        await kernel.sleep(self._ready_ps)
        self._omr0, self._om0 = self._word, True
        self._update()
        while True:
            frame = await self.posted.get()
            message = Message.unpack(bytes(self.memory_bar[frame : frame + messages.REQUEST_FRAME_BYTES]))
            self.seen.append(message)
            await kernel.sleep(self._random.randrange(1, 20) * kernel.US)
            self.free.append(frame)
            reply = self.answer(message)
            if reply is not None:
                self.reply(reply)

    def reply(self, reply: Message) -> None:
        self.post(reply.pack())

    def post(self, content: bytes) -> None:
        frame = self.given.popleft()
        self.memory.write(frame, content)
        self.replies.append(frame)
        self._update()


class EchoFirmware:
    """Answers like a firmware whose every socket is connected to itself."""

    def __init__(self) -> None:
        self.card: ScriptedCard | None = None
        self.stream = bytearray()
        self.descriptors = iter(range(1025, 10_000))

    def __call__(self, message: Message) -> Message:
        value = 0
        if message.command == Command.SOCKET:
            value = next(self.descriptors)
        elif message.command in (Command.SEND, Command.RECV):
            block, rest = messages.TransferRequest.unpack(message.parameters)
            pieces = messages.unpack_pieces(rest, block.pieces)
            for piece in pieces:
                if message.command == Command.SEND:
                    part = self.card.memory.read(piece.address, piece.length)
                    self.stream += part
                else:
                    part = bytes(self.stream[: piece.length])
                    del self.stream[: piece.length]
                    self.card.memory.write(piece.address, part)
                value += len(part)
        return message.reply(0, messages.Result(value).pack())
