"""Named statistics counters."""


class Counters(dict[str, int]):
    """name -> count; a name that was never counted reads as 0."""

    def __missing__(self, name: str) -> int:
        return 0

    def count(self, name: str, amount: int = 1) -> None:
        """Add `amount` to the counter `name`."""
        self[name] = self.get(name, 0) + amount
