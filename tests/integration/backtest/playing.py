"""A case played through the stored pipeline, take-in to judgement, with the clock set to each moment: what a back-test reads."""

from datetime import datetime

from consumers.evaluator import LANES, Bench, judge_due
from deploy.cases.load import Case, directory, events
from deploy.policy import with_agreements
from services.db import Pool, hot_transaction
from services.db.clock_store import set_manual
from services.directory import store as directories
from services.judging import store as due
from services.replay import store as replays
from services.rules.load import Rules
from tests.integration.intake.traffic import Feed


async def play(pool: Pool, case: Case, variant: str, rules: Rules) -> Bench:
    """Play the whole case live; return the evaluator's bench."""
    past, live, bench = Feed(pool, topic="tocsin.backfill", history=True), Feed(pool), Bench(pool, rules)
    live.secrets = past.secrets
    await past.start()
    await live.start()
    await _clock(pool, case.history_received)
    async with hot_transaction(pool) as conn:
        token, told = directories.phone_token(past.master), with_agreements(directory(case))
        await directories.save(conn, told, actor="tests", taken_at=case.history_received, token=token)
        await due.activate(conn, rules.release)
    postings = events(case, variant)
    for posting in [one for one in postings if one.lane == "history"]:
        await past.say({**posting.event, "receivedat": posting.at.isoformat()})
        await live.resolve_all()
    await _judge(bench)
    for posting in [one for one in postings if one.lane == "live"]:
        await _until(pool, bench, posting.at)
        await live.say({**posting.event, "receivedat": posting.at.isoformat()})
        await live.resolve_all()
        await _judge(bench)
    await _until(pool, bench, case.ends)
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
