"""Alerts in PostgreSQL: the changes of a batch of evaluations written, and the states read back.

Called by the evaluator under the lock of the subject's person row; every statement takes the whole batch. `write` is the
database's form of `services.alerts.state.apply`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

import asyncpg

from services.alerts import codec
from services.alerts.state import AlertState, Change, Condition, RecipientState
from services.alerts.tell import tellings
from services.audit import store as audit
from services.audit.record import Action, Entry
from services.db.connection import Connection
from services.directory.model import Directory
from services.errors import Conflict
from services.escalation import store as escalation
from services.rules.findings import Disclosure, Recipient
from services.sealing import cipher
from services.webhooks import tell_store

BYTEA_PREFIX: Final = r"\x"


async def write(conn: Connection, changes: Sequence[Change], directory: Directory, *, release: str) -> list[Change]:
    """Write changes and everything they tell; return them with the numbers of the alerts they created.

    Raises:
        asyncpg.SerializationError: an alert is not what the change was made of; run the evaluation again.
    """
    if not changes:
        return []
    numbered = await _numbered(conn, changes)
    await _insert(conn, [change for change in numbered if change.before is None], release)
    await _update(conn, [change for change in numbered if change.before is not None], release)
    await _versions(conn, numbered)
    await _recipients(conn, numbered)
    told = [telling for change in numbered for telling in tellings(change, directory)]
    rings = await escalation.write(conn, numbered, told)
    await tell_store.write(conn, numbered, told, rings)
    return numbered


async def _numbered(conn: Connection, changes: Sequence[Change]) -> list[Change]:
    new = sum(change.before is None for change in changes)
    if not new:
        return list(changes)
    rows = await conn.fetch(
        "SELECT nextval(pg_get_serial_sequence('alerts', 'alert_id')) FROM generate_series(1, $1)", new
    )
    numbers = iter(sorted(row[0] for row in rows))
    return [
        change if change.before else replace(change, after=replace(change.after, alert=next(numbers)))
        for change in changes
    ]


async def _insert(conn: Connection, changes: Sequence[Change], release: str) -> None:
    if not changes:
        return
    states = [change.after for change in changes]
    await conn.execute(
        """
        INSERT INTO alerts (alert_id, rule, major, anchor, anchor_key, anchor_records, owner_record, condition, urgency,
            silent, version, supersedes, raised_at, changed_at, release, finding)
        OVERRIDING SYSTEM VALUE
        SELECT alert_id, rule, major, anchor::json, anchor,
            ARRAY(SELECT json_array_elements_text(records::json)::bigint), owner_record, condition, urgency,
            silent, version, supersedes, raised_at, changed_at, $15, finding::json
        FROM unnest($1::bigint[], $2::text[], $3::int[], $4::text[], $5::text[], $6::bigint[], $7::text[],
            $8::smallint[], $9::boolean[], $10::int[], $11::bigint[], $12::timestamptz[], $13::timestamptz[],
            $14::text[]) AS given (alert_id, rule, major, anchor, records, owner_record, condition, urgency, silent,
            version, supersedes, raised_at, changed_at, finding)
        """,
        [state.alert for state in states],
        [state.rule for state in states],
        [state.major for state in states],
        [codec.text(codec.anchor_parts(state.anchor)) for state in states],
        [codec.text(codec.anchor_records(state.anchor)) for state in states],
        [state.owner_record for state in states],
        [state.condition.value for state in states],
        [int(state.urgency) for state in states],
        [state.silent for state in states],
        [state.version for state in states],
        [state.supersedes for state in states],
        [state.raised_at for state in states],
        [state.changed_at for state in states],
        [codec.finding_json(state.finding) for state in states],
        release,
    )


async def _update(conn: Connection, changes: Sequence[Change], release: str) -> None:
    if not changes:
        return
    states = [change.after for change in changes]
    before = [change.before.version if change.before else 0 for change in changes]
    answer = await conn.execute(
        """
        UPDATE alerts a SET condition = g.condition, urgency = g.urgency, silent = g.silent, version = g.version,
            joined_to = g.joined_to, changed_at = g.changed_at, release = $10, finding = g.finding::json
        FROM unnest($1::bigint[], $2::int[], $3::text[], $4::smallint[], $5::boolean[], $6::int[], $7::bigint[],
            $8::timestamptz[], $9::text[])
            AS g (alert_id, before, condition, urgency, silent, version, joined_to, changed_at, finding)
        WHERE a.alert_id = g.alert_id AND a.version = g.before
        """,
        [state.alert for state in states],
        before,
        [state.condition.value for state in states],
        [int(state.urgency) for state in states],
        [state.silent for state in states],
        [state.version for state in states],
        [state.joined_to for state in states],
        [state.changed_at for state in states],
        [codec.finding_json(state.finding) for state in states],
        release,
    )
    if int(answer.rpartition(" ")[2]) != len(states):
        raise asyncpg.SerializationError("an alert changed beneath an evaluation")


async def _versions(conn: Connection, changes: Sequence[Change]) -> None:
    states = [change.after for change in changes]
    await conn.execute(
        """
        INSERT INTO alert_versions (alert_id, version, at, kinds, condition, urgency, joined_to, finding, told)
        SELECT alert_id, version, at, string_to_array(kinds, ','), condition, urgency, joined_to, finding::json, told::json
        FROM unnest($1::bigint[], $2::int[], $3::timestamptz[], $4::text[], $5::text[], $6::smallint[], $7::bigint[],
            $8::text[], $9::text[]) AS given (alert_id, version, at, kinds, condition, urgency, joined_to, finding, told)
        """,
        [state.alert for state in states],
        [state.version for state in states],
        [change.at for change in changes],
        [",".join(change.kinds) for change in changes],
        [state.condition.value for state in states],
        [int(state.urgency) for state in states],
        [state.joined_to for state in states],
        [codec.finding_json(state.finding) for state in states],
        [codec.text([[one.agency, one.why, one.ring] for one in change.notices]) for change in changes],
    )


async def _recipients(conn: Connection, changes: Sequence[Change]) -> None:
    rows = [
        (change, state, why)
        for change in changes
        for why in [{notice.agency: notice.why.value for notice in change.notices}]
        for agency, state in change.after.recipients.items()
        if change.before is None or change.before.recipients.get(agency) != state
    ]
    if not rows:
        return
    # Who knew the version of a rule that this one takes the place of was told then, and knows this one so.
    told = [
        state.recipient.agency in why or (change.succeeded is not None and state.told) for change, state, why in rows
    ]
    await conn.execute(
        """
        INSERT INTO alert_recipients AS r (alert_id, agency, role, ladder, shown, added_at, left_at, told, version, view,
            alert_version, told_at, why)
        SELECT g.alert_id, g.agency, g.role, g.ladder, g.shown, g.added_at, g.left_at, g.told, g.version, g.view,
            g.alert_version, coalesce(g.told_at, before.told_at), coalesce(g.why, before.why)
        FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::smallint[], $6::timestamptz[],
            $7::timestamptz[], $8::boolean[], $9::int[], $10::bytea[], $11::int[], $12::timestamptz[], $13::text[],
            $14::bigint[]) AS g (alert_id, agency, role, ladder, shown, added_at, left_at, told, version, view,
            alert_version, told_at, why, supersedes)
        LEFT JOIN alert_recipients before ON before.alert_id = g.supersedes AND before.agency = g.agency
        ON CONFLICT (alert_id, agency) DO UPDATE SET role = excluded.role, ladder = excluded.ladder,
            shown = excluded.shown, added_at = excluded.added_at, left_at = excluded.left_at, told = excluded.told,
            version = excluded.version, view = excluded.view,
            alert_version = coalesce(excluded.alert_version, r.alert_version),
            told_at = coalesce(excluded.told_at, r.told_at), why = coalesce(excluded.why, r.why)
        """,
        [change.alert for change, _, _ in rows],
        [state.recipient.agency for _, state, _ in rows],
        [state.recipient.role for _, state, _ in rows],
        [state.recipient.ladder for _, state, _ in rows],
        [int(state.recipient.shown) for _, state, _ in rows],
        [state.added_at for _, state, _ in rows],
        [state.left_at for _, state, _ in rows],
        [state.told for _, state, _ in rows],
        [state.version for _, state, _ in rows],
        [state.view for _, state, _ in rows],
        [change.after.version if now else None for (change, _, _), now in zip(rows, told, strict=True)],
        [change.at if state.recipient.agency in why else None for change, state, why in rows],
        [why.get(state.recipient.agency) for _, state, why in rows],
        [change.succeeded for change, _, _ in rows],
    )


def states_of(documents: Iterable[Mapping[str, Any]]) -> list[AlertState]:
    """Read alerts as the case load gives them: {"alert": row, "recipients": [rows] or null}."""
    return [state_of(document["alert"], document["recipients"] or ()) for document in documents]


def state_of(row: Mapping[str, Any], recipients: Iterable[Mapping[str, Any]]) -> AlertState:
    """Read one alert from its rows as JSON."""
    people = {found["agency"]: _recipient(found) for found in recipients}
    return AlertState(
        alert=row["alert_id"],
        rule=row["rule"],
        major=row["major"],
        anchor=codec.anchor_of(row["anchor"]),
        owner_record=row["owner_record"],
        raised_at=datetime.fromisoformat(row["raised_at"]),
        changed_at=datetime.fromisoformat(row["changed_at"]),
        condition=Condition(row["condition"]),
        silent=row["silent"],
        version=row["version"],
        finding=codec.finding_of(row["finding"]),
        joined_to=row["joined_to"],
        supersedes=row["supersedes"],
        recipients=dict(sorted(people.items())),
    )


def _recipient(row: Mapping[str, Any]) -> RecipientState:
    view: str | None = row["view"]
    return RecipientState(
        recipient=Recipient(row["agency"], row["role"], row["ladder"], Disclosure(row["shown"])),
        added_at=datetime.fromisoformat(row["added_at"]),
        left_at=codec.moment(row["left_at"]),
        told=row["told"],
        version=row["version"],
        view=bytes.fromhex(view.removeprefix(BYTEA_PREFIX)) if view is not None else None,
    )


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """An acknowledgement as kept."""

    acknowledgement: UUID
    alert: int
    version: int
    newest: int
    """The agency's newest version: if later than `version`, what rang for it goes on ringing."""
    at: datetime
    expires_at: datetime | None
    """When it lapses unless an action follows; None where one was recorded, or nothing was ringing."""


async def _check_speaks_for_itself(conn: Connection, number: int, agency: str) -> None:
    now_in = await conn.fetchrow(
        """
        SELECT joined_to, condition = 'superseded' AND EXISTS (
            SELECT FROM alerts n JOIN alert_recipients p USING (alert_id)
            WHERE n.supersedes = a.alert_id AND p.agency = $2 AND p.told) AS succeeded
        FROM alerts a WHERE alert_id = $1
        """,
        number,
        agency,
    )
    assert now_in is not None, "alerts are never deleted"  # noqa: S101
    if now_in["joined_to"] is not None:
        raise Conflict("This alert is part of an older one now. Fetch it to see which, and acknowledge that one.")
    if now_in["succeeded"]:
        raise Conflict(
            "Its rule has a new version, whose alert took its place. Find that in the list, and acknowledge it."
        )


async def acknowledge(
    conn: Connection,
    alert: UUID,
    agency: str,
    version: int,
    *,
    desk: str,
    actor: str,
    action: str | None = None,
    reasons: str | None = None,
    master_key: bytes,
) -> Acknowledged | None:
    """Note that somebody at this agency's desk has taken the alert on, in the caller's transaction.

    It closes the agency's own rings for that version or an earlier one, and nobody else's. Without an action it expires
    and the ladder goes on; acknowledging again with an action makes it last. None: the agency is not told of this alert,
    its role ended, or it was never told that version.

    Raises:
        Conflict: another alert has taken its place, an older one it is part of or that of its rule's new version: this
            would not stop the ladder, which goes on there.
    """
    number: int | None = await conn.fetchval("SELECT alert_id FROM alerts WHERE public_id = $1", alert)
    newest = None if number is None else await escalation.lock_recipient(conn, number, agency, version)
    if number is None or newest is None:
        return None
    # Looked at with the recipient locked: a join that is under way takes the ladders along before or after.
    await _check_speaks_for_itself(conn, number, agency)
    expires_at = await escalation.close_acknowledged(conn, number, agency, version, acted=action is not None)
    public_id = uuid4()
    at: datetime = await conn.fetchval(
        """
        INSERT INTO acknowledgements (public_id, alert_id, agency, version, desk, actor, action, reasons_sealed, at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, domain_now(), $9) RETURNING at
        """,
        public_id,
        number,
        agency,
        version,
        desk,
        actor,
        action,
        cipher.seal(cipher.derive(master_key, "acknowledgement reasons"), reasons.encode(), public_id.bytes)
        if reasons
        else None,
        expires_at,
    )
    if action is not None:
        await conn.execute(
            """
            UPDATE acknowledgements SET expires_at = NULL
            WHERE alert_id = $1 AND agency = $2 AND version <= $3 AND expires_at IS NOT NULL AND expired_at IS NULL
            """,
            number,
            agency,
            version,
        )
    entry = Entry(
        actor=f"desk:{agency}/{desk}",
        action=Action.ACKNOWLEDGEMENT,
        purpose="safeguarding",
        basis="acknowledgement of an alert",
        thing=f"alert:{number}",
        details={"by": actor, "version": version, "newest": newest, "action": action, "expires_at": expires_at},
    )
    await audit.record(conn, [entry], at=at)
    return Acknowledged(public_id, number, version, newest, at, expires_at)
