"""Lives of persons, statement by statement."""

from collections.abc import Collection, Mapping

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


async def seal(conn: Connection, persons: Collection[int], sealed: Collection[int]) -> None:
    """Note which of these people, whom the caller has locked, are of sealed identity."""
    await conn.execute(
        """
        UPDATE persons SET sealed = person_id = ANY($2::bigint[])
        WHERE person_id = ANY($1::bigint[]) AND sealed <> (person_id = ANY($2::bigint[]))
        """,
        sorted(persons),
        sorted(sealed),
    )
