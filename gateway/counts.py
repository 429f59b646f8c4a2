"""Log lines that count: at thousands of requests a second a line for each would cost as much as the work, and say less."""

from collections import Counter
from collections.abc import Callable
from typing import Final

from services.clock import monotonic

WRITE_SECONDS: Final = 10.0  # between two lines of counts


class Counts:
    """How often what happened, written every few seconds: `write_line` is called with what happened and how often."""

    def __init__(self, write_line: Callable[..., None]) -> None:
        self._write_line = write_line
        self._counts: Counter[tuple[str | int, ...]] = Counter()
        self._since = monotonic()

    def add(self, *what: str | int) -> None:
        """Count one, and write if it is time."""
        self._counts[what] += 1
        if monotonic() - self._since >= WRITE_SECONDS:
            self.write()

    def write(self) -> None:
        """Write what was counted and begin anew."""
        counts, self._counts = self._counts, Counter()
        for what, count in sorted(counts.items(), key=str):
            self._write_line(*what, count)
        self._since = monotonic()
