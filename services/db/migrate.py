"""Migrations: plain SQL in a fixed chain, run by alembic inside one lock, shipped in the wheel."""

from pathlib import Path

import asyncpg
from alembic import command, op
from alembic.config import Config
from sqlalchemy import Connection as SyncConnection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from sqlalchemy.util import await_only

MIGRATIONS = Path(__file__).with_name("migrations")
SQL = MIGRATIONS / "sql"
LOCK_TIMEOUT_SECONDS = 4  # a migration that waits for a lock makes everybody behind it wait: fail, and try again later
MIGRATION_LOCK = 7_605_017  # any fixed number: the advisory lock that makes processes which start at once take turns


async def migrate(database_url: str) -> None:
    """Bring the database to the newest revision. Safe to call from several processes at once, and when there is nothing to do."""
    turn = await asyncpg.connect(database_url)
    try:
        await turn.execute("SELECT pg_advisory_lock($1)", MIGRATION_LOCK)
        engine = create_async_engine(
            "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(database_url), poolclass=NullPool
        )
        async with engine.connect() as connection:
            await connection.run_sync(_upgrade)
    finally:
        await turn.close()  # which gives the lock back


def _upgrade(connection: SyncConnection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def run_sql(file_name: str) -> None:
    """Run one file of `migrations/sql` inside the running migration: many statements, functions with $$ and all.

    The file goes to the server as it is, through the driver. SQLAlchemy's own path prepares statements, and only one can
    be prepared at a time.
    """
    script = (SQL / file_name).read_text()
    if not script.strip():
        return
    bind = op.get_bind()
    # Through SQLAlchemy first: it opens the transaction with its first statement, and without one the driver would commit
    # each statement of the file by itself.
    bind.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT_SECONDS}s'")
    driver = bind.connection.driver_connection
    assert isinstance(driver, asyncpg.Connection), "the engine above made it"  # noqa: S101
    await_only(driver.execute(script))
