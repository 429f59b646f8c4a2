"""One installation from the outside: its servers, its processes, and how they are started, supervised and drained."""

import asyncio
import base64
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

from pydantic import SecretBytes, SecretStr

from deploy.embedded.process import ServerFailed, ServerProcess
from deploy.embedded.progress import Report
from deploy.embedded.servers import embedded_servers
from schemas.topics import TOPICS
from services.clock import monotonic
from services.kafka import create_topics
from services.replay.calls import open_caller
from services.settings import Settings

PROCESSES: Final = ("gateway", "correlator", "evaluator", "notifier")
START_SECONDS: Final = 180.0
"""Two idle cores need eight seconds for all four, busy ones have needed sixty; more means that something hangs."""
DRAIN_SECONDS: Final = 25.0
"""Longer than the gateway's own 15 s, so that a drain is only cut short if it hangs."""
WATCH_SECONDS: Final = 0.5
RESTART_SECONDS: Final = 1.0
STEADY_SECONDS: Final = 10.0
"""A process that ran this long had started well: its next failure is a new one."""
RESTARTS_MAX: Final = 5
"""Failed starts in a row after which somebody has to look."""


def environment(settings: Settings) -> dict[str, str]:
    """Return the environment variables by which another process of ours gets these very settings."""
    found: dict[str, str] = {}
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        if value is None:
            continue
        variable = str(field.validation_alias or f"TOCSIN_{name.upper()}")
        if isinstance(value, SecretBytes):
            found[variable] = base64.b64encode(value.get_secret_value()).decode()
        elif isinstance(value, SecretStr):
            found[variable] = value.get_secret_value()
        elif isinstance(value, Path):
            found[variable] = str(value.resolve())
        else:
            found[variable] = str(value)
    return found


@asynccontextmanager
async def servers(settings: Settings, report: Report, *, embedded: bool) -> AsyncIterator[Settings]:
    """Yield settings whose servers run: embedded ones over the state folder, or those the settings name."""
    if not embedded:
        yield settings.with_keys()
        return
    async with embedded_servers(settings.state, report=report) as running:
        addresses = {"database_url": running.database_url, "kafka_bootstrap_servers": running.kafka_bootstrap}
        yield settings.model_copy(update=addresses).with_keys()


async def prepare(settings: Settings, report: Report) -> None:
    """Bring the database to the newest revision and create the topics that are missing."""
    from services.db.migrate import migrate  # alembic takes a second to import, which a start can spend better

    report("Migrating the database and creating topics")
    async with asyncio.TaskGroup() as group:
        group.create_task(migrate(settings.database_url))
        group.create_task(create_topics(settings, TOPICS))


@asynccontextmanager
async def throw_away_folder() -> AsyncIterator[Path]:
    """A folder that is gone afterwards. Its path is short: Unix sockets have a limit of about a hundred bytes."""
    folder = Path(tempfile.mkdtemp(prefix="tocsin-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Processes:
    """Our processes, each one of its own, with its log in a file."""

    def __init__(self, settings: Settings, names: Sequence[str] = PROCESSES) -> None:
        self._settings = settings
        self._folder = settings.state.resolve() / "processes"
        self._folder.mkdir(parents=True, exist_ok=True)
        self._environment = environment(settings)
        self.by_name: Mapping[str, ServerProcess] = {
            name: ServerProcess(name, folder=self._folder, drain=signal.SIGTERM) for name in names
        }

    @property
    def url(self) -> str:
        """Where the gateway answers."""
        return f"http://{self._settings.gateway_host}:{self._settings.gateway_port}"

    async def start(self, report: Report) -> None:
        """Start all of them; return when the gateway would accept an event.

        Raises:
            ServerFailed: one ended while starting, or the gateway was not ready in time; with the end of its log.
        """
        report(f"Starting {', '.join(self.by_name)}")
        try:
            async with asyncio.TaskGroup() as group:
                for name in self.by_name:
                    group.create_task(self.start_one(name))
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None

    async def start_one(self, name: str) -> None:
        """Start one process. Only the gateway can say when it is ready; the others are when they have not ended."""
        command = [sys.executable, "-m", "deploy.command.main", "run", name]
        ready = self._gateway_ready if name == "gateway" else _at_once
        await self.by_name[name].start(
            command, ready=ready, timeout_seconds=START_SECONDS, environment=self._environment
        )

    async def _gateway_ready(self) -> bool:
        async with open_caller(self.url) as gateway:
            return await gateway.answers_ok("/health/ready")

    async def supervise(self, stop: asyncio.Event, report: Report) -> None:
        """Restart what ends by itself, until told to stop.

        Raises:
            ServerFailed: a process failed `RESTARTS_MAX` times in a row.
        """
        failures = dict.fromkeys(self.by_name, 0)
        started = dict.fromkeys(self.by_name, monotonic())
        while not stop.is_set():
            for name, process in self.by_name.items():
                if process.is_running:
                    continue
                failures[name] = 1 if monotonic() - started[name] > STEADY_SECONDS else failures[name] + 1
                if failures[name] > RESTARTS_MAX:
                    raise ServerFailed(f"{name} failed {RESTARTS_MAX} times in a row.\n{process.log_tail()}")
                report(f"{name} has ended; starting it again (its log: {process.log})")
                await _pause(stop, RESTART_SECONDS)
                with suppress(ServerFailed):  # counted by the next look
                    await self.start_one(name)
                started[name] = monotonic()
            await _pause(stop, WATCH_SECONDS)

    def ended(self) -> str | None:
        """Return what is to be said about a process that has ended by itself, or None."""
        for name, process in self.by_name.items():
            if not process.is_running:
                return f"{name} has ended by itself.\n{process.log_tail()}"
        return None

    def log_tails(self) -> str:
        """Return the last lines of every process's log."""
        return "\n".join(f"--- {name}\n{process.log_tail()}" for name, process in self.by_name.items())

    async def drain(self) -> None:
        """Tell all to finish what they have in hand, and wait for it."""
        await asyncio.gather(*(process.stop(DRAIN_SECONDS) for process in self.by_name.values()))


async def _at_once() -> bool:
    return True


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
