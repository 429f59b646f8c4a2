"""A whole installation under measurement: a corner of the servers, a loaded population, the four processes, a caller."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

import orjson
import psutil

from deploy import policy
from deploy.command.installation import Processes, prepare
from deploy.command.loading import load_directory
from deploy.embedded.ports import free_ports
from deploy.embedded.progress import Report
from deploy.embedded.servers import Servers
from services.access import Scope, default_sources
from services.clock import monotonic
from services.db import Pool, hot_transaction, open_pool
from services.directory import file
from services.issuer.store import Client, put_client
from services.replay.calls import Caller, open_caller
from services.replay.corner import of_servers
from services.settings import Settings
from services.webhooks import endpoints_store
from tests.bench.pipeline_load import load
from tests.bench.pipeline_receiver import Receiver, receiving
from tests.bench.pipeline_traffic import PUBLISHES, Event, Traffic
from tests.polling import until

SETTLE_SECONDS: Final = 600.0
"""The population is judged once, when the evaluator puts its rules in force."""

_BACKLOG: Final = """
    SELECT (SELECT coalesce(sum(next_offset), 0) FROM intake_progress WHERE NOT history)::bigint AS taken,
        (SELECT count(*) FROM unresolved) AS unresolved,
        (SELECT count(*) FROM due WHERE lane IN (0, 1, 2) AND due_at <= domain_now() AND kind < 2) AS due
"""
# Lanes are named for the index that begins with them: looked at twenty times a second, among timers of years to come.
_DONE: Final = """
    SELECT (SELECT count(*) FROM records) AS records, (SELECT count(*) FROM alerts) AS alerts,
        (SELECT coalesce(sum(cardinality(persons)), 0) FROM evaluations)::bigint AS evaluations,
        (SELECT count(*) FROM incomplete_evaluations) AS incomplete,
        (SELECT count(*) FROM dead_letters) AS dead_letters
"""


@dataclass(slots=True)
class Stage:
    """What a measurement works with."""

    traffic: Traffic
    pool: Pool
    processes: Processes
    receiver: Receiver
    caller: Caller
    bearer: str
    pids: Mapping[str, int]
    posted: int = 0
    """Events accepted so far."""

    async def post(self, events: Sequence[Event]) -> None:
        """Post one event, or several as a batch."""
        single = len(events) == 1
        kind = "application/cloudevents+json" if single else "application/cloudevents-batch+json"
        headers = {"authorization": f"Bearer {self.bearer}", "content-type": kind}
        body = orjson.dumps(events[0] if single else events)
        reply = await self.caller.call("POST", "/v1/events", body=body, headers=headers)
        if reply.status != HTTPStatus.ACCEPTED:
            raise RuntimeError(f"not accepted: {reply.status} {reply.body[:500].decode(errors='replace')}")
        self.posted += len(events)

    async def backlog(self) -> int:
        """Return how many events and marks are still on their way to being judged."""
        row: Any = await self.pool.fetchrow(_BACKLOG)
        return int(self.posted - row["taken"] + row["unresolved"] + row["due"])

    async def done(self) -> dict[str, int]:
        """Return what the database counts."""
        row: Any = await self.pool.fetchrow(_DONE)
        return dict(row)

    async def quiet(self, timeout_seconds: float = SETTLE_SECONDS) -> None:
        """Wait until everything posted has been judged."""

        async def is_quiet() -> bool:
            if said := self.processes.ended():
                raise RuntimeError(said)
            return await self.backlog() == 0

        await until(is_quiet, timeout_seconds=timeout_seconds, what="all judged")

    def processor_seconds(self) -> dict[str, float]:
        """Return the processor time each process has used so far, its children's included."""
        return {name: _processor_seconds(pid) for name, pid in self.pids.items()}


@asynccontextmanager
async def staged(servers: Servers, base: Settings, people: int, report: Report) -> AsyncIterator[Stage]:
    """Yield a quiet installation that knows so many people; afterwards it is gone."""
    async with AsyncExitStack() as stack:
        (port,) = free_ports(1)
        url = f"http://127.0.0.1:{port}"
        own = {
            "gateway_port": port,
            "gateway_public_url": url,
            "token_issuer": url,
            "rate_limit_events_per_second": 1_000_000,
            "webhook_private_addresses": True,
            "log_level": "warning",
        }
        settings = await stack.enter_async_context(of_servers(base.model_copy(update=own)))
        await prepare(settings, report)
        pool = await open_pool(settings, size=4, task="bench")
        stack.push_async_callback(pool.close)
        traffic = Traffic(people)
        await load(pool, settings, list(traffic.history()), report)
        receiver = await stack.enter_async_context(receiving())
        secret = await _introduce(pool, settings, receiver)
        processes = Processes(settings)
        stack.push_async_callback(processes.drain)
        await processes.start(report)
        caller = await stack.enter_async_context(open_caller(url))
        pids = {name: process.pid for name, process in processes.by_name.items()}
        pids |= {"PostgreSQL": servers.postgres_pid, "Kafka": servers.kafka_pid}
        made = Stage(traffic, pool, processes, receiver, caller, await _token(caller, secret), pids)
        report("Judging the population")
        began = monotonic()
        await made.quiet()
        found = await made.done()
        report(f"Judged {found['evaluations']} people in {monotonic() - began:.0f} s")
        yield made


async def _introduce(pool: Pool, settings: Settings, receiver: Receiver) -> str:
    """Load the directory, register an endpoint for each agency that can be told, and a client that speaks for all."""
    directory = policy.with_agreements(file.read(policy.SAMPLE))
    await load_directory(pool, settings, directory, actor="bench")
    async with hot_transaction(pool) as conn:
        for agency, entry in directory.agencies.items():
            if entry.ladders:
                registered = await endpoints_store.register(
                    conn, agency, None, receiver.url(agency), master_key=settings.master_key_bytes
                )
                receiver.secrets[agency] = registered.secret
        client = Client("bench", PUBLISHES, default_sources(list(PUBLISHES)), [Scope.WRITE_EVENTS])
        return await put_client(conn, client)


async def _token(caller: Caller, secret: str) -> str:
    form = {"grant_type": "client_credentials", "client_id": "bench", "client_secret": secret}
    reply = await caller.call(
        "POST",
        "/oauth/token",
        body=urlencode(form).encode(),
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    return str(orjson.loads(reply.body)["access_token"])


def _processor_seconds(pid: int) -> float:
    """Of a process and all it has started; ended children are counted by their parent."""
    total = 0.0
    process = psutil.Process(pid)
    for one in (process, *process.children(recursive=True)):
        try:
            times = one.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + (times.children_user + times.children_system if one is process else 0)
    return total
