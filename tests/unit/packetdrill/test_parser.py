"""The grammar of scripts, and what it says of mistakes."""

import random

import pytest

from models.packetdrill.__main__ import OWN_SUITE
from models.packetdrill.parser import parse
from models.packetdrill.script import (
    Code,
    Command,
    Ellipsis,
    IcmpPacket,
    Name,
    Option,
    Or,
    PacketEvent,
    ScriptError,
    Sequence,
    Struct,
    SystemCall,
    UdpPacket,
    When,
)


def event(text: str):
    (found,) = parse(text).events
    return found


@pytest.mark.parametrize(("text", "when"), [
    ("0", When(relative=False, start=0)),
    ("+0", When(start=0)),
    ("+.1", When(start=100_000_000)),
    ("1.000001", When(relative=False, start=1_000_001_000)),
    ("+1.5~+2", When(start=1_500_000_000, end=2_000_000_000)),
    ("1.0~2.0", When(relative=False, start=1_000_000_000, end=2_000_000_000)),
    ("*", When(any_time=True)),
])
def test_times(text: str, when: When) -> None:
    assert event(f"{text} > . 1:1(0) ack 1").when == when


def test_a_segment_with_everything() -> None:
    packet = event("+0 < [ect0] 5000 > 80 SPE. 10:20(10) ack 7 win 99 urg 3 "
                   "<mss 1460,sackOK,TS val 3 ecr 4,nop,wscale 7,sack 1:2 3:4,raw fd04aabb,eol> "
                   "{bad_checksum, reserved=5}").action.packet
    assert packet.flags == 0x02 | 0x08 | 0x40 | 0x10
    assert (packet.seq, packet.length, packet.ack, packet.window, packet.urgent) == (10, 10, 7, 99, 3)
    assert packet.ports == (5000, 80) and packet.ecn == 2
    assert packet.options == (
        Option("mss", (1460,)), Option("sackOK"), Option("TS", (3, 4)), Option("nop"), Option("wscale", (7,)),
        Option("sack", (1, 2, 3, 4)), Option("raw", (), bytes.fromhex("fd04aabb")), Option("eol"))
    assert packet.extras == (("bad_checksum", 1), ("reserved", 5))


def test_a_packet_after_a_packet_is_no_list_of_options() -> None:
    first, second = parse("+0 < . 1:1(0) ack 1 win 5\n+0 < . 1:1(0) ack 2 win 5").events
    assert first.action.packet.options == () and second.line == 2


def test_options_that_do_not_matter() -> None:
    assert event("+0 > S. 0:0(0) ack 1 <...>").action.packet.options is None


def test_other_packets() -> None:
    assert event("+0 < icmp unreachable frag_needed mtu 1400 [1:1461(1460)]").action == PacketEvent(
        True, IcmpPacket("unreachable", "frag_needed", 1400, 0, 1, 1460))
    assert event("+0 > icmp echo_reply id 7").action == PacketEvent(False, IcmpPacket("echo_reply", None, None, 7))
    assert event("+0 < udp 1 > 2 (100)").action == PacketEvent(True, UdpPacket(100, (1, 2)))


def test_system_calls() -> None:
    assert event("+0 setsockopt(3, SOL_SOCKET, SO_REUSEADDR, [1], 4) = 0").action == SystemCall(
        "setsockopt", (3, Name("SOL_SOCKET"), Name("SO_REUSEADDR"), Sequence((1,)), 4), 0)
    assert event("+0...0.2 connect(3, ..., ...) = -1 EINPROGRESS (Operation now in progress)").action == SystemCall(
        "connect", (3, Ellipsis(), Ellipsis()), -1, "EINPROGRESS", 200_000_000)
    poll = event("+0 poll([{fd=3, events=POLLIN|POLLOUT, revents=0}], 1, -1) = ?").action
    assert poll.result is None
    assert poll.arguments[0] == Sequence((Struct((
        ("fd", 3), ("events", Or((Name("POLLIN"), Name("POLLOUT")))), ("revents", 0))),))
    message = event("+0 sendmsg(4, {msg_name(...)=..., msg_iov(2)=[{..., 10}, {..., 5}], msg_flags=0}, 0) = 15").action
    assert message.arguments[1].get("msg_iov") == Sequence((Sequence((Ellipsis(), 10)), Sequence((Ellipsis(), 5))))


def test_comments_commands_snippets_and_options() -> None:
    script = parse("""--tolerance_usecs=1000 --local_ip=10.0.0.1
// one /* not open
# two
/* three
   lines */
`sysctl -q net.ipv4.tcp_sack=0
 ../defaults.sh`
+0 `true`   // four
+.1 %{
assert tcpi_rto == 1
}%
""")
    assert script.options == (("tolerance_usecs", "1000", 1), ("local_ip", "10.0.0.1", 1))
    first, second, third = script.events
    assert isinstance(first.action, Command) and first.line == 6 and "defaults.sh" in first.action.text
    assert second.action == Command("true")
    assert third.action == Code("\nassert tcpi_rto == 1\n") and third.line == 9


@pytest.mark.parametrize(("text", "line", "says"), [
    ("", 1, "no events"),
    ("+0 > S 0:5(4)", 1, "the length is not the difference"),
    ("+0 > X 0:0(0)", 1, "'X' are no TCP flags"),
    ("\n\n+0 > S 0-0(0)", 3, "':' and the end"),
    ("+0 < S 0:0(0) win 70000", 1, "the window 70000 is larger than 65535"),
    ("+0 < S 0:0(0) win 1 <mss>", 1, "a mss expected"),
    ("+0 < S 0:0(0) win 1 <bogus 3>", 1, "'bogus' is no TCP option"),
    ("+0 < S 0:0(0) win 1 <mss 5", 1, "',' or '>' expected"),
    ("+0 < S 0:0(0) win 1 <...>", 1, "packets that come out"),
    ("* < S 0:0(0) win 1", 1, "packets that come out"),
    ("+0~+1 close(3) = 0", 1, "packets that come out"),
    ("2~1 > S 0:0(0)", 1, "backwards"),
    ("+0 close(3)", 1, "'=' and the result"),
    ("+0 close(3 = 0", 1, "',' or ')' expected"),
    ("+0 close(3) = 0\n+0 %{ assert", 2, "does not end with }%"),
    ("+0 close(3) = 0\n`true", 2, "does not end with `"),
    ("+0 close(3) = 0 /* and", 1, "a comment that does not end"),
    ("+x close(3) = 0", 1, "a time"),
    ("+0 < S 0:0(0) win 1 {bogus}", 1, "'bogus' is none of"),
])
def test_a_mistake_is_one_line_with_file_and_line(text: str, line: int, says: str) -> None:
    with pytest.raises(ScriptError) as error:
        parse(text, "some.pkt")
    message = str(error.value)
    assert message.startswith(f"some.pkt:{line}: ") and says in message and "\n" not in message


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return [path.read_text() for path in sorted(OWN_SUITE.rglob("*.pkt"))]


def test_a_damaged_script_is_a_script_or_a_mistake(texts: list[str], seed: int) -> None:
    """Characters lost, doubled and exchanged: never anything but ScriptError."""
    rng = random.Random(f"damaged scripts {seed}")
    for _ in range(1500):
        text = list(rng.choice(texts))
        for _ in range(rng.randint(1, 3)):
            at = rng.randrange(len(text))
            other = rng.choice("<>()[]{}.,:+*~`%\"=|-0aS\n\0\xe9")
            text[at:at + rng.randint(0, 3)] = rng.choice(["", text[at] * 2, other])
        try:
            parse("".join(text))
        except ScriptError as error:
            assert "\n" not in str(error)
