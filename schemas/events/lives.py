"""Families about what happens in a life: birth, serious harm, names, where somebody lives, who lives together."""

from typing import Annotated, Final, Literal

from pydantic import Field

from schemas.clocks import UNKNOWN, When
from schemas.closed import many
from schemas.envelope import EventData
from schemas.events.decisions import Persons
from schemas.events.declared import ADULT, CHILD, SUBJECT, family, role
from schemas.events.exchange import Rationale
from schemas.handling import Code
from schemas.people import Address, Name, Person, Setting
from schemas.relations import EventRef


class BirthRecorded(EventData):
    """A child (role `child`) was born. Parents are claims: people with a `parent` relationship."""

    place: Literal["hospital", "home", "other"] | None = None
    """Where the child was born."""
    concealed: bool | None = None
    """Whether the pregnancy was not known to any service."""


class SeriousHarmRecorded(EventData):
    """Somebody (role `harmed`) was seriously harmed."""

    cause: Code
    expected: bool | None = None
    """Whether anybody had expected it."""
    place: Setting | None = None
    safe: Persons = ()
    """People of the same household known to be safe."""


class NameChanged(EventData):
    """The subject goes by another name now: both are among `names`, the earlier one of kind `former`."""

    reason: Literal["marriage", "deed-poll", "adoption", "gender-recognition", "unknown", "other"] | None = None
    """How the name changed."""
    restricted: bool | None = None
    """Whether the new name is to be kept from somebody. Then the person is to be sent with `protected`."""


class AliasLearnt(EventData):
    """A name that the subject uses or used was learnt."""

    alias: Name
    """The name, with `kind` `alias` or `former`."""
    used_where: Code | None = None
    """For what it is used, in a word: `online`, `work` ..."""


class ResidenceChanged(EventData):
    """Somebody moved, or is said to have. Only the area travels; lines and postcode are sealed."""

    address: Address | None = None
    """Where they live now."""
    setting: Setting | None = None
    left: bool = False
    """True: it is only known that they no longer live where they did."""


class HouseholdMember(EventData):
    """Somebody lives, or no longer lives, in the subject's household; the claim itself is in `relationships`."""

    member: Person | None = None
    """The `ref` of who lives there or has left."""
    since: When = UNKNOWN
    nights_a_week: Annotated[int, Field(ge=0, le=7)] | None = None
    """How many nights of a week they stay there."""


class RefugePlacement(EventData):
    """Somebody came to a refuge, or left it. Never where: no address, no area."""

    with_children: bool | None = None
    """Whether children came too. Never who."""


class SuspectedCohabitation(EventData):
    """Signs that two people live together though they say otherwise."""

    signs: Annotated[tuple[Code, ...], many(20)] = ()
    """What was noticed, each in a word: `clothes`, `post`, `answers-door` ..."""


class Confession(EventData):
    """Somebody said that they did, or will do, serious harm."""

    classes: Annotated[tuple[Code, ...], many(20)] = ()
    to: Literal["professional", "family", "individual", "message", "other"] | None = None
    """To whom it was said, as a class. `message`: in writing."""


class AddressFlagged(EventData):
    """The subject's whereabouts are to be kept from the people named as `restricted`. Nothing says where."""

    until: When = UNKNOWN
    rationale: Rationale | None = None


class SafeContactPlan(EventData):
    """How the subject can be reached without anybody else noticing. The plan itself goes into `text`, sealed."""

    means: Code
    """`at-school`, `through-health-visitor`, `work-hours` ... never a number."""
    until: When = UNKNOWN
    replaces: EventRef | None = None
    """The plan that no longer holds."""


_CHILD: Final = role(CHILD, "child")
_PARENT_OF: Final = {"from": "A", "to": "C", "kind": "parent", "status": "confirmed"}
_LIVES_WITH: Final = {"from": "A", "to": "S", "kind": "lives-with", "status": "reported"}
_SERVICES: Final = ("police", "childrens-social-care", "adult-social-care", "health", "education", "housing")
_HIDDEN: Final = {**role(ADULT, "subject"), "addresses": [], "phones": []}

TYPES: Final = (
    *family(
        BirthRecorded,
        "birth.recorded",
        ("health",),
        "Send when {who} records a birth.",
        people=(_CHILD, role(ADULT, "subject")),
        example={"place": "hospital", "relationships": [_PARENT_OF]},
    ),
    *family(
        SeriousHarmRecorded,
        "serious-harm.recorded",
        ("police", "health", "childrens-social-care"),
        "Send when {who} records that somebody was seriously harmed.",
        people=(SUBJECT, role(ADULT, "harmed")),
        example={"cause": "assault"},
    ),
    *family(
        NameChanged,
        "name.changed",
        _SERVICES,
        "Send when {who} learns that a person has another name now.",
        people=(role(ADULT, "subject"),),
        example={"reason": "marriage"},
    ),
    *family(
        AliasLearnt,
        "alias.learnt",
        (*_SERVICES, "prison", "probation", "court"),
        "Send when {who} learns of another name a person uses.",
        example={"alias": {"given": "Al", "family": "Thorn", "kind": "alias"}},
    ),
    *family(
        ResidenceChanged,
        "residence.changed",
        _SERVICES,
        "Send when {who} learns that a person who is not supervised has moved.",
        people=(role(ADULT, "subject"),),
        example={"address": {"area": "birmingham"}, "setting": "home"},
    ),
    *family(
        HouseholdMember,
        "household.member-reported",
        (*_SERVICES, "probation"),
        "Send when {who} hears that somebody lives in a household, or stays there.",
        people=(SUBJECT, ADULT, CHILD),
        example={"member": "S", "nights_a_week": 4, "relationships": [_LIVES_WITH]},
    ),
    *family(
        HouseholdMember,
        "household.member-left",
        (*_SERVICES, "probation"),
        "Send when {who} hears that somebody has left a household.",
        people=(SUBJECT, ADULT),
        example={"member": "S", "relationships": [{**_LIVES_WITH, "status": "ended", "claimed_by": "A"}]},
    ),
    *family(
        RefugePlacement,
        "refuge.placement-started",
        ("housing",),
        "Send when somebody has come to a refuge of {who}.",
        people=(_HIDDEN,),
        example={"with_children": True},
    ),
    *family(
        RefugePlacement,
        "refuge.placement-ended",
        ("housing",),
        "Send when somebody has left a refuge of {who}.",
        people=(_HIDDEN,),
    ),
    *family(
        SuspectedCohabitation,
        "cohabitation.suspected",
        ("police", "probation", "housing", "childrens-social-care", "health"),
        "Send when {who} has signs that two people live together.",
        people=(SUBJECT, ADULT),
        example={"signs": ["clothes", "post"], "relationships": [_LIVES_WITH]},
    ),
    *family(
        Confession,
        "confession.reported",
        ("police", "prison", "probation", "approved-premises", "health", "childrens-social-care"),
        "Send when {who} learns that somebody confessed to harm, done or to come.",
        people=(SUBJECT, role(ADULT, "victim")),
        example={"classes": ["confession"], "to": "professional"},
    ),
    *family(
        AddressFlagged,
        "protection.address-flagged",
        _SERVICES,
        "Send when {who} is to keep from somebody where a person is.",
        people=(_HIDDEN, role(SUBJECT, "restricted")),
        example={"rationale": "given"},
    ),
    *family(
        SafeContactPlan,
        "protection.safe-contact-plan-set",
        _SERVICES,
        "Send when {who} has agreed with a person how to reach them safely.",
        people=(_HIDDEN,),
        example={"means": "through-health-visitor"},
    ),
)
