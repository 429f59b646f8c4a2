"""Families about seeing: children and adults whom a professional saw, or ought to have seen and did not; and the missing."""

from typing import Final, Literal

from schemas.envelope import EventData
from schemas.events.decisions import Persons
from schemas.events.declared import ADULT, CHILD, family, role
from schemas.events.exchange import Source
from schemas.handling import AgencyId, Code
from schemas.people import Person, Setting
from schemas.relations import EventRef

NotSeen = Literal["nobody-in", "refused", "asleep", "elsewhere", "access-denied", "moved-away", "other"]


class Attended(EventData):
    """Somebody came to, or was with, a professional they trust; a chance to ask alone."""

    brought_by: Person | None = None
    """The `ref` of who came with them."""
    seen_alone: bool | None = None
    condition: Literal["well", "unwell", "injured", "concern"] | None = None


class HomeVisit(EventData):
    """Staff visited somebody at home."""

    child_seen: bool
    seen_alone: bool | None = None
    not_seen_because: NotSeen | None = None
    """With `child_seen` false: why not."""
    bedroom_seen: bool | None = None
    """Whether staff saw where the child sleeps."""
    unannounced: bool | None = None


class AttenderPresent(EventData):
    """An adult was there when somebody was seen: who they are is a person of this event, or was not asked."""

    attender: Person | None = None
    """The `ref` of that adult. Left out: who it was is not known."""
    relation_claimed: Code | None = None
    asked: bool | None = None
    """Whether anybody asked who they are."""


class WhereaboutsSought(EventData):
    """Somebody asked where the subject is. It may be love, and it may be the man she fled from."""

    by: Source
    """Who asked, as a class."""
    by_agency: AgencyId | None = None
    relation_claimed: Code | None = None
    purpose_given: Code | None = None
    """What they said they wanted it for, in a word."""
    answered: bool | None = None
    """Whether they were told anything."""


class Missing(EventData):
    """The subject is not where they are expected, and nobody who looks after them knows where they are.

    `occurred` is when they were last seen, `known_at` when whoever answers for them noticed. It is no concern by itself: rules
    that count concerns do not count it.
    """

    risk: Literal["no-apparent-risk", "low", "medium", "high"] | None = None
    """As the police assess it (College of Policing, authorised professional practice on missing persons)."""
    setting: Setting | None = None
    """What kind of place they are missing from."""
    believed_with: Persons = ()
    """People of this event they are thought to be with."""


class Returned(EventData):
    """Somebody who was reported missing is back, or was found. `occurred` is when."""

    report: EventRef | None = None
    """The report that they were missing."""
    how: Literal["came-back", "found", "brought-back"] | None = None
    """How they came back."""
    found_with: Persons = ()
    """The `ref` of each they were found with."""
    harmed: bool | None = None
    """Whether they came to harm."""
    child_seen: bool | None = None
    """Whether a professional has seen the child since: the police on finding it, or whoever spoke with it on its return."""
    seen_alone: bool | None = None


_CHILD: Final = role(CHILD, "subject")
_SEEING: Final = ("health", "education")
_ANSWERING_FOR: Final = ("police", "childrens-social-care", "adult-social-care", "health")
"""Who is told of missing people, or looks after them: homes and placements of social care, wards."""

TYPES: Final = (
    *family(
        Attended,
        "person.attended",
        (*_SEEING, "adult-social-care"),
        "Send when a person came to {who}, for whatever it was. No clinical or private content.",
        people=(_CHILD, role(ADULT, "parent")),
        example={"brought_by": "A", "seen_alone": False},
    ),
    *family(
        HomeVisit,
        "home-visit.made",
        ("health", "education", "housing", "adult-social-care"),
        "Send when staff of {who} have visited a home where a child lives or should be.",
        people=(_CHILD, role(ADULT, "parent")),
        example={"child_seen": False, "not_seen_because": "refused"},
    ),
    *family(
        AttenderPresent,
        "attender.present",
        _SEEING,
        "Send when {who} notes which adult came along.",
        people=(_CHILD, role(ADULT, "other")),
        example={"attender": "A", "relation_claimed": "mothers-friend", "asked": True},
    ),
    *family(
        WhereaboutsSought,
        "whereabouts.sought",
        ("police", "childrens-social-care", "adult-social-care", "health", "housing", "education"),
        "Send when somebody asks {who} where a person is.",
        people=(role(ADULT, "subject"),),
        example={"by": "individual", "relation_claimed": "partner", "answered": False},
    ),
    *family(
        Missing,
        "missing-person.reported",
        _ANSWERING_FOR,
        "Send when {who} records that a child or an adult at risk is missing.",
        people=(_CHILD,),
        example={"risk": "medium", "setting": "home"},
    ),
    *family(
        Returned,
        "missing-person.returned",
        _ANSWERING_FOR,
        "Send when {who} records that somebody who was missing is back or was found.",
        people=(_CHILD,),
        example={
            "report": {"id": "missing-1"},
            "how": "found",
            "harmed": False,
            "child_seen": True,
            "seen_alone": True,
        },
    ),
)
