"""Rings in PostgreSQL: started and ended by the evaluator, climbed by the escalator, closed by acknowledgement.

Acknowledging and climbing both take the recipient's row first, so that whichever comes second sees what the first did.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from services.alerts import codec
from services.alerts.ladder import UNACTED, Policy, policy_json, policy_of
from services.alerts.state import Change, Kind, Why
from services.alerts.tell import Telling
from services.db.connection import Connection

RingOf = Mapping[tuple[int, str], int]
"""(alert, agency) -> the ring whose ladder starts now."""


@dataclass(frozen=True, slots=True)
class DueRing:
    """A ladder row whose time has come, its recipient locked."""

    ring: int
    alert: int
    alert_id: UUID
    agency: str
    rung: int
    version: int
    policy: Policy
    open: bool
    expired: bool
    """Closed by an acknowledgement that no action followed in time."""
    clock: datetime


async def write(conn: Connection, changes: Sequence[Change], tellings: Sequence[Telling]) -> RingOf:
    """Move, end and start ladders as the changes say; return the rings that start."""
    joins = [(change.alert, change.after.joined_to) for change in changes if _joins(change)]
    successors = [(change.succeeded, change.alert) for change in changes if change.succeeded]
    moves = [(one, other) for one, other in (*joins, *successors) if other is not None]
    if moves:
        await _move(conn, moves)
    over = [change.alert for change in changes if not change.after.rings and change.before is not None]
    if over:
        await _close_all(conn, over)
    left = [(change.alert, n.agency) for change in changes for n in change.notices if n.why is Why.HANDED_OVER]
    if left:
        await _close(conn, left, "left")
    starts = [(telling, telling.policy) for telling in tellings if telling.policy is not None]
    rings: RingOf = {}
    if starts:
        await _close(conn, [(telling.alert, telling.agency) for telling, _ in starts], "restarted")
        rings = await _start(conn, starts, {change.alert: change.at for change in changes})
    resumed = [(change.alert, change.before.joined_to) for change in changes if change.before and _resumes(change)]
    if resumed:
        await _resume(conn, resumed)
    return rings


def _joins(change: Change) -> bool:
    return Kind.JOINED in change.kinds and change.after.joined_to is not None


def _resumes(change: Change) -> bool:
    return Kind.RESUMED in change.kinds and change.after.rings


async def _move(conn: Connection, moves: Sequence[tuple[int, int]]) -> None:
    """A ladder under way goes on for the older alert, whose recipient's version is another count.

    One that was acknowledged without an action is under way too: on the younger alert it would go on unheard. Of two
    under way for one agency the more pressing goes on, and of those the one further up: with both, each rung above would
    be rung twice for one alert.
    """
    # Whoever is climbing or acknowledging holds these: the ring they are about to start would stay with the younger alert.
    await conn.execute(
        "SELECT FROM alert_recipients WHERE alert_id = ANY($1::bigint[]) ORDER BY alert_id, agency FOR NO KEY UPDATE",
        [younger for younger, _ in moves],
    )
    await conn.execute(
        """
        WITH moved AS (
            UPDATE rings r SET alert_id = g.older, version = coalesce(p.version, r.version)
            FROM unnest($1::bigint[], $2::bigint[]) AS g (younger, older)
            JOIN alert_recipients p ON p.alert_id = g.older
            WHERE r.alert_id = g.younger AND p.agency = r.agency
            AND (r.closed_at IS NULL OR EXISTS (SELECT FROM ladders l WHERE l.ring_id = r.ring_id))
            RETURNING r.ring_id, r.alert_id
        )
        UPDATE deliveries d SET alert_id = moved.alert_id FROM moved WHERE d.ring_id = moved.ring_id
        """,
        [younger for younger, _ in moves],
        [older for _, older in moves],
    )
    await conn.execute(
        """
        WITH under_way AS (
            SELECT ring_id, row_number() OVER (
                PARTITION BY alert_id, agency
                ORDER BY urgency, closed_at IS NOT NULL, rung DESC, started_at, ring_id) AS place
            FROM rings r WHERE alert_id = ANY($1::bigint[])
            AND (closed_at IS NULL OR EXISTS (SELECT FROM ladders l WHERE l.ring_id = r.ring_id))
        ),
        gone AS (DELETE FROM ladders l USING under_way u WHERE u.ring_id = l.ring_id AND u.place > 1)
        UPDATE rings r SET closed_at = domain_now(), closed_why = 'joined'
        FROM under_way u WHERE u.ring_id = r.ring_id AND u.place > 1 AND r.closed_at IS NULL
        """,
        [older for _, older in moves],
    )


async def _resume(conn: Connection, pairs: Sequence[tuple[int, int | None]]) -> None:
    """A ladder that was under way for the older alert goes on, from its rung, for the one that stands alone again too.

    It may have been the younger one's before they were joined, and nobody has answered for that. Who took the younger one
    on, with an action, has. If the split ended the older one first, its ladder ended there.
    """
    await conn.execute(
        """
        WITH last AS (
            SELECT DISTINCT ON (g.resumed, r.agency) g.resumed, r.*
            FROM unnest($1::bigint[], $2::bigint[]) AS g (resumed, older) JOIN rings r ON r.alert_id = g.older
            WHERE r.closed_why IS DISTINCT FROM 'joined'
            ORDER BY g.resumed, r.agency, r.cycle DESC, r.rung DESC
        ),
        ring AS (
            INSERT INTO rings (alert_id, agency, cycle, rung, desks, urgency, version, policy, started_at)
            SELECT l.resumed, l.agency, nextval('ladder_starts'), l.rung, l.desks, l.urgency, p.version, l.policy, domain_now()
            FROM last l JOIN alert_recipients p ON p.alert_id = l.resumed AND p.agency = l.agency
            WHERE p.told AND p.left_at IS NULL
            AND (l.closed_at IS NULL OR l.closed_why = 'ended' OR EXISTS (SELECT FROM ladders x WHERE x.ring_id = l.ring_id))
            AND NOT EXISTS (
                SELECT FROM rings o WHERE o.alert_id = l.resumed AND o.agency = l.agency AND o.closed_at IS NULL)
            AND NOT EXISTS (
                SELECT FROM acknowledgements k
                WHERE k.alert_id = l.resumed AND k.agency = l.agency AND k.action IS NOT NULL)
            RETURNING ring_id, started_at, policy
        )
        INSERT INTO ladders (ring_id, due_at)
        SELECT ring_id, started_at + make_interval(secs => (policy ->> 'patience_seconds')::float) FROM ring
        """,
        [resumed for resumed, _ in pairs],
        [older for _, older in pairs],
    )


async def _close_all(conn: Connection, alerts: Sequence[int]) -> None:
    await conn.execute(
        """
        WITH gone AS (
            DELETE FROM ladders l USING rings r WHERE r.ring_id = l.ring_id AND r.alert_id = ANY($1::bigint[])
        )
        UPDATE rings SET closed_at = domain_now(), closed_why = 'ended'
        WHERE alert_id = ANY($1::bigint[]) AND closed_at IS NULL
        """,
        list(alerts),
    )


async def _close(conn: Connection, pairs: Sequence[tuple[int, str]], why: str) -> None:
    await conn.execute(
        """
        WITH ring AS (
            SELECT r.ring_id FROM unnest($1::bigint[], $2::text[]) AS g (alert_id, agency)
            JOIN rings r USING (alert_id, agency)
        ),
        gone AS (DELETE FROM ladders l USING ring WHERE ring.ring_id = l.ring_id)
        UPDATE rings r SET closed_at = domain_now(), closed_why = $3
        FROM ring WHERE r.ring_id = ring.ring_id AND r.closed_at IS NULL
        """,
        [alert for alert, _ in pairs],
        [agency for _, agency in pairs],
        why,
    )


async def _start(conn: Connection, starts: Sequence[tuple[Telling, Policy]], started: Mapping[int, datetime]) -> RingOf:
    rows = await conn.fetch(
        """
        WITH ring AS (
            INSERT INTO rings (alert_id, agency, cycle, rung, desks, urgency, version, policy, started_at)
            SELECT alert_id, agency, nextval('ladder_starts'), 1,
                ARRAY(SELECT json_array_elements_text(policy::json -> 'rungs' -> 0)), urgency, version, policy::json, at
            FROM unnest($1::bigint[], $2::text[], $3::smallint[], $4::int[], $5::text[], $6::timestamptz[])
                AS given (alert_id, agency, urgency, version, policy, at)
            RETURNING ring_id, alert_id, agency, started_at, policy
        ),
        queued AS (
            INSERT INTO ladders (ring_id, due_at)
            SELECT ring_id, started_at + make_interval(secs => (policy ->> 'patience_seconds')::float) FROM ring
        )
        SELECT ring_id, alert_id, agency FROM ring
        """,
        [telling.alert for telling, _ in starts],
        [telling.agency for telling, _ in starts],
        [int(policy.urgency) for _, policy in starts],
        [telling.version for telling, _ in starts],
        [codec.text(policy_json(policy)) for _, policy in starts],
        [started[telling.alert] for telling, _ in starts],
    )
    return {(row["alert_id"], row["agency"]): row["ring_id"] for row in rows}


async def claim(conn: Connection, limit: int) -> list[DueRing]:
    """Lock rings whose time has come by the domain clock, delete their rows, and say how each stands.

    The recipient's row is locked first: an acknowledgement under way is either seen whole or comes after. The ring's own
    too: one that a join moves meanwhile has another recipient.
    """
    locked = await conn.fetch(
        """
        WITH due AS (
            SELECT l.ring_id, l.due_at FROM ladders l WHERE l.due_at <= domain_now() ORDER BY l.due_at LIMIT $1
        )
        SELECT r.ring_id, p.alert_id, p.agency FROM due
        JOIN rings r USING (ring_id) JOIN alert_recipients p USING (alert_id, agency)
        ORDER BY due.due_at FOR NO KEY UPDATE OF p, r SKIP LOCKED
        """,
        limit,
    )
    if not locked:
        return []
    rows = await conn.fetch(
        """
        WITH gone AS (
            DELETE FROM ladders WHERE ring_id = ANY($1::bigint[]) AND due_at <= domain_now() RETURNING ring_id
        )
        SELECT r.ring_id, r.alert_id, a.public_id, r.agency, r.rung, r.version, r.policy,
            r.closed_at IS NULL AS open,
            coalesce(r.closed_why = 'acknowledged', false) AND a.condition = 'standing' AND NOT EXISTS (
                SELECT FROM acknowledgements k WHERE k.alert_id = r.alert_id AND k.agency = r.agency
                AND k.action IS NOT NULL AND k.version >= r.version
            ) AS expired,
            domain_now() AS clock
        FROM (SELECT DISTINCT ring_id FROM gone) g JOIN rings r USING (ring_id) JOIN alerts a USING (alert_id)
        ORDER BY r.ring_id
        """,
        [row["ring_id"] for row in locked],
    )
    return [
        DueRing(
            ring=row["ring_id"],
            alert=row["alert_id"],
            alert_id=row["public_id"],
            agency=row["agency"],
            rung=row["rung"],
            version=row["version"],
            policy=policy_of(orjson.loads(row["policy"])),
            open=row["open"],
            expired=row["expired"],
            clock=row["clock"],
        )
        for row in rows
    ]


async def climb(conn: Connection, rings: Sequence[DueRing]) -> RingOf:
    """Close these rings and start the next rung of each; return the new rings by alert and agency.

    The unique key of (alert, agency, cycle, rung) keeps a rung from being rung twice.
    """
    await conn.execute(
        """
        UPDATE rings SET closed_at = domain_now(), closed_why = 'climbed'
        WHERE ring_id = ANY($1::bigint[]) AND closed_at IS NULL
        """,
        [ring.ring for ring in rings],
    )
    await conn.execute(
        """
        UPDATE acknowledgements k SET expired_at = domain_now()
        FROM unnest($1::bigint[], $2::text[]) AS g (alert_id, agency)
        WHERE k.alert_id = g.alert_id AND k.agency = g.agency AND k.expires_at <= domain_now() AND k.expired_at IS NULL
        """,
        [ring.alert for ring in rings if ring.expired],
        [ring.agency for ring in rings if ring.expired],
    )
    rows = await conn.fetch(
        """
        WITH ring AS (
            INSERT INTO rings (alert_id, agency, cycle, rung, desks, urgency, version, policy, started_at)
            SELECT r.alert_id, r.agency, r.cycle, r.rung + 1,
                ARRAY(SELECT json_array_elements_text(r.policy -> 'rungs' -> r.rung::int)), r.urgency, r.version,
                r.policy, domain_now()
            FROM rings r WHERE r.ring_id = ANY($1::bigint[])
            RETURNING ring_id, alert_id, agency, started_at, policy
        ),
        queued AS (
            INSERT INTO ladders (ring_id, due_at)
            SELECT ring_id, started_at + make_interval(secs => (policy ->> 'patience_seconds')::float) FROM ring
        )
        SELECT ring_id, alert_id, agency FROM ring
        """,
        [ring.ring for ring in rings],
    )
    return {(row["alert_id"], row["agency"]): row["ring_id"] for row in rows}


async def exhaust(conn: Connection, rings: Sequence[DueRing]) -> None:
    """Close rings that nobody answered and that have no rung above them."""
    await conn.execute(
        """
        UPDATE rings SET closed_at = domain_now(), closed_why = 'exhausted'
        WHERE ring_id = ANY($1::bigint[]) AND closed_at IS NULL
        """,
        [ring.ring for ring in rings],
    )


async def lock_recipient(conn: Connection, alert: int, agency: str, version: int) -> int | None:
    """Note that the agency acknowledges this version, by one guarded UPDATE; return its newest version.

    None: it is not told of this alert, its role ended, or it was never told that version.
    """
    newest: int | None = await conn.fetchval(
        """
        UPDATE alert_recipients SET acknowledged_version = greatest(coalesce(acknowledged_version, 0), $3)
        WHERE alert_id = $1 AND agency = $2 AND told AND left_at IS NULL AND $3 BETWEEN 1 AND version
        RETURNING version
        """,
        alert,
        agency,
        version,
    )
    return newest


async def close_acknowledged(
    conn: Connection, alert: int, agency: str, version: int, *, acted: bool
) -> datetime | None:
    """Close the agency's rings for that version or an earlier one; return when the acknowledgement expires, if it does."""
    expires: datetime | None = await conn.fetchval(
        """
        WITH ring AS (
            SELECT ring_id, rung, cycle, policy, closed_at FROM rings
            WHERE alert_id = $1 AND agency = $2 AND version <= $3
            AND (closed_at IS NULL OR closed_why = 'acknowledged')
        ),
        gone AS (DELETE FROM ladders l USING ring WHERE l.ring_id = ring.ring_id),
        closed AS (
            UPDATE rings r SET closed_at = domain_now(), closed_why = 'acknowledged'
            FROM ring WHERE r.ring_id = ring.ring_id AND r.closed_at IS NULL
        ),
        last AS (SELECT ring_id, policy FROM ring WHERE NOT $4 ORDER BY cycle DESC, rung DESC LIMIT 1),
        queued AS (
            INSERT INTO ladders (ring_id, due_at)
            SELECT ring_id, domain_now() + make_interval(secs => $5 * (policy ->> 'patience_seconds')::float) FROM last
            RETURNING due_at
        )
        SELECT due_at FROM queued
        """,
        alert,
        agency,
        version,
        acted,
        float(UNACTED),
    )
    return expires


async def redrive(conn: Connection) -> int:
    """Give a ladder row back to every open ring of a standing alert that has none; return how many there were."""
    revived: int = await conn.fetchval(
        """
        WITH stuck AS (
            SELECT r.ring_id FROM rings r JOIN alerts a USING (alert_id)
            WHERE r.closed_at IS NULL AND a.condition = 'standing'
            AND NOT EXISTS (SELECT FROM ladders l WHERE l.ring_id = r.ring_id)
        ),
        queued AS (INSERT INTO ladders (ring_id, due_at) SELECT ring_id, domain_now() FROM stuck RETURNING 1)
        SELECT count(*) FROM queued
        """
    )
    return revived


async def told_to_nobody(conn: Connection) -> list[str]:
    """Return the numbers of pressing alerts (U1, U2) that stand and were told to no agency; those of shadow rules are for none."""
    rows = await conn.fetch(
        """
        SELECT alert_id FROM alerts a
        WHERE condition = 'standing' AND urgency <= 2 AND NOT silent AND joined_to IS NULL
            AND finding->'details'->'would tell' IS NULL
            AND NOT EXISTS (SELECT FROM alert_recipients r WHERE r.alert_id = a.alert_id AND left_at IS NULL AND told)
        ORDER BY alert_id
        """
    )
    return [str(row[0]) for row in rows]
