"""Pages in PostgreSQL: one open row for each thing that needs a person, however often it is noticed."""

from collections.abc import Sequence

import orjson

from services.db.connection import Connection


async def page(conn: Connection, kind: str, about: Sequence[str], detail: Sequence[str] = ()) -> list[str]:
    """Page an operator: one open row for each thing. Return those that were not paged already."""
    if not about:
        return []
    rows = await conn.fetch(
        """
        INSERT INTO operator_pages AS p (kind, about, detail)
        SELECT $1, about, $3::json FROM unnest($2::text[]) AS g (about)
        ON CONFLICT (kind, about) WHERE closed_at IS NULL DO UPDATE SET noticed = p.noticed + 1
        RETURNING about, noticed = 1 AS new
        """,
        kind,
        sorted(set(about)),
        orjson.dumps(list(detail)).decode(),
    )
    return [row["about"] for row in rows if row["new"]]


async def close_pages(conn: Connection, kind: str, about: Sequence[str]) -> None:
    """What was paged is well again."""
    await conn.execute(
        """
        UPDATE operator_pages SET closed_at = transaction_timestamp()
        WHERE kind = $1 AND about = ANY($2::text[]) AND closed_at IS NULL
        """,
        kind,
        list(about),
    )


async def open_pages(conn: Connection, kind: str) -> list[str]:
    """Return what is paged and not closed, of one kind."""
    rows = await conn.fetch(
        "SELECT about FROM operator_pages WHERE kind = $1 AND closed_at IS NULL ORDER BY about", kind
    )
    return [row["about"] for row in rows]
