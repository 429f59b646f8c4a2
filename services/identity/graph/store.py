"""What connects records, statement by statement."""

from collections.abc import Collection, Mapping
from typing import Any, Final, NamedTuple

import orjson

from services.db.connection import Connection
from services.identity.cluster import NEAR, Decision, Held
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


# The persons of some records, and all that decisions and edges of at least a weight connect to them. Person by person, not record by record: a person of a thousand records costs a thousand rows, not a million.
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
                SELECT record_b FROM edges WHERE record_a = own.record_id AND weight >= $2
                UNION ALL
                SELECT record_a FROM edges WHERE record_b = own.record_id AND weight >= $2
                UNION ALL
                SELECT record_b FROM decisions
                WHERE record_a = own.record_id AND verdict = 'same' AND withdrawn_at IS NULL
                UNION ALL
                SELECT record_a FROM decisions
                WHERE record_b = own.record_id AND verdict = 'same' AND withdrawn_at IS NULL
            ) AS beside (record_id)
        ) AS linked
        CROSS JOIN LATERAL (SELECT person_id FROM membership WHERE record_id = linked.record_id OFFSET 0) m
    ), own AS MATERIALIZED (
        SELECT m.record_id, m.person_id FROM reached r
        CROSS JOIN LATERAL (SELECT record_id, person_id FROM membership WHERE person_id = r.person_id OFFSET 0) m
    ), links AS MATERIALIZED (
        SELECT e.* FROM own CROSS JOIN LATERAL (SELECT * FROM edges WHERE record_a = own.record_id OFFSET 0) e
        UNION ALL
        SELECT e.* FROM own CROSS JOIN LATERAL (SELECT * FROM edges WHERE record_b = own.record_id OFFSET 0) e
        WHERE e.record_a NOT IN (SELECT record_id FROM own)
    ), beside AS MATERIALIZED (
        SELECT b.record_id, m.person_id FROM (
            SELECT record_a FROM links WHERE verdict <> 'none' UNION SELECT record_b FROM links WHERE verdict <> 'none'
        ) AS b (record_id)
        CROSS JOIN LATERAL (SELECT person_id FROM membership WHERE record_id = b.record_id OFFSET 0) m
        WHERE b.record_id NOT IN (SELECT record_id FROM own)
    )
"""


async def connected(conn: Connection, records: Collection[int]) -> set[int]:
    """Return the persons of all that `component` would load."""
    rows = await conn.fetch(
        f"{_REACHED} SELECT person_id FROM reached UNION SELECT person_id FROM beside",  # noqa: S608 - a constant
        list(records),
        NEAR,
    )
    return {row[0] for row in rows}


class Component(NamedTuple):
    """What hangs together, as it stands."""

    loaded: dict[int, Loaded]
    beside: dict[int, Loaded]
    """Who only comes near one of them: somebody to be asked about, of no weight for who is who."""
    verdicts: dict[Pair, Verdict]
    outdated: set[Pair]
    """Pairs whose verdict another model gave."""
    decisions: list[Decision]


_RECORD, _BESIDE, _EDGE, _DECISION = range(4)


async def component(conn: Connection, records: Collection[int]) -> Component:
    """Load all that strong edges, decisions and present persons connect to these records, and who comes near."""
    found = Component({}, {}, {}, set(), [])
    if not records:
        return found
    rows = await conn.fetch(
        f"""
        {_REACHED}
        SELECT m.kind, r.record_id, m.person_id, r.standard::text, NULL, NULL,
            r.first_received_at, r.content_hash, r.void, r.protected
        FROM (SELECT 0 AS kind, * FROM own UNION ALL SELECT 1, * FROM beside) m
        CROSS JOIN LATERAL (SELECT * FROM records WHERE record_id = m.record_id OFFSET 0) r
        UNION ALL
        SELECT 2, record_a, record_b, verdict, reason::text, model, NULL, NULL, NULL, NULL FROM links
        UNION ALL
        SELECT 3, record_a, record_b, verdict, NULL, NULL, decided_at, NULL, privileged, NULL FROM decisions
        WHERE withdrawn_at IS NULL
        AND (record_a IN (SELECT record_id FROM own) OR record_b IN (SELECT record_id FROM own))
        """,  # noqa: S608 - a constant
        list(records),
        NEAR,
    )
    for kind, one, other, text, reason, model, at, content, flag, protected in rows:
        if kind in {_RECORD, _BESIDE}:
            (found.loaded if kind == _RECORD else found.beside)[one] = Loaded(
                Held(one, standard_of(text, protected), at, content), other, flag
            )
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
        INSERT INTO edges (record_a, record_b, verdict, weight, reason, model)
        SELECT a, b, verdict, weight, reason::json, $6
        FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::int[], $5::text[])
            AS given (a, b, verdict, weight, reason)
        ON CONFLICT (record_a, record_b) DO UPDATE
        SET verdict = excluded.verdict, weight = excluded.weight, reason = excluded.reason, model = excluded.model
        WHERE edges.model <> excluded.model
        """,
        [a for a, _ in ordered],
        [b for _, b in ordered],
        [verdicts[pair].kind for pair in ordered],
        [verdicts[pair].weight for pair in ordered],
        [_reason(verdicts[pair]) for pair in ordered],
        MODEL,
    )


def _reason(verdict: Verdict) -> str:
    said = {"weight": verdict.weight, "doubt": verdict.doubt, "reasons": verdict.reasons, "blocked": verdict.blocked}
    return orjson.dumps(said).decode()
