"""Python snippets of a script: assertions about the connection, of a small part of the language that cannot do harm."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Mapping
from typing import Any

from models.packetdrill.script import Unsupported

_ALLOWED = (
    ast.Module, ast.Assert, ast.Expr, ast.Assign, ast.If, ast.Pass, ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not,
    ast.USub, ast.UAdd, ast.Invert, ast.BinOp, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.BitAnd,
    ast.BitOr, ast.BitXor, ast.RShift, ast.LShift, ast.Compare, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE,
    ast.In, ast.NotIn, ast.Is, ast.IsNot, ast.Name, ast.Load, ast.Store, ast.Constant, ast.IfExp, ast.Tuple, ast.List,
    ast.Call, ast.JoinedStr, ast.FormattedValue,
)
_FUNCTIONS = {"abs": abs, "min": min, "max": max, "int": int, "print": lambda *_: None, "str": str}


class AssertionFailed(Exception):
    """An assertion of the script does not hold."""


class _Names(dict[str, Any]):
    """Names of the snippet; one that does not exist is unsupported rather than wrong."""

    def __missing__(self, name: str) -> Any:
        if name.startswith("count_"):
            return 0
        raise Unsupported(f"{name} in a snippet")


def run(text: str, names: Mapping[str, Any]) -> None:
    """Run a snippet with `names`. Raises AssertionFailed, Unsupported (for what it may not use), ScriptError."""
    source = textwrap.dedent(text).strip()
    try:
        tree = ast.parse(source)
    except SyntaxError:
        try:
            tree = ast.parse("\n".join(line.strip() for line in source.splitlines()))
        except SyntaxError as error:
            raise AssertionFailed(f"the snippet is no Python: {error.msg}") from None
    _check(tree)
    known = _Names(names)
    known.update(_FUNCTIONS)
    known["__builtins__"] = {"AssertionError": AssertionError}
    for statement in tree.body:
        _execute(statement, known)


def _check(tree: ast.AST) -> None:
    for node in ast.walk(tree):
        if not isinstance(node, _ALLOWED):
            raise Unsupported(f"{type(node).__name__} in a snippet")
        if isinstance(node, ast.Call) and not (isinstance(node.func, ast.Name) and node.func.id in _FUNCTIONS):
            raise Unsupported(f"the call {ast.unparse(node)} in a snippet")
        if isinstance(node, ast.BinOp):
            big = isinstance(node.right, ast.Constant) and isinstance(node.right.value, int) and node.right.value <= 64
            if isinstance(node.op, ast.LShift) and not big:
                raise Unsupported("a shift by more than 64 in a snippet")
            text = any(isinstance(side, ast.Constant | ast.JoinedStr | ast.Tuple | ast.List)
                       and not isinstance(getattr(side, "value", None), int | float)
                       for side in (node.left, node.right))
            if isinstance(node.op, ast.Mult) and text:
                raise Unsupported("a repeated string or list in a snippet")


def _evaluate(node: ast.expr, names: _Names) -> Any:
    code = compile(ast.fix_missing_locations(ast.Expression(node)), "snippet", "eval")
    try:
        return eval(code, {"__builtins__": {}}, names)  # noqa: S307 - only what _check lets through
    except (ArithmeticError, TypeError, ValueError) as error:
        raise AssertionFailed(f"{ast.unparse(node)}: {error}") from None


def _execute(statement: ast.stmt, names: _Names) -> None:
    if isinstance(statement, ast.Assert):
        if not _evaluate(statement.test, names):
            raise AssertionFailed(_failure(statement, names))
    elif isinstance(statement, ast.Expr):
        if not (isinstance(statement.value, ast.Call) and getattr(statement.value.func, "id", "") == "print"):
            _evaluate(statement.value, names)
    elif isinstance(statement, ast.Assign):
        for target in statement.targets:
            if not isinstance(target, ast.Name):
                raise Unsupported("an assignment to anything but a name in a snippet")
            names[target.id] = _evaluate(statement.value, names)
    elif isinstance(statement, ast.If):
        for inner in statement.body if _evaluate(statement.test, names) else statement.orelse:
            _execute(inner, names)


def _failure(statement: ast.Assert, names: _Names) -> str:
    used = sorted({node.id for node in ast.walk(statement.test) if isinstance(node, ast.Name)
                   and node.id not in _FUNCTIONS and not node.id.isupper()})
    values = ", ".join(f"{name} is {names[name]}" for name in used)
    return f"assert {ast.unparse(statement.test)} fails" + (f": {values}" if values else "")
