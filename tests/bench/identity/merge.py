"""Two people of five hundred events each prove to be one: from a person's word to every alert about them judged anew."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Final

from consumers.evaluator import Bench, judge_due
from deploy import policy
from deploy.command.installation import throw_away_folder
from deploy.embedded.postgres import EmbeddedPostgres
from deploy.embedded.progress import Report
from deploy.evaluation import metrics
from services.clock import monotonic
from services.db import Pool, hot_transaction, open_pool
from services.db.clock_store import read_clock
from services.db.migrate import migrate
from services.directory import file
from services.directory import store as directories
from services.identity.decide import decide
from services.identity.resolve import resolve
from services.judging import store as due
from services.rules.load import load_catalogue
from services.settings import Settings
from services.tokens import Tokens
from tests.bench.identity.register import SERVER
from tests.bench.pipeline_load import load
from tests.bench.pipeline_traffic import GROUP, MIX, Traffic

AIM_P99_MS: Final = 250
EVENTS: Final = 500
"""Of each of the two."""
AMONG_THEMSELVES: Final = {
    kind: share for kind, share in MIX.items() if kind not in {"concern, somebody new", "new relationship"}
}
"""Nobody new: with somebody new in every twentieth event, the cases would be too large to be judged at all."""
LANES: Final = (due.LIVE, due.SPREADING, due.SLOW)


@dataclass(frozen=True, slots=True)
class Merged:
    """Milliseconds of each merge."""

    resolved: Sequence[float]
    """From the decision's commit until the two are one."""
    judged: Sequence[float]
    """Until nobody is due: both people, and everybody whose case holds one of them."""
    alerts: int
    """Standing before, of all people of the bench."""


async def merges(pairs: int, report: Report) -> Merged:
    """Load the people with their events, judge them, and let one pair after the other be decided to be one."""
    async with AsyncExitStack() as stack:
        folder = await stack.enter_async_context(throw_away_folder())
        postgres = EmbeddedPostgres(folder / "postgres", report, SERVER)
        stack.push_async_callback(postgres.stop)
        await postgres.start()
        await migrate(postgres.database_url)
        settings = Settings(database_url=postgres.database_url, state=folder).with_keys()
        pool = await stack.enter_async_context(await open_pool(settings, size=2, task="bench", plan_once=True))
        async with hot_transaction(pool) as conn:
            form = policy.with_agreements(file.read(policy.SAMPLE))
            now = (await read_clock(conn)).now
            token = directories.phone_token(settings.master_key_bytes)
            await directories.save(conn, form, actor="bench", taken_at=now, token=token)
        traffic = Traffic(2 * pairs * GROUP)
        await load(pool, settings, [*traffic.history(), *traffic.day(2 * pairs * EVENTS, AMONG_THEMSELVES)], report)
        bench = Bench(pool, load_catalogue())
        async with hot_transaction(pool) as conn:
            await due.activate(conn, bench.rules.release, back=True)
        report("Judging everybody")
        await _judge_all(bench)
        async with pool.acquire() as conn:
            alerts = await conn.fetchval("SELECT count(*) FROM alerts WHERE condition = 'standing'")
        tokens = Tokens(settings.master_key_bytes)
        found = Merged([], [], alerts)
        for pair in range(pairs):
            one, other = (f"pol-{traffic.groups[2 * pair + n].subject.number}" for n in range(2))
            resolved, judged = await _merge(bench, tokens, one, other)
            found = Merged([*found.resolved, resolved], [*found.judged, judged], alerts)
            report("Merging", done=pair + 1, total=pairs)
        return found


async def _merge(bench: Bench, tokens: Tokens, one: str, other: str) -> tuple[float, float]:
    records = [await _record_of(bench.pool, own_id) for own_id in (one, other)]
    async with hot_transaction(bench.pool) as conn:
        await decide(conn, records[0], records[1], "same", actor="desk:police-exshire/bench", reason="bench")
    began = monotonic()
    await resolve(bench.pool, tokens, 1)
    resolved = monotonic()
    await _judge_all(bench)
    return 1_000 * (resolved - began), 1_000 * (monotonic() - resolved)


async def _record_of(pool: Pool, own_id: str) -> int:
    async with pool.acquire() as conn:
        found: int = await conn.fetchval(
            "SELECT record_id FROM records WHERE standard::text LIKE $1 ORDER BY record_id LIMIT 1",
            f'%"{own_id.upper()}"%',
        )
    return found


async def _judge_all(bench: Bench) -> None:
    while await judge_due(bench, LANES):
        pass


def rows(found: Merged) -> list[tuple[str, str, str]]:
    """Rows of a table: what, measured, aim."""
    both = [one + other for one, other in zip(found.resolved, found.judged, strict=True)]
    parts = [("resolved", found.resolved), ("judged", found.judged)]
    shown = [(f"merge {what}, p50", f"{metrics.quantile(ms, 0.5):.0f} ms", "") for what, ms in parts]
    shown += [
        ("merge of two people of 500 events with alerts, p50", f"{metrics.quantile(both, 0.5):.0f} ms", ""),
        (
            "merge of two people of 500 events with alerts, p99",
            f"{metrics.quantile(both, 0.99):.0f} ms",
            f"<= {AIM_P99_MS} ms",
        ),
        ("alerts standing before", f"{found.alerts}", ""),
    ]
    return shown
