"""A script as text with a position in it: skips blanks and comments, matches patterns, names the line of a mistake."""

from __future__ import annotations

import re

from models.packetdrill.script import ScriptError

_BLANK = re.compile(r"(?:\s+|//[^\n]*|\#[^\n]*|/\*.*?\*/)+", re.DOTALL)


class Scanner:
    """Patterns are matched at the position, after blanks and comments; a match moves the position behind it."""

    def __init__(self, text: str, path: str) -> None:
        self.text = text
        self.path = path
        self.position = 0
        self._patterns: dict[str, re.Pattern[str]] = {}
        self.skip()

    def skip(self) -> None:
        """Go to the next thing that is neither blank nor comment."""
        if match := _BLANK.match(self.text, self.position):
            self.position = match.end()
        if self.text.startswith("/*", self.position):
            raise self.error("a comment that does not end")

    @property
    def at_end(self) -> bool:
        return self.position >= len(self.text)

    @property
    def line(self) -> int:
        return self.text.count("\n", 0, self.position) + 1

    def looking_at(self, pattern: str) -> re.Match[str] | None:
        """A match at the position, which stays."""
        compiled = self._patterns.get(pattern)
        if compiled is None:
            compiled = self._patterns[pattern] = re.compile(pattern, re.DOTALL)
        return compiled.match(self.text, self.position)

    def take(self, pattern: str) -> str | None:
        """Match and go behind it; the first group if there is one, else the whole; None without a match."""
        match = self.looking_at(pattern)
        if match is None:
            return None
        self.position = match.end()
        self.skip()
        return match.group(1) if match.re.groups else match.group()

    def expect(self, pattern: str, what: str) -> str:
        """As `take`, but it must be there."""
        taken = self.take(pattern)
        if taken is None:
            raise self.error(f"{what} expected")
        return taken

    def error(self, message: str) -> ScriptError:
        """What is wrong here, with file, line and the words at the position."""
        rest = self.text[self.position:].split("\n", 1)[0].strip()
        found = f"at '{rest[:30]}'" if rest else "at the end of the script" if self.at_end else "at the end of the line"
        return ScriptError(f"{self.path}:{self.line}: {message} {found}")
