"""Items of the review queue for one agency: loaded, masked, and written down, all in the caller's transaction.

An item of which the agency holds neither person is not there for it; nor, without leave, one about a sealed identity.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import asyncpg
import orjson

from services.audit import store as audit
from services.audit.record import Action, Entry, client_named
from services.chronology import store as chronology
from services.chronology.facts import EventRef, Fact
from services.db.clock_store import read_clock
from services.db.connection import Connection
from services.disclosure.content import Json, moment
from services.disclosure.material import Material, MaybeSame, RecordSaid, Side, Viewer
from services.disclosure.membership_store import hidden_among
from services.disclosure.store import Context
from services.disclosure.view import view_for
from services.identity.counts.load import model_in_force
from services.identity.decide import BASIS, PURPOSE
from services.identity.review import beside
from services.identity.review import decisions_store as decided
from services.identity.review.decisions_store import PARTY, Made
from services.identity.review.order import Turn, needs_second
from services.identity.scoring.model import Model
from services.identity.standardise import Standard
from services.rules.findings import Disclosure

PAGE_MAX: Final = 200
ROLE: Final = "identity-review"
RECORDS_SHOWN: Final = 50
"""Of one person, the oldest: beyond it the answer says how many there are."""
FACTS_SHOWN: Final = 300
"""Events loaded for one item, the newest: enough for every record to have its own."""

RISKS: Final = {
    Turn.U1: "U1",
    Turn.UNKNOWN: "unknown",
    Turn.U2: "U2",
    Turn.U3: "U3",
    Turn.U4: "U4",
    Turn.NOTHING: "none",
}

WHEREABOUTS: Final = frozenset({"address", "telephone", "workplace"})
"""Fields whose agreement alone says where somebody is, to whoever wrote the other side."""

_ITEM: Final = """
    SELECT v.review_id, v.public_id, v.record_id, v.candidate_record_id, v.turn, v.weight, v.reason, v.opened_at, v.due_at,
        v.overdue_at, v.aside_at, v.closed_at, v.unevenness, d.state AS decided
    FROM reviews v LEFT JOIN LATERAL (
        SELECT d.state FROM review_decisions d LEFT JOIN decisions x USING (decision_id)
        WHERE d.record_a = least(v.record_id, v.candidate_record_id)
        AND d.record_b = greatest(v.record_id, v.candidate_record_id)
        AND d.state IN ('held', 'proposed', 'in-force') AND x.withdrawn_at IS NULL
    ) d ON true
"""


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, through which client, and whether sealed identities are theirs to see."""

    agency: str
    client: str
    protected: bool

    @property
    def actor(self) -> str:
        """As the audit names them."""
        return client_named(self.client)


async def page(
    conn: Connection,
    asking: Asking,
    *,
    areas: Collection[str] | None,
    state: str | None,
    after: str | None,
    limit: int,
) -> tuple[list[Json], str | None]:
    """Return a page of the agency's items in the order of the queue, and the cursor of the next; written down.

    `areas`: only items that the agency's own records put there. `state`: open, proposed or aside; else the first two.

    Raises:
        ValueError: `after` is no cursor of ours.
    """
    place = await _place(conn, asking, after) if after is not None else (None, None, None, None)
    limit = min(limit, PAGE_MAX)
    rows = await conn.fetch(
        f"""
        {_ITEM}
        WHERE v.closed_at IS NULL AND v.agencies @> ARRAY[$1] AND {PARTY}
        AND (v.aside_at IS NOT NULL) = ($3::text IS NOT DISTINCT FROM 'aside')
        AND CASE $3 WHEN 'open' THEN d.state IS NULL WHEN 'proposed' THEN d.state = 'proposed' ELSE true END
        AND ($4::text[] IS NULL OR v.areas && $4)
        AND ($8::bigint IS NULL OR (v.turn, v.unevenness, v.opened_at, v.review_id) > ($5, $6, $7, $8))
        ORDER BY v.turn, v.unevenness, v.opened_at, v.review_id LIMIT $9
        """,
        asking.agency,
        asking.protected,
        state,
        None if areas is None else [f"{asking.agency}/{area}" for area in areas],
        *place,
        limit + 1,
    )
    shown = rows[:limit]
    details = {"reviews": [row["review_id"] for row in shown]}
    await audit.record(
        conn, [Entry(asking.actor, Action.CONSULTATION, PURPOSE, BASIS, f"reviews:{asking.agency}", details)]
    )
    kept = await _whereabouts_kept(conn, shown)
    following = str(shown[-1]["public_id"]) if len(rows) > limit else None
    return [_item(row, kept=row["review_id"] in kept) for row in shown], following


async def _whereabouts_kept(conn: Connection, rows: Sequence[asyncpg.Record]) -> set[int]:
    """Return the items about somebody whose whereabouts are to be kept from somebody."""
    records = {record for row in rows for record in (row["record_id"], row["candidate_record_id"])}
    persons = dict(
        map(
            tuple,
            await conn.fetch(
                "SELECT record_id, person_id FROM membership WHERE record_id = ANY($1::bigint[])", sorted(records)
            ),
        )
    )
    hidden = await hidden_among(conn, set(persons.values()))
    return {
        row["review_id"] for row in rows if hidden & {persons[row["record_id"]], persons[row["candidate_record_id"]]}
    }


def _item(row: asyncpg.Record, *, kept: bool) -> Json:
    """`kept`: somebody's whereabouts are to be kept from somebody, so the weight is too: an address would show in it."""
    said = {
        "review": str(row["public_id"]),
        "state": _state(row),
        "risk": RISKS[Turn(row["turn"])],
        "weight": None if kept else row["weight"],
        "opened_at": moment(row["opened_at"]),
        "due_at": moment(row["due_at"]) if row["closed_at"] is None else None,
        "overdue": row["overdue_at"] is not None and row["closed_at"] is None,
    }
    return {name: value for name, value in said.items() if value is not None}


def _state(row: asyncpg.Record) -> str:
    if row["closed_at"] is not None:
        return "decided" if row["decided"] == "in-force" else "settled"
    if row["aside_at"] is not None:
        return "aside"
    return {None: "open", "in-force": "decided"}.get(row["decided"]) or str(row["decided"])


async def read(conn: Connection, context: Context, asking: Asking, review: UUID, *, purpose: str) -> Json | None:
    """Return an item side by side as the agency may see it, and write down that it was consulted; None: not there."""
    row = await conn.fetchrow(
        f"{_ITEM} WHERE v.public_id = $3 AND {PARTY}",
        asking.agency,
        asking.protected,
        review,
    )
    if row is None:
        return None
    pair = row["record_id"], row["candidate_record_id"]
    ones, others = await _records(conn, *pair)
    sides = await _sides(conn, context, pair, ones, others)
    shown = view_for(Viewer(asking.agency, ROLE, Disclosure.D2), sides, purpose)
    if shown is None:
        return None
    kept = bool(sides.material.hidden)
    made = await decided.between(conn, *({record.number for record in side.records} for side in (ones, others)))
    details = {"records": [record.number for record in (*ones.shown, *others.shown)]}
    await audit.record(
        conn, [Entry(asking.actor, Action.CONSULTATION, PURPOSE, BASIS, f"review:{row['review_id']}", details)]
    )
    return {
        **_item(row, kept=kept),
        "version": await decided.version(conn, *pair),
        "reasons": [] if kept else str(orjson.loads(row["reason"])).split("; "),
        "needs_second": needs_second(Turn(row["turn"])),
        **_compared(ones, others, await model_in_force(conn), kept=kept),
        **shown,
        "decisions": [decision(each) for each in made],
    }


def decision(made: Made) -> Json:
    """Return a decision as it travels."""
    steps = [
        {"step": s.step, "agency": s.agency, "actor": s.actor, "reason": s.reason, "at": moment(s.at)}
        for s in made.steps
    ]
    return {"decision": str(made.public_id), "verdict": made.verdict, "state": made.state, "steps": steps}


# The two people


@dataclass(frozen=True, slots=True)
class _Record:
    number: int
    agency: str
    standard: Standard


@dataclass(frozen=True, slots=True)
class _Person:
    person: int
    public_id: str
    records: tuple[_Record, ...]
    """Oldest first."""

    @property
    def shown(self) -> tuple[_Record, ...]:
        return self.records[:RECORDS_SHOWN]


async def _records(conn: Connection, record: int, candidate: int) -> tuple[_Person, _Person]:
    """Load the records of both people; of two that are one by now, the two records alone."""
    rows = await conn.fetch(
        """
        SELECT w.record_id AS side, p.person_id, p.public_id, r.record_id, r.agency, r.standard,
            count(*) OVER (PARTITION BY p.person_id, r.record_id) = 2 AS is_one
        FROM membership w JOIN persons p USING (person_id) JOIN membership m USING (person_id)
        JOIN records r ON r.record_id = m.record_id AND (NOT r.void OR r.record_id = w.record_id)
        WHERE w.record_id IN ($1, $2) ORDER BY r.first_received_at, r.record_id
        """,
        record,
        candidate,
    )
    found = []
    for side in (record, candidate):
        own = [row for row in rows if row["side"] == side and (not row["is_one"] or row["record_id"] == side)]
        records = [_Record(row["record_id"], row["agency"], Standard.from_json(row["standard"])) for row in own]
        found.append(_Person(own[0]["person_id"], str(own[0]["public_id"]), tuple(records)))
    return found[0], found[1]


async def _sides(
    conn: Connection, context: Context, pair: tuple[int, int], ones: _Person, others: _Person
) -> MaybeSame:
    records = {record.number for record in (*ones.shown, *others.shown)}
    rows = await conn.fetch(
        """
        SELECT n.record_id, n.ref, e.source, e.id FROM mentions n JOIN events e USING (event_key)
        WHERE n.record_id = ANY($1::bigint[]) AND e.retracted_at IS NULL
        ORDER BY e.received_at DESC, e.event_key DESC LIMIT $2
        """,
        sorted({*records, *pair}),
        FACTS_SHOWN,
    )
    facts = await chronology.by_ref(conn, {EventRef(row["source"], row["id"]) for row in rows}, context.facts)
    said: dict[int, list[tuple[Fact, str]]] = {}
    for row in rows:
        if (fact := facts.get(EventRef(row["source"], row["id"]))) is not None:
            said.setdefault(row["record_id"], []).append((fact, row["ref"]))
    clock = await read_clock(conn)
    persons = {each.number: side.person for side in (ones, others) for each in side.records}
    hidden = await hidden_among(conn, set(persons.values()))
    material = Material({}, lambda record: persons.get(record, record), context.masks, clock.now, hidden=hidden)
    return MaybeSame(PURPOSE, BASIS, _side(ones, said), _side(others, said), material)


def _side(person: _Person, said: Mapping[int, Sequence[tuple[Fact, str]]]) -> Side:
    records = [
        RecordSaid(each.agency, each.standard.slot or each.standard.sender, tuple(said.get(each.number, ())))
        for each in person.shown
    ]
    return Side(person.public_id, tuple(records), len(person.records) - len(records))


def _compared(ones: _Person, others: _Person, by: Model, *, kept: bool) -> Json:
    """What agrees and what differs, and why, without values; records by their places in the answer.

    `kept`: nothing by which whoever writes down a guess would learn where somebody lives or may be reached.
    """
    ours = {place: record.standard for place, record in enumerate(ones.shown)}
    theirs = {place: record.standard for place, record in enumerate(others.shown)}
    explained: list[Json] = [
        {
            "record": each.record,
            "candidate": each.candidate,
            "weight": each.weight,
            "lines": [{"says": line.says, "weight": line.weight} for line in each.lines],
        }
        for each in (() if kept else beside.explained(ours, theirs, by))
    ]
    compared: list[dict[str, Any]] = []
    for each in beside.fields(tuple(ours.values()), tuple(theirs.values())):
        if kept and each.field in WHEREABOUTS:
            continue
        compared.append({"field": each.field, "outcome": each.outcome})
        if each.said_by is not None:
            compared[-1]["said_by"] = each.said_by
    return {"fields": compared, "explained": explained}


async def _place(conn: Connection, asking: Asking, after: str) -> asyncpg.Record:
    """Return where in the queue an item stands. Cursors name the item: its place would say how alike the two sides are."""
    place = await conn.fetchrow(
        f"SELECT turn, unevenness, opened_at, review_id FROM reviews v "  # noqa: S608 - a constant
        f"WHERE public_id = $3 AND v.agencies @> ARRAY[$1] AND {PARTY}",
        asking.agency,
        asking.protected,
        UUID(after),
    )
    if place is None:
        raise ValueError("no item of this agency")
    return place
