"""Frames for fuzzing a stack: good ones of every kind it knows, and what is left of them after mutations."""

from __future__ import annotations

import random
from typing import Any

from scapy.layers.inet import ICMP, IP, TCP, UDP, IPOption
from scapy.layers.inet6 import (
    ICMPv6DestUnreach,
    ICMPv6EchoRequest,
    ICMPv6ND_NA,
    ICMPv6ND_NS,
    ICMPv6ND_RA,
    ICMPv6ND_Redirect,
    ICMPv6ND_RS,
    ICMPv6NDOptDstLLAddr,
    ICMPv6NDOptMTU,
    ICMPv6NDOptPrefixInfo,
    ICMPv6NDOptSrcLLAddr,
    ICMPv6PacketTooBig,
    IPv6,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrFragment,
    IPv6ExtHdrHopByHop,
    IPv6ExtHdrRouting,
    RouterAlert,
    fragment6,
)
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Raw

from firmware.network.checksum import checksum, pseudo_header_sum
from firmware.network.tcp_frame import build_frame
from firmware.stack import Stack, parse_address

MAC, ADDRESS, ADDRESS6, LINK_LOCAL = "02:00:00:00:00:01", "10.0.0.1", "fd00::1", "fe80::ff:fe00:1"
PEER_MAC, PEER, PEER6 = "02:00:00:00:00:02", "10.0.0.2", "fd00::2"
ROUTER = "fe80::fe"
_TCP_FLAGS = (0x02, 0x10, 0x18, 0x11, 0x04, 0x14, 0x12, 0x29, 0xC2, 0x00, 0xFF)
_TCP_OPTIONS = (b"", bytes.fromhex("020405b4"), bytes.fromhex("0101080a0000000100000000"), bytes.fromhex("04020303"),
                bytes.fromhex("0101050a0000000100000100"), bytes.fromhex("01010512") + bytes(range(16)), bytes(40),
                bytes.fromhex("fe04abcd"), bytes.fromhex("02000000"))


def _fixed() -> list[bytes]:
    four = Ether(dst=MAC, src=PEER_MAC) / IP(src=PEER, dst=ADDRESS)
    six = Ether(dst=MAC, src=PEER_MAC) / IPv6(src=PEER6, dst=ADDRESS6)
    near = Ether(dst=MAC, src=PEER_MAC) / IPv6(src=PEER6, dst=ADDRESS6, hlim=255)
    group = Ether(dst="33:33:ff:00:00:01", src=PEER_MAC) / IPv6(src=PEER6, dst="ff02::1:ff00:1", hlim=255)
    router = Ether(dst="33:33:00:00:00:01", src="02:00:00:00:00:fe") / IPv6(src=ROUTER, dst="ff02::1", hlim=255)
    quoted = bytes(IP(src=ADDRESS, dst=PEER) / TCP(sport=80, dport=4000, seq=1))[:28]
    quoted6 = bytes(IPv6(src=ADDRESS6, dst=PEER6) / TCP(sport=80, dport=4000, seq=1))
    big = IPv6(src=PEER6, dst=ADDRESS6) / IPv6ExtHdrFragment(id=9) / ICMPv6EchoRequest(data=bytes(2500))
    frames = [
        Ether(dst="ff:ff:ff:ff:ff:ff", src=PEER_MAC) / ARP(hwsrc=PEER_MAC, psrc=PEER, pdst=ADDRESS),
        Ether(dst=MAC, src=PEER_MAC) / ARP(op=2, hwsrc=PEER_MAC, psrc=PEER, hwdst=MAC, pdst=ADDRESS),
        Ether(dst="ff:ff:ff:ff:ff:ff", src=PEER_MAC) / ARP(hwsrc=PEER_MAC, psrc=ADDRESS, pdst=ADDRESS),
        four / ICMP() / Raw(bytes(56)), four / UDP(dport=9) / Raw(b"data"), four / Raw(bytes(20)),
        *(four / ICMP(type=kind, code=code) / Raw(quoted) for kind, code in ((3, 1), (3, 3), (3, 4), (4, 0), (5, 1),
                                                                            (11, 0), (12, 0), (13, 0))),
        Ether(dst=MAC, src=PEER_MAC) / IP(src=PEER, dst=ADDRESS, options=[IPOption(b"\x07\x07\x04\0\0\0\0")]) / ICMP(),
        *(Ether(dst=MAC, src=PEER_MAC) / IP(src=PEER, dst=ADDRESS, id=5, proto=1, frag=at, flags=more) / Raw(bytes(64))
          for at, more in ((0, 1), (8, 1), (16, 0), (4, 1))),
        *(Ether(dst=MAC, src=PEER_MAC) / IP(src=PEER, dst=ADDRESS, id=6, proto=6, frag=at, flags=more) / Raw(bytes(48))
          for at, more in ((0, 1), (6, 0))),
        six / ICMPv6EchoRequest(data=bytes(40)), six / UDP(dport=9) / Raw(b"data"), six / Raw(bytes(20)),
        six / IPv6ExtHdrHopByHop(options=[RouterAlert()]) / IPv6ExtHdrDestOpt() / ICMPv6EchoRequest(),
        six / IPv6ExtHdrRouting(addresses=["fd00::9"]) / TCP(dport=80), six / IPv6ExtHdrDestOpt() / TCP(dport=80),
        *(Ether(dst=MAC, src=PEER_MAC) / each for each in fragment6(big, 1280)),
        six / IPv6ExtHdrFragment(id=4, offset=0, m=0) / UDP(dport=5),
        six / ICMPv6PacketTooBig(mtu=1300) / Raw(quoted6), six / ICMPv6DestUnreach(code=4) / Raw(quoted6),
        group / ICMPv6ND_NS(tgt=ADDRESS6) / ICMPv6NDOptSrcLLAddr(lladdr=PEER_MAC),
        Ether(dst="33:33:ff:00:00:01", src=PEER_MAC) / IPv6(src="::", dst="ff02::1:ff00:1", hlim=255)
        / ICMPv6ND_NS(tgt=ADDRESS6),
        near / ICMPv6ND_NA(tgt=PEER6, S=1, O=1) / ICMPv6NDOptDstLLAddr(lladdr=PEER_MAC),
        near / ICMPv6ND_NA(tgt=PEER6, S=0, O=1) / ICMPv6NDOptDstLLAddr(lladdr="02:00:00:00:00:07"),
        router / ICMPv6ND_RA(routerlifetime=60) / ICMPv6NDOptSrcLLAddr(lladdr="02:00:00:00:00:fe")
        / ICMPv6NDOptMTU(mtu=1400) / ICMPv6NDOptPrefixInfo(prefix="2001:db8::", prefixlen=64),
        router / ICMPv6ND_RA(routerlifetime=0), near / ICMPv6ND_RS(), near / ICMPv6ND_NA(tgt="ff02::1"),
        six / ICMPv6PacketTooBig(mtu=1000) / Raw(quoted6), Ether(dst=MAC, src=PEER_MAC)
        / IPv6(src=PEER6, dst=ADDRESS6, nh=60) / Raw(bytes((60, 0, 1, 4, 0, 0, 0, 0)) * 20),
        Ether(dst=MAC, src="02:00:00:00:00:fe") / IPv6(src=ROUTER, dst=ADDRESS6, hlim=255)
        / ICMPv6ND_Redirect(tgt="fe80::77", dst="2001:db8:1::1"),
    ]
    return [bytes(frame) for frame in frames]


FIXED = _fixed()


class Frames:
    """An endless supply, all from `rng`."""

    def __init__(self, rng: random.Random, stack: Stack) -> None:
        self._rng = rng
        self._stack = stack

    def next(self) -> bytes:
        """Any frame: a good one as often as not."""
        rng = self._rng
        frame = self._segment() if rng.random() < 0.5 else rng.choice(FIXED)
        if rng.random() < 0.3:
            return frame
        if rng.random() < 0.02:
            return rng.randbytes(rng.randrange(200))
        frame = bytearray(frame)
        for _ in range(rng.choice((1, 1, 2, 5))):
            self._mutate(frame)
        if rng.random() < 0.8:
            _seal(frame)
        return bytes(frame)

    def _segment(self) -> bytes:
        """A segment: of a connection that there is, near its windows, or to a port."""
        rng = self._rng
        connections = self._stack.connections
        six = rng.random() < 0.5
        source, destination = (PEER6, ADDRESS6) if six else (PEER, ADDRESS)
        source, destination = parse_address(source), parse_address(destination)
        remote, local = rng.randrange(4000, 4008), rng.choice((80, 81))
        seq, ack = rng.getrandbits(32), rng.getrandbits(32)
        if connections and rng.random() < 0.8:
            connection: Any = rng.choice(connections)
            binding = connection.binding
            source, destination = binding.remote_address, binding.local_address
            remote, local = binding.remote_port, binding.local_port
            near = rng.choice((0, 0, 0, 0, 1, -1, 100, 1000, 70000, -1000))
            seq, ack = connection.rcv_nxt + near, rng.choice((connection.snd_nxt, connection.snd_una)) + rng.choice(
                (0, 0, 0, 1, -1, 500))
        payload = rng.randbytes(rng.choice((0, 0, 1, 10, 500, 1400)))
        return build_frame(bytes.fromhex(MAC.replace(":", "")), bytes.fromhex(PEER_MAC.replace(":", "")), source,
                           destination, remote, local, seq & 0xFFFFFFFF, ack & 0xFFFFFFFF, rng.choice(_TCP_FLAGS),
                           rng.choice((0, 1, 1000, 65535)), rng.choice(_TCP_OPTIONS), payload,
                           urgent=rng.choice((0, 5)))

    def _mutate(self, frame: bytearray) -> None:
        rng = self._rng
        if not frame:
            return
        at = rng.randrange(min(len(frame), rng.choice((14, 60, 120, len(frame)))))
        match rng.randrange(8):
            case 0:
                frame[at] ^= 1 << rng.randrange(8)
            case 1:
                frame[at] = rng.choice((0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)))
            case 2:
                del frame[rng.randrange(len(frame)):]
            case 3:
                frame += rng.randbytes(rng.choice((1, 8, 100)))
            case 4:
                frame[at:at] = rng.randbytes(rng.choice((1, 2, 8)))
            case 5:
                del frame[at:at + rng.choice((1, 2, 8))]
            case 6:
                other = rng.choice(FIXED)
                frame[at:] = other[min(at, len(other)):]
            case 7 if len(frame) > 54 and frame[12:14] == b"\x86\xdd":  # a header between
                frame[54:54] = bytes((frame[20], 0)) + rng.choice((bytes(6), rng.randbytes(6)))
                frame[20] = rng.choice((0, 43, 44, 51, 60, 59, 99))


def _seal(frame: bytearray) -> None:
    """Lengths and checksums that are right again, so that what is wrong elsewhere is looked at."""
    if frame[12:14] == b"\x08\x00" and len(frame) >= 34:
        header = (frame[14] & 15) * 4
        if header < 20 or 14 + header > len(frame):
            return
        total = len(frame) - 14
        frame[16:18] = (total & 0xFFFF).to_bytes(2, "big")
        frame[24:26] = bytes(2)
        frame[24:26] = checksum(frame[14:14 + header]).to_bytes(2, "big")
        source, destination, kind, start = bytes(frame[26:30]), bytes(frame[30:34]), frame[23], 14 + header
    elif frame[12:14] == b"\x86\xdd" and len(frame) >= 54:
        frame[18:20] = (len(frame) - 54 & 0xFFFF).to_bytes(2, "big")
        source, destination, kind, start = bytes(frame[22:38]), bytes(frame[38:54]), frame[20], 54
        while kind in (0, 43, 60) and start + 8 <= len(frame):
            kind, start = frame[start], start + (frame[start + 1] + 1) * 8
    else:
        return
    place = {1: 2, 58: 2, 6: 16, 17: 6}.get(kind)
    if place is None or start + place + 2 > len(frame):
        return
    frame[start + place:start + place + 2] = bytes(2)
    seed = 0 if kind == 1 else pseudo_header_sum(source, destination, kind, len(frame) - start)
    frame[start + place:start + place + 2] = checksum(frame[start:], seed).to_bytes(2, "big")
