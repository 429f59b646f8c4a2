"""How back-tests look at what is stored: in short transactions that cannot write, and at the directory as it was known."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final

from services.backtest.store import Extent
from services.db.connection import Connection, Pool
from services.directory import store as directories
from services.directory.model import Directory

DIRECTORIES: Final = 64
"""Directories held, of as many loads. Of more, what was known before the oldest held is judged by that one."""


@asynccontextmanager
async def looking(pool: Pool) -> AsyncIterator[Connection]:
    """One short look at everything as it stands, in which nothing can be written."""
    async with pool.acquire() as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        yield connection


async def directories_known(pool: Pool, end: Extent) -> Callable[[datetime], Directory]:
    """Return what gives the directory as it was known at a moment."""
    held: dict[datetime, Directory] = {}
    async with looking(pool) as conn:
        for taken_at in end.loads[-DIRECTORIES:]:
            held[taken_at] = await directories.load(conn, known_at=taken_at)
        empty = await directories.load(conn, known_at=datetime.min.replace(tzinfo=end.now.tzinfo))
    loads = sorted(held)

    def directory(at: datetime) -> Directory:
        known = [taken_at for taken_at in loads if taken_at <= at]
        return held[known[-1]] if known else held[loads[0]] if len(end.loads) > DIRECTORIES else empty

    return directory
