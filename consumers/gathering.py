"""Letting rows gather where they come in a stream.

A step of a few rows costs nearly what one of many costs: at 300 events a second, taken in and judged as they came, an event
cost more than twice what it costs in full batches, and at 500 two cores had no time left for the events themselves (ADR
0024). So while much comes, steps begin at least `GATHER_SECONDS` apart, unless the last had its hands full. While little
comes nobody waits: an alert that comes alone is judged at once.
"""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from math import exp
from typing import Final

from services.clock import monotonic

GATHER_SECONDS: Final = 0.1
"""From the beginning of a step to the beginning of the next: a tenth of what the 99th percentile may take."""
STREAM_PER_SECOND: Final = 500.0
"""Rows a second from which on it is a stream: well above what the 100 events a second at which alerts are to be told within
300 ms make of events or, at up to 1.9 for each, of people. At 250 their bursts were gathered too (p50 0.18 s for 0.12)."""
MEMORY_SECONDS: Final = 0.5
"""Over which the rate is found: longer, and the first batches of a stream are small; shorter, and any one batch is one."""


@dataclass(slots=True)
class Gathering:
    """The pace of all workers of a process that share a queue."""

    full: int
    """Rows of a step that had its hands full: nobody rests after that."""
    clock: Callable[[], float] = monotonic
    """Seconds."""
    _level: float = 0.0
    """Rows of late, each counting for less the longer ago it was."""
    _noted: float = field(init=False)
    _opens: float = field(init=False)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._noted = self._opens = self.clock()

    def note(self, rows: int) -> None:
        """A step has begun with so many rows."""
        now = self.clock()
        self._level = self._late(now) + rows
        self._noted = now
        self._opens = self._next(now) if rows < self.full else now
        self._changed.set()

    def begin(self) -> None:
        """A step begins; how many rows it finds will be noted if it finds any. Others wait for those that come after."""
        self._opens = self._next(self.clock())

    @property
    def left(self) -> float:
        """Seconds until the next step may begin; none or less: now."""
        return self._opens - self.clock()

    async def turn(self) -> None:
        """Wait until the next step may begin, and begin it."""
        while (left := self.left) > 0:
            self._changed.clear()
            with contextlib.suppress(TimeoutError):  # a step that had its hands full lets the next begin sooner
                await asyncio.wait_for(self._changed.wait(), left)
        self.begin()

    def _late(self, now: float) -> float:
        return self._level * exp((self._noted - now) / MEMORY_SECONDS)

    def _next(self, now: float) -> float:
        return now + GATHER_SECONDS if self._late(now) > STREAM_PER_SECOND * MEMORY_SECONDS else now
