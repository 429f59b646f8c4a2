"""Events as the bus would deliver them, without a bus: sealed messages with positions, for tests of what comes after."""

import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.bus.sealed import DayKey, seal_event
from services.db import Pool, hot_transaction, rerun_on_conflict
from services.identity.resolve import Resolved, resolve
from services.intake import progress_store
from services.intake.read import Arrived, read
from services.intake.take_in import Secrets, Taken, take_in
from services.tokens import Tokens

START = datetime(2024, 3, 4, 9, tzinfo=UTC)
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
HANDLING = {"code": "P", "purpose": "safeguarding", "legal_basis": "CJA2003-s325", "regime": "part-3"}


def person(ref: str, name: str = "", born: str | None = None, *, role: str = "other", **more: Any) -> dict[str, Any]:
    """`Given Middle Family` as on the wire; `phone`, `at` and `works` in short."""
    body: dict[str, Any] = {"ref": ref, "role": role}
    if name:
        *given, family = name.split()
        body["names"] = [{"given": given[0], "family": family} | ({"middle": " ".join(given[1:])} if given[1:] else {})]
    if born:
        body["born"] = born
    if phone := more.pop("phone", None):
        body["phones"] = [phone]
    if at := more.pop("at", None):
        body["addresses"] = [{"area": "birmingham", "lines": [at], "postcode": "B22 9ZZ"}]
    if works := more.pop("works", None):
        body["workplace"] = {"name": works}
    if ids := more.pop("ids", None):
        body["identifiers"] = [{"system": system, "value": value} for system, value in ids.items()]
    return body | more


def event(
    event_id: str,
    people: Sequence[Mapping[str, Any]],
    *,
    agency: str = "police-west-midlands",
    happened: str = "",
    at: datetime | None = None,
    relationships: Sequence[Mapping[str, Any]] = (),
    **data: Any,
) -> dict[str, Any]:
    received = at or START
    happened = happened or ("police.relationship.reported" if relationships else "police.offender-visit.made")
    body: dict[str, Any] = {
        "known_at": received.isoformat(),
        "recorded_at": received.isoformat(),
        "handling": HANDLING,
        "people": list(people),
        **data,
    }
    if relationships:
        body["relationships"] = list(relationships)
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": f"urn:tocsin:agency:{agency}",
        "type": f"{happened}.v1",
        "data": body,
        "receivedat": received.isoformat(),
    }


def rel(one: str, other: str, kind: str = "partner", status: str = "reported", **more: Any) -> dict[str, Any]:
    return {"from": one, "to": other, "kind": kind, "status": status, **more}


class Feed:
    """Partitions in memory, and a database that takes them in."""

    def __init__(
        self, pool: Pool, *, topic: str = "tocsin.events.police", history: bool = False, master: bytes = b""
    ) -> None:
        self.pool = pool
        self.topic = topic
        self.history = history
        master = master or secrets.token_bytes(32)
        self.master = master
        self.secrets = Secrets(Tokens(master), master)
        self.day_key = DayKey("2024-03-04", AESGCM(secrets.token_bytes(32)))
        self.logs: dict[int, list[Arrived]] = defaultdict(list)
        self.minute = 0

    def post(self, made: Mapping[str, Any], *, partition: int = 0) -> Arrived:
        """Append to a partition; events are received a minute apart unless they say when."""
        sealed = seal_event(
            made,
            topic=self.topic,
            key=b"k",
            day_key=self.day_key,
            received_at=made.get("receivedat") or START.isoformat(),
        )
        arrived = Arrived(self.topic, partition, len(self.logs[partition]), sealed.key, sealed.value, sealed.headers)
        self.logs[partition].append(arrived)
        return arrived

    def later(self) -> datetime:
        self.minute += 1
        return START + timedelta(minutes=self.minute)

    async def start(self, *partitions: int) -> None:
        async with hot_transaction(self.pool) as conn:
            places = {(self.topic, partition): 0 for partition in partitions or (0,)}
            await progress_store.make_progress_rows(conn, places, LONG_AGO, history=self.history)

    async def take(self, messages: Sequence[Arrived]) -> Taken:
        """Take in a poll."""
        keys = {self.day_key.id: self.day_key.cipher}
        events = [read(message, keys, self.secrets.tokens, history=self.history) for message in messages]
        places = {(m.topic, m.partition) for m in messages}
        offsets = {place: [m.offset for m in messages if (m.topic, m.partition) == place] for place in places}
        first = {place: min(found) for place, found in offsets.items()}
        reached = {place: max(found) + 1 for place, found in offsets.items()}

        async def work() -> Taken:
            async with hot_transaction(self.pool) as conn:
                return await take_in(conn, events, reached, first, self.secrets)

        return await rerun_on_conflict(work)

    async def say(self, made: Mapping[str, Any], *, partition: int = 0) -> Taken:
        """Post one event and take it in."""
        return await self.take([self.post(made, partition=partition)])

    async def resolve_all(self, limit: int = 100) -> list[Resolved]:
        found = []
        while (done := await rerun_on_conflict(lambda: resolve(self.pool, self.secrets.tokens, limit))).rows:
            found.append(done)
        return found


async def people(pool: Pool) -> set[frozenset[str]]:
    """Who is one with whom: labels are `event id/ref`."""
    async with hot_transaction(pool) as conn:
        rows = await conn.fetch(
            """
            SELECT array_agg(e.id || '/' || m.ref) FROM mentions m
            JOIN events e USING (event_key) JOIN membership USING (record_id) GROUP BY person_id
            """
        )
    return {frozenset(row[0]) for row in rows}


async def marked(pool: Pool) -> set[str]:
    """Labels of the people with something due; empties the queue."""
    async with hot_transaction(pool) as conn:
        rows = await conn.fetch(
            """
            WITH gone AS (DELETE FROM due RETURNING record_id)
            SELECT DISTINCT e.id || '/' || n.ref FROM gone JOIN membership m USING (record_id)
            JOIN membership other USING (person_id) JOIN mentions n ON n.record_id = other.record_id
            JOIN events e USING (event_key)
            """
        )
    return {row[0] for row in rows}
