"""Options of `make sim`: NAME=value words checked and turned into a request to run."""

from __future__ import annotations

import re
from pathlib import Path

from models.network import availability
from models.network.peer_names import PEERS, REPLAY, TAP_PEER, recording_of
from models.network.recording import RecordingError, load
from models.settings import BenchSettings, RunRequest

ROOT = Path(__file__).resolve().parents[1]
DEFAULT_FILE = ROOT / "docs" / "pictures" / "three-ports.png"
"""What `make sim` carries when no FILE is given."""
DEFAULT_OUT = "out/sim"
DIRECTIONS = ("send", "receive", "echo")
CARDS = ("icarus", "verilator", "model")
SENDING = ("copy", "zero_copy", "sequential", "simultaneous")
FIRMWARE = ("hl_tcp", "lwip_like")
PINS = ("transactor", "cocotbext")
FAMILIES = ("ipv4", "ipv6")
SCENARIOS = {"file_transfer": ("models.scenarios.file_transfer", "file_transfer")}
_UNITS_PS = {"": 1, "ps": 1, "ns": 10**3, "us": 10**6, "ms": 10**9, "s": 10**12}


class OptionError(ValueError):
    """A word the user gave that cannot be taken; the text is one line for the terminal, whatever the word holds."""

    def __init__(self, text: str) -> None:
        line = "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)
        super().__init__(line if len(line) <= 240 else f"{line[:120]} ... {line[-100:]}")


def request_from(words: list[str]) -> RunRequest:
    """Check `words` and build the request; raises OptionError."""
    given: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or name not in _KNOWN:
            raise OptionError(f"unknown option {word!r}; the options are {', '.join(f'{each}=' for each in _KNOWN)}")
        given[name] = value
    file = file_of(given.get("FILE") or str(DEFAULT_FILE))
    direction = given.get("DIRECTION") or "send"
    if direction not in DIRECTIONS:
        raise OptionError(f"DIRECTION={direction}: must be one of {', '.join(DIRECTIONS)}")
    card = given.get("CARD") or "icarus"
    if card not in CARDS:
        raise OptionError(f"CARD={card}: must be one of {', '.join(CARDS)}")
    module, function, name = _scenario(given.get("SCENARIO") or "file_transfer")
    out = out_of(given.get("OUT") or DEFAULT_OUT)
    peer = given.get("PEER") or "simulated"
    _check_peer(peer, given, out)
    replayed = recording_of(peer) is not None
    settings = BenchSettings(
        card=card,
        pins=one_of("PINS", given.get("PINS") or "transactor", PINS),
        seed=whole_of("SEED", given.get("SEED") or "1", 0, 2**63 - 1),
        sending=one_of("SENDING", given.get("SENDING") or "simultaneous", SENDING),
        firmware=one_of("FIRMWARE", given.get("FIRMWARE") or "hl_tcp", FIRMWARE),
        peer=peer,
        loss=number_of("LOSS", given.get("LOSS") or "0", 0.0, 0.9),
        family=one_of("FAMILY", given.get("FAMILY") or "ipv4", FAMILIES),
        delay_us=0.0 if replayed else number_of("DELAY_US", given.get("DELAY_US") or "5", 0.0, 10_000_000.0),
    )
    return RunRequest(
        module=module,
        function=function,
        name=name,
        out=out,
        settings=settings,
        options={"file": str(file), "direction": direction},
        waves=waves_window(given.get("WAVES") or "1"),
        captures=one_of("CAPTURE", given.get("CAPTURE") or "1", ("0", "1")) == "1",
        progress=True,
    )


_KNOWN = (
    "FILE", "DIRECTION", "FAMILY", "LOSS", "DELAY_US", "SEED", "WAVES", "CAPTURE", "OUT", "SCENARIO", "CARD", "PINS",
    "PEER", "SENDING", "FIRMWARE",
)


def _check_peer(peer: str, given: dict[str, str], out: str) -> None:
    """Can this peer be had?"""
    reason = availability.why_not(peer)
    if reason is not None:
        raise OptionError(f"PEER={peer}: {reason}")
    if peer == TAP_PEER:
        if (given.get("SCENARIO") or "file_transfer") == "file_transfer":
            raise OptionError(f"PEER={peer}: this machine has no sockets for file_transfer: SCENARIO=, or make live")
        return
    recording = recording_of(peer)
    if recording is None:
        if peer not in PEERS or peer == "replay":
            names = ", ".join(each for each in PEERS if each != "replay")
            raise OptionError(f"PEER={peer}: must be one of {names}, {TAP_PEER}, or {REPLAY}file.pcapng")
        return
    for name in ("LOSS", "DELAY_US"):
        if given.get(name):
            raise OptionError(f"{name}={given[name]}: what the link did is in the recording already")
    from models.bench import HOST_ADDRESS, HOST_ADDRESS_IPV6  # takes longer to load than the rest of this

    try:
        if recording.resolve().parent == Path(out).resolve():
            raise OptionError(f"PEER={peer}: this run's results would replace it; give another OUT=")
        conversations = load(recording, (HOST_ADDRESS, HOST_ADDRESS_IPV6)).conversations
    except (RecordingError, OSError, ValueError) as error:
        text = f"{REPLAY}{recording}: {error.strerror}" if isinstance(error, OSError) else str(error)
        raise OptionError(f"PEER={text}" if isinstance(error, OSError) else f"PEER={peer}: {text}") from None
    direction = given.get("DIRECTION") or "send"
    from_card = direction != "receive"
    is_transfer = (given.get("SCENARIO") or "file_transfer") == "file_transfer"
    if is_transfer and not any(each.opened_by_card is from_card for each in conversations):
        opener = "the card" if from_card else "the peer"
        raise OptionError(f"DIRECTION={direction}: no connection of the recording is opened by {opener}")


def file_of(text: str) -> Path:
    """An existing file. Raises OptionError."""
    path = Path(text)
    try:
        if not path.exists():
            raise OptionError(f"FILE={text}: no such file")
        if not path.is_file():
            raise OptionError(f"FILE={text}: not a regular file")
        with path.open("rb"):
            pass
    except OSError as error:
        raise OptionError(f"FILE={text}: {error.strerror}") from None
    return path.resolve()


def _scenario(text: str) -> tuple[str, str, str]:
    if text in SCENARIOS:
        return *SCENARIOS[text], text
    path = Path(text)
    try:
        is_file = path.suffix == ".py" and path.is_file()
    except OSError as error:
        raise OptionError(f"SCENARIO={text}: {error.strerror}") from None
    if is_file:
        return str(path.resolve()), "scenario", path.stem
    raise OptionError(
        f"SCENARIO={text}: neither one of {', '.join(SCENARIOS)} nor a Python file with `async def scenario(bench)`"
    )


def one_of(name: str, text: str, choices: tuple[str, ...]) -> str:
    """One of several words. Raises OptionError."""
    if text not in choices:
        raise OptionError(f"{name}={text}: must be one of {', '.join(choices)}")
    return text


def whole_of(name: str, text: str, least: int, most: int) -> int:
    """A whole number. Raises OptionError."""
    try:
        value = int(text, 0)
    except ValueError:
        raise OptionError(f"{name}={text}: must be a whole number") from None
    if not least <= value <= most:
        raise OptionError(f"{name}={text}: must be from {least} to {most}")
    return value


def number_of(name: str, text: str, least: float, most: float) -> float:
    """Any number. Raises OptionError."""
    try:
        value = float(text)
    except ValueError:
        raise OptionError(f"{name}={text}: must be a number") from None
    if not least <= value <= most:
        raise OptionError(f"{name}={text}: must be from {least:g} to {most:g}")
    return value


def waves_window(text: str) -> str:
    """WAVES as RunRequest takes it: 0, 1, or from:to in picoseconds. Raises OptionError."""
    if text in ("0", "1"):
        return text
    begin, colon, end = text.partition(":")
    if colon:
        times = [_time_ps(each) for each in (begin or "0", end)]
        if None not in times and times[0] < times[1]:
            return f"{times[0]}:{times[1]}"
    raise OptionError(f"WAVES={text}: must be 0, 1 or from:to in simulated time, such as 100us:250us")


def _time_ps(text: str) -> int | None:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(ps|ns|us|ms|s|)", text)
    if match is None:
        return None
    return round(float(match[1]) * _UNITS_PS[match[2]])


def out_of(text: str) -> str:
    """A folder for results, which is made if need be. Raises OptionError."""
    path = Path(text)
    try:
        taken = path.exists() and not path.is_dir()
        if not taken:
            path.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise OptionError(f"OUT={text}: {getattr(error, 'strerror', None) or error}") from None
    if taken:
        raise OptionError(f"OUT={text}: exists and is not a folder")
    return str(path)
