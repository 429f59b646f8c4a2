"""The whole product on killable servers: two of each worker that may be many, each started again whenever it is gone."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from pydantic import SecretBytes

from deploy.command.installation import Processes
from deploy.command.loading import load_directory
from deploy.embedded.ports import free_ports
from deploy.embedded.process import ServerFailed, ServerProcess
from deploy.embedded.servers import Servers
from deploy.policy import with_agreements
from deploy.replay.stage import EVENT_TOPICS
from schemas.topics import TOPICS
from services.access import Scope, default_sources
from services.clock import monotonic
from services.db import Pool, hot_transaction, open_pool, rerun_on_conflict
from services.db.clock_store import set_manual
from services.directory import file
from services.issuer.store import Client, put_client
from services.kafka import create_topics
from services.replay import store
from services.replay.calls import Caller, open_caller
from services.replay.logs import Logs, open_logs
from services.settings import Settings
from services.trial.rule_tests import HERE, default_directory
from services.webhooks import endpoints_store
from tests.chaos.population import Population
from tests.integration.delivery.receiver import Receiver, receiving
from tests.polling import until

CLIENT = "every-agency"
NOTING = frozenset({"notifier", "postgres"})
SECOND = ("correlator", "evaluator")
RUN_SECONDS = 3_600.0
FALLS_MOST = 5


@dataclass
class Installation:
    """Servers, processes, and everything a test needs to look at them."""

    servers: Servers
    settings: Settings
    pool: Pool
    receiver: Receiver
    gateway: Caller
    logs: Logs
    secret: str
    processes: dict[str, tuple[Processes, str]]
    fell: list[str] = field(default_factory=list)
    """What ended although nobody killed it."""
    killed: set[str] = field(default_factory=set)
    crashes: list[float] = field(default_factory=list)
    """When a call under way could lose its note: the courier was killed, or the server it is written to."""

    def server(self, name: str) -> ServerProcess:
        match name:
            case "kafka":
                return self.servers.kafka._process
            case "postgres":
                return self.servers.postgres._process
        processes, own = self.processes[name]
        return processes.by_name[own]

    def kill(self, name: str) -> None:
        """`kill -9`. Whoever keeps it starts it again."""
        self.killed.add(name)
        if name in NOTING:
            self.crashes.append(monotonic())
        self.server(name).kill()

    async def keep(self, name: str) -> None:
        """Start it again as often as it is gone."""
        while True:
            await until(
                lambda: not self.server(name).is_running, timeout_seconds=RUN_SECONDS, what=f"the end of {name}"
            )
            if name not in self.killed:
                self.fell.append(f"{name} ended by itself\n{self.server(name).log_tail()}")
            try:
                await self._start(name)
            except ServerFailed as error:
                self.fell.append(f"{name} did not start: {error}")
            self.killed.discard(name)

    async def _start(self, name: str) -> None:
        match name:
            case "kafka":
                await self.servers.restart_kafka()
            case "postgres":
                await self.servers.restart_postgres()
            case _:
                processes, own = self.processes[name]
                await processes.start_one(own)

    async def busy(self) -> Mapping[str, int]:
        """What is still to be done at or before the clock."""
        ends = await self.logs.ends(EVENT_TOPICS)

        async def ask() -> dict[str, int]:
            async with self.pool.acquire() as conn:
                return await store.busy(conn, ends)

        return await rerun_on_conflict(ask)

    async def quiet(self) -> bool:
        assert len(self.fell) <= FALLS_MOST, "processes end by themselves again and again"
        return not await self.busy()

    async def count(self, table: str) -> int:
        async def ask() -> int:
            async with hot_transaction(self.pool) as conn:
                found: int = await conn.fetchval(f"SELECT count(*) FROM {table}")  # noqa: S608 - tables of ours
                return found

        return await rerun_on_conflict(ask)


@asynccontextmanager
async def installed(servers: Servers, events: Population) -> AsyncIterator[Installation]:
    """A manual clock, the directory of the rule files' tests, an endpoint for each agency, and all processes running."""
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    state = servers.postgres._folder.parent
    settings = Settings(
        database_url=servers.database_url,
        kafka_bootstrap_servers=servers.kafka_bootstrap,
        state=state / "first",
        master_key=SecretBytes(secrets.token_bytes(32)),
        gateway_port=port,
        gateway_public_url=url,
        token_issuer=url,
        webhook_private_addresses=True,
        webhook_timeout_seconds=2,
        publish_timeout_seconds=5,
        queue_poll_milliseconds=50,
        resolve_workers=1,
        database_pool_size=4,
        log_level="warning",
    )
    first = Processes(settings)
    second = Processes(settings.model_copy(update={"state": state / "second"}), SECOND)
    processes = {name: (first, name) for name in first.by_name} | {f"{name}-2": (second, name) for name in SECOND}
    async with AsyncExitStack() as stack:
        pool = await open_pool(settings, size=3, task="chaos")
        stack.push_async_callback(pool.close)
        receiver = await stack.enter_async_context(receiving())
        secret = await _set_up(pool, settings, events, receiver)
        stack.push_async_callback(first.drain)
        stack.push_async_callback(second.drain)
        logs = await stack.enter_async_context(open_logs(settings))
        gateway = await stack.enter_async_context(open_caller(url))
        made = Installation(servers, settings, pool, receiver, gateway, logs, secret, processes)
        await asyncio.gather(first.start(_say_nothing), second.start(_say_nothing))
        async with _kept(made):
            try:
                yield made
            except Exception as error:
                error.add_note("\n".join(one[-2_000:] for one in made.fell))
                raise


@asynccontextmanager
async def _kept(made: Installation) -> AsyncIterator[None]:
    keepers = [asyncio.create_task(made.keep(name)) for name in (*made.processes, "kafka", "postgres")]
    try:
        yield
    finally:
        for keeper in keepers:
            keeper.cancel()
        for keeper in keepers:
            with contextlib.suppress(asyncio.CancelledError):
                await keeper


async def _set_up(pool: Pool, settings: Settings, events: Population, receiver: Receiver) -> str:
    directory = default_directory()
    await create_topics(settings, TOPICS)
    async with hot_transaction(pool) as conn:
        await set_manual(conn, events.arrivals[0].received_at - timedelta(days=1))
    await load_directory(pool, settings, with_agreements(file.read(HERE / "directory.yaml")), actor="tests")
    async with hot_transaction(pool) as conn:
        publishes = {agency: [f"{entry.sector}.*"] for agency, entry in directory.agencies.items()}
        scopes = [str(scope) for scope in Scope]
        secret = await put_client(conn, Client(CLIENT, publishes, default_sources(publishes), scopes))
        for agency in directory.agencies:
            await endpoints_store.register(
                conn, agency, None, f"{receiver.url}/{agency}", master_key=settings.master_key_bytes
            )
    return secret


def _say_nothing(*_: Any, **__: Any) -> None:
    """Processes report their steps; a test does not listen."""
