"""Both servers together, over one state folder that nobody else uses at the same time."""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.embedded.kafka import EmbeddedKafka
from deploy.embedded.postgres import EmbeddedPostgres
from deploy.embedded.progress import Report, silent

DEFAULT_STATE = ".state"
DURABILITY_WARNING = (
    "The embedded broker acknowledges from the page cache of one machine: a killed process loses nothing, a power cut "
    "can. Production needs three brokers and min.insync.replicas=2."
)


class StateInUse(RuntimeError):
    """Another Tocsin runs on the same state folder."""


@dataclass(frozen=True)
class Servers:
    """Two running servers. Their addresses stay the same over restarts."""

    postgres: EmbeddedPostgres
    kafka: EmbeddedKafka

    @property
    def database_url(self) -> str:
        """The product's database."""
        return self.postgres.database_url

    @property
    def kafka_bootstrap(self) -> str:
        """Kafka's bootstrap servers."""
        return self.kafka.bootstrap

    @property
    def postgres_pid(self) -> int:
        """The postmaster's process, for tests that kill it."""
        return self.postgres.pid

    @property
    def kafka_pid(self) -> int:
        """The broker's process, for tests that kill it."""
        return self.kafka.pid

    async def restart_postgres(self) -> None:
        """Start PostgreSQL again on its data, killed or not."""
        await self.postgres.restart()

    async def restart_kafka(self) -> None:
        """Start Kafka again on its data and ports, killed or not."""
        await self.kafka.restart()

    def environment(self) -> dict[str, str]:
        """The environment variables by which our processes find these servers."""
        return {"DATABASE_URL": self.database_url, "KAFKA_BOOTSTRAP_SERVERS": self.kafka_bootstrap}


def state_folder(chosen: Path | None = None) -> Path:
    """The state folder: the one given, else TOCSIN_STATE, else `.state` here."""
    return (chosen or Path(os.environ.get("TOCSIN_STATE", DEFAULT_STATE))).resolve()


@asynccontextmanager
async def embedded_servers(
    state: Path | None = None,
    *,
    report: Report = silent,
    postgres_settings: Mapping[str, str] | None = None,
) -> AsyncIterator[Servers]:
    """Run both servers over `state`; on leaving, drain both. Raises StateInUse if the folder is taken."""
    folder = state_folder(state)
    with _sole_user(folder):
        servers = Servers(
            postgres=EmbeddedPostgres(folder / "postgres", report, postgres_settings),
            kafka=EmbeddedKafka(folder / "kafka", report),
        )
        try:
            await _start(servers)
            report(DURABILITY_WARNING)
            yield servers
        finally:
            await asyncio.gather(servers.kafka.stop(), servers.postgres.stop())


async def _start(servers: Servers) -> None:
    try:
        async with asyncio.TaskGroup() as starting:
            starting.create_task(servers.postgres.start())
            starting.create_task(servers.kafka.start())
    except ExceptionGroup as group:
        # Callers want the cause of the first failure, not a group of one.
        raise group.exceptions[0] from None


@contextmanager
def _sole_user(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        try:
            # Held by the process, so it is gone with it, however it ended.
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StateInUse(f"Another Tocsin uses {folder}. Stop it, or set TOCSIN_STATE to another folder.") from None
        yield
