"""Resolving on PostgreSQL when a hundred thousand or a million people are known: one alone, and in batches."""

import asyncio
import os
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from consumers.queue import work
from deploy.command.installation import throw_away_folder
from deploy.embedded.progress import Report
from deploy.evaluation import metrics
from deploy.evaluation.labelled import Labelled
from deploy.evaluation.stored import BATCH, Stored
from services.clock import monotonic
from services.db import open_pool
from services.identity.resolve import resolve
from services.memory import settle
from services.settings import Settings
from tests.bench.identity.register import kept_database, register, warm
from tests.bench.identity.second import POLL_SECONDS, RESOLVE_ROWS, WORKERS, second_correlator

# Targets: latency is that of the design's identity page, section 5.
AIM_P50_MS: Final = 4
AIM_P99_MS: Final = 15
AIM_PER_SECOND: Final = 1_000
CORES: Final = 2
ALONE: Final = 1_000
"""Records timed one by one, or half of all that wait if they are fewer."""
COLD: Final = 50
"""Records before that, which find plans cold."""
COLD_IN_BATCHES: Final = 800
"""Before those in batches: the second process has read nothing yet."""
SYNCS: Final = 200
"""Pages written and synced to learn what this disk makes every commit wait."""


@dataclass(frozen=True, slots=True)
class AtScale:
    """How fast records are taken in, resolved and committed, syncing to disk."""

    people: int
    p50_ms: float
    """One alone: from claiming it to its commit. Searched, compared, clustered, written."""
    p99_ms: float
    take_in_p50_ms: float
    """Before that, in a transaction of its own."""
    take_in_p99_ms: float
    sync_ms: float
    """Of one page to this disk, median, in the same minute: each commit waits for at least one."""
    per_second: float
    """Taken in by batches of 200 while two correlators of two workers each resolve, until all is done."""
    processor_us: float
    """Of our processes and the server's for each of these records: on a busy machine, what two cores could do is 2,000,000 by it."""


def speed(found: AtScale) -> list[tuple[str, str, str]]:
    """Rows of a table: what, measured, aim."""
    at = f"at {found.people:,} people"
    return [
        (f"one alone resolved {at}, p50", f"{found.p50_ms:.1f} ms", f"<= {AIM_P50_MS} ms"),
        (f"one alone resolved {at}, p99", f"{found.p99_ms:.1f} ms", f"<= {AIM_P99_MS} ms"),
        (f"taken in before that {at}, p50 / p99", f"{found.take_in_p50_ms:.1f} / {found.take_in_p99_ms:.1f} ms", ""),
        ("this disk syncs a page in", f"{found.sync_ms:.1f} ms", ""),
        (f"taken in and resolved in batches {at}", f"{found.per_second:,.0f} records/s", f">= {AIM_PER_SECOND:,}"),
        (
            "processor for each of them",
            f"{found.processor_us:,.0f} us",
            f"<= {CORES * 1_000_000 // AIM_PER_SECOND:,} us",
        ),
    ]


async def at_scale(people: int, seed: int, report: Report, keep: Path | None = None) -> AtScale:
    """Load a register of so many and let records of its people arrive. `keep`: where the register stays for the next run."""
    async with AsyncExitStack() as stack:
        folder = await stack.enter_async_context(throw_away_folder()) if keep is None else keep
        url = await stack.enter_async_context(kept_database(folder, report))
        waiting = await register(folder, url, people, seed, report)
        await warm(url, report)
        settings = Settings(database_url=url)
        pool = await stack.enter_async_context(
            await open_pool(settings, size=WORKERS + 2, task="bench", plan_once=True)
        )
        store = Stored(pool)
        arrivals = await _not_seen(store, waiting)
        await store.begin()
        alone = COLD + min(ALONE, len(arrivals) // 2)
        taken, resolved = await _one_by_one(store, arrivals[:alone], report)
        await stack.enter_async_context(second_correlator(url))
        settle()  # as a correlator does at its start
        warmed = alone + COLD_IN_BATCHES
        await _in_batches(store, arrivals[alone:warmed], report)
        before = _processor_seconds()
        per_second = await _in_batches(store, arrivals[warmed:], report)
        processor = (_processor_seconds() - before) / len(arrivals[warmed:])
        return AtScale(
            people,
            metrics.quantile(resolved, 0.5),
            metrics.quantile(resolved, 0.99),
            metrics.quantile(taken, 0.5),
            metrics.quantile(taken, 0.99),
            metrics.quantile(_syncs(folder / "sync"), 0.5),
            per_second,
            1_000_000 * processor,
        )


async def _not_seen(store: Stored, waiting: Sequence[Labelled]) -> list[Labelled]:
    """The waiting records, as yet another agency says them where an earlier run let them arrive."""
    async with store.pool.acquire() as conn:
        await conn.execute("DELETE FROM intake_progress WHERE topic = 'evaluation'")
        runs = await conn.fetchval("SELECT count(*) FROM events WHERE topic = 'evaluation' AND \"offset\" = 0")
    if not runs:
        return list(waiting)
    return [
        record.model_copy(update={"rid": f"{record.rid}.{runs}", "agency": f"{record.source}-{runs}"})
        for record in waiting
    ]


async def _one_by_one(store: Stored, arrivals: Sequence[Labelled], report: Report) -> tuple[list[float], list[float]]:
    """Milliseconds of each take-in and of each resolve."""
    taken, resolved = [], []
    for number, record in enumerate(arrivals, 1):
        event = store.arrival(record.rid, record)
        began = monotonic()
        await store.take([event])
        between = monotonic()
        await resolve(store.pool, store.secrets.tokens, RESOLVE_ROWS)
        taken.append(1_000 * (between - began))
        resolved.append(1_000 * (monotonic() - between))
        report("One by one", done=number, total=len(arrivals))
    return taken[COLD:], resolved[COLD:]


async def _in_batches(store: Stored, arrivals: Sequence[Labelled], report: Report) -> float:
    """Records a second, from the first batch until nothing is unresolved."""
    stop = asyncio.Event()

    async def step() -> int:
        return (await resolve(store.pool, store.secrets.tokens, RESOLVE_ROWS)).rows

    began = monotonic()
    async with asyncio.TaskGroup() as group:
        for _ in range(WORKERS):
            group.create_task(work("unresolved", step, stop=stop, poll_seconds=POLL_SECONDS))
        for at in range(0, len(arrivals), BATCH):
            await store.take([store.arrival(record.rid, record) for record in arrivals[at : at + BATCH]])
            report("In batches", done=min(at + BATCH, len(arrivals)), total=len(arrivals))
        while await store.pool.fetchval("SELECT EXISTS (SELECT FROM unresolved)"):  # noqa: ASYNC110 - in another process
            await asyncio.sleep(POLL_SECONDS)
        took = monotonic() - began
        stop.set()
    return len(arrivals) / took


def _processor_seconds() -> float:
    """Of this process and the server's, which are its children."""
    own = psutil.Process()
    times = [process.cpu_times() for process in (own, *own.children(recursive=True))]
    return sum(one.user + one.system for one in times)


def _syncs(path: Path) -> list[float]:
    """Milliseconds of writing a page of a file that is there and syncing it."""
    page = bytes(8192)
    found = []
    with path.open("wb") as file:
        file.write(page * SYNCS)
        file.flush()
        os.fsync(file.fileno())
        for number in range(SYNCS):
            file.seek(number * len(page))
            began = monotonic()
            file.write(page)
            file.flush()
            os.fdatasync(file.fileno())
            found.append(1_000 * (monotonic() - began))
    path.unlink()
    return found
