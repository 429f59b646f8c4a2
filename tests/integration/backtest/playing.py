"""A stream played through the stored pipeline, take-in to judgement, with the clock set to each moment: what a back-test reads."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from consumers.evaluator import LANES, Bench, judge_due
from services.db import Pool, hot_transaction
from services.db.clock_store import set_manual
from services.directory import store as directories
from services.directory.form import DirectoryForm
from services.judging import store as due
from services.replay import store as replays
from services.rules.load import Rules
from services.trial.world import Arrival
from tests.integration.intake.traffic import Feed


async def play(
    pool: Pool,
    arrivals: Sequence[Arrival],
    directory: DirectoryForm,
    rules: Rules,
    *,
    until: datetime,
    one_by_one: bool = False,
) -> Bench:
    """Play a stream, in order of receipt, and let time run out to `until`; return the evaluator's bench.

    All events of a moment are taken in before anything that falls due at it is judged, as in a trial: an answer in the
    last minute is in time. `one_by_one`: the rest of the moment is judged after each of its events.
    """
    past, live, bench = Feed(pool, topic="tocsin.backfill", history=True), Feed(pool), Bench(pool, rules)
    live.secrets = past.secrets
    await past.start()
    await live.start()
    begins = min(arrival.received_at for arrival in arrivals)
    await _clock(pool, begins)
    async with hot_transaction(pool) as conn:
        token = directories.phone_token(past.master)
        await directories.save(conn, directory, actor="tests", taken_at=begins, token=token)
        await due.activate(conn, rules.release)
    for moment, together in groupby(arrivals, key=lambda arrival: arrival.received_at):
        await _until(pool, bench, moment)
        for arrival in together:
            feed = past if arrival.history else live
            await feed.say({**arrival.event, "receivedat": moment.isoformat()})
            await live.resolve_all()
            if one_by_one:
                await _judge(bench)
        await _judge(bench)
    await _until(pool, bench, until)
    await _judge(bench)
    return bench


async def _until(pool: Pool, bench: Bench, moment: datetime) -> None:
    """Let time pass: whatever falls due before is judged at its own moment."""
    while True:
        async with hot_transaction(pool) as conn:
            coming = await replays.next_due(conn)
        if coming is None or coming >= moment:
            return await _clock(pool, moment)
        await _clock(pool, coming)
        if not await _judge(bench):  # a rung, which nobody climbs here
            async with hot_transaction(pool) as conn:
                await conn.execute("DELETE FROM ladders WHERE due_at <= $1", coming)


async def _clock(pool: Pool, moment: datetime) -> None:
    async with hot_transaction(pool) as conn:
        await set_manual(conn, moment)
        await conn.execute("UPDATE watermark SET at = $1", moment)


async def _judge(bench: Bench) -> int:
    judged = 0
    while found := await judge_due(bench, LANES[2]):
        judged += found
    return judged
