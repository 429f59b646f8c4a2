"""Families about standing: relationships, formal flags of risk, who leads, and taking an event back."""

from typing import Annotated, Final, Literal

from schemas.clocks import UNKNOWN, When
from schemas.closed import many
from schemas.envelope import EventData
from schemas.events.declared import ADULT, SECTORS, SUBJECT, class_name, derived, family, role
from schemas.events.exchange import Rationale
from schemas.handling import AgencyId, Code
from schemas.people import MAX_PEOPLE, PersonMention
from schemas.relations import MAX_RELATIONSHIPS, EventRef, Relationship


class RelationshipClaim(EventData):
    """What somebody says two people are to each other; at least one claim in `relationships`."""

    relationships: Annotated[tuple[Relationship, ...], many(MAX_RELATIONSHIPS, least=1)]
    """The claims, at least one."""


class RelationshipDenied(EventData):
    """The subject denies a relationship, or any at all: then `relationships` is empty."""


class RiskFlag(EventData):
    """A formal flag of risk to others, set by an agency entitled to set it. A suspicion is a concern, not a flag."""

    flag: Literal["pprc", "da-perpetrator", "rosh-high", "schedule-1"]
    """pprc: registered as a person posing a risk to children. schedule-1: convicted of an offence against a child."""
    rationale: Rationale | None = None


class RiskFlagConsidered(EventData):
    """It was decided not to set a formal flag of risk."""

    flag: Literal["pprc", "da-perpetrator", "rosh-high", "schedule-1"]
    """The flag that was not set."""
    outcome: Literal["not-registered"]
    """Set flags are sent as `risk-flag.set`."""
    rationale: Rationale | None = None


class LeadRole(EventData):
    """Which agency leads on the subject; the sender holds the role unless `held_by` names another."""

    role: Code
    """`probation-lead`, `police-lead`, `mappa-lead`, `prison` or `approved-premises`: each sector has its own."""
    starts: When = UNKNOWN
    """When the role began or begins. Left out of an ending."""
    ends: When = UNKNOWN
    """When it ended or ends, if that is known. Inclusive where it is a bare date."""
    held_by: AgencyId | None = None
    officer: Code | None = None
    """Who in the agency has the case, as a role or staff reference, never a name."""


class Retraction(EventData):
    """An event of one's own was wrong. It is kept, marked and no longer counts; alerts resting on it are withdrawn."""

    retracts: EventRef
    """The event that was wrong: one of your own."""
    reason: Literal["wrong-person", "wrong-fact", "duplicate", "unlawful", "test"]
    """`unlawful`: it should not have been shared. `test`: it was never about anybody."""
    replaced_by: EventRef | None = None
    """The event that says it right, if there is one."""
    people: Annotated[tuple[PersonMention, ...], many(MAX_PEOPLE)] = ()
    """Nobody need be named."""


_CLAIMING: Final = (
    "police",
    "prison",
    "probation",
    "approved-premises",
    "mappa",
    "childrens-social-care",
    "health",
    "housing",
    "employer",
    "education",
    "adult-social-care",
    "victim-liaison",
)
_LEAD_ROLES: Final = {
    "police": "police-lead",
    "probation": "probation-lead",
    "mappa": "mappa-lead",
    "prison": "prison",
    "approved-premises": "approved-premises",
}
_ALL: Final = tuple(SECTORS)
_PARTNER: Final = {"from": "S", "to": "A", "kind": "partner"}


def _lead_role(sector: str, lead_role: str) -> tuple[type[EventData], ...]:
    """The start and the end of the one lead role this sector can hold."""
    base = derived(LeadRole, class_name(sector, "lead-role"), LeadRole.__doc__ or "", role=(Literal[lead_role], ...))
    moment = "2024-03-04T09:30:00Z"
    return (
        *family(
            base,
            "lead-role.started",
            (sector,),
            "Send when {who} takes its lead role for a person, or says from when it will.",
            example={"role": lead_role, "starts": moment},
        ),
        *family(
            base,
            "lead-role.ended",
            (sector,),
            "Send when {who} gives its lead role for a person up, or says when it will.",
            example={"role": lead_role, "ends": moment},
        ),
    )


TYPES: Final = (
    *family(
        RelationshipClaim,
        "relationship.reported",
        _CLAIMING,
        "Send when {who} learns from anybody but the subject that two people are in a relation.",
        people=(SUBJECT, ADULT),
        example={"relationships": [{**_PARTNER, "status": "reported", "grade": "2B"}]},
    ),
    *family(
        RelationshipClaim,
        "relationship.disclosed",
        _CLAIMING,
        "Send when the subject tells {who} of a relation. `named: false` if asked for the name and refused.",
        people=(SUBJECT, role(ADULT, "partner")),
        example={
            "relationships": [{**_PARTNER, "status": "disclosed", "named": True, "claimed_by": "S"}],
            "informant": {"ref": "S"},
        },
    ),
    *family(
        RelationshipDenied,
        "relationship.denied",
        _CLAIMING,
        "Send when the subject denies to {who} a relation that was put to them, or any at all.",
        example={"informant": {"ref": "S"}},
    ),
    *family(
        RelationshipClaim,
        "relationship.ended",
        _CLAIMING,
        "Send when {who} is told or finds that a relation has ended. Say who claims it, and the grounds.",
        people=(SUBJECT, role(ADULT, "partner")),
        example={"relationships": [{**_PARTNER, "status": "ended", "claimed_by": "S"}]},
    ),
    *family(
        RiskFlag,
        "risk-flag.set",
        ("police", "prison", "probation", "mappa", "childrens-social-care"),
        "Send when {who} formally registers a person as a risk to others.",
        example={"flag": "da-perpetrator", "rationale": "given"},
    ),
    *family(
        RiskFlag,
        "risk-flag.cleared",
        ("police", "prison", "probation", "mappa", "childrens-social-care"),
        "Send when {who} takes a flag of its own away. Flags of other agencies stand.",
        example={"flag": "da-perpetrator", "rationale": "given"},
    ),
    *family(
        RiskFlagConsidered,
        "risk-flag.considered",
        ("police", "probation", "mappa"),
        "Send when {who} decided, with reasons, not to register a person as a risk to others.",
        example={"flag": "da-perpetrator", "outcome": "not-registered", "rationale": "given"},
    ),
    *(model for sector, lead_role in _LEAD_ROLES.items() for model in _lead_role(sector, lead_role)),
    *family(
        Retraction,
        "event.retracted",
        _ALL,
        "Send when an event from {who} was wrong. To correct it, send the right one too and name it here.",
        people=(),
        example={"retracts": {"id": "event-1"}, "reason": "wrong-person"},
    ),
)
