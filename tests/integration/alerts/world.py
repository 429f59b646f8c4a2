"""A database with events in it, as take-in and resolve would have left them, and an evaluator's bench over it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from consumers.evaluator import LANES, Bench, judge_due
from services.db import Pool, hot_transaction
from services.db.clock_store import set_manual
from services.directory import file
from services.directory import store as directories
from services.identity import store as identities
from services.judging import store as due
from services.rules.load import Rules, release
from services.rules.model import RuleFile

DIRECTORY = Path(__file__).parents[2] / "unit" / "directory" / "birmingham_directory.yaml"
START = datetime(2013, 4, 2, 9, tzinfo=UTC)  # 10:00 in London, a working Tuesday
POLICE, MERCIA, CARE = "police-west-midlands", "police-west-mercia", "csc-birmingham"

CONCERN: Mapping[str, Any] = {
    "id": "R90",
    "name": "concern",
    "version": "1.0.0",
    "status": "live",
    "owner": "tests",
    "why": "Only for tests: a concern about somebody and somebody at risk, until a police message about them is read.",
    "purpose": "safeguarding",
    "legal_basis": ["CJA2003-s325"],
    "subject": "the subject of the report",
    "watches": ["police.concern.reported"],
    "hops": 1,
    "kind": "event",
    "of": {"types": ["police.concern.reported"], "other": {"role": ["at-risk"]}},
    "clock": "received",
    "unless": [{"types": ["police.checks.completed"], "names": ["subject", "other"]}],
    "anchor": ["subject", "other"],
    "urgency": [{"level": "U2"}],
    "uncorroborated": "rings at its own urgency",
    "to": [{"role": "duty-inspector", "of": "recording agency", "shown": "D2"}],
    "text": {"why": "a concern was recorded about both."},
}
UNREAD: Mapping[str, Any] = {
    **CONCERN,
    "id": "R91",
    "name": "unanswered",
    "watches": ["police.message.received"],
    "kind": "absence",
    "of": {"types": ["police.message.received"]},
    "clock": "occurred",
    "within": "15 minutes",
    "unless": [{"types": ["police.message.read"], "points_at": "event"}],
    "anchor": ["event", "subject"],
    "urgency": [{"level": "U1"}],
}
REPEATED: Mapping[str, Any] = {
    **CONCERN,
    "id": "R92",
    "name": "repeated",
    "kind": "count",
    "of": {"types": ["police.concern.reported"]},
    "clock": "known",
    "within": "14 days",
    "at_least": 2,
    "unless": [],
    "anchor": ["subject"],
    "urgency": [{"level": "U3"}],
}


def rules(*files: Mapping[str, Any]) -> Rules:
    return release(RuleFile.model_validate(one) for one in files or (CONCERN, UNREAD, REPEATED))


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


@dataclass
class Stored:
    """Writes what take-in and resolve would; people are records of their own until merged."""

    pool: Pool
    bench: Bench
    records: dict[str, int] = field(default_factory=dict)

    async def clock(self, minutes: float, *, caught_up: bool = True) -> None:
        async with hot_transaction(self.pool) as conn:
            await set_manual(conn, at(minutes))
            if caught_up:
                await conn.execute("UPDATE watermark SET at = $1", at(minutes))

    async def person(self, name: str) -> int:
        if name not in self.records:
            async with hot_transaction(self.pool) as conn:
                record: int = await conn.fetchval(
                    """
                    INSERT INTO records (agency, content_hash, reusable, slot, sender, standard, first_event_key,
                        first_received_at) VALUES ('a', $1, true, false, false, '{}', 0, now()) RETURNING record_id
                    """,
                    name.encode(),
                )
                await conn.execute("INSERT INTO persons (person_id) VALUES ($1)", record)
                await conn.execute("INSERT INTO membership VALUES ($1, $1, domain_now())", record)
            self.records[name] = record
        return self.records[name]

    async def event(
        self,
        name: str,
        kind: str,
        people: Mapping[str, str],
        *,
        minutes: float = 0,
        agency: str = POLICE,
        history: bool = False,
        fields: Mapping[str, Any] | None = None,
        relations: Sequence[tuple[str, str, str]] = (),
        mark: bool = True,
        grade: str | None = "1A",
        area: str | None = None,
    ) -> int:
        """Take in and resolve one event; `people` gives each person's role."""
        records = {person: await self.person(person) for person in people}
        body = {
            "known_at": at(minutes).isoformat(),
            "recorded_at": at(minutes).isoformat(),
            "people": [
                {"ref": person, "role": role, "names": [{"given": person}], "area": area}
                for person, role in people.items()
            ],
            "relationships": [{"from": a, "to": b, "kind": kind_, "status": "reported"} for a, b, kind_ in relations],
            "grade": grade,
            "handling": {"code": "P"},
            **(fields or {}),
        }
        async with hot_transaction(self.pool) as conn:
            key: int = await conn.fetchval(
                """
                INSERT INTO events (source, id, type, version, agency, history, occurred_earliest, occurred_latest,
                    known_at, recorded_at, received_at, taken_at, content_hash, body, report, topic, partition, "offset")
                VALUES ($1, $2, $3, 1, $4, $5, $6, $6, $6, $6, $6, $6, '', $7, $8, 't', 0, 0) RETURNING event_key
                """,
                f"urn:tocsin:agency:{agency}",
                name,
                kind,
                agency,
                history,
                at(minutes),
                orjson.dumps(body).decode(),
                kind.endswith(("concern.reported", "message.reported")),
            )
            await conn.executemany(
                "INSERT INTO mentions VALUES ($1, $2, $3, $4)",
                [(key, person, role, records[person]) for person, role in people.items()],
            )
            await conn.executemany(
                "INSERT INTO relationships VALUES ($1, $2, $3, $4, $5, 'reported')",
                [(key, n, records[a], records[b], kind_) for n, (a, b, kind_) in enumerate(relations)],
            )
            if mark:
                await self._mark(conn, list(records.values()))
        return key

    async def belongs(self, *names: str, to: str) -> None:
        """Merge or split, as resolve does: under locks, with marks for everybody whose membership changed."""
        await self.person(to)
        records = sorted(self.records[name] for name in names)
        async with hot_transaction(self.pool) as conn:
            persons = await conn.fetch("SELECT DISTINCT person_id FROM membership WHERE record_id = ANY($1)", records)
            touched = sorted({row[0] for row in persons} | {self.records[to], *records})
            await conn.execute("SELECT FROM persons WHERE person_id = ANY($1) FOR NO KEY UPDATE", touched)
            now = await conn.fetchval("SELECT domain_now()")
            await identities.move(conn, dict.fromkeys(records, self.records[to]), now)
            moved = await conn.fetch("SELECT record_id FROM membership WHERE person_id = ANY($1)", touched)
            await self._mark(conn, [row[0] for row in moved])

    async def retracted(self, name: str, *, minutes: float, agency: str = MERCIA) -> None:
        """Take an event back, as its retraction does once it is resolved."""
        key = await self.event(f"not-{name}", "police.event.retracted", {}, minutes=minutes, agency=agency)
        source = f"urn:tocsin:agency:{agency}"
        async with hot_transaction(self.pool) as conn:
            await conn.execute("INSERT INTO retractions VALUES ($1, $2, $3, $4)", key, source, name, at(minutes))
            await identities.mark_retracted(conn, [(source, name)])
            named = await conn.fetch(
                "SELECT record_id FROM mentions JOIN events USING (event_key) WHERE (source, id) = ($1, $2)",
                source,
                name,
            )
            await self._mark(conn, [row[0] for row in named])

    @staticmethod
    async def _mark(conn: Any, records: Sequence[int]) -> None:
        await conn.execute(
            "INSERT INTO due SELECT r, domain_now(), 0, 0 FROM unnest($1::bigint[]) AS r", sorted(set(records))
        )

    async def judge(self) -> int:
        """Judge everything that is due; return how many people that was."""
        judged = 0
        while found := await judge_due(self.bench, LANES[0]) + await judge_due(self.bench, LANES[1]):
            judged += found
        return judged

    async def alerts(self) -> list[dict[str, Any]]:
        rows = await self.pool.fetch("SELECT * FROM alerts ORDER BY alert_id")
        return [dict(row) for row in rows]

    async def conditions(self) -> list[str]:
        return [alert["condition"] for alert in await self.alerts()]

    async def told(self) -> list[tuple[int, str, str]]:
        """What was told, in order: (alert, agency, why) of every telling, from the audit."""
        rows = await self.pool.fetch(
            "SELECT thing, details FROM audit_unsealed WHERE action = 'decision' ORDER BY audit_id"
        )
        return [
            (int(row["thing"].removeprefix("alert:")), agency, why)
            for row in rows
            for agency, why, _ in orjson.loads(row["details"])["told"]
        ]

    async def rings(self) -> list[dict[str, Any]]:
        return [dict(row) for row in await self.pool.fetch("SELECT * FROM rings ORDER BY ring_id")]


@asynccontextmanager
async def stored(pool: Pool, *, court: Rules | None = None) -> AsyncIterator[Stored]:
    """A bench with the Birmingham directory and the rules above, the clock standing at START."""
    bench = Bench(pool, court or rules())
    parsed = file.read(DIRECTORY)
    async with hot_transaction(pool) as conn:
        await set_manual(conn, START)
        await conn.execute("UPDATE watermark SET at = $1", START)
        await directories.save(conn, parsed, actor="tests", taken_at=START, token=directories.phone_token(bytes(32)))
        await due.activate(conn, bench.rules.release)
        await conn.execute("DELETE FROM due")
    yield Stored(pool, bench)
