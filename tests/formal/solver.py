"""The SMT solver Bitwuzla as a process that reads SMT-LIB from its standard input, as yosys-smtbmc wants a solver.

PyPI has Bitwuzla as a Python module only. Commands come one after another; those that answer do so at once.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TextIO

import bitwuzla


def commands(stream: TextIO) -> Iterator[str]:
    """The commands of an SMT-LIB stream, each as soon as its last parenthesis has come."""
    text, depth, quoted = "", 0, False
    for line in iter(stream.readline, ""):
        for character in line:
            if not quoted and character == ";":
                break  # comment
            text += character
            if character == "|":
                quoted = not quoted
            elif not quoted and character in "()":
                depth += 1 if character == "(" else -1
                if depth == 0:
                    yield text.strip()
                    text = ""


def items(command: str) -> list[str]:
    """The parts between the outer parentheses of a list."""
    found, text, depth, quoted = [], "", 0, False
    for character in command.strip()[1:-1]:
        if character == "|":
            quoted = not quoted
        if not quoted and character in "()":
            depth += 1 if character == "(" else -1
        if character.isspace() and depth == 0 and not quoted:
            if text:
                found.append(text)
            text = ""
        else:
            text += character
    return [*found, text] if text else found


class Solver:
    """Declarations and definitions go to the parser; assertions and questions to the solver itself."""

    def __init__(self) -> None:
        options = bitwuzla.Options()
        options.set(bitwuzla.Option.PRODUCE_MODELS, True)
        self._parser = bitwuzla.Parser(bitwuzla.TermManager(), options, base=2)
        self._solver = None

    def answer(self, command: str) -> str | None:
        """Carry out a command; what it prints, if anything."""
        name = command[1:].split(None, 1)[0].rstrip(")")
        if name in ("set-option", "set-info"):
            return None
        if name in ("set-logic", "declare-fun", "declare-const", "define-fun", "declare-sort", "define-sort"):
            self._parser.parse(command, True, False)
            return None
        if self._solver is None:
            self._solver = self._parser.bitwuzla()
        if name == "assert":
            self._solver.assert_formula(self._parser.parse_term(command[1:-1].split(None, 1)[1]))
        elif name in ("push", "pop"):
            getattr(self._solver, name)(int(items(command)[1]))
        elif name == "check-sat":
            return {bitwuzla.Result.SAT: "sat", bitwuzla.Result.UNSAT: "unsat"}.get(self._solver.check_sat(), "unknown")
        elif name == "get-value":
            terms = items(items(command)[1])
            values = [self._solver.get_value(self._parser.parse_term(term)) for term in terms]
            return "(" + " ".join(f"({term} {value.str()})" for term, value in zip(terms, values, strict=True)) + ")"
        else:
            raise ValueError(f"no such command here: {name}")
        return None


def main() -> int:
    if "--help" in sys.argv:
        print("--lang smt2")  # what yosys-smtbmc looks for
        return 0
    solver = Solver()
    for command in commands(sys.stdin):
        if command == "(exit)":
            break
        text = solver.answer(command)
        if text is not None:
            print(text, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
