"""PostgreSQL through asyncpg: pools, and the one way to open a transaction on a hot path."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from services.db.rerun import rerun_on_conflict
from services.settings import Settings

# In quotes: generic for the type checker, not at run time.
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]"
Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"

CONNECT_SECONDS = 5.0  # a server on the same network that needs longer is away
APPLICATION = "tocsin"


async def open_pool(settings: Settings, *, size: int | None = None, task: str = "", plan_once: bool = False) -> Pool:
    """A pool for one task of a process. JSON columns come and go as text: who needs them knows their shape.

    `plan_once` is for tasks all of whose statements are lookups by key, for which every plan is the same: left to itself,
    the server plans those that take arrays anew each time, which costs more than running them.
    """
    pool = await asyncpg.create_pool(
        settings.database_url,
        min_size=1,
        max_size=size or settings.database_pool_size,
        timeout=CONNECT_SECONDS,
        # Nobody sets session state (only SET LOCAL), so the RESET ALL that asyncpg sends at each release, one round trip
        # for every transaction, has nothing to reset.
        reset=_keep,
        server_settings={
            "application_name": f"{APPLICATION}:{task}" if task else APPLICATION,
            "statement_timeout": _milliseconds(settings.database_statement_timeout_seconds),
            "idle_in_transaction_session_timeout": _milliseconds(settings.database_idle_timeout_seconds),
            "timezone": "UTC",
            "plan_cache_mode": "force_generic_plan" if plan_once else "auto",
        },
    )
    assert pool is not None, "create_pool only returns None when it is given a connection"  # noqa: S101
    return pool


async def wait_for_pool(settings: Settings, *, size: int, task: str, plan_once: bool = False) -> Pool:
    """As `open_pool`, for a task in the background: waits for a server that is away or too busy to answer, without end.

    A task that gave up would end its process; a lost connection does not either.
    """
    return await rerun_on_conflict(lambda: open_pool(settings, size=size, task=task, plan_once=plan_once))


async def _keep(_: Connection) -> None:
    """Leave the session as it is."""


@asynccontextmanager
async def hot_transaction(pool: Pool) -> AsyncIterator[Connection]:
    """One READ COMMITTED transaction: commits when the block ends, rolls back when it raises.

    READ COMMITTED on purpose: workers lock what they decide on and then look, so each statement must see what was
    committed before it took its locks. Statement and idle time limits are those of the pool.
    """
    async with pool.acquire() as connection, connection.transaction(isolation="read_committed"):
        yield connection


@asynccontextmanager
async def snapshot_transaction(pool: Pool) -> AsyncIterator[Connection]:
    """One REPEATABLE READ transaction: all its statements see one moment, and it conflicts with whoever changed what it locks.

    For whoever locks rows and then says to somebody outside what they and others say together. Run it again on a conflict
    (services.db.rerun).
    """
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read"):
        yield connection


def _milliseconds(seconds: float) -> str:
    return str(int(seconds * 1000))
