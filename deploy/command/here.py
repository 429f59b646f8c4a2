"""Which installation a command is about: the one of the environment, or the one that `tocsin up` runs over this folder."""

import json
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psutil

from deploy.command.console import fail
from services.settings import Settings

if TYPE_CHECKING:
    from services.db.connection import Connection, Pool

NOTE: Final = "installation.json"
"""In the state folder while `tocsin up` runs there: its process, and how to reach its servers."""


def leave_note(settings: Settings, environment: dict[str, str]) -> Path:
    """Write how to reach this installation where commands on the same folder look for it. Holds keys: owner only."""
    path = settings.state.resolve() / NOTE
    path.touch(mode=0o600)
    process = psutil.Process()
    path.write_text(json.dumps({"pid": process.pid, "created": process.create_time(), "environment": environment}))
    return path


def settings() -> Settings:
    """Return the settings of the environment; if it names no server, of the installation running over the state folder."""
    own = Settings()
    if os.environ.get("DATABASE_URL") or os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        return own.with_keys()
    note = _note(own.state.resolve() / NOTE)
    if note is None:
        return own.with_keys()
    os.environ.update({name: value for name, value in note.items() if name not in os.environ})
    return Settings().with_keys()


@asynccontextmanager
async def pool(*, task: str = "command", plan_once: bool = False) -> "AsyncIterator[Pool]":
    """The installation's database, by one connection, closed when the block ends. See `open_pool`."""
    from services.db.connection import open_pool

    with database_wanted():
        opening = await open_pool(settings(), size=1, task=task, plan_once=plan_once)
    async with opening as opened:
        with _tables_wanted():
            yield opened


@contextmanager
def _tables_wanted() -> Iterator[None]:
    """Around what is done with a database: leave with what to do where nobody has made, or brought up, its tables."""
    import asyncpg

    try:
        yield
    except (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError, asyncpg.UndefinedFunctionError):
        fail("This database lacks tables of this release: run `tocsin db migrate`.")


@contextmanager
def database_wanted() -> Iterator[None]:
    """Around what connects: leave with what to do where no database answers or it lets nobody in."""
    import asyncpg

    refusals = asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError
    try:
        yield
    except (OSError, asyncpg.CannotConnectNowError, *refusals) as error:
        fail(f"No database: {error}. Run `tocsin up` over this folder, or name a server of yours in DATABASE_URL.")


@asynccontextmanager
async def transaction() -> "AsyncIterator[Connection]":
    """One transaction on the installation's database, committed when the block ends."""
    from services.db.connection import hot_transaction

    async with pool() as opened, hot_transaction(opened) as connection:
        yield connection


def _note(path: Path) -> dict[str, str] | None:
    """The environment that was noted, if whoever noted it is still there: a killed one leaves its note behind."""
    try:
        noted = json.loads(path.read_text(encoding="utf-8"))
        if psutil.Process(noted["pid"]).create_time() != noted["created"]:
            return None
        found: dict[str, str] = noted["environment"]
    except (OSError, ValueError, KeyError, psutil.NoSuchProcess):
        return None
    return found
