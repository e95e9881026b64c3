"""The grammar of packets: `< S. 0:0(0) ack 1 win 5840 <mss 1460>` and what else can stand behind `<` and `>`."""

from __future__ import annotations

from firmware.tcp.segment import ACK, CWR, ECE, FIN, PSH, RST, SYN, URG
from models.packetdrill.scanner import Scanner
from models.packetdrill.script import IcmpPacket, Option, PacketEvent, ScriptError, TcpPacket, UdpPacket

FLAG_LETTERS = {"F": FIN, "S": SYN, "R": RST, "P": PSH, ".": ACK, "U": URG, "E": ECE, "W": CWR, "C": CWR}
ECN_CODES = {"noecn": 0, "ect1": 1, "ect0": 2, "ce": 3, "ect01": -1}
EXTRAS = ("bad_checksum", "data_offset", "reserved", "df")
"""Fields in braces behind a segment; an addition to packetdrill's language."""
_INTEGER = r"\d+"
_ADDRESS = r"\d+\.\d+\.\d+\.\d+"


def packet_event(scanner: Scanner) -> PacketEvent:
    """Everything from the direction on."""
    inbound = scanner.expect("[<>]", "'<' or '>'") == "<"
    addresses = None
    if scanner.take(r"ipv4\b"):
        source = scanner.expect(_ADDRESS, "an IPv4 address")
        scanner.expect(">", "'>'")
        addresses = (source, scanner.expect(_ADDRESS, "an IPv4 address"))
        scanner.expect(":", "':'")
    ecn, tos, ttl = _ip_info(scanner)
    if scanner.take(r"icmp\b"):
        return PacketEvent(inbound, _icmp(scanner))
    if scanner.take(r"udp\b"):
        ports = _ports(scanner)
        scanner.expect(r"\(", "'('")
        length = _number(scanner, 65507, "length")
        scanner.expect(r"\)", "')'")
        return PacketEvent(inbound, UdpPacket(length, ports))
    ports = _ports(scanner)
    flags = _flags(scanner)
    seq, length = _range(scanner)
    ack = _number(scanner, 0xFFFFFFFF, "ack") if scanner.take(r"ack\b") else None
    window = _number(scanner, 0xFFFF, "window") if scanner.take(r"win\b") else None
    urgent = _number(scanner, 0xFFFF, "urgent pointer") if scanner.take(r"urg\b") else None
    options = _options(scanner, inbound)
    return PacketEvent(inbound, TcpPacket(flags, seq, length, ack, window, urgent, options, ecn, ttl, tos, ports,
                                          addresses, _extras(scanner)))


def _ip_info(scanner: Scanner) -> tuple[int | None, int | None, int | None]:
    ecn = tos = ttl = None
    opening = scanner.take(r"[\[(](?=\s*(?:noecn|ect|ce\b|tos\b|ttl\b|flowlabel))")
    if opening is None:
        return None, None, None
    while True:
        word = scanner.expect(r"[a-z0-9]+", "ECN code, tos or ttl")
        if word in ECN_CODES:
            ecn = ECN_CODES[word]
        elif word == "tos":
            tos = int(scanner.expect(r"0x[0-9a-fA-F]+", "a hexadecimal tos"), 16)
        elif word == "ttl":
            ttl = _number(scanner, 255, "ttl")
        elif word == "flowlabel":
            scanner.expect(r"0x[0-9a-fA-F]+", "a hexadecimal flow label")
        else:
            raise scanner.error(f"'{word}' is no ECN code, tos or ttl;")
        if not scanner.take(","):
            break
    scanner.expect(r"[\])]", "']'")
    return ecn, tos, ttl


def _ports(scanner: Scanner) -> tuple[int, int] | None:
    if not scanner.looking_at(r"\d+\s*>"):
        return None
    source = _number(scanner, 0xFFFF, "port")
    scanner.expect(">", "'>'")
    return source, _number(scanner, 0xFFFF, "port")


def _flags(scanner: Scanner) -> int:
    letters = scanner.take(r"(?:[A-Za-z.]+|-)(?=[\s\d])")
    if letters is None:
        raise scanner.error("TCP flags (F S R P . U E W)")
    flags = 0
    for letter in letters if letters != "-" else "":
        if letter not in FLAG_LETTERS:
            raise scanner.error(f"'{letters}' are no TCP flags (F S R P . U E W);")
        flags |= FLAG_LETTERS[letter]
    return flags


def _range(scanner: Scanner) -> tuple[int, int]:
    line = scanner.line
    start = _number(scanner, 0xFFFFFFFF, "sequence number")
    scanner.expect(":", "':' and the end of the sequence numbers")
    end = _number(scanner, 0xFFFFFFFF, "sequence number")
    scanner.expect(r"\(", "'('")
    length = _number(scanner, 65535, "payload length")
    scanner.expect(r"\)", "')'")
    if (start + length) & 0xFFFFFFFF != end:
        raise ScriptError(f"{scanner.path}:{line}: {start}:{end}({length}): the length is not the difference")
    return start, length


def _number(scanner: Scanner, most: int, what: str) -> int:
    value = int(scanner.expect(_INTEGER, f"a {what}"))
    if value > most:
        raise scanner.error(f"the {what} {value} is larger than {most}")
    return value


def _options(scanner: Scanner, inbound: bool) -> tuple[Option, ...] | None:
    # a '<' on a line of its own that begins with a time is the next packet
    if not scanner.take("<"):
        return ()
    if scanner.take(r"\.\.\."):
        if inbound:
            raise scanner.error("'<...>' is for packets that come out;")
        scanner.expect(">", "'>'")
        return None
    options = [_option(scanner)]
    while scanner.take(","):
        options.append(_option(scanner))
    scanner.expect(">", "',' or '>'")
    return tuple(options)


def _option(scanner: Scanner) -> Option:
    kind = scanner.expect(r"[A-Za-z0-9_]+", "a TCP option")
    if kind == "mss":
        return Option(kind, (_number(scanner, 0xFFFF, "mss"),))
    if kind == "wscale":
        return Option(kind, (_number(scanner, 0xFF, "wscale"),))
    if kind in ("sackOK", "nop", "eol"):
        return Option(kind)
    if kind == "TS":
        scanner.expect(r"val\b", "'val'")
        value = _number(scanner, 0xFFFFFFFF, "timestamp")
        scanner.expect(r"ecr\b", "'ecr'")
        return Option(kind, (value, _number(scanner, 0xFFFFFFFF, "timestamp")))
    if kind == "sack":
        edges: list[int] = []
        while scanner.looking_at(r"\d+\s*:"):
            edges.append(_number(scanner, 0xFFFFFFFF, "sequence number"))
            scanner.expect(":", "':'")
            edges.append(_number(scanner, 0xFFFFFFFF, "sequence number"))
        if not edges:
            raise scanner.error("a SACK block")
        return Option(kind, tuple(edges))
    if kind in ("FO", "FOEXP", "md5"):
        cookie = scanner.take(r"[0-9a-fA-F]+") or ""
        if len(cookie) % 2:
            raise scanner.error("an odd number of digits")
        data = bytes.fromhex(cookie)
        if kind == "FOEXP":
            data = b"\xf9\x89" + data
        number = {"FO": 34, "FOEXP": 254, "md5": 19}[kind]
        return Option("raw", (), bytes((number, 2 + len(data))) + data)
    if kind == "raw":
        digits = scanner.expect(r"(?:[0-9a-fA-F]{2})+", "bytes in hexadecimal")
        return Option(kind, (), bytes.fromhex(digits))
    raise scanner.error(f"'{kind}' is no TCP option;")


def _extras(scanner: Scanner) -> tuple[tuple[str, int], ...]:
    if not scanner.take(r"\{"):
        return ()
    extras = []
    while True:
        name = scanner.expect(r"[a-z_]+", f"one of {', '.join(EXTRAS)}")
        if name not in EXTRAS:
            raise scanner.error(f"'{name}' is none of {', '.join(EXTRAS)};")
        extras.append((name, _number(scanner, 0xFFFF, name) if scanner.take("=") else 1))
        if not scanner.take(","):
            break
    scanner.expect(r"\}", "'}'")
    return tuple(extras)


def _icmp(scanner: Scanner) -> IcmpPacket:
    kind = scanner.expect(r"[a-z_]+", "an ICMP type")
    code = scanner.take(r"(?!mtu\b|id\b)[a-z_]+")
    mtu = _number(scanner, 0xFFFF, "mtu") if scanner.take(r"mtu\b") else None
    echo_id = _number(scanner, 0xFFFF, "id") if scanner.take(r"id\b") else 0
    seq = length = 0
    if scanner.take(r"\["):
        if scanner.looking_at("udp|raw"):
            raise scanner.error("only TCP segments can be quoted, not")
        seq, length = _range(scanner)
        scanner.expect(r"\]", "']'")
    return IcmpPacket(kind, code, mtu, echo_id, seq, length)
