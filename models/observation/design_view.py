"""Finds what is worth seeing in the running design: state machines, handshakes and addresses, block by block.

Walks the simulator's handles (their attributes only; nothing here imports the simulator's library).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from models.observation.wave_view import Group, RangeOf, Signal

# Registers that hold a state: state, state_reg, w_state_reg, ...
_STATE = re.compile(r"(\w+_)?state(_reg)?")

# Signals of a block's own scope that are shown, in this order.
PATTERNS = (
    r"clk|rst|reset",
    r"busy",
    r"\w*irq\w*",
    r"cmd_\w+|done_\w+|request|grant\w*",
    r"[sm]_axi_(\w+_)?(aw|ar)(valid|ready|addr|len|id)",
    r"[sm]_axi_(\w+_)?(w|r|b)(valid|ready|last|resp|data)",
    r"[sm]_axil_(\w+_)?(aw|ar|w|r|b)(valid|ready|addr|data|resp)",
    r"[sm]_axis_(\w+_)?(tvalid|tready|tlast|tdata|tkeep|tuser)",
    r"gmii_\w+",
)


@dataclass(frozen=True)
class Block:
    """A block of the design: its heading, the path of its instance, and which of its signals to show.

    `states`: show the state registers of the instance and of all below it, first.
    """

    title: str
    scope: str
    patterns: Sequence[str] = PATTERNS
    closed: bool = True
    states: bool = True


def _is_scope(handle: Any) -> bool:
    return not hasattr(handle, "value") and hasattr(handle, "__iter__")


def _is_value(handle: Any) -> bool:
    # A memory has a value too, but can be iterated over.
    return hasattr(handle, "value") and hasattr(handle, "is_const") and not hasattr(type(handle), "__iter__")


def _is_signal(handle: Any) -> bool:
    return _is_value(handle) and not handle.is_const


def _is_constant(handle: Any) -> bool:
    return _is_value(handle) and bool(handle.is_const)


def _range(handle: Any) -> tuple[int, int] | None:
    declared = getattr(handle, "range", None)
    return None if declared is None else (declared.left, declared.right)


def _find(top: Any, path: str) -> Any:
    """The handle of a path that begins with the top module's name. Raises KeyError."""
    first, *rest = path.split(".")
    if first != top._name:
        raise KeyError(path)
    handle = top
    for part in rest:
        name, *indices = re.split(r"[\[\]]+", part.rstrip("]"))
        try:
            handle = getattr(handle, name)
            for index in indices:
                handle = handle[int(index)]
        except (AttributeError, IndexError, TypeError, ValueError):
            raise KeyError(path) from None
    return handle


def ranges_of(top: Any) -> RangeOf:
    """A RangeOf that asks the running design; `top` is the simulator's handle of the top module.

    Memories and constants count as missing: a waveform does not hold them.
    """

    def range_of(path: str) -> tuple[int, int] | None:
        handle = _find(top, path)
        if not _is_signal(handle):
            raise KeyError(path)
        return _range(handle)

    return range_of


def _children(scope: Any) -> list[Any]:
    """What is in a scope, by name: simulators tell it in different orders."""
    return sorted(scope, key=_by_name)


def _by_name(handle: Any) -> list[int | str]:
    return [int(part) if part.isdigit() else part for part in _PARTS.split(handle._name)]


_PARTS = re.compile(r"(\d+)")  # numbers in a name, so that [10] comes after [9]


def _scopes(scope: Any) -> Iterator[Any]:
    """The scope and all below it."""
    yield scope
    for child in _children(scope):
        if _is_scope(child):
            yield from _scopes(child)


def state_names(register: str, constants: dict[str, int]) -> dict[int, str]:
    """Names of a state register's values among the constants of its module.

    `state_reg` has the constants STATE_... or ST_..., `w_state_reg` those that begin with W_STATE_ or W_; constants
    named in another way are not guessed at.
    """
    base = register.removesuffix("_reg").upper()
    for prefix in (f"{base}_", base.removesuffix("STATE"), "STATE_", "ST_"):
        names = {value: name[len(prefix) :] for name, value in constants.items() if prefix and name.startswith(prefix)}
        if len(names) > 1:
            return names
    return {}


def _states(block: Any) -> list[Signal]:
    found = []
    for scope in _scopes(block):
        children = _children(scope)
        registers = [c for c in children if _is_signal(c) and _STATE.fullmatch(c._name)]
        if not registers:
            continue
        constants = {c._name: _integer(c) for c in children if _is_constant(c)}
        known = {name: value for name, value in constants.items() if value is not None}
        inner = scope._path[len(block._path) :].lstrip(".").replace(".", "/")
        for register in registers:
            # GTKWave shows what stands behind the last dot
            label = f"{inner}/{register._name}" if inner else register._name
            found.append(
                Signal(register._path, label.removesuffix("_reg"), names=state_names(register._name, known) or None)
            )
    return found


def _integer(handle: Any) -> int | None:
    value = handle.value
    try:
        return int(value.to_unsigned() if hasattr(value, "to_unsigned") else value)
    except (TypeError, ValueError):
        return None


def _shown(block: Any, patterns: Sequence[str]) -> list[Signal]:
    signals = [child for child in _children(block) if _is_signal(child)]
    found: list[Signal] = []
    for pattern in patterns:
        rule = re.compile(pattern)
        found += [Signal(s._path, s._name) for s in signals if rule.fullmatch(s._name)]
    return found


def discover(top: Any, blocks: Sequence[Block], inside: str = "") -> list[Group]:
    """The groups to show: first the given blocks, then every instance directly in `inside` that is none of them.

    Blocks that the design does not have are left out.
    """
    known = {block.scope for block in blocks}
    wanted = list(blocks)
    if inside:
        children = [c for c in _children(_find(top, inside)) if _is_scope(c) and not c._name.startswith("$")]
        wanted += [Block(c._name, c._path) for c in children if c._path not in known]
    groups = []
    for block in wanted:
        try:
            scope = _find(top, block.scope)
        except KeyError:
            continue
        if not _is_scope(scope):
            continue
        states = _states(scope) if block.states else []
        seen = {signal.path for signal in states}
        signals = states + [s for s in _shown(scope, block.patterns) if s.path not in seen]
        if signals:
            groups.append(Group(block.title, signals, block.closed))
    return groups
