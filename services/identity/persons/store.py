"""Lives of persons, statement by statement."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.db.connection import Connection
from services.identity import store
from services.identity.keys import number_key
from services.identity.protect import own_number
from services.identity.standardise import Standard
from services.tokens import Tokens

# Sealed identities


async def shield(conn: Connection, told: Mapping[int, Standard], tokens: Tokens) -> dict[int, bool]:
    """Protect all records under the numbers that these records say are sealed, or no longer; return those that changed.

    `told` are records looked at for the first time, or whose events were retracted or are no longer. Whoever comes second
    of a record and of what protects it sees both: the one is committed before the other is looked at.
    """
    keys = {tokens.key(number_key(number)) for standard in told.values() if (number := own_number(standard))}
    if not keys:
        return {}
    # Shared, so that whoever is just taking the last of them back comes before us or after us.
    said = await conn.fetch(
        """
        SELECT p.key, r.record_id, r.void FROM protections p JOIN records r USING (record_id)
        WHERE p.key = ANY($1::bigint[]) ORDER BY r.record_id FOR SHARE OF r
        """,
        list(keys),
    )
    if not said:
        return {}
    standing = {key for key, _, void in said if not void}
    own = {record for _, record, _ in said}  # what an agency once said under seal stays so, also when it is taken back
    holds = {
        record: key in standing or record in own for key, record in await store.search(conn, {row[0] for row in said})
    }
    rows = await conn.fetch(
        """
        UPDATE records r SET protected = given.holds
        FROM unnest($1::bigint[], $2::bool[]) AS given (record_id, holds)
        WHERE r.record_id = given.record_id AND r.protected <> given.holds
        RETURNING r.record_id, r.protected
        """,
        sorted(holds),
        [holds[record] for record in sorted(holds)],
    )
    return {row[0]: row[1] for row in rows}


async def forget_edges(conn: Connection, records: Collection[int]) -> None:
    """Forget whom protected records resemble: that alone would say who they are."""
    await conn.execute(
        "DELETE FROM edges WHERE record_a = ANY($1::bigint[]) OR record_b = ANY($1::bigint[])", sorted(records)
    )


async def seal(conn: Connection, persons: Collection[int], sealed: Collection[int]) -> set[int]:
    """Note which of these people, whom the caller has locked, are of sealed identity; return those that changed."""
    rows = await conn.fetch(
        """
        UPDATE persons SET sealed = person_id = ANY($2::bigint[])
        WHERE person_id = ANY($1::bigint[]) AND sealed <> (person_id = ANY($2::bigint[]))
        RETURNING person_id
        """,
        sorted(persons),
        sorted(sealed),
    )
    return {row[0] for row in rows}


async def sealed_among(conn: Connection, records: Collection[int]) -> set[int]:
    """Return those of these records that are protected, or belong now to somebody of sealed identity.

    Whose they were at another time does not count: what was sealed later is sealed for every time.
    """
    rows = await conn.fetch(
        """
        SELECT r.record_id FROM records r JOIN membership m USING (record_id) JOIN persons p USING (person_id)
        WHERE r.record_id = ANY($1::bigint[]) AND (r.protected OR p.sealed)
        """,
        list(records),
    )
    return {row[0] for row in rows}


# What an id stands for


class Part(NamedTuple):
    """Somebody who holds records that an id once held."""

    person: int
    public_id: UUID
    sealed: bool


async def stands_for(conn: Connection, persons: Collection[int]) -> dict[int, list[Part]]:
    """Return for each id who holds now what it ever held, itself first; nobody where all of it was taken back.

    Nothing is kept of it: it follows from who records belonged to and belong to, so it cannot go wrong by itself.
    """
    rows = await conn.fetch(
        """
        SELECT DISTINCT held.person_id, p.person_id AS part, p.public_id, p.sealed
        FROM (
            SELECT person_id, person_id AS record_id FROM unnest($1::bigint[]) AS given (person_id)
            UNION
            SELECT person_id, record_id FROM membership WHERE person_id = ANY($1::bigint[])
            UNION
            SELECT person_id, record_id FROM membership_history WHERE person_id = ANY($1::bigint[])
        ) held
        JOIN records r ON r.record_id = held.record_id AND NOT r.void
        JOIN membership m ON m.record_id = held.record_id
        JOIN persons p ON p.person_id = m.person_id
        """,
        list(persons),
    )
    found: dict[int, list[Part]] = {person: [] for person in persons}
    for row in sorted(rows, key=lambda row: (row["part"] != row["person_id"], row["part"])):
        found[row["person_id"]].append(Part(row["part"], row["public_id"], row["sealed"]))
    return found


async def note_news(conn: Connection, records: Collection[int], now: datetime) -> None:
    """Queue for publishing that whoever ever held one of these records may stand for somebody else now."""
    await conn.execute(
        """
        INSERT INTO identity_changes (changed_at, person_id)
        SELECT $2, person_id FROM (
            SELECT unnest($1::bigint[]) AS person_id
            UNION
            SELECT person_id FROM membership WHERE record_id = ANY($1::bigint[])
            UNION
            SELECT person_id FROM membership_history WHERE record_id = ANY($1::bigint[])
        ) ids ORDER BY person_id
        """,
        sorted(records),
        now,
    )
