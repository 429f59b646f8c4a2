"""Stored history for back-tests: who was ever one with whom, when they were judged, what was known of them when.

Everything is read by moments that are past, in short read-only transactions, so that the product runs on undisturbed and
the queues' tables stay clean. What is written after a back-test began has later times and is left out by them.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

import orjson

from services.alerts import codec
from services.alerts.named import counts
from services.alerts.state import Condition
from services.backtest.history import History, Joined, Naming, Reviewed, Spell
from services.backtest.run import Instant
from services.backtest.shadow import as_told, would_tell
from services.backtest.stories import Story, key_of, united, version
from services.chronology import store as chronology
from services.chronology.around import PARTNERS, SEEN_TOGETHER
from services.chronology.facts import EventRef, Join, Review
from services.chronology.store import LINKED, FactCache
from services.db.connection import Connection


@dataclass(frozen=True, slots=True)
class Extent:
    """How much history there is."""

    now: datetime
    """The domain clock: nothing later is looked at."""
    evaluations: int
    """Number of the last evaluation."""
    people: int
    loads: tuple[datetime, ...]
    """When the directory was loaded, in order."""


async def extent(conn: Connection) -> Extent:
    """Return where history ends at this moment."""
    row: Any = await conn.fetchrow(
        """
        SELECT domain_now() AS now, (SELECT coalesce(max(evaluation_id), 0) FROM evaluations) AS evaluations,
            (SELECT count(*) FROM persons) AS people,
            ARRAY(SELECT taken_at FROM directory_loads ORDER BY taken_at) AS loads
        """
    )
    return Extent(row["now"], row["evaluations"], row["people"], tuple(row["loads"]))


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in sorted(names))


async def people_after(conn: Connection, person: int, limit: int) -> list[int]:
    """Return the next people in order of their numbers."""
    rows = await conn.fetch(
        "SELECT person_id FROM persons WHERE person_id > $1 ORDER BY person_id LIMIT $2", person, limit
    )
    return [row[0] for row in rows]


async def lineages(conn: Connection, records: Collection[int]) -> list[set[int]]:
    """Return the lineages of these records: all records that ever were, through each other, one person.

    A person's number is that of the record they were born with, so records name people too.
    """
    pairs: set[tuple[int, int]] = {(record, record) for record in records}
    seen: set[int] = set()
    while new := {number for pair in pairs for number in pair} - seen:
        seen |= new
        rows = await conn.fetch(
            """
            SELECT record_id, person_id FROM membership WHERE record_id = ANY($1::bigint[]) AND person_id <> record_id
            UNION SELECT record_id, person_id FROM membership WHERE person_id = ANY($1::bigint[]) AND person_id <> record_id
            UNION SELECT record_id, person_id FROM membership_history WHERE record_id = ANY($1::bigint[])
            UNION SELECT record_id, person_id FROM membership_history WHERE person_id = ANY($1::bigint[])
            """,
            list(new),
        )
        pairs |= {(row[0], row[1]) for row in rows}
    return _connected(pairs)


def _connected(pairs: Iterable[tuple[int, int]]) -> list[set[int]]:
    group_of: dict[int, set[int]] = {}
    for one, other in pairs:
        ours, theirs = group_of.setdefault(one, {one}), group_of.setdefault(other, {other})
        if ours is not theirs:
            small, large = sorted((ours, theirs), key=len)
            large |= small
            group_of.update(dict.fromkeys(small, large))
    return list({id(group): group for group in group_of.values()}.values())


async def instants(conn: Connection, people: Collection[int], last: int, until: datetime) -> dict[int, list[Instant]]:
    """Return when each of these people was judged live, by person."""
    rows = await conn.fetch(
        """
        SELECT e.evaluation_id, e.clock, e.watermark, p.person_id
        FROM evaluations e CROSS JOIN LATERAL unnest(e.persons) AS p (person_id)
        WHERE e.evaluation_id <= $2 AND e.clock <= $3 AND p.person_id = ANY($1::bigint[])
        """,
        list(people),
        last,
        until,
    )
    found: dict[int, list[Instant]] = defaultdict(list)
    for number, clock, watermark, person in rows:
        found[person].append(Instant(clock, number, person, watermark))
    return found


async def events_by_record(conn: Connection, records: Collection[int]) -> dict[int, int]:
    """Return how many events name each of these records: what loading their history costs, roughly."""
    rows = await conn.fetch(
        "SELECT record_id, count(*) FROM mentions WHERE record_id = ANY($1::bigint[]) GROUP BY record_id", list(records)
    )
    return {row[0]: row[1] for row in rows}


MAY_BE: Final = f"""
    UNION ALL SELECT candidate_record_id FROM reviews WHERE record_id = o.record_id
    UNION ALL SELECT record_id FROM reviews WHERE candidate_record_id = o.record_id
    UNION ALL SELECT record_b FROM decisions WHERE record_a = o.record_id
    UNION ALL SELECT record_a FROM decisions WHERE record_b = o.record_id
    UNION ALL
    SELECT other.record_id FROM mentions n JOIN events e USING (event_key) JOIN mentions other USING (event_key)
    WHERE n.record_id = o.record_id AND e.type IN ({_listed(SEEN_TOGETHER)})
"""  # noqa: S608 - constants of ours

PARTNERS_OF: Final = f"""
SELECT from_record, to_record FROM relationships WHERE from_record = ANY($1::bigint[]) AND kind IN ({_listed(PARTNERS)})
UNION
SELECT to_record, from_record FROM relationships WHERE to_record = ANY($1::bigint[]) AND kind IN ({_listed(PARTNERS)})
"""  # noqa: S608 - constants of ours


async def links(conn: Connection, records: Collection[int]) -> dict[int, set[int]]:
    """Return all records that may ever have been one hop from these, each with those of these that it was beside.

    Those too that an item of review or a decision ever set beside them, or the record of an injury.
    """
    rows = await conn.fetch(
        f"""
        SELECT r.record_id, array_agg(DISTINCT o.record_id) FROM unnest($1::bigint[]) AS o (record_id)
        CROSS JOIN LATERAL ({LINKED} {MAY_BE}) r GROUP BY r.record_id
        """,  # noqa: S608 - a constant
        list(records),
    )
    return {row[0]: set(row[1]) for row in rows}


async def further(
    conn: Connection, groups: Iterable[Collection[int]], links: Mapping[int, Collection[int]]
) -> dict[int, set[int]]:
    """Return the records of whom a case may hold what flags them and nothing else, each with those whose case that is.

    Whoever one of these may be, whoever an injury's record names with it, and partners of whoever looks after it; `groups`
    are the lineages of all in `links`.
    """
    owners = {record: set().union(*(links.get(one, ()) for one in group)) for group in groups for record in group}
    rows = await conn.fetch(PARTNERS_OF, [record for record, own in owners.items() if own])
    found: dict[int, set[int]] = defaultdict(set)
    for record, partner in rows:
        found[partner] |= owners[record]
    return found


async def history(
    conn: Connection, near: Collection[int], beside: Mapping[int, Collection[int]], cache: FactCache
) -> History:
    """Load everything ever stored of some records; `beside` as `links` gives it, `near` the lineages of all in it."""
    named = await conn.fetch(
        "SELECT record_id, event_key FROM mentions WHERE record_id = ANY($1::bigint[])", list(near)
    )
    events_of: dict[int, list[int]] = defaultdict(list)
    for record, event in named:
        events_of[record].append(event)
    facts = await chronology.bodies(conn, {event for _, event in named}, cache)
    records = {mention.record for kept in facts.values() for mention in kept.fact.mentions} | set(near)
    taken_back = await _taken_back(conn, facts.keys())
    everything = facts.keys() | {event for events in taken_back.values() for event in events}
    return History(
        facts=facts,
        events_of=events_of,
        seen=await _seen(conn, everything),
        taken_back=taken_back,
        spells=await _spells(conn, records),
        beside=beside,
        joins=await _joins(conn, records),
        reviews=await _reviews(conn, records),
        protected=await _protected(conn, records),
        named=await _named(conn, near),
    )


async def _seen(conn: Connection, events: Collection[int]) -> dict[int, datetime]:
    rows = await conn.fetch(
        """
        SELECT e.event_key, greatest(e.taken_at, r.resolved_at) FROM events e LEFT JOIN resolutions r USING (event_key)
        WHERE e.event_key = ANY($1::bigint[]) AND NOT EXISTS (SELECT FROM unresolved u WHERE u.event_key = e.event_key)
        """,
        list(events),
    )
    return {row[0]: row[1] for row in rows}


async def _taken_back(conn: Connection, events: Collection[int]) -> dict[int, list[int]]:
    """Which events retract which, retractions of retractions too."""
    found: dict[int, list[int]] = defaultdict(list)
    targets = set(events)
    while targets:
        rows = await conn.fetch(
            """
            SELECT e.event_key, t.event_key FROM events e
            JOIN retractions t ON (t.target_source, t.target_id) = (e.source, e.id) WHERE e.event_key = ANY($1::bigint[])
            """,
            list(targets),
        )
        for target, retraction in rows:
            found[target].append(retraction)
        targets = {row[1] for row in rows} - found.keys() - set(events)
    return found


async def _spells(conn: Connection, records: Collection[int]) -> dict[int, list[Spell]]:
    rows = await conn.fetch(
        """
        SELECT record_id, person_id, since, NULL::timestamptz AS until FROM membership WHERE record_id = ANY($1::bigint[])
        UNION ALL
        SELECT record_id, person_id, since, until FROM membership_history
        WHERE record_id = ANY($1::bigint[]) AND since < until
        ORDER BY record_id, since, until NULLS LAST
        """,
        list(records),
    )
    found: dict[int, list[Spell]] = defaultdict(list)
    for record, person, since, until in rows:
        found[record].append(Spell(person, since, until))
    return found


async def _joins(conn: Connection, records: Collection[int]) -> list[Joined]:
    rows = await conn.fetch(
        """
        SELECT slot_record, person_record, joined_at, reason, "by", since, NULL::timestamptz AS until FROM slot_joins
        WHERE slot_record = ANY($1::bigint[])
        UNION ALL
        SELECT slot_record, person_record, joined_at, reason, "by", since, until FROM slot_join_history
        WHERE slot_record = ANY($1::bigint[])
        """,
        list(records),
    )
    return [
        Joined(Join(slot, person, at, reason, tuple(EventRef(*ref) for ref in orjson.loads(by))), since or at, until)
        for slot, person, at, reason, by, since, until in rows
    ]


async def _reviews(conn: Connection, records: Collection[int]) -> list[Reviewed]:
    rows = await conn.fetch(
        """
        SELECT record_id, candidate_record_id, opened_at, reason::text, closed_at FROM reviews
        WHERE record_id = ANY($1::bigint[]) OR candidate_record_id = ANY($1::bigint[])
        """,
        list(records),
    )
    decided = await conn.fetch(
        """
        SELECT d.record_a, d.record_b, greatest(a.first_received_at, b.first_received_at), d.decided_at, d.withdrawn_at
        FROM decisions d JOIN records a ON a.record_id = d.record_a JOIN records b ON b.record_id = d.record_b
        WHERE NOT d.privileged AND (d.record_a = ANY($1::bigint[]) OR d.record_b = ANY($1::bigint[]))
        """,
        list(records),
    )
    items = [
        Reviewed(Review(record, other, opened, str(orjson.loads(why))), closed)
        for record, other, opened, why, closed in rows
    ]
    return items + [Reviewed(Review(a, b, known, "", at), withdrawn) for a, b, known, at, withdrawn in decided]


async def _named(conn: Connection, records: Collection[int]) -> dict[int, list[Naming]]:
    """Return the alerts that name these records as the other: each version, by record."""
    rows = await conn.fetch(
        """
        SELECT a.anchor_records[2], v.at, a.alert_id, a.owner_record, v.condition, v.joined_to, v.finding::text
        FROM alerts a JOIN alert_versions v USING (alert_id)
        WHERE a.anchor_records[2] = ANY($1::bigint[]) ORDER BY a.alert_id, v.version
        """,
        list(records),
    )
    found: dict[int, list[Naming]] = defaultdict(list)
    for record, at, alert, owner, condition, joined_to, finding in rows:
        counted = counts(Condition(condition), joined_to)
        found[record].append(Naming(at, alert, owner, counted, codec.finding_of(orjson.loads(finding))))
    return found


async def _protected(conn: Connection, records: Collection[int]) -> frozenset[int]:
    rows = await conn.fetch(
        "SELECT record_id FROM records WHERE protected AND record_id = ANY($1::bigint[])", list(records)
    )
    return frozenset(row[0] for row in rows)


async def stories(conn: Connection, records: Collection[int], known: History, until: datetime) -> Mapping[Any, Story]:
    """Return what became, live, of the alerts that hang on these records."""
    rows = await conn.fetch(
        """
        SELECT a.alert_id, a.public_id, a.rule, a.owner_record, v.at, v.kinds, v.condition, v.finding::text, v.told::text
        FROM alerts a JOIN alert_versions v USING (alert_id)
        WHERE a.owner_record = ANY($1::bigint[]) AND v.at <= $2 ORDER BY a.alert_id, v.version
        """,
        list(records),
        until,
    )
    made: dict[int, Story] = {}
    for row in rows:
        finding = codec.finding_of(orjson.loads(row["finding"]))
        told = [(agency, why) for agency, why, _ in orjson.loads(row["told"] or "[]")]
        key = key_of(row["rule"], finding.anchor, lambda record: known.person(record, until))
        before = made.get(row["alert_id"], Story(key, row["owner_record"], (str(row["public_id"]),), ()))
        one = version(row["at"], row["kinds"], row["condition"], finding, told)
        made[row["alert_id"]] = replace(before, versions=(*before.versions, one))
    return united(made.values())


async def of_rules(conn: Connection, rules: Collection[str], after: int, limit: int) -> dict[int, Story]:
    """Return what became of the next alerts of these shadow rules, by number, with whom they would have told."""
    rows = await conn.fetch(
        """
        SELECT a.alert_id, a.public_id, a.rule, a.owner_record, v.at, v.kinds, v.condition, v.finding::text
        FROM (SELECT * FROM alerts WHERE rule = ANY($1::text[]) AND alert_id > $2 ORDER BY alert_id LIMIT $3) a
        JOIN alert_versions v USING (alert_id) ORDER BY a.alert_id, v.version
        """,
        list(rules),
        after,
        limit,
    )
    made: dict[int, Story] = {}
    for row in rows:
        finding = would_tell(codec.finding_of(orjson.loads(row["finding"])))
        key = key_of(row["rule"], finding.anchor, lambda record: record)
        before = made.get(row["alert_id"], Story(key, row["owner_record"], (str(row["public_id"]),), ()))
        one = version(row["at"], row["kinds"], row["condition"], finding, ())
        made[row["alert_id"]] = replace(before, versions=(*before.versions, one))
    return {number: as_told(story) for number, story in made.items()}


async def public_ids(conn: Connection, people: Collection[int]) -> dict[int, str]:
    """Return the ids under which people may be asked for."""
    rows = await conn.fetch(
        "SELECT person_id, public_id FROM persons WHERE person_id = ANY($1::bigint[])", list(people)
    )
    return {row[0]: str(row[1]) for row in rows}
