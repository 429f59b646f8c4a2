"""One replay from nothing to nothing: servers or a corner of servers, the stage, the play, the comparison."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg
import orjson
from pydantic import SecretBytes
from rich.console import Console
from rich.markup import escape

from deploy.cases.load import Case, events
from deploy.command.installation import prepare, servers, throw_away_folder
from deploy.embedded.ports import free_ports
from deploy.embedded.process import ServerFailed
from deploy.embedded.progress import Report
from deploy.replay import compare, identity, informants, machine, memory, timeline
from deploy.replay.client import GatewayRefused
from deploy.replay.leaks import Sent, leaks
from deploy.replay.outcome import Outcome
from deploy.replay.setting import NotEmpty, endpoints, staged
from deploy.replay.silence import Silence
from deploy.replay.stage import NeverQuiet, Stage
from schemas.topics import alerts_topic
from services.clock import monotonic
from services.errors import TocsinError
from services.replay import corner
from services.settings import MASTER_KEY_BYTES, Settings

QUICK: Final = {
    # A replay waits for every step, so its queues are looked at more often; much more often, and looking is most of the work.
    "queue_poll_milliseconds": 20,
    "resolve_workers": 1,
    "judge_workers": 1,
    "database_pool_size": 4,
    "webhook_private_addresses": True,  # the desks of a replay are on this machine
    "log_level": "warning",
}


class Failed(RuntimeError):
    """The replay could not be brought to its end."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to replay, and how."""

    case: Case
    label: str
    embedded: bool
    as_json: bool
    scramble: int | None = None
    times: int = 1
    in_memory: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """How it ended."""

    differences: tuple[str, ...]
    document: bytes
    """The outcome for machines."""
    seconds: float


async def run(plan: Plan, report: Report, console: Console) -> Result:
    """Replay and print the timeline, unless it is to be for machines.

    Raises:
        Failed: it could not be brought to its end.
    """
    began = monotonic()
    if plan.in_memory:
        outcome = memory.outcome(plan.case, plan.label, memory.trial(plan.case, plan.label))
        if not plan.as_json:
            timeline.Timeline(console, plan.case).close(outcome, timeline.about_expected(plan.case, outcome))
        return _result(plan, memory.differences(plan.case, outcome), outcome, began)
    try:
        async with throw_away_folder() as folder, _installation(plan, folder, report) as settings:
            said, outcome = await _play(plan, settings, report, console)
    except (ServerFailed, NeverQuiet, GatewayRefused, NotEmpty, TocsinError, OSError, asyncpg.PostgresError) as error:
        raise Failed(f"{type(error).__name__}: {error}") from error
    return _result(plan, said, outcome, began)


def _result(plan: Plan, said: list[str], outcome: Outcome, began: float) -> Result:
    seconds = monotonic() - began
    document = machine.document(plan.case, outcome, said, seconds=seconds)
    return Result(tuple(said), orjson.dumps(document, option=orjson.OPT_INDENT_2), seconds)


@asynccontextmanager
async def _installation(plan: Plan, folder: Path, report: Report) -> AsyncIterator[Settings]:
    """Servers of our own, or a database and topics of our own on the servers that the environment names."""
    (port,) = free_ports(1)
    own = {
        "state": folder,
        "master_key": SecretBytes(secrets.token_bytes(MASTER_KEY_BYTES)),
        "gateway_port": port,
        "gateway_public_url": f"http://127.0.0.1:{port}",
        "token_issuer": f"http://127.0.0.1:{port}",
        "token_jwks_url": None,
        "mode": "development",
        **QUICK,
    }
    settings = Settings().model_copy(update=own)
    async with servers(settings, report, embedded=plan.embedded) as running:
        if plan.embedded:
            await prepare(running, report)
            yield running
            return
        async with corner.of_servers(running) as apart:
            await prepare(apart, report)
            yield apart


async def _play(plan: Plan, settings: Settings, report: Report, console: Console) -> tuple[list[str], Outcome]:
    postings = events(plan.case, plan.label)
    shown = None if plan.as_json else timeline.Timeline(console, plan.case)
    if shown is not None:
        shown.begin(plan.label)
    async with staged(plan.case, plan.label, settings, report, shown or Silence()) as stage:
        if plan.scramble is None:
            await stage.play(postings)
        else:
            await stage.play_scrambled(postings, seed=plan.scramble, times=plan.times)
        outcome = await stage.outcome()
        sent = [*stage.sent, *await _topics(plan, stage)]
    sent += _logs(settings)
    said = _differences(plan, outcome)
    said += [*leaks(plan.case, sent), *informants.named(plan.case, outcome, sent)]
    if shown is not None and plan.scramble is None:
        shown.close(outcome, timeline.about_expected(plan.case, outcome))
    return said, outcome


def _differences(plan: Plan, outcome: Outcome) -> list[str]:
    if plan.scramble is None:
        return [*compare.differences(plan.case, outcome), *identity.differences(plan.case, outcome)]
    return [*outcome.troubles, *compare.final_differences(plan.case, outcome)]


async def _topics(plan: Plan, stage: Stage) -> list[Sent]:
    """Everything on the alert topics, as an analyst of each agency would have read it."""
    short = {agency: name for name, agency in plan.case.agencies.items()}
    return [
        Sent(short.get(agency, agency), "topic", message.decode())
        for agency, _ in endpoints(plan.case)
        for message in await stage.logs.messages(alerts_topic(agency))
    ]


def _logs(settings: Settings) -> list[Sent]:
    """What our processes wrote into their logs."""
    folder = settings.state.resolve() / "processes"
    return [Sent("", "log", path.read_text(errors="replace")) for path in sorted(folder.glob("*.log"))]


def say(plan: Plan, result: Result, console: Console) -> None:
    """Print what differed, and the verdict."""
    for text in result.differences:
        console.print(f"[red]✗[/red] {escape(text)}")
    expected = len(compare.expected_in(plan.case, plan.label))
    found = len(result.differences)
    verdict = f"[red]{found} differences[/red]" if found else "[green]as expected[/green]"
    console.print(f"{plan.case.case}, {plan.label}: {expected} alerts expected, {verdict}, {result.seconds:.0f} s")
