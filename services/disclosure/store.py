"""Views from PostgreSQL: what a view is made of is loaded, the view made, and the audit row written, all in the caller's
transaction. An alert that an agency was never told of is not there for it.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import asyncpg
import orjson

from services.alerts.codec import anchor_records, finding_of
from services.alerts.ladder import policy_of
from services.audit import store as audit
from services.audit.record import Action, Entry
from services.chronology import store as chronology
from services.chronology.facts import EventRef, Fact
from services.chronology.store import FactCache
from services.db.clock_store import read_clock
from services.db.connection import Connection
from services.directory import store as directories
from services.directory.model import Directory
from services.disclosure.agreements import Masks
from services.disclosure.content import Json
from services.disclosure.material import Alert, Informed, Material, OnTopic, OwnId, RuleInfo, Viewer
from services.disclosure.membership_store import People, own_ids_of, people_in
from services.disclosure.view import disclosed, view_for
from services.rules.findings import Disclosure, Finding

PAGE_MAX: Final = 200
ALERTS: Final = """
SELECT a.alert_id, a.cut, a.public_id, a.rule, a.raised_at, j.public_id AS joined_to, r.role, r.shown, r.version, r.why, r.told_at,
    r.left_at,
    EXISTS (SELECT FROM wrong_disclosures w WHERE w.alert_id = a.alert_id AND w.agency = r.agency) AS corrected, v.condition, v.finding, g.rung, g.desks, g.started_at, g.policy, l.due_at
FROM alert_recipients r
JOIN alerts a USING (alert_id)
JOIN alert_versions v ON v.alert_id = a.alert_id
    AND v.version = CASE WHEN r.left_at IS NULL THEN a.version ELSE r.alert_version END
LEFT JOIN alerts j ON j.alert_id = a.joined_to
LEFT JOIN LATERAL (
    SELECT * FROM rings WHERE rings.alert_id = a.alert_id AND rings.agency = r.agency AND closed_at IS NULL
    ORDER BY ring_id DESC LIMIT 1
) g ON r.left_at IS NULL
LEFT JOIN LATERAL (SELECT min(due_at) AS due_at FROM ladders WHERE ladders.ring_id = g.ring_id) l ON true
WHERE r.agency = $1 AND r.told
"""

INFORMED: Final = """
SELECT r.alert_id, r.agency, max(k.at) AS acknowledged_at
FROM alert_recipients r
LEFT JOIN acknowledgements k ON k.alert_id = r.alert_id AND k.agency = r.agency AND k.expired_at IS NULL
WHERE r.alert_id = ANY($1::bigint[]) AND r.agency <> $2 AND r.told AND r.left_at IS NULL
GROUP BY r.alert_id, r.agency ORDER BY r.agency
"""

ACKNOWLEDGEMENTS: Final = """
SELECT alert_id, public_id, version, desk, actor, action, at, expires_at FROM acknowledgements
WHERE alert_id = ANY($1::bigint[]) AND agency = $2 ORDER BY at, acknowledgement_id
"""


@dataclass(frozen=True, slots=True)
class Context:
    """What views are judged by: agencies, agreements, and what the rules say of themselves."""

    directory: Directory
    masks: Masks
    rules: Mapping[str, RuleInfo]
    facts: FactCache = field(default_factory=FactCache)

    @classmethod
    def of(cls, directory: Directory, rules: Mapping[str, RuleInfo], facts: FactCache | None = None) -> "Context":
        """Compile the agreements of the directory."""
        return cls(directory, Masks(directory.agreements, directory.sector), rules, facts or FactCache())


@dataclass(frozen=True, slots=True)
class Held:
    """A context and the revision of the directory it was made of."""

    revision: int
    context: Context


@dataclass(frozen=True, slots=True)
class Loaded:
    """An alert of one agency, ready for `view_for`."""

    alert_id: int
    viewer: Viewer
    alert: Alert


async def current(conn: Connection, rules: Mapping[str, RuleInfo], held: Held | None = None) -> Held:
    """Return the context of the directory as it stands; what the caller holds if nothing was loaded since."""
    newest = await directories.revision(conn)
    if held is not None and held.revision == newest:
        return held
    loaded = await directories.current(conn)
    return Held(loaded.revision, Context.of(loaded.directory, rules, held.context.facts if held else None))


async def read(
    conn: Connection,
    context: Context,
    agency: str,
    reference: str,
    *,
    actor: str,
    purpose: str,
    privileged: bool = False,
) -> Json | None:
    """Return an alert as the agency may see it, and write down that it was consulted; None: not there for it (404).

    `privileged`: for the role that may see sealed identities.
    """
    found = await load(conn, context, agency, references=[reference], evidence=True, privileged=privileged)
    if not found:
        return None
    shown = view_for(found[0].viewer, found[0].alert, purpose)
    if shown is not None:
        role = {"privileged": True} if privileged else {}
        await audit.record(conn, [entry(found[0], Action.CONSULTATION, actor, **role)])
    return shown


async def page(
    conn: Connection,
    context: Context,
    agency: str,
    *,
    actor: str,
    purpose: str,
    after: str | None,
    limit: int,
    state: str | None = None,
    urgency: int | None = None,
) -> tuple[list[Json], str | None]:
    """Return a page of the agency's alerts, newest told first, and the cursor of the next; written down as one consultation.

    With `state` or `urgency`, only those alerts.

    Raises:
        ValueError: `after` is no cursor of ours.
    """
    before = _place(after) if after is not None else None
    limit = min(limit, PAGE_MAX)
    rows = await conn.fetch(
        ALERTS
        + """
        AND ($2::timestamptz IS NULL OR (r.told_at, a.public_id) < ($2, $3::uuid))
        AND ($5::text IS NULL OR v.condition = $5) AND ($6::smallint IS NULL OR v.urgency = $6)
        ORDER BY r.told_at DESC, a.public_id DESC LIMIT $4
        """,
        agency,
        before[0] if before else None,
        before[1] if before else None,
        limit + 1,
        state,
        urgency,
    )
    found = await _loaded(conn, context, agency, rows[:limit], evidence=False)
    shown = [view for each in found if (view := view_for(each.viewer, OnTopic(each.alert), purpose)) is not None]
    details = {"alerts": [each.alert_id for each in found]}
    basis = ", ".join(sorted({basis for each in found for basis in each.alert.rule.legal_basis}))
    await audit.record(conn, [Entry(actor, Action.CONSULTATION, purpose, basis, f"alerts:{agency}", details)])
    last = rows[limit - 1] if len(rows) > limit else None
    return shown, _cursor(last["told_at"], last["public_id"]) if last else None


async def load(
    conn: Connection,
    context: Context,
    agency: str,
    *,
    references: Sequence[str] = (),
    alerts: Sequence[int] = (),
    evidence: bool,
    privileged: bool = False,
) -> list[Loaded]:
    """Load alerts of an agency by reference or number, in order of number; with `evidence`, what an answer shows too.

    `privileged`: for the role that may see sealed identities: as if nobody's were.
    Those it was never told of are left out. Nothing is written: whoever shows something writes `entry`.
    """
    rows = await conn.fetch(
        ALERTS + " AND (a.public_id = ANY($2::uuid[]) OR a.alert_id = ANY($3::bigint[])) ORDER BY a.alert_id",
        agency,
        [found for reference in references if (found := _uuid(reference))],
        list(alerts),
    )
    return await _loaded(conn, context, agency, rows, evidence=evidence, privileged=privileged)


def entry(loaded: Loaded, action: Action, actor: str, **details: object) -> Entry:
    """Return the audit row of a view: who was shown what, what for, on which basis and which agreements."""
    alert = loaded.alert
    said = {"recipient": loaded.viewer.agency, **disclosed(loaded.viewer, alert), **details}
    basis = ", ".join(alert.rule.legal_basis)
    return Entry(actor, action, alert.rule.purpose, basis, f"alert:{loaded.alert_id}", said)


async def _loaded(
    conn: Connection,
    context: Context,
    agency: str,
    rows: Sequence[asyncpg.Record],
    *,
    evidence: bool,
    privileged: bool = False,
) -> list[Loaded]:
    if not rows:
        return []
    findings = {row["alert_id"]: finding_of(orjson.loads(row["finding"])) for row in rows}
    facts: dict[EventRef, Fact] = {}
    informed: Mapping[int, tuple[Informed, ...]] = {}
    acknowledgements: Mapping[int, tuple[Json, ...]] = {}
    if evidence:
        refs = {ref for finding in findings.values() for ref in finding.evidence}
        facts = await chronology.by_ref(conn, refs, context.facts)
        informed = await _informed(conn, context, agency, list(findings))
        acknowledgements = await _acknowledgements(conn, agency, list(findings), rows)
    people = await people_in(conn, findings.values(), facts.values())
    anchored = {people(record) for finding in findings.values() for record in anchor_records(finding.anchor)}
    own_ids = await own_ids_of(conn, agency, anchored)
    clock = await read_clock(conn)
    protected = frozenset[int]() if privileged else people.protected
    material = Material(facts, people, context.masks, clock.now, protected, people.hidden)
    return [
        Loaded(
            row["alert_id"],
            Viewer(agency, row["role"], Disclosure.D1 if row["cut"] else Disclosure(row["shown"])),
            _alert(
                row,
                context,
                findings[row["alert_id"]],
                material,
                people=people,
                own_ids=own_ids,
                # One that left is shown what it was told last, and nothing of what others did since.
                informed=informed.get(row["alert_id"], ()) if row["left_at"] is None else (),
                acknowledgements=acknowledgements.get(row["alert_id"], ()),
            ),
        )
        for row in rows
    ]


def _alert(
    row: asyncpg.Record,
    context: Context,
    finding: Finding,
    material: Material,
    *,
    people: People,
    own_ids: Mapping[int, tuple[OwnId, ...]],
    informed: tuple[Informed, ...],
    acknowledgements: tuple[Json, ...],
) -> Alert:
    ring = None
    if row["rung"] is not None:
        last = row["rung"] >= len(policy_of(orjson.loads(row["policy"])).rungs)
        ring = {"rung": row["rung"], "desks": list(row["desks"]), "started_at": _text(row["started_at"])}
        if row["due_at"] is not None and not last:
            ring["next_at"] = _text(row["due_at"])
    present = row["left_at"] is None
    return Alert(
        reference=str(row["public_id"]),
        rule=context.rules[row["rule"]],
        condition=row["condition"],
        version=row["version"],
        told=row["why"],
        raised_at=row["raised_at"],
        changed_at=row["told_at"],
        finding=finding,
        material=material,
        joined_to=str(row["joined_to"]) if row["joined_to"] and present else None,
        corrected=row["corrected"],
        cut=row["cut"],
        acknowledge_by=row["due_at"],
        public_ids=people.public_ids,
        own_ids=own_ids,
        informed=informed,
        ring=ring,
        acknowledgements=acknowledgements,
    )


async def _informed(
    conn: Connection, context: Context, agency: str, alerts: Sequence[int]
) -> dict[int, tuple[Informed, ...]]:
    found: dict[int, tuple[Informed, ...]] = {}
    for row in await conn.fetch(INFORMED, alerts, agency):
        told = context.directory.agency(row["agency"])
        phones = [desk.phone for desk in told.desks.values() if desk.phone and desk.hours.start is None] if told else []
        one = Informed(
            row["agency"], told.name if told else row["agency"], next(iter(phones), None), row["acknowledged_at"]
        )
        found[row["alert_id"]] = (*found.get(row["alert_id"], ()), one)
    return found


async def _acknowledgements(
    conn: Connection, agency: str, alerts: Sequence[int], rows: Sequence[asyncpg.Record]
) -> dict[int, tuple[Json, ...]]:
    references = {row["alert_id"]: str(row["public_id"]) for row in rows}
    found: dict[int, tuple[Json, ...]] = {}
    for row in await conn.fetch(ACKNOWLEDGEMENTS, alerts, agency):
        said: Json = {
            "acknowledgement": str(row["public_id"]),
            "alert": references[row["alert_id"]],
            "agency": agency,
            "version": row["version"],
            "desk": row["desk"],
            "actor": row["actor"],
            "action": row["action"],
            "at": _text(row["at"]),
            "expires_at": _text(row["expires_at"]) if row["expires_at"] else None,
        }
        one = {name: value for name, value in said.items() if value is not None}
        found[row["alert_id"]] = (*found.get(row["alert_id"], ()), one)
    return found


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _uuid(reference: str) -> UUID | None:
    try:
        return UUID(reference)
    except ValueError:
        return None


def _cursor(told_at: datetime, public_id: UUID) -> str:
    return base64.urlsafe_b64encode(f"{told_at.isoformat()} {public_id}".encode()).decode().rstrip("=")


def _place(cursor: str) -> tuple[datetime, UUID]:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        told_at, _, public_id = text.partition(" ")
        return datetime.fromisoformat(told_at).astimezone(UTC), UUID(public_id)
    except (binascii.Error, UnicodeDecodeError, OverflowError, ValueError):
        raise ValueError("not a cursor") from None
