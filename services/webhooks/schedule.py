"""When a failed delivery is tried again: data with units, jitter, and a clamp on what receivers ask for. Pure."""

import random
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

RETRIES: Final = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=12),
    timedelta(hours=24),
    timedelta(hours=24),
)
"""After each failed try, the wait until the next: some 69 hours in all, a long weekend of somebody else's outage."""

JITTER: Final = 0.2
"""Share by which a wait varies either way, so that many deliveries that failed together do not return together."""

RETRY_AFTER_MOST: Final = 4
"""`Retry-After` may lengthen a wait up to this many times. It never shortens one: the schedule is our own courtesy."""

PROBE_LEAST: Final = timedelta(seconds=30)
PROBE_MOST: Final = timedelta(seconds=120)
"""Between two tries at an endpoint whose breaker is open."""

BREAKER_OPENS_AT: Final = 5
"""Failures in a row."""


def wait(failed_tries: int, retry_after: timedelta | None = None, *, chance: float | None = None) -> timedelta | None:
    """Return how long to wait after this many failed tries; None once the schedule is used up.

    Args:
        failed_tries: counted from 1.
        retry_after: what the receiver asked for.
        chance: between 0 and 1, for tests; random otherwise.
    """
    if failed_tries > len(RETRIES):
        return None
    planned = RETRIES[failed_tries - 1]
    if retry_after is not None:
        planned = min(max(planned, retry_after), RETRY_AFTER_MOST * planned)
    lot = random.random() if chance is None else chance
    return planned * (1 + JITTER * (2 * lot - 1))


def probe(chance: float | None = None) -> timedelta:
    """Return when to try an endpoint with an open breaker again."""
    lot = random.random() if chance is None else chance
    return PROBE_LEAST + (PROBE_MOST - PROBE_LEAST) * lot


def retry_after(header: str | None, now: datetime) -> timedelta | None:
    """Read a Retry-After header, seconds or a date; None if there is none or it cannot be read."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit() and len(text) <= len("999999999"):
        return timedelta(seconds=int(text))
    try:
        moment = parsedate_to_datetime(text)
        return max(timedelta(0), moment - now)
    except (ValueError, TypeError, OverflowError):
        return None
