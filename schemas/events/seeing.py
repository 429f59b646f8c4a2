"""Families about seeing: children and adults whom a professional saw, or ought to have seen and did not."""

from typing import Final, Literal

from schemas.envelope import EventData
from schemas.events.declared import ADULT, CHILD, family, role
from schemas.events.exchange import Source
from schemas.handling import AgencyId, Code
from schemas.people import Person

NotSeen = Literal["nobody-in", "refused", "asleep", "elsewhere", "access-denied", "moved-away", "other"]


class Attended(EventData):
    """Somebody came to, or was with, a professional they trust; a chance to ask alone."""

    brought_by: Person | None = None
    seen_alone: bool | None = None
    condition: Literal["well", "unwell", "injured", "concern"] | None = None


class HomeVisit(EventData):
    """Staff visited somebody at home."""

    child_seen: bool
    seen_alone: bool | None = None
    not_seen_because: NotSeen | None = None
    bedroom_seen: bool | None = None
    unannounced: bool | None = None


class AttenderPresent(EventData):
    """An adult was there when somebody was seen: who they are is a person of this event, or was not asked."""

    attender: Person | None = None
    relation_claimed: Code | None = None
    asked: bool | None = None


class WhereaboutsSought(EventData):
    """Somebody asked where the subject is. It may be love, and it may be the man she fled from."""

    by: Source
    by_agency: AgencyId | None = None
    relation_claimed: Code | None = None
    purpose_given: Code | None = None
    answered: bool | None = None
    """Whether they were told anything."""


_CHILD: Final = role(CHILD, "subject")
_SEEING: Final = ("health", "education")

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
)
