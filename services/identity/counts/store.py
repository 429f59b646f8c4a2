"""Counts of names, statement by statement: reading what is held, keeping a count, and which is in force."""

from typing import NamedTuple

from services.db.connection import Connection
from services.identity.counts.count import Counts


class Said(NamedTuple):
    """What one record says, as it is stored."""

    record: int
    standard: str


async def said_after(conn: Connection, after: int, limit: int) -> list[Said]:
    """Return the next records whose names are counted: of named people, not taken back, and of nobody whose identity is sealed."""
    rows = await conn.fetch(
        """
        SELECT r.record_id, r.standard::text FROM records r JOIN membership m USING (record_id)
        JOIN persons p USING (person_id)
        WHERE r.record_id > $1 AND NOT (r.slot OR r.sender OR r.void OR r.protected OR p.sealed)
        ORDER BY r.record_id LIMIT $2
        """,
        after,
        limit,
    )
    return [Said(*row) for row in rows]


async def keep(conn: Connection, counts: Counts) -> bool:
    """Keep a count. Whether there was none that says the same."""
    row = await conn.fetchrow(
        "INSERT INTO name_counts (version, content, counted_at) VALUES ($1, $2, domain_now()) ON CONFLICT DO NOTHING RETURNING 1",
        counts.version,
        counts.content,
    )
    return row is not None


async def load(conn: Connection, version: str) -> Counts | None:
    """Return a count by its version, if it was ever kept."""
    content = await conn.fetchval("SELECT content FROM name_counts WHERE version = $1", version)
    return None if content is None else Counts.read(content)


async def in_force(conn: Connection) -> str | None:
    """Return the version by which scores are made now, if any."""
    found: str | None = await conn.fetchval("SELECT version FROM name_counts_in_force")
    return found


async def put_in_force(conn: Connection, version: str | None) -> None:
    """Let scores be made by this version from now on, None: by no count.

    Waits for every resolve under way to end, and lets none begin meanwhile: whoever claims afterwards sees the new version.
    """
    if await in_force(conn) == version:
        return
    await conn.execute("LOCK TABLE unresolved IN SHARE MODE")
    await conn.execute("DELETE FROM name_counts_in_force")
    if version is not None:
        await conn.execute("INSERT INTO name_counts_in_force (version) VALUES ($1)", version)
