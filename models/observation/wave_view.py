"""Writes a GTKWave save file that opens a waveform with its signals grouped, and states and commands by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vcd.gtkw import GTKWSave, make_translation_filter

# Declared range (msb, lsb) of a signal by its full path, None for a single bit; KeyError when there is no such signal.
RangeOf = Callable[[str], tuple[int, int] | None]


@dataclass(frozen=True)
class Signal:
    """A signal to show: full path with dots.

    label: shown instead of the last part of the path; width: bits, used when the design is not asked; radix: hex,
    dec, signed, bin, ascii; names: text shown for a value.
    """

    path: str
    label: str = ""
    width: int = 1
    radix: str = "hex"
    names: Mapping[int, str] | None = None


@dataclass(frozen=True)
class Group:
    """Signals that belong together, under a heading that can be folded."""

    name: str
    signals: Sequence[Signal]
    closed: bool = False


def write_save_file(
    path: Path | str,
    dump_path: Path | str,
    groups: Sequence[Group],
    range_of: RangeOf | None = None,
    marker_ps: int = -1,
    start_ps: int = 0,
) -> list[str]:
    """Writes the save file, and beside it a folder <save file>.names with the names of values.

    `range_of` asks the design for a signal's range; signals that it does not have are left out. `marker_ps` sets the
    primary marker (-1: none), `start_ps` what the window shows first. Returns the paths of the signals left out.
    """
    path = Path(path).absolute()
    names_folder = path.with_name(path.name + ".names")
    missing: list[str] = []
    files: dict[str, str] = {}
    with path.open("w", encoding="utf-8") as file:
        save = GTKWSave(file)
        # Absolute paths: GTKWave then finds the dump beside the save file even when both have been moved.
        save.dumpfile(str(Path(dump_path).absolute()))
        save.savefile(str(path))
        save.timestart(start_ps)
        save.zoom_markers(_zoom(marker_ps), marker_ps)
        save.sst_expanded(True)
        save.signals_width(260)
        for group in groups:
            shown = _resolve(group.signals, range_of, missing)
            if not shown:
                continue
            with save.group(group.name, closed=group.closed):
                for signal, range_text, width in shown:
                    save.trace(
                        signal.path + range_text,
                        alias=signal.label or None,
                        datafmt=signal.radix,
                        translate_filter_file=_filter_file(names_folder, signal, width, files),
                    )
    return missing


def _resolve(
    signals: Sequence[Signal], range_of: RangeOf | None, missing: list[str]
) -> list[tuple[Signal, str, int]]:
    """The signals that exist, each with the range as GTKWave writes it and its width."""
    found = []
    for signal in signals:
        declared: tuple[int, int] | None = (signal.width - 1, 0) if signal.width > 1 else None
        if range_of is not None:
            try:
                declared = range_of(signal.path)
            except KeyError:
                missing.append(signal.path)
                continue
        if declared is None:
            found.append((signal, "", 1))
        else:
            found.append((signal, f"[{declared[0]}:{declared[1]}]", abs(declared[0] - declared[1]) + 1))
    return found


def _filter_file(folder: Path, signal: Signal, width: int, files: dict[str, str]) -> str | None:
    """The file with the names of a signal's values; signals with the same names share one (`files`, by text)."""
    if not signal.names:
        return None
    names = sorted((value, text) for value, text in signal.names.items() if 0 <= value < 1 << width)
    text = make_translation_filter(names, datafmt=signal.radix, size=width) + "\n"
    if text not in files:
        folder.mkdir(exist_ok=True)
        file = folder / f"{signal.path}.txt"
        file.write_text(text, encoding="utf-8")
        files[text] = str(file)
    return files[text]


def _zoom(marker_ps: int) -> float:
    """GTKWave's zoom is minus the logarithm (base 2) of the time a pixel shows; this shows some milliseconds."""
    return -22.0 if marker_ps < 0 else -14.0
