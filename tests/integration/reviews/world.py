"""Who might be who, from events to what rings: take-in, resolve, evaluator and weigher over one database, step by step."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from consumers.evaluator import LANES, Bench, judge_due
from consumers.weigher import Weigher
from deploy.policy import with_agreements
from services.db import Pool, hot_transaction
from services.db.clock_store import set_manual
from services.directory import file
from services.directory import store as directories
from services.identity.review import decide
from services.identity.review.decide import Answer, Said
from services.identity.review.decisions_store import Verdict, version
from services.identity.review.weigh import page_overdue
from services.judging import store as due
from services.rules.load import load_catalogue
from services.trial.rule_tests import HERE, arrival_of
from tests.integration.intake.traffic import Feed

BEGINS = datetime.fromisoformat("2024-03-04T10:00+00:00")
MASTER = bytes(32)
POLICE, CARE, HEALTH, HOUSING = "police-south", "csc-north", "health-north", "housing-north"
SEALED = "sealed-kestrel"
"""Stands in every address and text of these events, so that a leak can be searched for."""

SPURWAY = {
    "ref": "P",
    "role": "subject",
    "names": [{"given": "Leonard", "middle": "Arthur", "family": "Spurway"}],
    "born": "1955-02-19",
    "addresses": [{"area": "northtown", "lines": [f"1 {SEALED} Street"], "postcode": "B22 9ZZ"}],
    "phones": ["07700 900111"],
}
SPURWEY = {"ref": "X", "role": "alleged", "names": [{"given": "Leonard", "family": "Spurwey"}], "area": "southshire"}
MARRABLE = {
    "ref": "M",
    "role": "other",
    "names": [{"given": "Ottilie", "family": "Marrable"}],
    "born": "1987-02-02",
}
MARRABEL = {"ref": "N", "role": "other", "names": [{"given": "Ottilie", "family": "Marrabel"}]}

FLAG: Mapping[str, Any] = {
    "id": "flag",
    "from": CARE,
    "type": "childrens-social-care.risk-flag.set",
    "people": [SPURWAY],
    "data": {"flag": "pprc"},
}
"""A man registered as a risk to children."""
REPORT: Mapping[str, Any] = {
    "id": "report",
    "from": POLICE,
    "type": "police.message.reported",
    "people": ["S subject", SPURWEY, "C child", "R reporter"],
    "relationships": [{"from": "X", "to": "C", "kind": "contact", "status": "reported"}],
    "informant": {"ref": "R"},
    "grade": "2C",
    "data": {"text": f"{SEALED}: he was seen with the child"},
}
"""Somebody almost of his name with a child: R26 rings at U1 if they are one."""


@dataclass
class Reviewing:
    """Says what agencies say, and lets everything come of it but what reviewers decide."""

    pool: Pool
    feed: Feed
    bench: Bench
    weigher: Weigher
    clock: datetime = BEGINS
    said: int = field(default=0)

    async def at(self, moment: datetime) -> None:
        self.clock = moment
        async with hot_transaction(self.pool) as conn:
            await set_manual(conn, moment)
            await conn.execute("UPDATE watermark SET at = $1", moment)

    async def pass_time(self, **by: float) -> None:
        await self.at(self.clock + timedelta(**by))

    async def load_directory(self, *, agreements: bool = True) -> None:
        parsed = file.read(HERE / "directory.yaml")
        token = directories.phone_token(self.feed.master)
        async with hot_transaction(self.pool) as conn:
            form = with_agreements(parsed) if agreements else parsed
            await directories.save(conn, form, actor="tests", taken_at=self.clock, token=token)

    async def say(self, *given: Mapping[str, Any]) -> None:
        """One event each a minute, taken in, resolved, judged and weighed."""
        for one in given:
            self.said += 1
            await self.pass_time(minutes=1)
            made = arrival_of({"at": self.clock, **one}, self.said)
            await self.feed.say({**made.event, "receivedat": made.received_at.isoformat()})
            await self.settle()

    async def near(self) -> None:
        """Two women of almost one name, about whom nothing would ring."""
        kind = "police.offender-visit.made"
        await self.say(
            {"id": "one", "from": POLICE, "type": kind, "people": [MARRABLE]},
            {"id": "two", "from": CARE, "type": "childrens-social-care.assessment.opened", "people": [MARRABEL]},
        )

    async def settle(self) -> None:
        while await self.feed.resolve_all() or await self.judge() or await self.weigher.step():
            pass

    async def judge(self) -> int:
        return await judge_due(self.bench, LANES[0]) + await judge_due(self.bench, LANES[1])

    async def overdue(self) -> None:
        async with hot_transaction(self.pool) as conn:
            while await page_overdue(conn):
                pass

    async def items(self) -> list[dict[str, Any]]:
        """The open items in order of the queue."""
        rows = await self.pool.fetch(
            """
            SELECT * FROM reviews WHERE closed_at IS NULL
            ORDER BY turn, unevenness, opened_at, review_id
            """
        )
        return [dict(row) for row in rows]

    async def item(self) -> UUID:
        """The only open item."""
        (found,) = await self.items()
        made: UUID = found["public_id"]
        return made

    async def decide(self, review: UUID, verdict: Verdict, said: Said) -> Answer:
        said = await self.as_seen(review, said)
        async with hot_transaction(self.pool) as conn:
            return await decide.decide(conn, review, verdict, said, master_key=MASTER)

    async def as_seen(self, review: UUID, said: Said) -> Said:
        """They have just read the item, unless they say which version they read."""
        async with hot_transaction(self.pool) as conn:
            row = await conn.fetchrow("SELECT * FROM reviews WHERE public_id = $1", review)
            assert row is not None
            now = await version(conn, row["record_id"], row["candidate_record_id"])
        return said if said.version else replace(said, version=now)

    async def confirm(self, review: UUID, answer: Answer, said: Said, *, agrees: bool = True) -> Answer:
        said = await self.as_seen(review, said)
        async with hot_transaction(self.pool) as conn:
            return await decide.confirm(conn, review, answer.made.public_id, said, agrees=agrees, master_key=MASTER)

    async def withdraw(self, review: UUID, answer: Answer, said: Said) -> Answer:
        async with hot_transaction(self.pool) as conn:
            return await decide.withdraw(conn, review, answer.made.public_id, said, master_key=MASTER)

    async def alerts(self, rule: str) -> list[tuple[str, int]]:
        rows = await self.pool.fetch("SELECT condition, urgency FROM alerts WHERE rule = $1 ORDER BY alert_id", rule)
        return [tuple(row) for row in rows]

    async def pages(self) -> list[tuple[str, str]]:
        rows = await self.pool.fetch("SELECT kind, about FROM operator_pages WHERE closed_at IS NULL ORDER BY page_id")
        return [tuple(row) for row in rows]

    async def persons(self) -> set[frozenset[str]]:
        rows = await self.pool.fetch(
            """
            SELECT array_agg(DISTINCT e.id || '/' || m.ref) FROM mentions m
            JOIN events e USING (event_key) JOIN membership USING (record_id) GROUP BY person_id
            """
        )
        return {frozenset(row[0]) for row in rows}


def by(agency: str = CARE, actor: str = "SW-1", *, reason: str = "own-file", **more: Any) -> Said:
    return Said(agency, actor, reason, "tests", **more)


@asynccontextmanager
async def reviewing(pool: Pool) -> AsyncIterator[Reviewing]:
    feed = Feed(pool)
    await feed.start()
    rules = load_catalogue()
    made = Reviewing(pool, feed, Bench(pool, rules), Weigher(pool, rules))
    await made.at(BEGINS)
    await made.load_directory()
    async with hot_transaction(pool) as conn:
        await due.activate(conn, rules.release)
        await conn.execute("DELETE FROM due")
    yield made
