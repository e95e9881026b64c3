"""The workloads of the protocol alone: a stream, a stream with losses, and small requests with their responses."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from bench.protocol_speed.pair import Pair

REQUEST_BYTES = 64
IN_HAND_BYTES = 1 << 17
"""What a sender has written and the peer has not acknowledged, at most."""
LOST_EACH = 100
"""With losses: one segment with data of so many is lost."""
WORKLOADS = ("stream", "losses", "requests")


@dataclass(frozen=True)
class Measured:
    """One run: segments of both directions, CPU time, and how long it took in the connections' time."""

    workload: str
    segments: int
    data_segments: int
    payload_bytes: int
    retransmissions: int
    simulated_ns: int
    cpu_s: float

    def row(self) -> dict[str, Any]:
        """As written to protocol_speed.json."""
        return {
            "workload": self.workload,
            "segments": self.segments,
            "data_segments": self.data_segments,
            "payload_bytes": self.payload_bytes,
            "retransmissions": self.retransmissions,
            "simulated_ns": self.simulated_ns,
            "cpu_s": round(self.cpu_s, 4),
            "segments_per_s": round(self.segments / self.cpu_s) if self.cpu_s else 0,
        }


def run(workload: str, segments: int) -> Measured:
    """Until `segments` segments have left, both directions together."""
    pair = Pair(lost=(lambda number: number % LOST_EACH == 0) if workload == "losses" else None)
    client, server = pair.client, pair.server
    before, before_data, begin_ns = client.segments + server.segments, _data_segments(pair), pair.now
    begin_s = time.process_time()
    if workload == "requests":
        _requests(pair, before + segments)
    else:
        _stream(pair, before + segments)
    cpu_s = time.process_time() - begin_s
    return Measured(
        workload=workload,
        segments=client.segments + server.segments - before,
        data_segments=_data_segments(pair) - before_data,
        payload_bytes=client.received + server.received,
        retransmissions=client.connection.total_retransmissions + server.connection.total_retransmissions,
        simulated_ns=pair.now - begin_ns,
        cpu_s=cpu_s,
    )


def _data_segments(pair: Pair) -> int:
    return pair.client.data_segments + pair.server.data_segments


def _stream(pair: Pair, end: int) -> None:
    client, server = pair.client, pair.server
    write = IN_HAND_BYTES // 2

    def fed() -> bool:
        if client.segments + server.segments >= end:
            return True
        connection = client.connection
        if connection.snd_end - connection.snd_una <= write:
            client.send(write, pair.now)
            client.transmit(pair.now)
        return False

    pair.run(fed)
    pair.run(lambda: server.received == client.sent)


def _requests(pair: Pair, end: int) -> None:
    client, server = pair.client, pair.server
    while client.segments + server.segments < end:
        for one, other in ((client, server), (server, client)):
            one.send(REQUEST_BYTES, pair.now)
            one.transmit(pair.now)
            pair.run(lambda one=one, other=other: other.received == one.sent)
