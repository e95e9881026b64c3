"""Options of `make live`: NAME=value words checked and turned into a request to run."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path

from models.network.peer_names import RECORDED
from models.network.tap import RecordingUnusable, recorded_frames
from models.options import CARDS, OptionError, file_of, number_of, one_of, out_of, whole_of
from models.settings import BenchSettings, RunRequest

DEFAULT_OUT = "out/live"
DEFAULT_REPLAY_OUT = "out/live-replay"
SETTINGS_FILE = "live.json"
"""In the folder of a run: what a repetition needs beside the inputs."""
_KNOWN = ("CARD", "SECONDS", "FILE", "LOSS", "DELAY_US", "SEED", "OUT", "REPLAY")


@dataclass(frozen=True)
class LiveOptions:
    """`request.settings.peer` is still to be set, unless `replay` is the folder of a run to repeat."""

    request: RunRequest
    replay: Path | None = None


def options_from(words: list[str]) -> LiveOptions:
    """Check `words`. Raises OptionError."""
    given: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or name not in _KNOWN:
            raise OptionError(f"unknown option {word!r}; the options are {', '.join(f'{each}=' for each in _KNOWN)}")
        if value:
            given[name] = value
    if "REPLAY" in given:
        return _replay(given)
    settings = BenchSettings(
        card=one_of("CARD", given.get("CARD", "model"), CARDS),
        seed=whole_of("SEED", given.get("SEED", "1"), 0, 2**63 - 1),
        loss=number_of("LOSS", given.get("LOSS", "0"), 0.0, 0.9),
        delay_us=number_of("DELAY_US", given.get("DELAY_US", "5"), 0.0, 10_000_000.0),
        family="ipv6",
    )
    options = {
        "seconds": number_of("SECONDS", given.get("SECONDS", "0"), 0.0, 1e6),
        "file": str(file_of(given["FILE"])) if "FILE" in given else "",
    }
    return LiveOptions(_request(settings, options, out_of(given.get("OUT", DEFAULT_OUT))))


def _request(settings: BenchSettings, options: dict[str, object], out: str) -> RunRequest:
    return RunRequest(
        module="models.scenarios.live",
        function="live",
        name="live",
        out=out,
        settings=settings,
        options=options,
        timeline=False,
        progress=True,
    )


def _replay(given: dict[str, str]) -> LiveOptions:
    """The settings are those of the recorded run."""
    text = given.pop("REPLAY")
    folder = Path(text)
    for name in given.keys() - {"OUT"}:
        raise OptionError(f"{name}={given[name]}: a repetition has the settings of its recording")
    try:
        recorded_frames(folder)
        saved = json.loads((folder / SETTINGS_FILE).read_text())
        settings = dataclasses.replace(BenchSettings(**saved["settings"]), peer=f"{RECORDED}{folder.resolve()}")
        options = dict(saved["options"])
        file = str(options["file"])
    except RecordingUnusable as error:
        raise OptionError(f"REPLAY={text}: {error}") from None
    except OSError as error:
        raise OptionError(f"REPLAY={text}: {SETTINGS_FILE}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError):
        raise OptionError(f"REPLAY={text}: {SETTINGS_FILE} is not the settings of a live run") from None
    if file:
        file_of(file)
    out = out_of(given.get("OUT", DEFAULT_REPLAY_OUT))
    if Path(out).resolve() == folder.resolve():
        raise OptionError(f"OUT={out}: this run's results would replace the recording; give another OUT=")
    return LiveOptions(_request(settings, options, out), folder)


def save_settings(request: RunRequest) -> None:
    """Leave in the run's folder what a repetition needs."""
    saved = {"settings": dataclasses.asdict(request.settings), "options": request.options}
    (Path(request.out) / SETTINGS_FILE).write_text(json.dumps(saved, indent=1) + "\n")
