"""What to do when PostgreSQL says no: rerun, wait, or give up, decided by the kind of error and nowhere else."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from enum import Enum
from typing import TypeVar

import asyncpg

from services.clock import monotonic
from services.telemetry import Log, note

Result = TypeVar("Result")

CONFLICTS = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError, asyncpg.UniqueViolationError)
AWAY = (
    OSError,  # TimeoutError too
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,  # too many connections, disk full, out of memory
    asyncpg.OperatorInterventionError,  # shutting down, crashed, cannot connect now, statement timeout
    asyncpg.LockNotAvailableError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.InvalidCachedStatementError,  # a migration ran beneath us; asyncpg forgets the statement and the next run works
)
# A conflict clears when the other transaction ends. One that is still there after this many reruns is a defect of ours (a
# unique key the code does not expect), and to rerun it for ever would hide it.
CONFLICT_RERUNS = 15
CONFLICT_SECONDS = 0.005  # first wait, a little longer than a usual transaction; doubled each time, with jitter
CONFLICT_CEILING_SECONDS = 0.2
AWAY_SECONDS = 0.1
AWAY_CEILING_SECONDS = 5.0  # so that work goes on within seconds of a server's return
SAY_EVERY_SECONDS = 60.0  # of being away, in the log


class Kind(Enum):
    """What an error asks of us."""

    CONFLICT = "rerun"
    AWAY = "wait and rerun, without end"
    DATA = "raise"


def kind_of(error: BaseException) -> Kind:
    """How to treat an error that came out of a transaction."""
    if isinstance(error, CONFLICTS):
        return Kind.CONFLICT
    if isinstance(error, AWAY):
        return Kind.AWAY
    # asyncpg says "connection is closed" with the type it also uses for misuse of its interface.
    if isinstance(error, asyncpg.InterfaceError) and "connection" in str(error) and "closed" in str(error):
        return Kind.AWAY
    # A server that died said so on an idle connection, and the end of that connection has not been read yet.
    if isinstance(error, asyncpg.InternalClientError) and "another operation" in str(error):
        return Kind.AWAY
    return Kind.DATA


async def rerun_on_conflict(work: Callable[[], Awaitable[Result]]) -> Result:
    """Run `work` (a whole transaction) until it commits. Errors of data are raised; cancel the task to give up waiting."""
    conflicts = waits = 0
    said = monotonic() - SAY_EVERY_SECONDS
    while True:
        try:
            return await work()
        except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError) as error:
            kind = kind_of(error)
            if kind is Kind.DATA or (kind is Kind.CONFLICT and conflicts >= CONFLICT_RERUNS):
                raise
            if kind is Kind.CONFLICT:
                pause = _backoff(CONFLICT_SECONDS, conflicts, CONFLICT_CEILING_SECONDS)
                conflicts += 1
                note(Log.DATABASE_CONFLICT, level=logging.DEBUG, error=error, rerun=conflicts)
            else:
                pause = _backoff(AWAY_SECONDS, waits, AWAY_CEILING_SECONDS)
                waits += 1
                if monotonic() - said >= SAY_EVERY_SECONDS:
                    said = monotonic()
                    note(Log.DATABASE_AWAY, level=logging.WARNING, error=error, attempts=waits)
        await asyncio.sleep(pause)


def _backoff(first_seconds: float, attempt: int, ceiling_seconds: float) -> float:
    """Doubling with full jitter: two that met once shall not meet again in step."""
    return random.uniform(0.2, 1.0) * min(ceiling_seconds, first_seconds * 2.0 ** min(attempt, 16))
