"""What connects records, statement by statement."""

from collections.abc import Collection, Mapping
from typing import Any, Final, NamedTuple

import orjson

from services.db.connection import Connection
from services.identity.cluster import Decision, Held
from services.identity.compare import MODEL, Verdict
from services.identity.people import Pair
from services.identity.store import LOADED, Loaded, loaded_of, standard_of


async def candidates(conn: Connection, keys: Collection[int]) -> list[tuple[list[int], Loaded]]:
    """Return (keys, record) of every record stored under some of these keys, as it stands. Never cut off."""
    rows = await conn.fetch(
        f"""
        WITH found AS MATERIALIZED (
            SELECT record_id, array_agg(key) AS keys FROM record_keys WHERE key = ANY($1::bigint[]) GROUP BY record_id
        )
        SELECT f.keys, {LOADED} FROM found f
        CROSS JOIN LATERAL (SELECT * FROM records WHERE record_id = f.record_id OFFSET 0) r
        CROSS JOIN LATERAL (SELECT person_id FROM membership WHERE record_id = f.record_id OFFSET 0) m
        """,  # noqa: S608 - a constant
        list(keys),
    )
    return [(row[0], loaded_of(row[1:])) for row in rows]


# The persons of some records, and all that edges (who only comes near is one who else it may be) and decisions connect to
# them. Person by person, not record by record: a person of a thousand records costs a thousand rows, not a million.
# OFFSET 0 keeps each step a lookup, whatever the planner believes of how many there are.
_REACHED: Final = """
    WITH RECURSIVE reached (person_id) AS (
        SELECT person_id FROM membership WHERE record_id = ANY($1::bigint[])
        UNION
        SELECT m.person_id FROM reached r
        CROSS JOIN LATERAL (
            SELECT DISTINCT beside.record_id
            FROM (SELECT record_id FROM membership WHERE person_id = r.person_id OFFSET 0) own
            CROSS JOIN LATERAL (
                SELECT record_b FROM edges WHERE record_a = own.record_id AND verdict <> 'none'
                UNION ALL
                SELECT record_a FROM edges WHERE record_b = own.record_id AND verdict <> 'none'
                UNION ALL
                SELECT record_b FROM decisions
                WHERE record_a = own.record_id AND verdict = 'same' AND withdrawn_at IS NULL
                UNION ALL
                SELECT record_a FROM decisions
                WHERE record_b = own.record_id AND verdict = 'same' AND withdrawn_at IS NULL
            ) AS beside (record_id)
        ) AS linked
        CROSS JOIN LATERAL (SELECT person_id FROM membership WHERE record_id = linked.record_id OFFSET 0) m
    )
"""


async def connected(conn: Connection, records: Collection[int]) -> set[int]:
    """Return the persons that edges, decisions and present persons connect to these records."""
    rows = await conn.fetch(f"{_REACHED} SELECT person_id FROM reached", list(records))  # noqa: S608 - a constant
    return {row[0] for row in rows}


class Component(NamedTuple):
    """What hangs together, as it stands."""

    loaded: dict[int, Loaded]
    verdicts: dict[Pair, Verdict]
    outdated: set[Pair]
    """Pairs whose verdict another model gave."""
    decisions: list[Decision]


_RECORD, _EDGE, _DECISION = range(3)


async def component(conn: Connection, records: Collection[int]) -> Component:
    """Load all that edges, decisions and present persons connect to these records."""
    found = Component({}, {}, set(), [])
    if not records:
        return found
    rows = await conn.fetch(
        f"""
        {_REACHED}, own AS MATERIALIZED (
            SELECT m.record_id, m.person_id FROM reached r
            CROSS JOIN LATERAL (SELECT record_id, person_id FROM membership WHERE person_id = r.person_id OFFSET 0) m
        )
        SELECT 0, r.record_id, m.person_id, r.standard::text, NULL, NULL,
            r.first_received_at, r.content_hash, r.void, r.protected
        FROM own m CROSS JOIN LATERAL (SELECT * FROM records WHERE record_id = m.record_id OFFSET 0) r
        UNION ALL
        SELECT 1, e.record_a, e.record_b, e.verdict, e.reason::text, e.model, NULL, NULL, NULL, NULL
        FROM own m CROSS JOIN LATERAL (SELECT * FROM edges WHERE record_a = m.record_id OFFSET 0) e
        UNION ALL
        SELECT 2, record_a, record_b, verdict, NULL, NULL, decided_at, NULL, privileged, NULL FROM decisions
        WHERE withdrawn_at IS NULL
        AND (record_a IN (SELECT record_id FROM own) OR record_b IN (SELECT record_id FROM own))
        """,  # noqa: S608 - a constant
        list(records),
    )
    for kind, one, other, text, reason, model, at, content, flag, protected in rows:
        if kind == _RECORD:
            found.loaded[one] = Loaded(Held(one, standard_of(text, protected), at, content), other, flag)
        elif kind == _EDGE:
            found.verdicts[one, other] = _verdict(text, reason)
            if model != MODEL:
                found.outdated.add((one, other))
        else:
            found.decisions.append(Decision(one, other, text, at, flag))
    return found


def _verdict(kind: Any, stored: str) -> Verdict:  # noqa: ANN401 - the column's CHECK says which three it may be
    reason = orjson.loads(stored)
    return Verdict(kind, reason["weight"], tuple(reason["reasons"]), tuple(reason["blocked"]), reason["doubt"])


async def write_edges(conn: Connection, verdicts: Mapping[Pair, Verdict]) -> None:
    """Keep what was found about pairs that are new, or that another model judged."""
    ordered = sorted(verdicts)
    await conn.execute(
        """
        INSERT INTO edges (record_a, record_b, verdict, reason, model)
        SELECT a, b, verdict, reason::json, $5
        FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[]) AS given (a, b, verdict, reason)
        ON CONFLICT (record_a, record_b) DO UPDATE
        SET verdict = excluded.verdict, reason = excluded.reason, model = excluded.model
        WHERE edges.model <> excluded.model
        """,
        [a for a, _ in ordered],
        [b for _, b in ordered],
        [verdicts[pair].kind for pair in ordered],
        [_reason(verdicts[pair]) for pair in ordered],
        MODEL,
    )


def _reason(verdict: Verdict) -> str:
    said = {"weight": verdict.weight, "doubt": verdict.doubt, "reasons": verdict.reasons, "blocked": verdict.blocked}
    return orjson.dumps(said).decode()
