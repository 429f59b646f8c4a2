"""kill -9 of every process and both servers while events come in: nothing is lost, nothing rings twice."""

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pprint import pformat
from typing import Any

import asyncpg
import pytest

from deploy.embedded.servers import Servers
from services.db import hot_transaction
from services.rules.load import load_catalogue
from services.trial.rule_tests import default_directory
from services.trial.run import run_unordered
from tests.chaos.installation import Installation, installed
from tests.chaos.outcome import differences, of_database, of_trial
from tests.chaos.population import Population, population
from tests.chaos.posting import Posting
from tests.polling import until

VICTIMS = ("gateway", "correlator", "correlator-2", "evaluator", "evaluator-2", "notifier", "kafka", "postgres")
QUIET_SECONDS = 240.0
A_MOMENT = 10.0
"""Seconds from a claim to when the receiver has read its call, on a machine busy with other things: what is noted may die in between."""

Progress = Callable[[], Awaitable[int]]


@pytest.mark.timeout(900)  # a machine busy with other things; alone it takes about a minute
async def test_a_few_kills(killable_servers: Servers) -> None:
    await survive(killable_servers, population(300, seed=11), random.Random(11), kills_of_each=1)


@pytest.mark.chaos
@pytest.mark.timeout(1_800)  # alone three to five minutes
@pytest.mark.parametrize("seed", [1])
async def test_many_kills(killable_servers: Servers, seed: int) -> None:
    await survive(killable_servers, population(2_000, seed), random.Random(seed), kills_of_each=5)


async def survive(servers: Servers, events: Population, rng: random.Random, *, kills_of_each: int) -> None:
    async with installed(servers, events) as made:
        posting = Posting(made, rng)
        async with killing(made, posting, len(events.posts), rng, kills_of_each) as all_killed:
            await posting.post_all(events.posts)
            await posting.set_clock_to(events.ends)
        assert posting.refused == []
        await all_killed
        await until(made.quiet, timeout_seconds=QUIET_SECONDS, what="quiet")
        await assert_nothing_lost(made, events)
        await assert_as_the_oracle_says(made, events)
        await assert_told_once(made)
        assert made.fell == []


@asynccontextmanager
async def killing(
    made: Installation, posting: Posting, posts: int, rng: random.Random, kills_of_each: int
) -> AsyncIterator["asyncio.Future[Any]"]:
    """Kill each victim at moments of its own, told by how far the work has come, so that it is always in the middle."""

    async def posted() -> int:
        return posting.done

    async def taken() -> int:
        return await made.count("events")

    async def raised() -> int:
        return await made.count("alerts")

    async def called() -> int:
        return len(made.receiver.calls)

    measures: dict[str, tuple[Progress, int]] = {
        "gateway": (posted, posts),
        "kafka": (posted, posts),
        "correlator": (taken, posts // 2),
        "correlator-2": (taken, posts // 2),
        "postgres": (taken, posts // 2),
        "evaluator": (raised, posts // 8),
        "evaluator-2": (raised, posts // 8),
        "notifier": (called, posts // 8),
    }
    over = asyncio.Event()
    moments = {name: sorted(rng.randrange(measures[name][1]) for _ in range(kills_of_each)) for name in VICTIMS}

    async def kill(name: str) -> None:
        progress, _ = measures[name]
        for moment in moments[name]:

            async def come(moment: int = moment) -> bool:
                return over.is_set() or (name not in made.killed and await progress() >= moment)

            await until(come, timeout_seconds=1_500, what=f"moment {moment} of {name}")
            made.kill(name)

    killers = asyncio.gather(*(kill(name) for name in VICTIMS))
    try:
        yield killers
        over.set()
    except BaseException:  # whatever ended the run, nobody is to be killed after it
        killers.cancel()
        raise


async def assert_nothing_lost(made: Installation, events: Population) -> None:
    async with hot_transaction(made.pool) as conn:
        stored = {(row[0], row[1]) for row in await conn.fetch("SELECT source, id FROM events")}
        assert await conn.fetch("SELECT reason, detail FROM dead_letters") == []
        assert await conn.fetch("SELECT * FROM conflicts") == []
        assert await conn.fetch("SELECT rule, reason FROM incomplete_evaluations") == []
    assert {(one.event["source"], one.event["id"]) for one in events.arrivals} ^ stored == set()


async def assert_as_the_oracle_says(made: Installation, events: Population) -> None:
    def judge_all() -> Any:
        return of_trial(run_unordered(events.arrivals, load_catalogue(), default_directory(), until=events.ends))

    wanted = await asyncio.to_thread(judge_all)
    found = differences(await of_database(made.pool, events), wanted)
    assert not found, pformat(found, width=160)


def repeated_for_nothing(made: Installation) -> list[str]:
    """Calls that were made again although nothing had crashed since, or in the moment before: a claim, and then the crash."""
    last: dict[tuple[str, str], float] = {}
    found = []
    for call in made.receiver.calls:
        before = last.get((call.path, call.id))
        if before is not None and not any(before - A_MOMENT < crash < call.at for crash in made.crashes):
            found.append(f"{call.id} to {call.path}, {call.at - before:.1f} s after")
        last[call.path, call.id] = call.at
    return found


async def assert_told_once(made: Installation) -> None:
    """Each crash may repeat the calls that were under way, under the same id; nothing else is ever told twice, or not at all."""
    ids: dict[tuple[object, ...], Counter[str]] = defaultdict(Counter)
    told: dict[tuple[str, str, str], int] = {}
    for call in made.receiver.calls:
        for alert in call.body.data.alerts:
            ring = alert.ring and (alert.ring.rung, alert.ring.desk)
            # Two agencies' ladders may end at one desk of a third, which is named for both where they are concealed.
            last = alert.ring is not None and alert.ring.acknowledge_by is None
            ladder = call.id if last else call.body.data.agency
            ids[ladder, alert.alert, alert.endpoint, alert.version, ring][call.id] += 1
            place = (call.body.data.agency, str(alert.alert), str(alert.endpoint))
            told[place] = max(told.get(place, 0), alert.version)
    assert {what: dict(found) for what, found in ids.items() if len(found) > 1} == {}
    assert repeated_for_nothing(made) == []
    async with hot_transaction(made.pool) as conn:
        heard = await conn.fetch(
            """
            SELECT d.agency, e.agency AS desk_of, a.public_id::text AS alert, e.public_id::text AS endpoint, max(t.version) AS version
            FROM attempts t JOIN deliveries d USING (delivery_id) JOIN alerts a USING (alert_id)
            JOIN endpoints e ON e.endpoint_id = d.endpoint_id
            WHERE e.kind = 'webhook' AND t.outcome = 'told' GROUP BY 1, 2, 3, 4
            """
        )
        # What ended before an agency was told of it is not told to it; what was joined to another is told with that. A desk of
        # another agency is rung for this one, and told nothing else.
        untold = await conn.fetch(
            """
            WITH calls AS (
                SELECT d.alert_id, d.agency, t.version FROM attempts t JOIN deliveries d USING (delivery_id)
                JOIN endpoints e ON e.endpoint_id = d.endpoint_id
                WHERE e.kind = 'webhook' AND e.agency = d.agency AND t.outcome IN ('told', 'timeout'))
            SELECT a.rule, r.agency, r.version, r.told_at FROM alert_recipients r JOIN alerts a USING (alert_id)
            WHERE r.told AND r.left_at IS NULL AND r.version > 0 AND a.joined_to IS NULL
            AND (a.condition = 'standing'
                OR EXISTS (SELECT FROM calls c WHERE c.alert_id = r.alert_id AND c.agency = r.agency))
            AND NOT EXISTS (
                SELECT FROM calls c WHERE c.alert_id = r.alert_id AND c.agency = r.agency AND c.version = r.version)
            """
        )
    assert [dict(row) for row in heard if _told(told, row) < row["version"]] == []
    assert [dict(row) for row in untold] == []


def _told(told: Mapping[tuple[str, str, str], int], row: asyncpg.Record) -> int:
    """Return the newest version the endpoint heard. Where the ringing agency is concealed, the call names the desk's own."""
    return max(told.get((agency, row["alert"], row["endpoint"]), 0) for agency in (row["agency"], row["desk_of"]))
