"""What a link does to frames on purpose: by chance (seeded), or by a script on chosen frames."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from models.network.ethernet_fcs import FCS_BYTES, fcs, is_good
from models.observation.capture import DAMAGED


@dataclass(frozen=True)
class Drop:
    """The frame is lost."""


@dataclass(frozen=True)
class Reorder:
    """The frame is held until `past` later frames of its direction have passed, or for `at_most_ps`."""

    past: int = 1
    at_most_ps: int = 10**10

    def __post_init__(self) -> None:
        if self.past < 1:
            raise ValueError("a frame is reordered past one frame at least")


@dataclass(frozen=True)
class Duplicate:
    """The frame comes `copies` times more."""

    copies: int = 1


@dataclass(frozen=True)
class Corrupt:
    """Bytes are changed: each of `flips` (offset, value to XOR), or `count` seeded ones.

    The FCS is wrong then, unless `mend_fcs` makes it right again (damage inside a switch, which only the checksums of
    IP and TCP can find).
    """

    flips: tuple[tuple[int, int], ...] = ()
    count: int = 1
    mend_fcs: bool = False


@dataclass(frozen=True)
class Truncate:
    """Only the first `length` bytes arrive."""

    length: int = 32


Action = Drop | Reorder | Duplicate | Corrupt | Truncate


@dataclass(frozen=True)
class Rule:
    """`action` for the `when`-th frame of a direction (the first is 1), or for each frame where `when(number, frame)`.

    `times` limits how often a rule acts.
    """

    when: int | Callable[[int, bytes], bool]
    action: Action
    times: int | None = None

    def matches(self, number: int, frame: bytes) -> bool:
        return self.when(number, frame) if callable(self.when) else number == self.when


@dataclass(frozen=True)
class Chance:
    """Probabilities for each frame, tried in this order until one happens."""

    loss: float = 0.0
    corruption: float = 0.0
    duplication: float = 0.0
    reordering: float = 0.0
    reorder_past: int = 3

    def __post_init__(self) -> None:
        for name in ("loss", "corruption", "duplication", "reordering"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ValueError(f"{name} {getattr(self, name)} is no probability")


class Fate(NamedTuple):
    """What becomes of a frame: the copies that go on, whether they are held first, and a comment for captures."""

    frames: tuple[bytes, ...]
    hold: Reorder | None = None
    comment: str | None = None
    lost: bool = False
    damaged: bool = False
    unimpaired: bool = False
    """It goes on as it is."""


@dataclass
class Impairment:
    """One direction's impairment. The first rule that matches acts; where none does, chance may."""

    rules: Sequence[Rule] = ()
    chance: Chance = Chance()
    seed: object = 1
    _number: int = field(default=0, init=False)
    _used: dict[int, int] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self._random = random.Random(f"impairment {self.seed}")

    def fate(self, frame: bytes) -> Fate:
        """Decide about the next frame (with FCS)."""
        self._number += 1
        for index, rule in enumerate(self.rules):
            used = self._used.get(index, 0)
            if (rule.times is None or used < rule.times) and rule.matches(self._number, frame):
                self._used[index] = used + 1
                return self._act(rule.action, frame)
        action = self._by_chance()
        return Fate((frame,), unimpaired=True) if action is None else self._act(action, frame)

    def _by_chance(self) -> Action | None:
        chance, draw = self.chance, self._random.random
        if chance.loss and draw() < chance.loss:
            return Drop()
        if chance.corruption and draw() < chance.corruption:
            return Corrupt()
        if chance.duplication and draw() < chance.duplication:
            return Duplicate()
        if chance.reordering and draw() < chance.reordering:
            return Reorder(chance.reorder_past)
        return None

    def _act(self, action: Action, frame: bytes) -> Fate:
        match action:
            case Drop():
                return Fate((), comment="lost by the link", lost=True)
            case Reorder():
                return Fate((frame,), hold=action, comment=f"held by the link past {action.past}")
            case Duplicate():
                return Fate((frame,) * (1 + action.copies), comment="duplicated by the link")
            case Truncate():
                cut = frame[: action.length]
                comment = f"{DAMAGED}: cut from {len(frame)} to {len(cut)} bytes"
                return Fate((cut,) if cut else (), comment=comment, lost=not cut, damaged=True)
            case Corrupt():
                changed, offsets = self._corrupt(action, frame)
                comment = f"{DAMAGED}: bytes {', '.join(map(str, offsets))} changed"
                if action.mend_fcs:
                    comment += ", FCS mended"
                return Fate((changed,), comment=comment, damaged=True)
        raise TypeError(f"no action: {action!r}")

    def _corrupt(self, action: Corrupt, frame: bytes) -> tuple[bytes, list[int]]:
        end = len(frame) - (FCS_BYTES if action.mend_fcs else 0)
        while True:
            flips = action.flips or tuple(
                (self._random.randrange(end), self._random.randrange(1, 256)) for _ in range(action.count)
            )
            changed = bytearray(frame)
            for offset, value in flips:
                if not 0 <= offset < len(frame):
                    raise ValueError(f"byte {offset} of a frame of {len(frame)}")
                changed[offset] ^= value
            if action.mend_fcs:
                changed[-FCS_BYTES:] = fcs(bytes(changed[:-FCS_BYTES]))
            if bytes(changed) != frame and (action.flips or action.mend_fcs or not is_good(bytes(changed))):
                return bytes(changed), sorted({offset for offset, _ in flips})
            if action.flips:
                raise ValueError("these flips change nothing")
