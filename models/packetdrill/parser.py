"""The grammar: from text to events. What each line means is in docs/packetdrill.md."""

from __future__ import annotations

from pathlib import Path

from models.packetdrill import packet_parser
from models.packetdrill.scanner import Scanner
from models.packetdrill.script import (
    NANOSECONDS,
    Call,
    Code,
    Command,
    Ellipsis,
    Event,
    Name,
    Or,
    Script,
    ScriptError,
    Sequence,
    Struct,
    SystemCall,
    Value,
    When,
)

_TIME = r"\d+\.\d+|\.\d+|\d+(?:\.(?!\.))?"
_NUMBER = r"0[xX][0-9a-fA-F]+|-?\d+"
_WORD = r"[A-Za-z_][A-Za-z0-9_]*"


def parse_file(path: Path) -> Script:
    """Raises ScriptError, also when the file cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise ScriptError(f"{path}:1: {reason}") from None
    return parse(text, str(path))


def parse(text: str, path: str = "script") -> Script:
    """Raises ScriptError."""
    scanner = Scanner(text, path)
    options = []
    while (flag := scanner.looking_at(r"--([A-Za-z_0-9]+)(?:[ \t]*=[ \t]*(\"[^\"\n]*\"|[^\s#]+))?")) is not None:
        options.append((flag.group(1), (flag.group(2) or "").strip('"'), scanner.line))
        scanner.take(r"--[^\s=]+(?:[ \t]*=[ \t]*(?:\"[^\"\n]*\"|[^\s#]+))?")
    events = []
    while not scanner.at_end:
        events.append(_event(scanner))
    if not events:
        raise ScriptError(f"{path}:1: no events in the script")
    return Script(path, tuple(options), tuple(events))


def _event(scanner: Scanner) -> Event:
    line = scanner.line
    if scanner.looking_at("`"):  # before the first event, and for cleaning up
        return Event(line, When(), Command(_command(scanner)))
    when = _when(scanner)
    if scanner.looking_at("[<>]"):
        action: object = packet_parser.packet_event(scanner)
        if when.any_time and action.inbound:
            raise scanner.error("the time '*' is for packets that come out, and not")
        return Event(line, when, action)
    if when.any_time or when.end is not None:
        raise ScriptError(f"{scanner.path}:{line}: '*' and ranges of time are for packets that come out")
    if scanner.looking_at("`"):
        return Event(line, when, Command(_command(scanner)))
    if scanner.looking_at(r"%\{"):
        text = scanner.take(r"%\{(.*?)\}%")
        if text is None:
            raise scanner.error("a snippet that does not end with }%")
        return Event(line, when, Code(text))
    return Event(line, when, _system_call(scanner))


def _command(scanner: Scanner) -> str:
    text = scanner.take(r"`([^`]*)`")
    if text is None:
        raise scanner.error("a command that does not end with `")
    return text


def _when(scanner: Scanner) -> When:
    if scanner.take(r"\*"):
        return When(any_time=True)
    relative = scanner.take(r"\+") is not None
    start = _time(scanner)
    end = None
    if scanner.take("~"):
        if relative:
            scanner.expect(r"\+", "'+' before the end of a relative range")
        end = _time(scanner)
        if end < start:
            raise scanner.error("a range of time that goes backwards")
    return When(relative, start, end)


def _time(scanner: Scanner) -> int:
    """Seconds as ns, without passing through floating point."""
    text = scanner.expect(_TIME, "a time (+0, +.1, 0.2, *)")
    whole, _, fraction = text.partition(".")
    return int(whole or 0) * NANOSECONDS + int((fraction + "000000000")[:9])


def _system_call(scanner: Scanner) -> SystemCall:
    until = None
    if scanner.take(r"\.\.\."):
        until = _time(scanner)
    name = scanner.expect(_WORD, "a packet, a system call, a command or a snippet")
    scanner.expect(r"\(", "'('")
    arguments: list[Value] = []
    if not scanner.take(r"\)"):
        arguments.append(_value(scanner))
        while scanner.take(","):
            arguments.append(_value(scanner))
        scanner.expect(r"\)", "',' or ')'")
    scanner.expect("=", "'=' and the result of the call")
    result = None if scanner.take(r"\?") else _value(scanner)
    errno = scanner.take(r"E[A-Z0-9]+\b")
    scanner.take(r"\([^)\n]*\)")
    return SystemCall(name, tuple(arguments), result, errno, until)


def _value(scanner: Scanner) -> Value:
    parts = [_single_value(scanner)]
    while scanner.take(r"\|"):
        parts.append(_single_value(scanner))
    return parts[0] if len(parts) == 1 else Or(tuple(parts))


def _single_value(scanner: Scanner) -> Value:
    if scanner.take(r"\.\.\."):
        return Ellipsis()
    number = scanner.take(_NUMBER)
    if number is not None:
        return int(number, 0) if number.lower().startswith("0x") else int(number)
    if scanner.looking_at('"'):
        text = ""
        while (part := scanner.take(r'"((?:[^"\\]|\\.)*)"')) is not None:
            text += part.encode().decode("unicode_escape")
        if not text and scanner.looking_at('"'):
            raise scanner.error("a string that does not end")
        scanner.take(r"\.\.\.")
        return text
    if scanner.take(r"\["):
        return Sequence(_values(scanner, r"\]", "']'"))
    if scanner.take(r"\{"):
        return _braces(scanner)
    word = scanner.take(_WORD)
    if word is None:
        raise scanner.error("a value")
    if scanner.take(r"\("):
        return Call(word, _values(scanner, r"\)", "')'"))
    return Name(word)


def _values(scanner: Scanner, end: str, what: str) -> tuple[Value, ...]:
    values: list[Value] = []
    if scanner.take(end):
        return ()
    values.append(_value(scanner))
    while scanner.take(","):
        values.append(_value(scanner))
    scanner.expect(end, what)
    return tuple(values)


def _braces(scanner: Scanner) -> Value:
    """{...} with names (msg_iov(1)=..., fd=3) or without."""
    if not scanner.looking_at(rf"(?:{_WORD})\s*(?:\([^()]*\)\s*)?="):
        return Sequence(_values(scanner, r"\}", "'}'"))
    members: list[tuple[str, Value]] = []
    while True:
        name = scanner.expect(_WORD, "a name")
        scanner.take(r"\([^()]*\)")
        scanner.expect("=", "'='")
        members.append((name, _value(scanner)))
        if not scanner.take(","):
            break
    scanner.expect(r"\}", "',' or '}'")
    return Struct(tuple(members))
