"""Options of `make live`: NAME=value words checked and turned into a request to run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from models.network.live_wire import SETTINGS_FILE, saved_request
from models.network.peer_names import RECORDED
from models.network.tap import RecordingUnusable, has_ended, recorded_frames, recorded_stop
from models.options import CARDS, OptionError, file_of, number_of, one_of, out_of, waves_window, whole_of
from models.settings import BenchSettings, RunRequest

DEFAULT_OUT = "out/live"
DEFAULT_REPLAY_OUT = "out/live-replay"
_KNOWN = ("CARD", "SECONDS", "FILE", "LOSS", "DELAY_US", "SEED", "WAVES", "OUT", "REPLAY")


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
    request = RunRequest(
        module="models.scenarios.live",
        function="live",
        name="live",
        out=out_of(given.get("OUT", DEFAULT_OUT)),
        settings=settings,
        options=options,
        waves=waves_window(given.get("WAVES", "0")),
        timeline=False,
        progress=True,
    )
    return LiveOptions(request)


def _replay(given: dict[str, str]) -> LiveOptions:
    """The settings are those of the recorded run."""
    text = given.pop("REPLAY")
    folder = Path(text)
    for name in sorted(given.keys() - {"OUT", "WAVES"}):
        raise OptionError(f"{name}={given[name]}: a repetition has the settings of its recording")
    waves = waves_window(given.get("WAVES", "0"))
    try:
        recorded_frames(folder)
        if has_ended(folder):
            recorded_stop(folder)
        request = saved_request(folder, given.get("OUT", DEFAULT_REPLAY_OUT), waves=waves, timeline=True)
    except RecordingUnusable as error:
        raise OptionError(f"REPLAY={text}: {error}") from None
    except OSError as error:
        raise OptionError(f"REPLAY={text}: {SETTINGS_FILE}: {error.strerror}") from None
    except ValueError:
        raise OptionError(f"REPLAY={text}: {SETTINGS_FILE} is not the settings of a live run") from None
    if request.options.get("file"):
        file_of(request.options["file"])
    out_of(request.out)
    if Path(request.out).resolve() == folder.resolve():
        raise OptionError(f"OUT={request.out}: this run's results would replace the recording; give another OUT=")
    settings = replace(request.settings, peer=f"{RECORDED}{folder.resolve()}")
    return LiveOptions(replace(request, settings=settings), folder)
