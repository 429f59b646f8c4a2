"""The outbox of `tocsin.identity.changes`, and what was last said of each id."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from services.db.connection import Connection

PUBLISHER_LOCK: Final = 7_605_018
"""Advisory lock that makes publishers take turns, so that the news goes out in order. Any number nobody else uses."""


class Touched(NamedTuple):
    """An id that may stand for somebody else now."""

    row: int
    changed_at: datetime
    person: int


class Said(NamedTuple):
    """What is said of an id: who holds now what it held, as far as that may be told to everybody."""

    became: Sequence[UUID]
    protected: bool


async def next_touched(conn: Connection, limit: int) -> list[Touched]:
    """Return the next rows of the outbox; none while another publisher is at it."""
    rows = await conn.fetch(
        """
        SELECT seq, changed_at, person_id FROM identity_changes
        WHERE pg_try_advisory_xact_lock($2) ORDER BY seq LIMIT $1
        """,
        limit,
        PUBLISHER_LOCK,
    )
    return [Touched(*row) for row in rows]


async def public_ids(conn: Connection, persons: Collection[int]) -> dict[int, UUID]:
    """Return the public ids of these."""
    rows = await conn.fetch(
        "SELECT person_id, public_id FROM persons WHERE person_id = ANY($1::bigint[])", list(persons)
    )
    return dict(map(tuple, rows))


async def said_of(conn: Connection, persons: Collection[int]) -> dict[int, Said]:
    """Return what was last published of those of which anything was."""
    rows = await conn.fetch(
        "SELECT person_id, became, protected FROM identity_published WHERE person_id = ANY($1::bigint[])", list(persons)
    )
    return {row[0]: Said(tuple(row[1]), row[2]) for row in rows}


async def next_numbers(conn: Connection, count: int) -> list[int]:
    """Return numbers for as many messages, rising, higher than any before: also where those were never published."""
    rows = await conn.fetch("SELECT nextval('identity_news') FROM generate_series(1, $1)", count)
    return sorted(row[0] for row in rows)


async def keep_said(conn: Connection, said: Mapping[int, tuple[int, Said]]) -> None:
    """Keep what was published: person -> (number, what)."""
    ordered = sorted(said.items())
    await conn.execute(
        """
        INSERT INTO identity_published (person_id, seq, became, protected)
        SELECT person_id, seq, became::uuid[], protected
        FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bool[]) AS given (person_id, seq, became, protected)
        ON CONFLICT (person_id) DO UPDATE SET seq = excluded.seq, became = excluded.became,
            protected = excluded.protected
        """,
        [person for person, _ in ordered],
        [seq for _, (seq, _) in ordered],
        # As the text of an array: arrays of arrays do not pass through unnest.
        [f"{{{','.join(map(str, one.became))}}}" for _, (_, one) in ordered],
        [one.protected for _, (_, one) in ordered],
    )


async def delete_rows(conn: Connection, rows: Sequence[int]) -> None:
    """Delete rows of the outbox that are dealt with."""
    await conn.execute("DELETE FROM identity_changes WHERE seq = ANY($1::bigint[])", list(rows))
