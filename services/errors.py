"""What can go wrong, as types. Expected failures are typed, carry no input, and never page anybody.

    TocsinError
    ├── Refused                  the caller's doing; say what to change (gateway/problems.py holds the status codes)
    │   ├── InvalidEvent         does not fit its schema; names field paths and codes, never values
    │   ├── NotPermitted         known caller, not allowed
    │   ├── NotFound             is not there, or may not be seen: both look the same
    │   ├── Conflict             contradicts what was taken in first
    │   ├── TooLarge             over a published limit
    │   └── RateLimited          too many at once; try again after `retry_after_seconds`
    ├── Unavailable              a server we need is away; try again after `retry_after_seconds`
    │   ├── BusUnavailable       Kafka
    │   └── DatabaseUnavailable  PostgreSQL
    ├── Poison                   bytes on a topic that no retry can make into an event: dead-letter, go on
    └── Incomplete               a judgement that could not be finished: keep as such, retry, page an operator

Messages are built from field path and error code; nothing that a caller sent may stand in them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

RETRY_AFTER_SECONDS = 5  # long enough for a broker to elect a leader, short enough not to lose a sender's patience


class TocsinError(Exception):
    """Everything we raise on purpose."""


@dataclass(frozen=True)
class Fault:
    """One thing wrong with an input: where (`data.people[0].born`), which code, and what would be right."""

    path: str
    code: str
    fix: str


class Refused(TocsinError):
    """The caller can put it right."""

    code = "refused"

    def __init__(self, message: str, *, faults: Sequence[Fault] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.faults = tuple(faults)


class InvalidEvent(Refused):
    """Does not fit the schema of its type."""

    code = "invalid-event"


class NotPermitted(Refused):
    """The caller is known and may not do this."""

    code = "not-permitted"


class NotFound(Refused):
    """Not there, or not for this caller."""

    code = "not-found"


class Conflict(Refused):
    """Contradicts what stands."""

    code = "conflict"


class TooLarge(Refused):
    """Over a published limit."""

    code = "too-large"


class RateLimited(Refused):
    """Too many at once."""

    code = "rate-limited"

    def __init__(self, message: str, *, retry_after_seconds: int = RETRY_AFTER_SECONDS) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class Unavailable(TocsinError):
    """A server we need is away; nothing was lost, nothing was done."""

    def __init__(self, message: str, *, retry_after_seconds: int = RETRY_AFTER_SECONDS) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class BusUnavailable(Unavailable):
    """Kafka did not take it on all in-sync replicas in time."""


class DatabaseUnavailable(Unavailable):
    """PostgreSQL is away, or out of connections."""


class Poison(TocsinError):
    """No retry can make an event of these bytes. `reason` is a code fit for the dead-letter topic."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Incomplete(TocsinError):
    """A judgement that could not be finished. `reason` is a code: `case-too-large`, `rule-failed`, `no-calendar`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
