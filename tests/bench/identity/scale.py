"""Resolving on PostgreSQL when a hundred thousand or a million people are known: one alone, and in batches."""

from dataclasses import dataclass
from typing import Final

from deploy.command.installation import throw_away_folder
from deploy.embedded.progress import Report
from deploy.evaluation import metrics
from deploy.evaluation.stored import BATCH, Stored
from services.clock import monotonic
from services.db import open_pool
from services.settings import Settings
from tests.bench.identity.register import kept_database, register

ALONE: Final = 1_000
"""Records timed one by one, or half of all that wait if they are fewer."""
WARM: Final = 50
"""Records before that, which find plans and caches cold."""


@dataclass(frozen=True, slots=True)
class AtScale:
    """How fast records are taken in, resolved and committed, syncing to disk."""

    people: int
    p50_ms: float
    p99_ms: float
    per_second: float
    """In batches of 200, one worker."""


async def at_scale(people: int, seed: int, report: Report) -> AtScale:
    """Load a register of so many, let records of its people arrive, and forget it."""
    async with throw_away_folder() as folder, kept_database(folder, report) as url:
        arrivals = await register(folder, url, people, seed, report)
        async with await open_pool(Settings(database_url=url), size=2, task="bench") as pool:
            store = Stored(pool)
            await store.begin()
            alone = WARM + min(ALONE, len(arrivals) // 2)
            milliseconds = []
            for number, record in enumerate(arrivals[:alone]):
                began = monotonic()
                await store.take([store.arrival(record.rid, record)])
                await store.resolve()
                milliseconds.append(1_000 * (monotonic() - began))
                report("One by one", done=number + 1, total=alone)
            began = monotonic()
            rest = arrivals[alone:]
            for at in range(0, len(rest), BATCH):
                await store.take([store.arrival(record.rid, record) for record in rest[at : at + BATCH]])
                await store.resolve()
                report("In batches", done=min(at + BATCH, len(rest)), total=len(rest))
            per_second = len(rest) / (monotonic() - began)
    timed = milliseconds[WARM:]
    return AtScale(people, metrics.quantile(timed, 0.5), metrics.quantile(timed, 0.99), per_second)
