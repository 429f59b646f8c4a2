"""How fast events get from a post to the bus, against a bare endpoint on the same broker, in the same run.

`python -m tests.bench.ingest`. Both servers are one process each; rounds alternate, so that what else the machine does
falls on both. Ours checks token, permission, rate, envelope, the event's schema and its people's references, seals,
signs a receipt; the bare one does nothing.
"""

import asyncio
import base64
import os
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

import aiohttp
import orjson
import psutil
import uvloop
from rich.console import Console
from rich.table import Table

from deploy.embedded.ports import free_ports
from deploy.embedded.servers import embedded_servers
from schemas.topics import EVENT_PARTITIONS, RETENTION, Topic
from services.access import Scope
from services.db import open_pool
from services.db.migrate import migrate
from services.issuer.store import Client, put_client
from services.kafka import create_topics
from services.settings import Settings
from tests.bench.load import MakeBody, Outcome, post_for
from tests.bench.traffic import AGENCY, SOURCE, event
from tests.polling import until

ROUNDS = int(os.environ.get("TOCSIN_BENCH_ROUNDS", "5"))
SECONDS = float(os.environ.get("TOCSIN_BENCH_SECONDS", "4"))
WARM_SECONDS = 1.0  # connections, caches, the broker's first segments
BATCH_EVENTS = 100
SINGLE_CONNECTIONS = 32
BATCH_CONNECTIONS = 4
SECRET = "bench-secret"


@dataclass(frozen=True)
class Target:
    """One of the two servers, and one way of posting to it."""

    name: str
    port: int
    path: str
    headers: Mapping[str, str]
    body: MakeBody
    events_per_request: int
    connections: int


@dataclass
class Measured:
    """What the rounds of one target came to."""

    target: Target
    outcomes: list[Outcome] = field(default_factory=list)
    cpu_seconds: list[float] = field(default_factory=list)
    """Of the server's process, for each round."""

    @property
    def cpu_microseconds(self) -> float:
        """What an event costs the server's one process: steadier than events/s where others use the machine too."""
        events = [outcome.requests * self.target.events_per_request for outcome in self.outcomes]
        return statistics.median(1e6 * cpu / n for cpu, n in zip(self.cpu_seconds, events, strict=True))

    @property
    def events_per_second(self) -> float:
        """The median round."""
        return statistics.median(o.per_second for o in self.outcomes) * self.target.events_per_request

    def milliseconds(self, share: float) -> float:
        """The median round's percentile."""
        return statistics.median(o.percentile_milliseconds(share) for o in self.outcomes)


_SINGLES = [orjson.dumps(event(n)) for n in range(10_000)]
_BATCHES = [orjson.dumps([event(batch * BATCH_EVENTS + n) for n in range(BATCH_EVENTS)]) for batch in range(100)]
"""Made beforehand: the generator must not be what is measured."""


def single_body(number: int) -> bytes:
    """One event."""
    return _SINGLES[number % len(_SINGLES)]


def batch_body(number: int) -> bytes:
    """A hundred events."""
    return _BATCHES[number % len(_BATCHES)]


@asynccontextmanager
async def running(command: Sequence[str], environment: Mapping[str, str], url: str) -> AsyncIterator[psutil.Process]:
    """A server of ours as a process, once it answers."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", *command, env={**os.environ, **environment})
    try:
        async with aiohttp.ClientSession() as session:

            async def answers() -> bool:
                try:
                    async with session.get(url) as response:
                        return response.status == HTTPStatus.OK
                except aiohttp.ClientError:
                    return False

            await until(answers, timeout_seconds=120, what=f"{command[0]} answering")
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        await process.wait()


async def register(settings: Settings) -> None:
    """A client of the development issuer that may publish what the bench sends."""
    pool = await open_pool(settings)
    async with pool.acquire() as connection:
        client = Client("bench", {AGENCY: ["police.*"]}, [SOURCE], [Scope.WRITE_EVENTS])
        await put_client(connection, client, secret=SECRET, replace=True)
    await pool.close()


async def token(port: int) -> str:
    """A bearer token."""
    form = {"grant_type": "client_credentials", "client_id": "bench", "client_secret": SECRET}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"http://127.0.0.1:{port}/oauth/token", data=form) as response,
    ):
        return str((await response.json())["access_token"])


def targets(bare_port: int, port: int, bearer: str) -> list[Target]:
    """Both servers, single posts and batches."""
    known = {"authorization": f"Bearer {bearer}"}
    one = {"content-type": "application/cloudevents+json"}
    many = {"content-type": "application/cloudevents-batch+json"}
    return [
        Target("single, bare", bare_port, "/single", one, single_body, 1, SINGLE_CONNECTIONS),
        Target("single, gateway", port, "/v1/events", known | one, single_body, 1, SINGLE_CONNECTIONS),
        Target("batch of 100, bare", bare_port, "/batch", many, batch_body, BATCH_EVENTS, BATCH_CONNECTIONS),
        Target("batch of 100, gateway", port, "/v1/events", known | many, batch_body, BATCH_EVENTS, BATCH_CONNECTIONS),
    ]


async def _run(target: Target, seconds: float, first: int) -> Outcome:
    return await post_for(
        seconds,
        port=target.port,
        path=target.path,
        headers=target.headers,
        body=target.body,
        connections=target.connections,
        first=first,
    )


async def _round(each: Measured, server: psutil.Process, first: int) -> None:
    before = server.cpu_times()
    each.outcomes.append(await _run(each.target, SECONDS, first))
    after = server.cpu_times()
    each.cpu_seconds.append(after.user + after.system - before.user - before.system)


async def measure(settings: Settings) -> list[Measured]:
    """Run both servers against the broker and database of these settings, and measure them in turns."""
    bare_port, port = free_ports(2)
    bare_topic = Topic("bench.bare", EVENT_PARTITIONS, RETENTION, "none", "", "", (), sealed=False)
    await create_topics(settings, [bare_topic])
    await register(settings)
    environment = {
        **_environment(settings),
        "TOCSIN_GATEWAY_PORT": str(port),
        "TOCSIN_RATE_LIMIT_EVENTS_PER_SECOND": "1000000",
    }
    bare = (
        "tests.bench.bare",
        str(bare_port),
        settings.kafka_bootstrap_servers,
        settings.topic_prefix + bare_topic.name,
    )
    async with (
        running(bare, {}, f"http://127.0.0.1:{bare_port}/docs") as bare_server,
        running(("tests.bench.ours",), environment, f"http://127.0.0.1:{port}/health/ready") as our_server,
    ):
        servers = {bare_port: bare_server, port: our_server}
        measured = [Measured(target) for target in targets(bare_port, port, await token(port))]
        for each in measured:
            await _run(each.target, WARM_SECONDS, 0)
        for turn in range(1, ROUNDS + 1):
            for each in measured:
                await _round(each, servers[each.target.port], turn * 10_000_000)
    return measured


def _environment(settings: Settings) -> dict[str, str]:
    return {
        "DATABASE_URL": settings.database_url,
        "KAFKA_BOOTSTRAP_SERVERS": settings.kafka_bootstrap_servers,
        "TOCSIN_TOPIC_PREFIX": settings.topic_prefix,
        "TOCSIN_MASTER_KEY": base64.b64encode(settings.master_key_bytes).decode(),
        "TOCSIN_LOG_LEVEL": "warning",
    }


def table(measured: Sequence[Measured]) -> Table:
    """The numbers, with the ratio of each of ours to the bare one before it."""
    shown = Table(
        title=f"Post to bus: median of {ROUNDS} rounds of {SECONDS:g} s each, one process each, 2 cores in all"
    )
    for column in ("", "events/s", "of bare", "p50 ms", "p99 ms", "server CPU µs/event", "not accepted"):
        shown.add_column(column, justify="left" if not column else "right")
    bare = measured[0]
    for each in measured:
        is_bare = each.target.name.endswith("bare")
        bare = each if is_bare else bare
        shown.add_row(
            each.target.name,
            f"{each.events_per_second:,.0f}",
            "" if is_bare else f"{each.events_per_second / bare.events_per_second:.2f}",
            f"{each.milliseconds(0.5):.1f}",
            f"{each.milliseconds(0.99):.1f}",
            f"{each.cpu_microseconds:.1f}",
            str(sum(outcome.refused for outcome in each.outcomes)),
        )
    return shown


async def main() -> None:
    """Start the embedded servers, measure, print."""
    with tempfile.TemporaryDirectory(prefix="tocsin-") as folder:
        async with embedded_servers(Path(folder)) as servers:
            settings = Settings(
                state=Path(folder),
                database_url=servers.database_url,
                kafka_bootstrap_servers=servers.kafka_bootstrap,
            ).with_keys()
            await migrate(settings.database_url)
            measured = await measure(settings)
    console = Console()
    console.print(table(measured))
    for refusal in {outcome.a_refusal for each in measured for outcome in each.outcomes if outcome.a_refusal}:
        console.print(f"A refusal: {refusal}", markup=False)


if __name__ == "__main__":
    uvloop.run(main())
