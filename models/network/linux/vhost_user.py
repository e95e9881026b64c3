"""The back-end of a device that User-Mode Linux reaches over vhost-user (docs/interop/vhost-user of QEMU).

Notifications are in band (VHOST_USER_PROTOCOL_F_INBAND_NOTIFICATIONS), so that each has its place in simulated time.
"""

from __future__ import annotations

import array
import enum
import os
import socket
import struct
from collections.abc import Callable

from models.network.linux.virtqueue import GuestFault, GuestMemory, Virtqueue

_HEADER = struct.Struct("<III")
_U64 = struct.Struct("<Q")
_STATE = struct.Struct("<II")
_ADDRESSES = struct.Struct("<IIQQQQ")
_REGIONS = struct.Struct("<II")
_REGION = struct.Struct("<QQQQ")
_CONFIG = struct.Struct("<III")
_VERSION, _REPLY, _NEED_REPLY = 1, 1 << 2, 1 << 3
_INDEX_MASK = 0xFF
_MOST_FDS = 8
VRING_CALL = 4
"""VHOST_USER_BACKEND_VRING_CALL, to the guest."""

F_EVENT_IDX, F_PROTOCOL_FEATURES, F_VERSION_1 = 1 << 29, 1 << 30, 1 << 32
PROTOCOL_REPLY_ACK, PROTOCOL_BACKEND_REQ, PROTOCOL_CONFIG, PROTOCOL_INBAND = 1 << 3, 1 << 5, 1 << 9, 1 << 14


class Request(enum.IntEnum):
    """enum VhostUserRequest, as far as User-Mode Linux uses it."""

    GET_FEATURES = 1
    SET_FEATURES = 2
    SET_OWNER = 3
    SET_MEM_TABLE = 5
    SET_VRING_NUM = 8
    SET_VRING_ADDR = 9
    SET_VRING_BASE = 10
    GET_VRING_BASE = 11
    SET_VRING_KICK = 12
    SET_VRING_CALL = 13
    SET_VRING_ERR = 14
    GET_PROTOCOL_FEATURES = 15
    SET_PROTOCOL_FEATURES = 16
    SET_VRING_ENABLE = 18
    SET_BACKEND_REQ_FD = 21
    GET_CONFIG = 24
    SET_CONFIG = 25
    VRING_KICK = 35


class _Ring:
    """What the guest has said about a queue before it is used."""

    def __init__(self) -> None:
        self.size = 0
        self.base = 0
        self.addresses: tuple[int, int, int] | None = None
        self.queue: Virtqueue | None = None


class VhostUserDevice:
    """One device: `serve()` answers a message of the guest; queues are ready once the guest has enabled them.

    A subclass says which `features` it has and what its `config` space holds, and is told by `kicked(index)`.
    """

    features = 0

    def __init__(self, queues: int) -> None:
        self._rings = [_Ring() for _ in range(queues)]
        self._socket: socket.socket | None = None
        self._backend: socket.socket | None = None
        self._memory: GuestMemory | None = None
        self.negotiated = 0
        self.interrupt: Callable[[int], None] = lambda index: None
        """Called to tell the guest that there is something in a queue: by whoever owns the guest's clock."""

    def config(self) -> bytes:
        """The device's configuration space."""
        return b""

    def kicked(self, index: int) -> None:
        """The guest has made buffers of a queue available."""

    def connected(self, connection: socket.socket) -> None:
        """The guest's driver is there."""
        self._socket = connection

    def queue(self, index: int) -> Virtqueue | None:
        """None until the driver has set it up."""
        return self._rings[index].queue

    def call_message(self, index: int) -> bytes:
        """What is sent over `backend` to interrupt the guest; it answers with `reply_bytes` bytes."""
        return _HEADER.pack(VRING_CALL, _VERSION | _NEED_REPLY, _STATE.size) + _STATE.pack(index, 0)

    reply_bytes = _HEADER.size + _U64.size

    @property
    def backend(self) -> socket.socket | None:
        """Requests to the guest."""
        return self._backend

    def close(self) -> None:
        for each in (self._socket, self._backend):
            if each is not None:
                each.close()

    def serve(self) -> None:
        """Take one message of the guest and answer it. Raises ConnectionError, GuestFault."""
        assert self._socket is not None
        fds = array.array("i")
        header, ancillary, _, _ = self._socket.recvmsg(_HEADER.size, socket.CMSG_LEN(_MOST_FDS * fds.itemsize))
        for level, kind, data in ancillary:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                fds.frombytes(data[: len(data) - len(data) % fds.itemsize])
        header += self._exactly(_HEADER.size - len(header))
        request, flags, size = _HEADER.unpack(header)
        payload = self._exactly(size)
        try:
            answer = self._handle(request, payload, list(fds))
        finally:
            for fd in fds:
                os.close(fd)
        if answer is None and flags & _NEED_REPLY:
            answer = _U64.pack(0)
        if answer is not None:
            self._socket.sendall(_HEADER.pack(request, _VERSION | _REPLY, len(answer)) + answer)

    def _exactly(self, count: int) -> bytes:
        assert self._socket is not None
        data = b""
        while len(data) < count:
            piece = self._socket.recv(count - len(data))
            if not piece:
                raise ConnectionResetError("the guest's device is gone")
            data += piece
        return data

    def _handle(self, number: int, payload: bytes, fds: list[int]) -> bytes | None:
        try:
            request = Request(number)
        except ValueError:
            raise GuestFault(f"vhost-user request {number}") from None
        match request:
            case Request.VRING_KICK:
                self.kicked(_STATE.unpack(payload)[0])
            case Request.GET_FEATURES:
                return _U64.pack(self.features | F_PROTOCOL_FEATURES | F_VERSION_1 | F_EVENT_IDX)
            case Request.SET_FEATURES:
                self.negotiated = _U64.unpack(payload)[0]
            case Request.GET_PROTOCOL_FEATURES:
                return _U64.pack(PROTOCOL_REPLY_ACK | PROTOCOL_BACKEND_REQ | PROTOCOL_CONFIG | PROTOCOL_INBAND)
            case Request.SET_BACKEND_REQ_FD:
                self._backend = socket.socket(fileno=os.dup(fds[0]))
            case Request.SET_MEM_TABLE:
                self._memory = GuestMemory.map(_regions(payload, fds))
            case Request.SET_VRING_NUM:
                index, value = _STATE.unpack(payload)
                self._ring(index).size = value
            case Request.SET_VRING_BASE:
                index, value = _STATE.unpack(payload)
                self._ring(index).base = value
            case Request.SET_VRING_ADDR:
                index, _, desc, used, avail, _ = _ADDRESSES.unpack(payload)
                self._ring(index).addresses = desc, avail, used
            case Request.SET_VRING_ENABLE:
                index, value = _STATE.unpack(payload)
                self._enable(self._ring(index), bool(value))
            case Request.GET_VRING_BASE:
                return _STATE.pack(*_STATE.unpack(payload))
            case Request.GET_CONFIG:
                return self._config_answer(payload)
            case _:  # what needs no action: SET_OWNER, SET_PROTOCOL_FEATURES, file descriptors for notifications, ...
                pass
        return None

    def _ring(self, index: int) -> _Ring:
        if index >= len(self._rings):
            raise GuestFault(f"queue {index} of {len(self._rings)}")
        return self._rings[index]

    def _enable(self, ring: _Ring, enabled: bool) -> None:
        if not enabled:
            ring.queue = None
            return
        if self._memory is None or ring.addresses is None:
            raise GuestFault("a queue is enabled that has no place in memory")
        ring.queue = Virtqueue(
            self._memory, ring.size, *ring.addresses, ring.base, bool(self.negotiated & F_EVENT_IDX)
        )

    def _config_answer(self, payload: bytes) -> bytes:
        offset, size, _ = _CONFIG.unpack_from(payload)
        space = self.config()[offset : offset + size]
        return _CONFIG.pack(offset, size, 0) + space.ljust(size, b"\0")


def _regions(payload: bytes, fds: list[int]) -> list[tuple[int, int, int, int]]:
    count, _ = _REGIONS.unpack_from(payload)
    if count != len(fds):
        raise GuestFault(f"{count} regions of memory with {len(fds)} file descriptors")
    found = []
    for number, fd in enumerate(fds):
        address, size, _, offset = _REGION.unpack_from(payload, _REGIONS.size + number * _REGION.size)
        found.append((address, size, offset, fd))
    return found
