"""Families about deciding: meetings, actions, disclosure to somebody at risk, supervision, orders."""

from typing import Annotated, Final, Literal

from pydantic import Field

from schemas.clocks import UNKNOWN, When
from schemas.closed import Closed, many, written
from schemas.envelope import EventData
from schemas.events.declared import ADULT, CHILD, SUBJECT, family, role
from schemas.events.exchange import Episode, Rationale
from schemas.handling import AgencyId, Code
from schemas.people import Address, Person, Setting

Term = Annotated[str, written(r"^[A-Za-z0-9][A-Za-z0-9._-]*$", "Write letters, digits and . _ - only.", most=40)]
"""The agency's name for a thing of its own: a licence (`LIC-2`), a release, an action, a transfer, a placement."""

Level = Literal["low", "medium", "high", "very-high"]
Agencies = Annotated[tuple[AgencyId, ...], many(40)]
Persons = Annotated[tuple[Person, ...], many(40)]
MappaCategory = Annotated[int, Field(ge=1, le=4)]
MappaLevel = Annotated[int, Field(ge=1, le=3)]


class Levels(Closed):
    """Risk of serious harm for each group, as assessed; a group left out was not assessed."""

    children: Level | None = None
    """To children."""
    known_adult: Level | None = None
    """To an adult who is known."""
    public: Level | None = None
    """To the public."""
    staff: Level | None = None
    """To staff."""
    prisoners: Level | None = None
    """To other prisoners."""


class Considered(Closed):
    """Whom and what a meeting went through, as opposed to who was named in it."""

    people: Persons = ()
    """The `ref` of each person gone through."""
    orders: Annotated[tuple[Code, ...], many(20)] = ()
    """Orders thought about, each in a word: `voo` ..."""


MeetingKind = Literal[
    "mappa-level-1",
    "mappa-level-2",
    "mappa-level-3",
    "professionals",
    "strategy",
    "contact-planning",
    "core-group",
    "child-protection-conference",
    "child-in-need",
    "looked-after-review",
    "pre-release",
    "other",
]


class MeetingHeld(EventData):
    """A meeting took place. A professionals' meeting is not a MAPPA meeting: `kind` is what it was."""

    kind: MeetingKind
    """What kind of meeting it was."""
    attendance: Agencies | None = None
    """Agencies that were there. Left out or null: not stated, which is not the same as nobody."""
    absent: Agencies = ()
    """Agencies that were invited or expected and did not come."""
    considered: Considered | None = None
    category: MappaCategory | None = None
    category_was: MappaCategory | None = None
    """MAPPA category before the meeting."""
    level: MappaLevel | None = None
    level_was: MappaLevel | None = None
    """MAPPA level before the meeting."""
    levels: Levels | None = None
    decision: Code | None = None
    """What was decided, in a word."""
    rationale: Rationale | None = None
    episode: Episode | None = None
    next_meeting: When = UNKNOWN
    messenger: Person | None = None
    """Somebody who was asked to carry a message: a warning sign in itself."""


class MeetingPlanned(EventData):
    """A meeting is to take place."""

    planned_for: When
    kind: MeetingKind | None = None
    """What kind of meeting it is to be."""
    invited: Agencies = ()
    episode: Episode | None = None


class Question(Closed):
    """What an action is to find out."""

    kind: Literal["who", "where"]
    """`who`: find out who somebody is. `where`: find out where."""
    of: Person
    """The `ref` of the person it is asked about."""
    relation: Literal["partner", "child", "parent", "contact", "other"] | None = None
    """With `who`: in which relation to that person."""
    not_at: Address | None = None
    """With `where`: the place already known, so no answer."""


class ActionSet(EventData):
    """Somebody is to do something by a date."""

    action: Term
    what: Code
    """What is to be done: `disclosure`, `refer`, `find-out`, `joint-visit` ..."""
    owners: Annotated[tuple[AgencyId, ...], many(10, least=1)]
    """Agencies that are to do it."""
    due: When = UNKNOWN
    """A bare date is inclusive. Left out: none was set."""
    to_agency: AgencyId | None = None
    """To whom, for a referral or a disclosure to an agency."""
    question: Question | None = None
    """What it is to find out, if that is what it is for."""


class ActionMoved(EventData):
    """What became of an action."""

    action: Term
    set_by: AgencyId | None = None
    """The agency that set it, where that is another one: action names are only unique within an agency."""
    outcome: Code | None = None
    """What came of it, in a word: `done`, `not-possible` ..."""
    rationale: Rationale | None = None


class DisclosureDecided(EventData):
    """Whether to tell somebody at risk (role `recipient`) about the subject was decided."""

    outcome: Literal["disclose", "do-not-disclose", "defer"]
    """Whether they are told."""
    route: Literal["mappa", "dvds", "csods", "common-law", "other"]
    rationale: Rationale | None = None
    safe_contact: Code | None = None


class DisclosureMade(EventData):
    """Somebody at risk (role `recipient`) was told about the subject. Their answer goes into `text`."""

    route: Literal["mappa", "dvds", "csods", "common-law", "other"]
    safe_contact: Code
    """How they were reached so that nobody else would know: `in-person`, `at-school`, `through-health-visitor` ..."""
    supporter: Code | None = None


class VisitorReviewed(EventData):
    """Visitors and correspondents of somebody in custody were gone through, with what was decided on each."""

    reviewed: Annotated[tuple[Person, ...], many(40, least=1)]
    """The `ref` of each visitor or correspondent gone through."""
    outcome: Literal["no-concern", "approved", "refused", "referred", "monitored"]
    """What was decided on them; where it differs, send one event each."""
    rationale: Rationale
    release: Term | None = None


class SupervisionHeld(EventData):
    """A supervisor went through cases with whoever works them; the people are the cases gone through."""

    supervisor: Code
    decision: Code | None = None
    """What was decided, in a word."""
    rationale: Rationale | None = None


class OrderConsidered(EventData):
    """Whether to seek an order was thought about. `under-consideration` is no decision."""

    order: Code
    """`voo`, `shpo`, `dapo`, `restraining`, `stalking` ..."""
    outcome: Literal[
        "under-consideration", "sought", "not-pursued", "not-appropriate", "not-available", "already-in-force"
    ]
    """What came of it. `not-available`: the law does not provide it here."""
    rationale: Rationale | None = None
    licence: Term | None = None


class ContactRestriction(EventData):
    """Who (role `restricted`) may not have contact with whom (role `protected`: children and their carers)."""

    approval: AgencyId | None = None
    """Whose approval any contact needs; left out, none is allowed."""
    order: Code | None = None
    """The order it rests on, in a word: `no-contact` ... Left out: none."""
    starts: When = UNKNOWN
    ends: When = UNKNOWN
    rationale: Rationale | None = None


class RiskAssessed(EventData):
    """A risk was assessed with a tool. The latest one stands."""

    tool: Code
    """`rosh`, `oasys`, `sara`, `dash` ..."""
    levels: Levels
    """What was found, for each group."""
    rationale: Rationale | None = None


class DeathRecorded(EventData):
    """Somebody (role `deceased`) died."""

    unexpected: bool
    """Whether nobody expected it. Not the same as suspicious."""
    cause: Code | None = None
    place: Setting | None = None
    safe: Persons = ()
    """People of the same household known to be safe."""


_CONVENING: Final = (
    "mappa",
    "police",
    "probation",
    "prison",
    "childrens-social-care",
    "health",
    "adult-social-care",
    "education",
)
_ACTING: Final = (
    "mappa",
    "police",
    "probation",
    "prison",
    "approved-premises",
    "childrens-social-care",
    "health",
    "housing",
    "adult-social-care",
    "education",
    "marac",
    "victim-liaison",
)
_RECIPIENT: Final = role(ADULT, "recipient")

TYPES: Final = (
    *family(
        MeetingHeld,
        "meeting.held",
        _CONVENING,
        "Send when a meeting convened by {who} has taken place.",
        people=(SUBJECT, CHILD),
        example={
            "kind": "professionals",
            "attendance": ["police-west-midlands"],
            "considered": {"people": ["C"], "orders": ["voo"]},
            "rationale": "given",
        },
    ),
    *family(
        MeetingPlanned,
        "meeting.planned",
        _CONVENING,
        "Send when {who} sets a date for a meeting.",
        example={"planned_for": "2024-03-08T11:00:00Z", "kind": "professionals"},
    ),
    *family(
        ActionSet,
        "action.set",
        ("mappa", "police", "probation", "childrens-social-care", "adult-social-care", "marac"),
        "Send when {who} gives somebody something to do.",
        example={
            "action": "A-01",
            "what": "find-out",
            "owners": ["police-west-midlands"],
            "due": "2024-05-31",
            "question": {"kind": "who", "of": "S", "relation": "partner"},
        },
    ),
    *family(
        ActionMoved,
        "action.accepted",
        _ACTING,
        "Send when {who} takes an action on.",
        example={"action": "A-01", "set_by": "mappa-west-midlands"},
    ),
    *family(
        ActionMoved,
        "action.done",
        _ACTING,
        "Send when {who} has done an action. People and relationships that it found go in as in any event.",
        answers=("action-done",),
        example={"action": "A-01", "set_by": "mappa-west-midlands", "outcome": "done"},
    ),
    *family(
        ActionMoved,
        "action.cancelled",
        _ACTING,
        "Send when {who} calls an action off. Say why.",
        example={"action": "A-01", "rationale": "given"},
    ),
    *family(
        DisclosureDecided,
        "disclosure.decided",
        ("police", "probation", "mappa", "childrens-social-care", "marac"),
        "Send when {who} has decided whether somebody at risk is to be told about the subject.",
        answers=("disclosure-decision",),
        people=(SUBJECT, _RECIPIENT),
        example={"outcome": "disclose", "route": "dvds", "rationale": "given"},
    ),
    *family(
        DisclosureMade,
        "disclosure.made",
        ("police", "probation", "childrens-social-care"),
        "Send when {who} has told somebody at risk about the subject.",
        answers=("disclosure-decision",),
        people=(SUBJECT, _RECIPIENT),
        example={"route": "dvds", "safe_contact": "in-person"},
    ),
    *family(
        VisitorReviewed,
        "visitor.reviewed",
        ("mappa", "probation", "prison"),
        "Send when {who} has gone through the visitors and correspondents of somebody in custody.",
        answers=("visitor-review",),
        people=(SUBJECT, role(ADULT, "visitor")),
        example={"reviewed": ["A"], "outcome": "no-concern", "rationale": "given", "release": "REL-1"},
    ),
    *family(
        SupervisionHeld,
        "case-supervision.held",
        ("police", "probation", "childrens-social-care"),
        "Send when a supervisor at {who} has gone through a case.",
        answers=("supervision",),
        example={"supervisor": "om-supervisor", "rationale": "given"},
    ),
    *family(
        OrderConsidered,
        "order.considered",
        ("police", "mappa", "probation"),
        "Send whenever {who} has considered an order, whatever came of it.",
        answers=("order-decision",),
        example={"order": "voo", "outcome": "sought", "rationale": "given"},
    ),
    *family(
        ContactRestriction,
        "contact-restriction.set",
        ("childrens-social-care", "court", "prison"),
        "Send when {who} forbids contact, or allows it only with approval.",
        people=(role(SUBJECT, "restricted"), role(CHILD, "protected")),
        example={"approval": "csc-birmingham"},
    ),
    *family(
        ContactRestriction,
        "contact-restriction.lifted",
        ("childrens-social-care", "court", "prison"),
        "Send when {who} lifts a restriction of contact.",
        people=(role(SUBJECT, "restricted"), role(CHILD, "protected")),
        example={"rationale": "given"},
    ),
    *family(
        RiskAssessed,
        "risk.assessed",
        ("probation", "police", "mappa"),
        "Send when {who} has assessed a person's risk to others.",
        example={"tool": "rosh", "levels": {"children": "high", "known_adult": "high"}, "rationale": "given"},
    ),
    *family(
        DeathRecorded,
        "death.recorded",
        ("police", "health", "childrens-social-care"),
        "Send when {who} records a death.",
        people=(role(ADULT, "deceased"), SUBJECT),
        example={"unexpected": True},
    ),
)
