"""The evaluator: claims people who have something due, judges their cases, and writes what changed.

One transaction for a batch of people: the claim locks their rows (resolve locks the same, so no evaluation is stale about
its own subject), then their due rows are deleted, then cases and alerts are loaded in one statement, judged in memory and
written. A worker whose rules are not those in force stands down. Each lane has workers of its own, so that neither a
release nor a merge storm delays a timer.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import asyncpg

from consumers import queue
from consumers.gathering import Gathering
from services import calendar
from services.alerts import store as alerts
from services.alerts.state import Change, Condition
from services.audit import store as audit
from services.audit.record import Action, Entry
from services.chronology import store as chronology
from services.chronology.store import FactCache
from services.clock import real_now
from services.corrections import store as corrections
from services.db import Connection, Pool, hot_transaction, rerun_on_conflict, wait_for_pool
from services.directory import store as directories
from services.directory.model import from_mapping
from services.identity.review import store as reviews
from services.judging import judge as judging
from services.judging import parameters_store as parameters
from services.judging import store as due
from services.judging.judge import Court, Judged
from services.judging.store import Again, Claim
from services.operators import store as operators
from services.rules.findings import Incomplete
from services.rules.load import Rules, load_catalogue
from services.settings import Settings
from services.telemetry import Log, note

BATCH: Final = 64
"""People in one claim. More cost less each; a timer may wait for the batch before it."""

FULL: Final = BATCH * 3 // 4
"""People of a claim after which nobody rests: who is left over is due already, or held by another worker for the moment."""

LANES: Final = ((due.LIVE,), (due.SPREADING, due.LIVE), (due.SLOW, due.LIVE, due.SPREADING))
"""Lanes of each worker in the order it looks at them. The first never leaves live events and timers."""


def lanes_of(workers: int) -> list[tuple[int, ...]]:
    """The lanes of each worker. Where there are fewer workers than lanes the last looks at all that are left.

    Or what a merge or a release marks would wait for a worker that nobody started.
    """
    if workers >= len(LANES):
        return [LANES[n % len(LANES)] for n in range(workers)]
    left = [lane for lanes in LANES[workers - 1 :] for lane in lanes[:1]]
    return [*LANES[: workers - 1], tuple(dict.fromkeys([*left, due.LIVE]))]


@dataclass(slots=True)
class Bench:
    """What the workers of one process share."""

    pool: Pool
    rules: Rules
    held: directories.Loaded = field(default_factory=lambda: directories.Loaded(0, from_mapping({})))
    court: Court | None = None
    seen: tuple[int, int] = (-1, -1)
    """Revision of the directory and number of the parameters that the court is made of."""
    cache: FactCache = field(default_factory=FactCache)
    gathering: Gathering = field(default_factory=lambda: Gathering(FULL))
    stood_down: bool = False


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Judge until told to stop."""
    pool = await wait_for_pool(settings, size=settings.judge_workers + 1, task="evaluator")
    try:
        bench = Bench(pool, load_catalogue())
        calendar.bank_holidays(real_now().year)  # its tables take half a second to load: not under somebody's lock
        # Whoever tries things out on one machine means what was started last.
        back = settings.mode == "development"
        await rerun_on_conflict(lambda: _activate(bench, back=back))
        async with asyncio.TaskGroup() as group:
            for lanes in lanes_of(settings.judge_workers):
                group.create_task(_worker(bench, lanes, settings, stop))
    finally:
        await pool.close()


async def _activate(bench: Bench, *, back: bool) -> None:
    async with hot_transaction(bench.pool) as conn:
        if await due.activate(conn, bench.rules.release, back=back):
            note(Log.JUDGE_RELEASE, release=bench.rules.release)
            await audit.record(conn, [_release_entry(bench.rules.release)])


async def _worker(bench: Bench, lanes: Sequence[int], settings: Settings, stop: asyncio.Event) -> None:
    careful = 0

    async def step() -> int:
        nonlocal careful
        careful = max(0, careful - 1)
        await bench.gathering.turn()
        try:
            return await judge_due(bench, lanes, limit=1 if careful else BATCH)
        except asyncpg.PostgresError as error:
            if not isinstance(error, asyncpg.DataError | asyncpg.IntegrityConstraintViolationError) or isinstance(
                error, asyncpg.UniqueViolationError
            ):
                raise
            if careful:  # alone and still refused: set aside, so that it holds up nobody else
                return await set_aside(bench, lanes, type(error).__name__)
            careful = 2 * BATCH
            return 1

    await queue.work(f"judge-{lanes[0]}", step, stop=stop, poll_seconds=settings.queue_poll_milliseconds / 1000)


async def judge_due(bench: Bench, lanes: Sequence[int], *, limit: int = BATCH) -> int:
    """Claim and judge one batch; return how many people were claimed."""
    async with hot_transaction(bench.pool) as conn:
        claim = await due.claim(conn, lanes, limit)
        if claim.release != bench.rules.release:
            return await _stand_down(conn, bench, claim)
        if not claim.persons:
            return 0
        bench.gathering.note(len(claim.persons))
        marked = await due.take(conn, claim)
        if not marked:
            return 0
        court = await _court(conn, bench, claim)
        loaded = await chronology.load(conn, sorted(marked), bench.cache)
        judged = [judging.judge(person, loaded[person], court, claim) for person in sorted(marked)]
        changes = [change for one in judged for change in one.changes]
        # Before they are written: it asks what each recipient was told last, and when.
        await corrections.note_alerts(conn, corrections.losing(changes), claim.now.clock)
        written = await alerts.write(conn, changes, court.directory, release=bench.rules.release)
        whole = [loaded[one.person].alerts for one in judged if not one.incomplete]
        if cut := [row["alert"]["alert_id"] for rows in whole for row in rows if row["alert"]["cut"]]:
            await corrections.open_again(conn, cut)
        await audit.record(conn, [_entry(change, court) for change in written], at=claim.now.clock)
        rows = [row for one in judged for row in one.wakes]
        rows += judging.spread([person for person, mark in marked.items() if mark], loaded, judged, claim.now.clock)
        rows += await _incomplete(conn, claim, judged)
        await due.queue(conn, sorted(marked), rows)
        # Of a case too large its reviews were not loaded.
        if doubted := [one for one in marked if loaded[one].case.reviews or loaded[one].too_large is not None]:
            await reviews.touch(conn, doubted)
        await due.log(conn, claim, bench.rules.release, sorted(marked))
    _say(written)
    return len(claim.persons)


async def _stand_down(conn: Connection, bench: Bench, claim: Claim) -> int:
    """Judge nothing by rules that are not in force. A person is told: if all stand down, nobody is judged."""
    if not bench.stood_down:
        bench.stood_down = True
        await operators.page(conn, "rules-stood-down", [bench.rules.release], [claim.release or "none"])
        note(Log.JUDGE_STOOD_DOWN, level=logging.ERROR, release=bench.rules.release, in_force=claim.release)
    return 0


async def _court(conn: Connection, bench: Bench, claim: Claim) -> Court:
    newest = (claim.revision, claim.parameters)
    if bench.court is None or bench.seen != newest:
        bench.held = await directories.current(conn)
        bench.court = Court.of(bench.rules, bench.held.directory, await parameters.load(conn))
        bench.seen = newest
    return bench.court


async def _incomplete(conn: Connection, claim: Claim, judged: Sequence[Judged]) -> list[Again]:
    """Keep, retry and page what could not be judged to its end."""
    found = {one.person: one.incomplete for one in judged if one.incomplete}
    if not found and not claim.unfinished:
        return []
    tries = await due.note_incomplete(conn, claim.now.clock, [one.person for one in judged], found)
    await page_incomplete(conn, found)
    well = [str(one.person) for one in judged if not one.incomplete]
    await operators.close_pages(conn, "incomplete", well)
    return [judging.retry(person, tried, claim.now.clock) for person, tried in tries.items()]


async def page_incomplete(conn: Connection, found: Mapping[int, Sequence[Incomplete]]) -> None:
    """One page for each person; what is said is code, never data."""
    for person, reasons in found.items():
        new = await operators.page(
            conn, "incomplete", [str(person)], [f"{r.rule or 'case'}: {r.reason}" for r in reasons]
        )
        if new:
            note(
                Log.JUDGE_INCOMPLETE, level=logging.ERROR, person=person, rule=reasons[0].rule, reason=reasons[0].reason
            )


async def set_aside(bench: Bench, lanes: Sequence[int], reason: str) -> int:
    """Keep one person whose evaluation cannot even be written as incomplete, to be tried again later."""
    async with hot_transaction(bench.pool) as conn:
        claim = await due.claim(conn, lanes, 1)
        marked = await due.take(conn, claim)
        judged = [Judged(person, (), (), (Incomplete(None, reason),)) for person in marked]
        await due.queue(conn, sorted(marked), await _incomplete(conn, claim, judged))
    return len(marked)


def _entry(change: Change, court: Court) -> Entry:
    rule = court.rule(change.after.rule)
    return Entry(
        actor="process:evaluator",
        action=Action.DECISION,
        purpose=rule.purpose,
        basis=", ".join(rule.legal_basis),
        thing=f"alert:{change.alert}",
        details={
            "rule": rule.rule,
            "release": court.rules.release,
            "kinds": list(change.kinds),
            "version": change.after.version,
            "urgency": int(change.after.urgency),
            "told": [[notice.agency, notice.why, notice.ring] for notice in change.notices],
        },
    )


def _release_entry(release: str) -> Entry:
    details = {"release": release}
    return Entry("process:evaluator", Action.ADMINISTRATION, "administration", "rules", "rules", details)


def _say(changes: Sequence[Change]) -> None:
    for change in changes:
        if change.notices:
            ended = change.after.condition is not Condition.STANDING
            log = Log.ALERT_ENDED if ended else Log.ALERT_RAISED
            note(
                log, alert=change.alert, rule=change.after.rule, kinds=",".join(change.kinds), told=len(change.notices)
            )
