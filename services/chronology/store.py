"""Cases from PostgreSQL: who is in them, which facts, which alerts their subjects own.

Everything that can change is read in one statement, hence in one snapshot: who a record belongs to, which events are
resolved and not retracted, joins, reviews and alerts. Bodies of events never change, so those not in the cache are
fetched by key afterwards. The statement finds a superset of a subject's neighbours by tables alone; what really
belongs to the case is decided by services.chronology.around, the definition that the trial uses too.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

import orjson

from services.chronology.around import (
    FACTS_MAX,
    FLAGGING,
    LINK_KINDS,
    PEOPLE_MAX,
    flags_wanted,
    neighbours,
    wanted_by,
)
from services.chronology.build import fact, stored_of
from services.chronology.facts import Case, EventRef, Fact, Join, Review
from services.db.connection import Connection

KINDS: Final = ", ".join(f"'{kind}'" for kind in sorted(LINK_KINDS))

FLAGS: Final = ", ".join(f"'{name}'" for name in sorted(FLAGGING))

LINKED: Final = f"""
    SELECT to_record AS record_id FROM relationships WHERE from_record = o.record_id AND kind IN ({KINDS})
    UNION ALL
    SELECT from_record FROM relationships WHERE to_record = o.record_id AND kind IN ({KINDS})
    UNION ALL
    SELECT record_id FROM slots WHERE subject_record = o.record_id
    UNION ALL
    SELECT subject_record FROM slots WHERE record_id = o.record_id
    UNION ALL
    SELECT other.record_id
    FROM (SELECT event_key FROM mentions WHERE record_id = o.record_id LIMIT {FACTS_MAX + 1}) n
    CROSS JOIN LATERAL (SELECT event_key FROM events e WHERE e.event_key = n.event_key AND e.report OFFSET 0) e
    CROSS JOIN LATERAL (SELECT record_id FROM mentions WHERE event_key = e.event_key OFFSET 0) other
"""  # noqa: S608 - constants of ours
"""Records that may be one hop from record `o.record_id`: by a claim, by a placeholder, or named in one report."""

# OFFSET 0 keeps each lookup a lookup: left to itself the planner hashes whole tables as long as they are small, and the
# cost of a case would grow with the population.
LOAD: Final = f"""
WITH subject AS MATERIALIZED (SELECT person_id FROM unnest($1::bigint[]) AS given (person_id)),
own AS MATERIALIZED (
    SELECT s.person_id, m.record_id FROM subject s
    CROSS JOIN LATERAL (SELECT record_id FROM membership WHERE person_id = s.person_id OFFSET 0) m
),
linked AS (
    SELECT DISTINCT o.person_id, r.record_id FROM own o CROSS JOIN LATERAL ({LINKED}) r
),
near AS MATERIALIZED (
    SELECT DISTINCT l.person_id AS subject, m.person_id FROM linked l
    CROSS JOIN LATERAL (SELECT person_id FROM membership WHERE record_id = l.record_id OFFSET 0) m
    WHERE m.person_id <> l.person_id
),
person_event AS MATERIALIZED (
    SELECT DISTINCT p.person_id, n.event_key
    FROM (SELECT person_id FROM subject UNION SELECT person_id FROM near) p
    CROSS JOIN LATERAL (SELECT record_id FROM membership WHERE person_id = p.person_id OFFSET 0) m
    CROSS JOIN LATERAL (SELECT event_key FROM mentions WHERE record_id = m.record_id LIMIT {FACTS_MAX + 1}) n
    WHERE NOT EXISTS (SELECT FROM unresolved u WHERE u.event_key = n.event_key OFFSET 0)
    AND NOT EXISTS (SELECT FROM events e WHERE e.event_key = n.event_key AND e.retracted_at IS NOT NULL OFFSET 0)
),
doubt AS MATERIALIZED (
    SELECT o.person_id, o.record_id, v.* FROM own o
    CROSS JOIN LATERAL (
        SELECT candidate_record_id AS other, opened_at, NULL::timestamptz AS decided_at, reason #>> '{{}}' AS reason
        FROM reviews WHERE record_id = o.record_id AND closed_at IS NULL
        UNION ALL
        SELECT record_id, opened_at, NULL, reason #>> '{{}}' FROM reviews
        WHERE candidate_record_id = o.record_id AND closed_at IS NULL
        UNION ALL
        SELECT record_b, NULL, decided_at, '' FROM decisions
        WHERE record_a = o.record_id AND withdrawn_at IS NULL AND NOT privileged
        UNION ALL
        SELECT record_a, NULL, decided_at, '' FROM decisions
        WHERE record_b = o.record_id AND withdrawn_at IS NULL AND NOT privileged
        OFFSET 0
    ) v
),
doubted AS MATERIALIZED (
    SELECT DISTINCT d.person_id AS subject, p.person_id FROM doubt d
    CROSS JOIN LATERAL (SELECT person_id FROM membership WHERE record_id = d.other OFFSET 0) p
    WHERE p.person_id <> d.person_id
),
alert AS MATERIALIZED (
    SELECT o.person_id, a.* FROM own o
    CROSS JOIN LATERAL (SELECT * FROM alerts WHERE owner_record = o.record_id OFFSET 0) a
),
-- Alerts of others that name the subject: by the other's record, or by a placeholder that was found to be the subject.
-- Only those that rules may read in another's case (services.alerts.named, services.rules.load.Rules.tells_others).
named AS MATERIALIZED (
    SELECT n.person_id, owner.person_id AS owner, a.finding
    FROM (
        SELECT person_id, record_id FROM own
        UNION
        SELECT o.person_id, j.slot_record FROM own o
        CROSS JOIN LATERAL (SELECT slot_record FROM slot_joins WHERE person_record = o.record_id OFFSET 0) j
    ) n
    CROSS JOIN LATERAL (
        SELECT owner_record, finding FROM alerts WHERE anchor_records[2] = n.record_id AND joined_to IS NULL
        AND condition IN ('standing', 'answered', 'lapsed') AND urgency <= 2 OFFSET 0
    ) a
    CROSS JOIN LATERAL (SELECT person_id FROM membership WHERE record_id = a.owner_record OFFSET 0) owner
    WHERE owner.person_id <> n.person_id
),
record AS MATERIALIZED (
    SELECT n.record_id FROM (SELECT DISTINCT event_key FROM person_event) k
    CROSS JOIN LATERAL (SELECT record_id FROM mentions WHERE event_key = k.event_key OFFSET 0) n
    UNION
    SELECT unnest(anchor_records) FROM alert
    UNION
    SELECT other FROM doubt
),
member AS MATERIALIZED (
    SELECT r.record_id, m.person_id FROM record r
    CROSS JOIN LATERAL (SELECT person_id FROM membership WHERE record_id = r.record_id OFFSET 0) m
)
SELECT 0 AS what, subject AS a, NULL::bigint AS b, array_agg(person_id) AS keys, NULL::bigint[] AS more, NULL::json AS doc
FROM near GROUP BY subject
UNION ALL
SELECT 1, person_id, NULL, array_agg(event_key), NULL, NULL FROM person_event GROUP BY person_id
UNION ALL
SELECT 2, NULL, NULL, array_agg(record_id), array_agg(person_id), NULL FROM member
UNION ALL
SELECT 3, j.slot_record, j.person_record, NULL, NULL, json_build_object('at', j.joined_at, 'reason', j.reason, 'by', j."by")
FROM record r
CROSS JOIN LATERAL (SELECT * FROM slot_joins WHERE slot_record = r.record_id OFFSET 0) j
UNION ALL
SELECT 4, d.record_id, d.other, ARRAY[d.person_id], NULL, json_build_object(
    'at', coalesce(d.opened_at, (SELECT max(first_received_at) FROM records WHERE record_id IN (d.record_id, d.other))),
    'decided', d.decided_at, 'reason', d.reason)
FROM doubt d
UNION ALL
SELECT 7, subject, NULL, array_agg(person_id), NULL, NULL FROM doubted GROUP BY subject
UNION ALL
SELECT 5, a.person_id, a.alert_id, NULL, NULL, json_build_object(
    'alert', to_json(a), 'recipients',
    (SELECT json_agg(r) FROM alert_recipients r WHERE r.alert_id = a.alert_id))
FROM alert a
UNION ALL
SELECT 8, person_id, owner, NULL, NULL, finding FROM named
UNION ALL
SELECT 6, NULL, NULL, array_agg(p.person_id), NULL, NULL FROM persons p
WHERE p.sealed AND p.person_id IN (SELECT person_id FROM member)
"""  # noqa: S608 - constants of ours

FLAGS_OF: Final = f"""
SELECT p.person_id, array_agg(DISTINCT n.event_key ORDER BY n.event_key) AS keys,
    array_agg(DISTINCT m.record_id) AS records
FROM unnest($1::bigint[]) AS p (person_id)
CROSS JOIN LATERAL (SELECT record_id FROM membership WHERE person_id = p.person_id OFFSET 0) m
CROSS JOIN LATERAL (SELECT event_key FROM mentions WHERE record_id = m.record_id OFFSET 0) n
WHERE EXISTS (
    SELECT FROM events e WHERE e.event_key = n.event_key AND e.type IN ({FLAGS}) AND e.retracted_at IS NULL OFFSET 0)
AND NOT EXISTS (SELECT FROM unresolved u WHERE u.event_key = n.event_key OFFSET 0)
GROUP BY p.person_id
"""  # noqa: S608 - constants of ours
"""What flags these people. A flag that comes between the two statements marks them, and the case is judged again."""

BODIES: Final = """
SELECT e.event_key, e.source, e.id, e.type, e.version, e.agency, e.history, e.occurred_earliest, e.occurred_latest,
    e.known_at, e.recorded_at, e.received_at, e.taken_at, e.report, e.body,
    n.refs, n.records
FROM events e CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(ref), '{}') AS refs, coalesce(array_agg(record_id), '{}') AS records
    FROM mentions WHERE event_key = e.event_key
) n
WHERE e.event_key = ANY($1::bigint[])
"""

CACHED_FACTS: Final = 30_000
"""Facts kept parsed in one process: some 120 MB, and the traffic of several hours around the same people."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """One subject's case, its neighbours, and the rows of the alerts it owns."""

    case: Case
    around: frozenset[int]
    """People one hop from the subject, to whom a mark spreads."""
    alerts: Sequence[Mapping[str, Any]]
    """As JSON, for services.alerts.store to read."""
    named: Sequence[tuple[int, Mapping[str, Any]]]
    """What was found of others, with the person whose alert it is, where that alert names the subject; as JSON."""
    person_of: Mapping[int, int]
    """Membership of all records of the batch, those of anchors too; the case holds only its own."""
    protected: frozenset[int] = frozenset()
    """People of sealed identity: views show nothing of them."""
    too_large: str | None = None
    """Why the case cannot be judged; its facts are then left out."""
    beyond: frozenset[int] = frozenset()
    """People not one hop away whose flags the case needs all the same: `with_flags` adds them."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A fact, and whether its event is a report: in one, all who are named are one hop apart."""

    fact: Fact
    report: bool


class FactCache:
    """Parsed facts by event key. They never change, so nothing invalidates them; the oldest make room."""

    def __init__(self, size: int = CACHED_FACTS) -> None:
        self._size = size
        self._kept: dict[int, Kept] = {}

    def missing(self, keys: Iterable[int]) -> list[int]:
        """Return the keys that must be fetched."""
        return [key for key in keys if key not in self._kept]

    def put(self, kept: Mapping[int, Kept]) -> None:
        """Keep these, and drop the oldest beyond the size."""
        self._kept.update(kept)
        while len(self._kept) > self._size:
            del self._kept[next(iter(self._kept))]

    def get(self, key: int) -> Kept:
        """Return one that is kept; KeyError otherwise."""
        return self._kept[key]


@dataclass(slots=True)
class Rows:
    """What cases are made of: who is near whom, which events name whom, who is who. Of the statement, or of a moment past."""

    near: dict[int, list[int]] = field(default_factory=dict)
    events: dict[int, list[int]] = field(default_factory=dict)
    person_of: dict[int, int] = field(default_factory=dict)
    joins: list[Join] = field(default_factory=list)
    reviews: Mapping[int, list[Review]] = field(default_factory=lambda: defaultdict(list))
    """By person: who they may be, and what people have decided about that."""
    doubted: dict[int, list[int]] = field(default_factory=dict)
    """By person: the other people of `reviews`."""
    alerts: dict[int, list[Mapping[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    named: dict[int, list[tuple[int, Mapping[str, Any]]]] = field(default_factory=lambda: defaultdict(list))
    protected: frozenset[int] = frozenset()

    def small(self) -> dict[int, list[int]]:
        """Return the events of each person who has no more than a case may hold."""
        return {person: keys for person, keys in self.events.items() if len(keys) <= FACTS_MAX}


async def load(conn: Connection, persons: Sequence[int], cache: FactCache) -> dict[int, Loaded]:
    """Load the case of each person, in the caller's transaction."""
    rows = _sorted(await conn.fetch(LOAD, list(persons)))
    small = rows.small()
    facts = await bodies(conn, {key for keys in small.values() for key in keys}, cache)
    loaded = {person: assemble(person, rows, small, facts) for person in persons}
    beyond = sorted({other for each in loaded.values() for other in each.beyond})
    if not beyond:
        return loaded
    flags = await conn.fetch(FLAGS_OF, beyond)
    facts = await bodies(conn, {key for row in flags for key in row["keys"]}, cache)
    known = {
        row["person_id"]: Flags(tuple(facts[key].fact for key in row["keys"]), frozenset(row["records"]))
        for row in flags
    }
    return {person: with_flags(each, known) for person, each in loaded.items()}


@dataclass(frozen=True, slots=True)
class Flags:
    """What flags a person, and the person's records: all that a case holds of somebody beyond its own people."""

    facts: tuple[Fact, ...]
    records: frozenset[int]


def with_flags(loaded: Loaded, known: Mapping[int, Flags]) -> Loaded:
    """Return the case with what flags those beyond its own people, so far as anything does."""
    wanted = {person: known[person] for person in loaded.beyond if person in known}
    if not wanted:
        return loaded
    case = loaded.case
    facts = {fact.key: fact for fact in (*case.facts, *(fact for flags in wanted.values() for fact in flags.facts))}
    whose = {record: person for person, flags in wanted.items() for record in flags.records}
    named = {mention.record for flags in wanted.values() for fact in flags.facts for mention in fact.mentions}
    person_of = {**{record: whose.get(record, record) for record in named}, **case.person_of}
    return replace(loaded, case=replace(case, facts=tuple(facts[key] for key in sorted(facts)), person_of=person_of))


def _sorted(records: Iterable[Any]) -> Rows:
    rows = Rows()
    for what, a, b, keys, more, doc in records:
        match what:
            case 0:
                rows.near[a] = keys
            case 1:
                rows.events[a] = keys
            case 2:
                rows.person_of = dict(zip(keys or (), more or (), strict=True))
            case 3:
                said = orjson.loads(doc)
                by = tuple(EventRef(*ref) for ref in said["by"])
                rows.joins.append(Join(a, b, datetime.fromisoformat(said["at"]), said["reason"], by))
            case 4:
                said = orjson.loads(doc)
                decided = datetime.fromisoformat(said["decided"]) if said["decided"] else None
                review = Review(a, b, datetime.fromisoformat(said["at"]), str(said["reason"]), decided)
                rows.reviews[keys[0]].append(review)
            case 5:
                rows.alerts[a].append(orjson.loads(doc))
            case 7:
                rows.doubted[a] = keys
            case 8:
                rows.named[a].append((b, orjson.loads(doc)))
            case _:
                rows.protected = frozenset(keys or ())
    return rows


async def by_ref(conn: Connection, refs: Iterable[EventRef], cache: FactCache) -> dict[EventRef, Fact]:
    """Return the facts of these events, for views of what rests on them; those that are not there are left out."""
    wanted = sorted(set(refs))
    rows = await conn.fetch(
        "SELECT event_key FROM unnest($1::text[], $2::text[]) AS g (source, id) JOIN events USING (source, id)",
        [ref.source for ref in wanted],
        [ref.id for ref in wanted],
    )
    found = await bodies(conn, {row[0] for row in rows}, cache)
    return {kept.fact.ref: kept.fact for kept in found.values()}


async def bodies(conn: Connection, keys: set[int], cache: FactCache) -> dict[int, Kept]:
    """Return the facts of these events, through the cache; KeyError if one is not there."""
    missing = cache.missing(keys)
    fetched = {row[0]: _kept(row) for row in await conn.fetch(BODIES, missing)} if missing else {}
    facts = {key: fetched[key] if key in fetched else cache.get(key) for key in keys}
    cache.put(fetched)
    return facts


def _kept(row: Any) -> Kept:  # noqa: ANN401 - a database record
    record_of = dict(zip(row["refs"], row["records"], strict=True))
    return Kept(fact(stored_of(row), orjson.loads(row["body"]), record_of), row["report"])


def assemble(person: int, rows: Rows, small: Mapping[int, Sequence[int]], facts: Mapping[int, Kept]) -> Loaded:
    """Make one subject's case of the rows, or say why it is too large to be judged.

    `small` is `rows.small()`, and `facts` holds at least its events.
    """

    def person_of(record: int) -> int:
        return rows.person_of.get(record, record)

    def too_large(why: str) -> Loaded:
        near = frozenset(rows.near.get(person, ()))
        return Loaded(Case(person, (), {}), near, alerts, named, rows.person_of, rows.protected, why)

    alerts, named = rows.alerts.get(person, ()), rows.named.get(person, ())
    if person in rows.events and person not in small:
        return too_large("facts")
    around: set[int] = set()
    for key in small.get(person, ()):
        kept = facts[key]
        around |= neighbours(kept.fact, person, person_of, report=kept.report)
    if len(around) > PEOPLE_MAX:
        return too_large("people")
    if any(other in rows.events and other not in small for other in around):
        return too_large("facts")
    keys = {key for member in (person, *around) for key in small.get(member, ())}
    if len(keys) > FACTS_MAX:
        return too_large("facts")
    chosen = [facts[key].fact for key in sorted(keys)]
    doubted = {*rows.doubted.get(person, ())}
    beyond = frozenset((doubted | flags_wanted(chosen, person, person_of)) - around)
    # Their cases hold what flags this person, or held it: who has just been parted from somebody flagged says nothing of it.
    around |= doubted | wanted_by(chosen, person, person_of)
    case = _case(person, chosen, rows)
    return Loaded(case, frozenset(around), alerts, named, rows.person_of, rows.protected, beyond=beyond)


def _case(person: int, facts: Sequence[Fact], rows: Rows) -> Case:
    reviews = tuple(rows.reviews.get(person, ()))
    records = {mention.record for one in facts for mention in one.mentions}
    records |= {record for review in reviews for record in review.sides()[0]}
    return Case(
        subject=person,
        facts=facts,
        person_of={record: rows.person_of.get(record, record) for record in records},
        joins=tuple(join for join in rows.joins if join.slot_record in records),
        reviews=reviews,
    )
