"""What to do when PostgreSQL says no: rerun, wait, or give up, decided by the kind of error and nowhere else."""

import asyncio
import logging
import math
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from enum import Enum
from typing import TypeVar

import asyncpg

from services.clock import monotonic
from services.telemetry import Log, note

Result = TypeVar("Result")

FAILURES = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
"""All that a transaction may end with because of the server or the way to it. Whoever catches fewer ends with the one left out: asyncpg
says by an internal error of its own that a server died on an idle connection."""
CONFLICTS = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError, asyncpg.UniqueViolationError)
AWAY = (
    OSError,  # TimeoutError too
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,  # too many connections, disk full, out of memory
    asyncpg.OperatorInterventionError,  # shutting down, crashed, cannot connect now
    asyncpg.LockNotAvailableError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.InvalidCachedStatementError,  # a migration ran beneath us; asyncpg forgets the statement and the next run works
)
RERUN_PAUSES = (
    0.005,
    0.2,
)  # seconds: the first, a little longer than a usual transaction, doubled each time up to the second
AWAY_PAUSES = (0.1, 5.0)  # seconds; so that work goes on within seconds of a server's return
SAY_EVERY_SECONDS = 60.0  # of being away, in the log


class Kind(Enum):
    """What an error asks of us."""

    CONFLICT = "rerun"
    SLOW = "rerun a few times"
    AWAY = "wait and rerun, without end"
    DATA = "raise"


RERUNS = {
    Kind.DATA: 0,
    # A conflict clears when the other transaction ends. One that is still there after this many is a defect of ours (a unique
    # key the code does not expect), and to rerun it for ever would hide it.
    Kind.CONFLICT: 15,
    # A busy server clears within a few statement timeouts (minutes). A statement that takes longer asks for more than it
    # should: to rerun it for ever would hold up everything behind it, and read as an outage.
    Kind.SLOW: 5,
}
RERUN_LOGS = {
    Kind.CONFLICT: (Log.DATABASE_CONFLICT, logging.DEBUG),
    Kind.SLOW: (Log.DATABASE_SLOW, logging.WARNING),
}


def kind_of(error: BaseException) -> Kind:
    """How to treat an error that came out of a transaction."""
    if isinstance(error, CONFLICTS):
        return Kind.CONFLICT
    if isinstance(error, asyncpg.QueryCanceledError):
        return Kind.SLOW
    if isinstance(error, AWAY):
        return Kind.AWAY
    # asyncpg says "connection is closed" with the type it also uses for misuse of its interface.
    if isinstance(error, asyncpg.InterfaceError) and "connection" in str(error) and "closed" in str(error):
        return Kind.AWAY
    # A server that died said so on an idle connection (asyncpg's state 2: an error is being read), and the end of that
    # connection has not been read yet. Any other state would be two of us on one connection: no outage, but a defect of ours.
    if isinstance(error, asyncpg.InternalClientError) and "another operation (2)" in str(error):
        return Kind.AWAY
    return Kind.DATA


async def rerun_on_conflict(work: Callable[[], Awaitable[Result]]) -> Result:
    """Run `work` (a whole transaction) until it commits. Cancel the task to give up waiting.

    Raises what is no use rerunning: errors of data at once, conflicts and statement timeouts when they have no end.
    """
    tries: Counter[Kind] = Counter()
    said = monotonic() - SAY_EVERY_SECONDS
    while True:
        try:
            return await work()
        except FAILURES as error:
            kind = kind_of(error)
            if tries[kind] >= RERUNS.get(kind, math.inf):
                raise
            tries[kind] += 1
            if kind is not Kind.AWAY:
                log, level = RERUN_LOGS[kind]
                note(log, level=level, error=error, rerun=tries[kind])
            elif monotonic() - said >= SAY_EVERY_SECONDS:
                said = monotonic()
                note(Log.DATABASE_AWAY, level=logging.WARNING, error=error, attempts=tries[kind])
        first, ceiling = AWAY_PAUSES if kind is Kind.AWAY else RERUN_PAUSES
        await asyncio.sleep(_backoff(first, tries[kind] - 1, ceiling))


def _backoff(first_seconds: float, attempt: int, ceiling_seconds: float) -> float:
    """Doubling with full jitter: two that met once shall not meet again in step."""
    return random.uniform(0.2, 1.0) * min(ceiling_seconds, first_seconds * 2.0 ** min(attempt, 16))
