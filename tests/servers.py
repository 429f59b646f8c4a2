"""The real servers under the tests: one PostgreSQL and one Kafka for each pytest process, started when first wanted.

Each pytest process has its own, over a folder of its own: any number of them run side by side, and none can be left with
half of another's state. TOCSIN_TEST_DATABASE and TOCSIN_TEST_KAFKA name other servers to use instead.
"""

import asyncio
import os
import secrets
import shutil
import tempfile
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from deploy.embedded.kafka import EmbeddedKafka
from deploy.embedded.postgres import EmbeddedPostgres
from services.db.migrate import migrate

Result = TypeVar("Result")

# The tests kill processes, never the machine: what the operating system holds survives that.
POSTGRES_SETTINGS = {"fsync": "off", "full_page_writes": "off", "max_connections": "300"}


@dataclass(frozen=True)
class KafkaForTest:
    """The broker, and the prefix under which a test has it to itself."""

    bootstrap: str
    topic_prefix: str


def finish(work: Coroutine[Any, Any, Result]) -> Result:
    """Run to the end on a loop of its own, from a fixture that is not async and shall outlive the loops of tests."""
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(work)
    finally:
        loop.close()


@contextmanager
def folder_of_our_own() -> Iterator[Path]:
    """A short path: Unix sockets have a limit of about a hundred bytes, and pytest's own folders come close."""
    folder = Path(tempfile.mkdtemp(prefix="tocsin-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgres_for_session() -> Iterator[str]:
    """The URL of a database from which others may be made."""
    if chosen := os.environ.get("TOCSIN_TEST_DATABASE"):
        yield chosen
        return
    with folder_of_our_own() as folder:
        postgres = EmbeddedPostgres(folder / "postgres", settings=POSTGRES_SETTINGS)
        finish(postgres.start())
        try:
            yield postgres.database_url
        finally:
            finish(postgres.stop())


@contextmanager
def kafka_for_session() -> Iterator[str]:
    """Bootstrap servers."""
    if chosen := os.environ.get("TOCSIN_TEST_KAFKA"):
        yield chosen
        return
    with folder_of_our_own() as folder:
        kafka = EmbeddedKafka(folder / "kafka")
        finish(kafka.start())
        try:
            yield kafka.bootstrap
        finally:
            finish(kafka.stop())


def url_of(server_url: str, database: str) -> str:
    """The same server, another database."""
    return urlunsplit(urlsplit(server_url)._replace(path=f"/{database}"))


async def make_template(server_url: str) -> str:
    """A migrated database to copy from: migrating takes a quarter of a second, copying a tenth of that."""
    name = f"template_{secrets.token_hex(4)}"
    await run_admin(server_url, f"CREATE DATABASE {name}")
    await migrate(url_of(server_url, name))
    return name


async def make_database(server_url: str, template: str) -> str:
    """A fresh, migrated database; its name."""
    name = f"test_{secrets.token_hex(6)}"
    await run_admin(server_url, f"CREATE DATABASE {name} TEMPLATE {template}")
    return name


async def drop_database(server_url: str, name: str) -> None:
    """Gone, whoever is still connected."""
    await run_admin(server_url, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


async def run_admin(server_url: str, statement: str) -> None:
    """One statement about databases, outside any transaction."""
    connection = await asyncpg.connect(server_url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
