"""Facts, findings and agreements for views: a subject S, a woman W, a child C, and agencies that know parts of it."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from services.chronology.build import Stored, fact
from services.chronology.facts import EventRef, Fact, Interval
from services.directory.model import Agreement, Valid
from services.disclosure.agreements import Masks
from services.disclosure.material import Alert, Informed, Material, OwnId, RuleInfo, Viewer
from services.rules.findings import Anchor, Disclosure, Finding, Recipient, RecordPart, State, Urgency

AT = datetime(2013, 4, 2, 9, tzinfo=UTC)
S, W, C = 1, 2, 3
SECTORS = {
    "police-town": "police",
    "police-shire": "police",
    "probation-town": "probation",
    "csc-town": "childrens-social-care",
    "employer-town": "employer",
    "court": "court",
}
RULE = RuleInfo("R01", "new-household-high-risk", "safeguarding", ("CJA2003-s325", "CA2004-s10"))
REFERENCE = "0b5f7c52-3f0a-4c1e-9d6a-6a3c1c0f2b11"
PEOPLE = {
    S: {"ref": "S", "role": "subject", "names": [{"given": "Corin", "family": "Ashdown"}], "born": "1984-03-22"},
    W: {"ref": "W", "role": "at-risk", "names": [{"given": "Maren", "family": "Tolland"}], "born": "1988-01"},
    C: {"ref": "C", "role": "child", "names": [{"given": "Robin", "family": "Oakes"}], "born": "2009-12-11"},
}


def told(
    n: int,
    agency: str,
    event_type: str = "police.message.reported",
    *,
    people: Iterable[int] = (S, W),
    history: bool = False,
    **body: Any,
) -> Fact:
    """An event as stored: sealed values are tokens."""
    persons = [
        {
            **PEOPLE[person],
            "phones": [{"token": "01aa"}],
            "addresses": [{"area": "town", "dwelling": {"token": "01bb"}, "postcode": {"token": "01cc"}}],
            "workplace": {"name": {"token": "01dd"}},
        }
        for person in people
    ]
    stored = Stored(
        key=n,
        source=f"urn:tocsin:agency:{agency}",
        id=f"{agency}-{n}",
        type=event_type,
        version=1,
        agency=agency,
        history=history,
        occurred=Interval(AT, AT + timedelta(hours=1)),
        known_at=AT,
        recorded_at=AT,
        received_at=AT + timedelta(minutes=n),
        taken_at=AT,
    )
    relation = {"from": "S", "to": "W", "kind": "partner", "status": "reported"}
    relations = [relation] if {S, W} <= set(people) else []
    data = {"people": persons, "relationships": relations, "grade": "2C", "text": {"token": "01ee"}, **body}
    return fact(stored, data, {PEOPLE[person]["ref"]: person for person in people})  # type: ignore[misc]  # the references are texts


def agreement(name: str = "all", **fields: Any) -> Agreement:
    given: dict[str, Any] = {
        "id": name,
        "sources": ("*",),
        "recipients": ("*",),
        "purpose": "safeguarding",
        "legal_basis": "CJA2003-s325",
        "regime": "part-3",
        "event_types": ("*",),
        "fields": ("*",),
        "shown": 3,
        "valid": Valid(),
    }
    return Agreement(**(given | fields))


def masks(*agreements: Agreement) -> Masks:
    return Masks(agreements, SECTORS.get)


def finding(facts: Iterable[Fact], **fields: Any) -> Finding:
    given: dict[str, Any] = {
        "rule": "R01",
        "major": 1,
        "anchor": Anchor((RecordPart(S), RecordPart(W))),
        "state": State.STANDING,
        "urgency": Urgency.U2,
        "since": AT,
        "episode_since": AT,
        "until": None,
        "ended_silently": False,
        "steps": (),
        "recipients": (
            Recipient("probation-town", "probation-lead", "lead", Disclosure.D2),
            Recipient("csc-town", "csc-for-area", "duty-desk", Disclosure.D3),
            Recipient("police-shire", "supervisor", "duty-desk", Disclosure.D1),
        ),
        "not_reached": ("asc-for-area",),
        "evidence": tuple(each.ref for each in facts),
        "history_only": False,
        "corroborated": False,
        "possible": False,
        "why": "It is reported that the subject has a partner with a child.",
        "unknown": ("Whether the child lives there.",),
        "would_stop": ("A decision of children's social care.",),
        "never": ("N1", "N6"),
        "details": {},
    }
    return Finding(**(given | fields))


def material(facts: Iterable[Fact], masked: Masks, **fields: Any) -> Material:
    found: dict[EventRef, Fact] = {each.ref: each for each in facts}
    return Material(found, lambda record: record, masked, AT, **fields)


def alert(
    facts: list[Fact],
    masked: Masks,
    *,
    protected: frozenset[int] = frozenset(),
    hidden: frozenset[int] = frozenset(),
    **fields: Any,
) -> Alert:
    return Alert(
        reference=REFERENCE,
        rule=RULE,
        condition="standing",
        version=1,
        told="raised",
        raised_at=AT,
        changed_at=AT,
        finding=finding(facts, **fields),
        material=material(facts, masked, protected=protected, hidden=hidden),
        public_ids={S: "6f0a3d6f-5b55-4a0a-8a5c-0d6a8e5d3f01"},
        own_ids={S: (OwnId("crn", "X204881"), OwnId("nhs", "9991001018"))},
        informed=(Informed("csc-town", "children's social care, Town", None, AT),),
    )


def viewer(agency: str = "probation-town", shown: Disclosure = Disclosure.D2) -> Viewer:
    return Viewer(agency, "probation-lead", shown)
