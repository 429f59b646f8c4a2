"""Pools, transactions, reruns and the clock, on a real server."""

import asyncio
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from deploy.embedded.ports import free_ports
from services.clock import real_now
from services.db import Pool, hot_transaction, open_pool, rerun_on_conflict, wait_for_pool
from services.db.clock_store import ClockRunsForward, read_clock, set_manual
from services.db.migrate import MIGRATIONS, migrate
from services.db.rerun import RERUNS, Kind
from services.settings import Settings

VERSIONS = MIGRATIONS / "versions"
MARCH_2013 = datetime(2013, 3, 20, 9, 0, tzinfo=UTC)


async def test_a_hot_transaction_commits_when_its_block_ends(pool: Pool) -> None:
    async with hot_transaction(pool) as connection:
        await set_manual(connection, MARCH_2013)
    async with hot_transaction(pool) as connection:
        assert (await read_clock(connection)).now == MARCH_2013


async def test_a_hot_transaction_rolls_back_when_its_block_raises(pool: Pool) -> None:
    with pytest.raises(ZeroDivisionError):
        async with hot_transaction(pool) as connection:
            await set_manual(connection, MARCH_2013)
            raise ZeroDivisionError
    async with hot_transaction(pool) as connection:
        assert (await read_clock(connection)).mode == "real"


async def test_a_hot_transaction_is_open_from_its_first_statement(pool: Pool) -> None:
    async with hot_transaction(pool) as connection:
        assert connection.is_in_transaction()
        assert await connection.fetchval("SHOW transaction_isolation") == "read committed"
        assert await connection.fetchval("SHOW idle_in_transaction_session_timeout") == "30s"
        assert await connection.fetchval("SHOW statement_timeout") == "30s"


async def test_a_connection_comes_back_from_the_pool_with_its_time_limits(pool: Pool) -> None:
    async with hot_transaction(pool) as connection:
        await connection.execute("SET LOCAL statement_timeout = '1s'")
    async with hot_transaction(pool) as connection:
        assert await connection.fetchval("SHOW statement_timeout") == "30s"


async def test_a_task_waits_for_a_server_that_is_away() -> None:
    (port,) = free_ports(1)
    nobody = Settings().model_copy(update={"database_url": f"postgresql://nobody@127.0.0.1:{port}/none"})
    with pytest.raises(OSError, match="onnect"):
        await open_pool(nobody)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(wait_for_pool(nobody, size=1, task="patient"), 0.5)


async def test_the_real_clock_is_the_start_of_the_transaction(pool: Pool) -> None:
    async with hot_transaction(pool) as connection:
        first, second = await read_clock(connection), await read_clock(connection)
    assert first == second
    assert abs(first.now - real_now()) < timedelta(seconds=30)


async def test_a_manual_clock_only_moves_forward(pool: Pool) -> None:
    async with hot_transaction(pool) as connection:
        await set_manual(connection, MARCH_2013)
        await set_manual(connection, MARCH_2013)
        with pytest.raises(ClockRunsForward):
            await set_manual(connection, MARCH_2013 - timedelta(seconds=1))
        await connection.execute(
            "UPDATE clock SET mode = 'real', manual_now = NULL"
        )  # as deploy/runbooks/manual-clock.md does
        assert (await read_clock(connection)).mode == "real"


async def test_there_is_only_one_clock(pool: Pool) -> None:
    with pytest.raises(asyncpg.UniqueViolationError):
        await pool.execute("INSERT INTO clock (mode) VALUES ('real')")


async def test_conflicts_are_rerun_until_they_clear() -> None:
    runs = []

    async def work() -> str:
        runs.append(1)
        if len(runs) < 3:
            raise asyncpg.DeadlockDetectedError
        if len(runs) < 5:
            raise ConnectionRefusedError
        return "done"

    assert await rerun_on_conflict(work) == "done"
    assert len(runs) == 5


async def test_errors_of_data_are_raised_at_once(pool: Pool) -> None:
    runs = []

    async def work() -> None:
        runs.append(1)
        await pool.execute("SELECT 1 / 0")

    with pytest.raises(asyncpg.DivisionByZeroError):
        await rerun_on_conflict(work)
    assert len(runs) == 1


async def test_a_conflict_that_never_clears_is_a_defect(pool: Pool) -> None:
    async def work() -> None:
        await pool.execute("INSERT INTO clock (mode) VALUES ('real')")

    with pytest.raises(asyncpg.UniqueViolationError):
        await rerun_on_conflict(work)


async def test_a_statement_that_is_always_too_slow_is_no_outage(pool: Pool) -> None:
    """It is rerun, for the server may have been busy, and then raised: what waits behind it goes on."""
    runs = []

    async def work() -> None:
        runs.append(1)
        async with hot_transaction(pool) as connection:
            await connection.execute("SET LOCAL statement_timeout = 1")
            await connection.execute("SELECT pg_sleep(10)")

    with pytest.raises(asyncpg.QueryCanceledError):
        await rerun_on_conflict(work)
    assert len(runs) == 1 + RERUNS[Kind.SLOW]


def newest() -> str:
    """Number of the newest revision there is."""
    return max(path.name[:4] for path in VERSIONS.glob("[0-9]*.py"))


async def test_migrating_again_changes_nothing(database: str, pool: Pool) -> None:
    before = await pool.fetchval("SELECT version_num FROM alembic_version")
    await migrate(database)
    assert await pool.fetchval("SELECT version_num FROM alembic_version") == before == newest()
