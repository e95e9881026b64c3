"""Random frames from the wire, good and bad, with what the receiver has to make of them."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field

from bench_ethernet_receive import OWN, frame_to
from ethernet_bench import fcs, tagged
from reference_segmenter import Headers, ones_complement_sum

from firmware.registers import ethernet, ethernet_rx

STRANGERS = (bytes.fromhex("02fffffffff0"), bytes.fromhex("01005e0000fb"))
BROADCAST = b"\xff" * 6
BUFFER = 256
"""Bytes of a receive buffer (RCTL.BSIZE)."""
SHORTEST, LONGEST = 64, 1522
"""Bytes with FCS, with a tag or without."""


@dataclass(frozen=True)
class Receiver:
    """How the receiver is set."""

    rctl: int
    rxcsum: int
    vlan_mode: bool
    vlan_table: tuple[int, ...]
    most: int
    """Bytes with FCS of the longest frame that it can hold."""

    def takes(self, tag: int) -> bool:
        return not self.rctl & ethernet.RCTL_VFE or bool(self.vlan_table[tag >> 5 & 0x7F] >> (tag & 31) & 1)


@dataclass
class Arrival:
    """A frame as it is injected, and what is delivered of it."""

    frame: bytes
    bad_fcs: bool = False
    error_at: int = -1
    delivered: bytes | None = None
    status: int = 0
    """Of the last descriptor, laid out as its status word: status, errors and tag, without DD and EOP."""
    checksum: int = 0
    counted: Counter[int] = field(default_factory=Counter)


class Arrivals:
    """Makes arrivals for a receiver whose setting is `receiver`."""

    def __init__(self, dice: random.Random, receiver: Receiver) -> None:
        self.dice, self.receiver = dice, receiver

    def next(self) -> Arrival:
        dice = self.dice
        verdict = 0
        destination = dice.choices((OWN, BROADCAST, *STRANGERS), (16, 2, 1, 1))[0]
        if dice.random() < 0.6:
            frame, verdict = self._packet(destination)
        else:
            full = BUFFER - 14 - 4 * dice.randrange(3)  # with FCS and tag, or without, just one buffer
            frame = frame_to(destination, dice.randbytes(dice.choice((46, 47, full, dice.randrange(46, 250)))))
        if dice.random() < 0.02:
            frame = frame_to(destination, dice.randbytes(1500))
            verdict = 0
        tag = dice.randrange(1 << 16) if dice.random() < 0.4 else None
        arrival = Arrival(frame if tag is None else tagged(frame, tag))
        damage = dice.choices(("none", "fcs", "error", "runt", "broken runt", "giant", "broken giant"),
                              (80, 5, 5, 3, 3, 1, 1))[0]  # fmt: skip
        if damage == "error":
            arrival.error_at = dice.randrange(9, 8 + len(arrival.frame))
        if "giant" in damage:
            arrival.frame = arrival.frame.ljust(LONGEST - 3 + dice.choice((4, 4, 40)), b"\x11")
        if "runt" in damage:  # not an IP packet: what the headers of half of one say is another bench's matter
            tag, verdict = None, 0
            arrival.frame = frame_to(destination, dice.randbytes(46))[: dice.randrange(14, 60)]
        arrival.bad_fcs = damage == "fcs" or damage.startswith("broken")
        self._expect(arrival, destination, tag, verdict)
        return arrival

    def _packet(self, destination: bytes) -> tuple[bytes, int]:
        """An IP packet, good or not, and the bits of status and errors that tell."""
        dice = self.dice
        version = dice.choice((4, 6))
        headers = Headers(
            version=version,
            tcp=dice.random() < 0.6,
            ip_options=dice.randbytes(4 * dice.choice((0, 0, 3))) if version == 4 else b"",
            tcp_options=dice.randbytes(4 * dice.choice((0, 3))),
        )
        size = dice.choice((0, 1, dice.randrange(2, 10), dice.randrange(10, 150)))
        packet = bytearray(destination + headers.frame(0, 0, dice.randbytes(size), True, True)[6:])
        network, transport = 14, 14 + len(headers.network(0, 0))
        verify_ip = self.receiver.rxcsum & ethernet.RXCSUM_IPOFL and headers.version == 4
        verify_tu = self.receiver.rxcsum & ethernet.RXCSUM_TUOFL
        verdict = (ethernet_rx.STATUS_IPCS if verify_ip else 0) | (ethernet_rx.STATUS_TCPCS if verify_tu else 0)
        wrong = dice.choice(("", "", "", "ip", "tu", "both"))
        if wrong in ("ip", "both") and headers.version == 4:
            packet[network + 8] ^= dice.randrange(1, 256)  # time to live
            verdict |= ethernet_rx.STATUS_IPE if verify_ip else 0
        if wrong in ("tu", "both"):
            packet[transport + 2] ^= dice.randrange(1, 256)  # a port
            verdict |= ethernet_rx.STATUS_TCPE if verify_tu else 0
        return bytes(packet).ljust(60, dice.choice((b"\0", b"\xee"))), verdict

    def _expect(self, arrival: Arrival, destination: bytes, tag: int | None, verdict: int) -> None:
        receiver, counted = self.receiver, arrival.counted
        octets = len(arrival.frame) + 4
        counted[ethernet.TPR] += 1
        if destination in STRANGERS or (destination == BROADCAST and not receiver.rctl & ethernet.RCTL_BAM):
            return
        if tag is not None and not receiver.takes(tag):
            return
        counted[ethernet.RXERRC] += arrival.error_at >= 0
        if octets < SHORTEST:
            counted[ethernet.RLEC] += 1
            counted[ethernet.RFC if arrival.bad_fcs else ethernet.RUC] += 1
        elif octets > LONGEST:
            counted[ethernet.RLEC] += 1
            counted[ethernet.RJC if arrival.bad_fcs else ethernet.ROC] += 1
        else:
            counted[ethernet.CRCERRS] += arrival.bad_fcs
        bad = arrival.bad_fcs or arrival.error_at >= 0 or not SHORTEST <= octets <= LONGEST
        if bad and (octets > receiver.most or not receiver.rctl & ethernet.RCTL_SBP):
            return
        counted[ethernet.GPRC] += not bad
        counted[ethernet.BPRC] += not bad and destination == BROADCAST
        stripped = tag is not None and receiver.vlan_mode
        content = arrival.frame[:12] + arrival.frame[16:] if stripped else arrival.frame
        # of the two zeros of one's complement, zeros alone sum up to the one with all bits set
        summed = content[receiver.rxcsum & ethernet.RXCSUM_PCSS :]
        arrival.checksum = (ones_complement_sum(summed) or 0xFFFF) ^ 0xFFFF
        arrival.status = verdict if verdict else ethernet_rx.STATUS_IXSM
        if stripped:
            arrival.status |= ethernet_rx.STATUS_VP | tag << ethernet_rx.STATUS_SPECIAL_LSB
        if arrival.bad_fcs:
            arrival.status |= ethernet_rx.STATUS_CE
        if arrival.error_at >= 0:
            arrival.status |= ethernet_rx.STATUS_RXE
        if not receiver.rctl & ethernet.RCTL_SECRC:
            content += bytes(4) if arrival.bad_fcs else fcs(arrival.frame)
        arrival.delivered = content
