"""Deliveries in PostgreSQL as whoever tells writes them: the judge with its changes, the escalator with its rings.

A delivery means "bring this endpoint to the alert's present version"; a tell row says that it may be behind. Who is at which desk is
decided here; what becomes of a delivery, and the lease on it, is the courier's (store.py).
"""

from collections.abc import Sequence
from typing import Final

from services.alerts.state import Change, Kind
from services.alerts.tell import Telling
from services.db.connection import Connection
from services.escalation.store import RingOf


async def write(conn: Connection, changes: Sequence[Change], tellings: Sequence[Telling], rings: RingOf) -> None:
    """Write the deliveries that are missing and a tell row for each endpoint to be brought up to date."""
    joined = [(c.alert, c.after.joined_to) for c in changes if Kind.JOINED in c.kinds and c.after.joined_to]
    if joined:
        await _carry(conn, joined)
    succeeded = [(c.succeeded, c.alert) for c in changes if c.succeeded]
    if succeeded:
        await _carry(conn, succeeded)
        await _succeed(conn, succeeded)
    if not tellings:
        return
    await _make_topics(conn, sorted({telling.agency for telling in tellings if telling.desks}))
    await _make_plain(conn, [telling for telling in tellings if telling.desks])
    ringing = [(telling, rings.get((telling.alert, telling.agency))) for telling in tellings]
    rows = [(t.alert, t.agency, ring, desk) for t, ring in ringing if ring is not None for desk in t.desks]
    if rows:
        await tell_rings(conn, rows)
    await conn.execute(
        """
        INSERT INTO tell (delivery_id, endpoint_id)
        SELECT d.delivery_id, d.endpoint_id
        FROM unnest($1::bigint[], $2::text[], $3::bigint[]) AS g (alert_id, agency, ring_id)
        JOIN deliveries d USING (alert_id, agency) JOIN endpoints e USING (endpoint_id)
        WHERE d.ring_id IS NULL AND e.removed_at IS NULL AND e.agency = d.agency AND NOT EXISTS (
            SELECT FROM deliveries r WHERE r.ring_id = g.ring_id AND r.endpoint_id = d.endpoint_id
        )
        """,
        [telling.alert for telling, _ in ringing],
        [telling.agency for telling, _ in ringing],
        [ring for _, ring in ringing],
    )


async def _carry(conn: Connection, pairs: Sequence[tuple[int | None, int | None]]) -> None:
    """Endpoints that know the younger alert are endpoints of the older; 0 = they were told, but not of this one.

    A call under way for the younger alert is noted before this looks, or looks itself (`carry_heard`).
    """
    await conn.execute(
        """
        WITH y AS MATERIALIZED (
            SELECT delivery_id, alert_id, endpoint_id, agency, told_version FROM deliveries
            WHERE alert_id = ANY($1::bigint[]) AND ring_id IS NULL ORDER BY delivery_id FOR NO KEY UPDATE
        )
        INSERT INTO deliveries AS d (alert_id, endpoint_id, agency, told_version)
        SELECT g.older, y.endpoint_id, y.agency, max(CASE WHEN y.told_version IS NOT NULL THEN 0 END)
        FROM unnest($1::bigint[], $2::bigint[]) AS g (younger, older)
        JOIN y ON y.alert_id = g.younger
        GROUP BY g.older, y.endpoint_id, y.agency
        ON CONFLICT (alert_id, endpoint_id, agency, ring_id) DO UPDATE
        SET told_version = coalesce(d.told_version, excluded.told_version)
        """,
        [younger for younger, _ in pairs],
        [older for _, older in pairs],
    )


async def _succeed(conn: Connection, pairs: Sequence[tuple[int | None, int]]) -> None:
    """A new major version takes over without a word for whoever knows how the old one stood; who was behind is told of the new.

    What waits for an endpoint that is away says nothing any more once its alert is superseded.
    """
    await conn.execute(
        """
        WITH known AS (
            UPDATE deliveries d SET told_version = n.version
            FROM unnest($1::bigint[], $2::bigint[]) AS g (old, new)
            JOIN deliveries y ON y.alert_id = g.old AND y.ring_id IS NULL
            JOIN alert_recipients o ON o.alert_id = g.old AND o.agency = y.agency
            JOIN alert_recipients n ON n.alert_id = g.new AND n.agency = y.agency
            WHERE d.alert_id = g.new AND d.endpoint_id = y.endpoint_id AND d.agency = y.agency AND d.ring_id IS NULL
            AND y.told_version >= o.version
            RETURNING d.delivery_id
        )
        INSERT INTO tell (delivery_id, endpoint_id)
        SELECT d.delivery_id, d.endpoint_id FROM deliveries d JOIN alert_recipients n USING (alert_id, agency)
        WHERE d.alert_id = ANY($2::bigint[]) AND d.ring_id IS NULL AND n.told
        AND NOT EXISTS (SELECT FROM known WHERE known.delivery_id = d.delivery_id)
        """,
        [old for old, _ in pairs],
        [new for _, new in pairs],
    )


async def carry_heard(conn: Connection, deliveries: Sequence[int]) -> None:
    """Carry what calls told to the alerts that theirs became part of, or that took their place, while they were under way.

    And tell of those: without it an endpoint that was rung in that moment would never hear how it ended. Superseded in such a
    moment is rare enough to look through the alerts for.
    """
    if not deliveries:
        return
    rows = await conn.fetch(
        """
        SELECT d.delivery_id, d.alert_id, coalesce(a.joined_to, CASE WHEN a.condition = 'superseded'
            THEN (SELECT max(n.alert_id) FROM alerts n WHERE n.supersedes = a.alert_id) END) AS now_in
        FROM deliveries d JOIN alerts a USING (alert_id)
        WHERE d.delivery_id = ANY($1::bigint[]) AND (a.joined_to IS NOT NULL OR a.condition = 'superseded')
        """,
        deliveries,
    )
    elsewhere = [row for row in rows if row["now_in"] is not None]
    if not elsewhere:
        return
    await _carry(conn, sorted({(row["alert_id"], row["now_in"]) for row in elsewhere}))
    await conn.execute(
        """
        INSERT INTO tell (delivery_id, endpoint_id)
        SELECT d.delivery_id, d.endpoint_id FROM unnest($1::bigint[], $2::bigint[]) AS g (delivery_id, older)
        JOIN deliveries y ON y.delivery_id = g.delivery_id
        JOIN deliveries d ON d.alert_id = g.older AND d.endpoint_id = y.endpoint_id AND d.agency = y.agency
        WHERE d.ring_id IS NULL
        """,
        [row["delivery_id"] for row in elsewhere],
        [row["now_in"] for row in elsewhere],
    )


async def _make_topics(conn: Connection, agencies: Sequence[str]) -> None:
    await conn.execute(
        """
        INSERT INTO endpoints (agency, kind)
        SELECT agency, 'topic' FROM unnest($1::text[]) AS g (agency)
        WHERE NOT EXISTS (SELECT FROM endpoints e WHERE e.agency = g.agency AND e.kind = 'topic')
        ON CONFLICT DO NOTHING
        """,
        list(agencies),
    )


async def _make_plain(conn: Connection, tellings: Sequence[Telling]) -> None:
    """The topic always; the desks' webhooks where desks were chosen anew, or none of the agency's knows the alert."""
    rows = [(telling, owner, desk) for telling in tellings for owner, desk in telling.desks]
    await conn.execute(
        f"""
        WITH given AS (
            SELECT * FROM unnest($1::bigint[], $2::text[], $3::boolean[], $4::text[], $5::text[])
                AS g (alert_id, agency, anew, owner, desk)
        ),
        reached AS (
            SELECT g.alert_id, g.agency, e.endpoint_id FROM given g JOIN endpoints e ON {AT_DESK}
            WHERE g.anew OR NOT EXISTS (
                SELECT FROM deliveries k JOIN endpoints w USING (endpoint_id)
                WHERE k.alert_id = g.alert_id AND k.agency = g.agency AND w.agency = g.agency
                AND w.kind = 'webhook' AND w.removed_at IS NULL
            )
            UNION
            SELECT g.alert_id, g.agency, e.endpoint_id
            FROM given g JOIN endpoints e ON e.agency = g.agency AND e.kind = 'topic' AND e.removed_at IS NULL
        )
        INSERT INTO deliveries (alert_id, endpoint_id, agency)
        SELECT alert_id, endpoint_id, agency FROM reached ORDER BY alert_id, endpoint_id, agency
        ON CONFLICT DO NOTHING
        """,  # noqa: S608 - a constant
        [telling.alert for telling, _, _ in rows],
        [telling.agency for telling, _, _ in rows],
        [telling.chosen_anew for telling, _, _ in rows],
        [owner for _, owner, _ in rows],
        [desk for _, _, desk in rows],
    )


AT_DESK: Final = """
    e.agency = g.owner AND e.kind = 'webhook' AND e.removed_at IS NULL AND (e.desk = g.desk OR e.desk IS NULL AND NOT EXISTS (
        SELECT FROM endpoints o
        WHERE o.agency = g.owner AND o.kind = 'webhook' AND o.removed_at IS NULL AND o.desk = g.desk
    ))
"""
"""A desk's own webhooks, else the agency's default."""


async def tell_rings(conn: Connection, rows: Sequence[tuple[int, str, int, tuple[str, str]]]) -> None:
    """Tell the desks of rings: (alert, agency, ring, (agency of the desk, desk)). Nothing where no endpoint is.

    Nor at another agency that was on the alert when the ladder was chosen, and has left it since.
    """
    await conn.execute(
        f"""
        WITH given AS (
            SELECT DISTINCT g.alert_id, g.agency, g.ring_id, e.endpoint_id
            FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[], $5::text[])
                AS g (alert_id, agency, ring_id, owner, desk)
            JOIN endpoints e ON {AT_DESK}
            WHERE NOT EXISTS (
                SELECT FROM alert_recipients p
                WHERE p.alert_id = g.alert_id AND p.agency = g.owner AND p.left_at IS NOT NULL)
        ),
        plain AS (
            INSERT INTO deliveries (alert_id, endpoint_id, agency)
            SELECT alert_id, endpoint_id, agency FROM given ORDER BY alert_id, endpoint_id, agency
            ON CONFLICT DO NOTHING
        ),
        ring AS (
            INSERT INTO deliveries (alert_id, endpoint_id, agency, ring_id)
            SELECT alert_id, endpoint_id, agency, ring_id FROM given
            ON CONFLICT DO NOTHING RETURNING delivery_id, endpoint_id
        )
        INSERT INTO tell (delivery_id, endpoint_id) SELECT delivery_id, endpoint_id FROM ring
        """,  # noqa: S608 - a constant
        [alert for alert, _, _, _ in rows],
        [agency for _, agency, _, _ in rows],
        [ring for _, _, ring, _ in rows],
        [owner for _, _, _, (owner, _) in rows],
        [desk for _, _, _, (_, desk) in rows],
    )
