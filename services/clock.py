"""The only place that asks the system what time it is.

Judgements use the *domain clock*, one database row that a replay can drive (services/db/clock_store.py, and
`domain_now()` in SQL). What is here is for leases, tokens, signatures, retention and measuring, which stay real.
"""

import time
from datetime import UTC, datetime


def real_now() -> datetime:
    """The system's time, aware, in UTC."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Seconds that only ever grow, for measuring and time limits."""
    return time.monotonic()
