"""What connects records, statement by statement."""

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

import orjson

from services.db.connection import Connection
from services.identity.cluster import NEAR, Decision, Held
from services.identity.compare import Verdict, model_name
from services.identity.people import Pair
from services.identity.standardise import Standard
from services.identity.store import Loaded, load_records, standard_of


class Candidates(NamedTuple):
    """Who is stored under keys."""

    met: list[tuple[int, int]]
    """Key and record."""
    says: dict[int, Standard]
    """What each of the records says. Nothing else of it: most come near nobody, and whoever does is loaded with the people it
    belongs to."""


async def candidates(conn: Connection, keys: Collection[int]) -> Candidates:
    """Return every record stored under some of these keys. Never cut off.

    Not grouped by record: the server expects so many records that it would group them on disk.
    """
    rows = await conn.fetch(
        """
        WITH found AS MATERIALIZED (SELECT key, record_id FROM record_keys WHERE key = ANY($1::bigint[]))
        SELECT key, record_id, NULL, NULL FROM found
        UNION ALL
        SELECT NULL, record_id, standard::text, protected FROM records
        WHERE record_id = ANY(ARRAY(SELECT record_id FROM found))
        """,
        list(keys),
    )
    found = Candidates([], {})
    for key, record, stored, protected in rows:
        if key is None:
            found.says[record] = standard_of(stored, protected)
        else:
            found.met.append((key, record))
    return found


class Component(NamedTuple):
    """What hangs together, as it stands."""

    loaded: dict[int, Loaded]
    beside: dict[int, Loaded]
    """Who only comes near one of them: somebody to be asked about, of no weight for who is who."""
    verdicts: dict[Pair, Verdict]
    outdated: set[Pair]
    """Pairs whose verdict another model gave."""
    decisions: list[Decision]

    def standard_of(self, record: int) -> Standard:
        """What a record says that is part of it or beside it."""
        return (self.loaded.get(record) or self.beside[record]).held.standard


_RECORD, _EDGE, _DECISION = range(3)

# Person by person, not record by record: a person of a thousand records costs a thousand rows, not a million. By arrays:
# every step stays a lookup, whatever the planner believes of how many there are.
_OWNED: Final = """
    WITH own AS MATERIALIZED (
        SELECT record_id, person_id FROM membership
        WHERE person_id = ANY (ARRAY(SELECT person_id FROM membership WHERE record_id = ANY($1::bigint[])))
    ), owned AS MATERIALIZED (SELECT array_agg(record_id) AS records FROM own)
"""
_OWN: Final = f"""
    {_OWNED}, decided AS (
        SELECT * FROM decisions
        WHERE record_a = ANY ((SELECT records FROM owned)::bigint[]) AND withdrawn_at IS NULL
        UNION
        SELECT * FROM decisions
        WHERE record_b = ANY ((SELECT records FROM owned)::bigint[]) AND withdrawn_at IS NULL
    )
    SELECT {_RECORD}, r.record_id, m.person_id, r.standard::text, NULL, NULL,
        r.first_received_at, r.content_hash, r.void, r.protected
    FROM own m CROSS JOIN LATERAL (SELECT * FROM records WHERE record_id = m.record_id OFFSET 0) r
    UNION ALL
    SELECT {_EDGE}, record_a, record_b, verdict, reason::text, model, NULL, NULL, NULL, NULL FROM edges
    WHERE record_a = ANY ((SELECT records FROM owned)::bigint[])
    UNION ALL
    SELECT {_EDGE}, record_a, record_b, verdict, reason::text, model, NULL, NULL, NULL, NULL FROM edges
    WHERE record_b = ANY ((SELECT records FROM owned)::bigint[])
    UNION ALL
    SELECT {_DECISION}, record_a, record_b, verdict, NULL, NULL, decided_at, NULL, privileged, NULL FROM decided
"""  # noqa: S608 - constants


_REACHED: Final = f"""
    {_OWNED}
    SELECT {_RECORD}, record_id, person_id, NULL FROM own
    UNION ALL
    SELECT {_EDGE}, record_a, record_b, weight FROM edges
    WHERE record_a = ANY ((SELECT records FROM owned)::bigint[]) AND (verdict <> 'none' OR weight >= {NEAR} OR model <> $2)
    UNION ALL
    SELECT {_EDGE}, record_a, record_b, weight FROM edges
    WHERE record_b = ANY ((SELECT records FROM owned)::bigint[]) AND (verdict <> 'none' OR weight >= {NEAR} OR model <> $2)
    UNION ALL
    SELECT {_DECISION}, record_a, record_b, NULL FROM decisions
    WHERE record_a = ANY ((SELECT records FROM owned)::bigint[]) AND withdrawn_at IS NULL AND verdict = 'same'
    UNION ALL
    SELECT {_DECISION}, record_a, record_b, NULL FROM decisions
    WHERE record_b = ANY ((SELECT records FROM owned)::bigint[]) AND withdrawn_at IS NULL AND verdict = 'same'
"""  # noqa: S608 - constants


async def reached(conn: Connection, records: Collection[int]) -> tuple[dict[int, int], set[int]]:
    """Return whom `component` would load, without what they say: record -> person, and the records beside them."""
    person_of: dict[int, int] = {}
    beside: set[int] = set()
    frontier = set(records)
    while frontier:
        connected: set[int] = set()
        for kind, one, other, weight in await conn.fetch(_REACHED, list(frontier), model_name()):
            if kind == _RECORD:
                person_of[one] = other
            elif kind == _DECISION or weight >= NEAR:
                connected |= {one, other}
            else:
                beside |= {one, other}
        frontier = connected - person_of.keys()
    return person_of, beside - person_of.keys()


async def component(conn: Connection, records: Collection[int]) -> Component:
    """Load all that edges with a say, decisions and present persons connect to these records, and who else comes near."""
    found = Component({}, {}, {}, set(), [])
    decisions: set[Decision] = set()
    frontier = set(records)
    while frontier:
        for row in await conn.fetch(_OWN, list(frontier)):
            _add(row, found, decisions)
        strong = {record for pair, verdict in found.verdicts.items() if verdict.weight >= NEAR for record in pair}
        same = {record for d in decisions if d.verdict == "same" for record in (d.a, d.b)}
        frontier = (strong | same) - found.loaded.keys()
    # What another model called nothing is compared again, so both of such a pair are needed too.
    near = {
        record
        for pair, verdict in found.verdicts.items()
        if verdict.kind != "none" or pair in found.outdated
        for record in pair
    }
    found.beside.update(await load_records(conn, near - found.loaded.keys()))
    found.decisions.extend(decisions)
    return found


def _add(row: Any, found: Component, decisions: set[Decision]) -> None:  # noqa: ANN401 - a database record
    kind, one, other, text, reason, model, at, content, flag, protected = row
    if kind == _RECORD:
        found.loaded[one] = Loaded(Held(one, standard_of(text, protected), at, content), other, flag)
    elif kind == _EDGE:
        found.verdicts[one, other] = _verdict(text, reason)
        if model != model_name():
            found.outdated.add((one, other))
    else:
        decisions.add(Decision(one, other, text, at, flag))


@lru_cache(maxsize=20_000)
def _verdict(kind: Any, stored: str) -> Verdict:  # noqa: ANN401 - the column's CHECK says which three it may be
    """Edges hardly ever change, and who has many of them comes again with every record: some 20 MB."""
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
        model_name(),
    )


def _reason(verdict: Verdict) -> str:
    said = {"weight": verdict.weight, "doubt": verdict.doubt, "reasons": verdict.reasons, "blocked": verdict.blocked}
    return orjson.dumps(said).decode()
