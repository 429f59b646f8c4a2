"""Families about where somebody is and whether he keeps in touch: residences, absences, contacts, appointments."""

from typing import Annotated, Final, Literal

from pydantic import Field

from schemas.clocks import UNKNOWN, When
from schemas.envelope import EventData
from schemas.events.decisions import Persons, Term
from schemas.events.declared import family
from schemas.handling import AgencyId, Code
from schemas.people import Address, Person, Setting


class Residence(EventData):
    """Where the subject lives or will live, or no longer does."""

    placement: Term | None = None
    starts: When = UNKNOWN
    ends: When = UNKNOWN
    """A bare date is inclusive."""
    setting: Setting | None = None
    client_group: Code | None = None
    """Whom the place is for: `mental-health`, `learning-disability`, `young-people` ..."""
    address: Address | None = None
    provider: AgencyId | None = None
    licence: Term | None = None


class AbsenceNoted(EventData):
    """The subject was not where he was to be. The night or period goes into `occurred`."""

    placement: Term | None = None
    requirement: Code | None = None
    """What he was to be there for, in a word: `curfew`, `residence` ..."""
    nights: Annotated[int, Field(ge=1, le=366)] | None = None
    """How many nights."""


class Missed(EventData):
    """The subject did not come to something required."""

    requirement: Code | None = None
    """`sign-on`, `morning-briefing`, `supervision` ..."""
    excused: bool | None = None
    """Whether it was excused. Left out: not stated."""
    licence: Term | None = None


class Contact(EventData):
    """Staff and the subject were in touch."""

    mode: Literal["visit", "office", "telephone", "video", "message", "joint-visit", "other"] | None = None
    """How they were in touch."""
    by: Code | None = None
    """Role of whoever did it."""
    with_agency: AgencyId | None = None
    """Another agency that took part, or at whose place it was."""
    messenger: Person | None = None
    """Somebody who was asked to carry a message: a warning sign in itself."""
    told_of: Persons = ()
    """The `ref` of each person he told of."""


class ContactFailed(EventData):
    """Staff tried to reach the subject and could not."""

    mode: Literal["visit", "telephone", "video", "message", "letter", "other"]
    """How it was tried."""
    by: Code | None = None
    """Role of whoever tried."""


class AppointmentCancelled(EventData):
    """An appointment was called off."""

    by: Literal["subject", "agency", "other"]
    """Who called it off."""
    appointment: Code | None = None
    moved_to: When = UNKNOWN


_HOMES: Final = ("approved-premises", "housing")
_SUPERVISING: Final = ("police", "probation")
_HOME: Final = {"area": "birmingham", "lines": ["Flat 1", "9 Example Yard"], "postcode": "B22 9ZY"}

TYPES: Final = (
    *family(
        Residence,
        "residence.started",
        _HOMES,
        "Send when somebody moves into a place run by {who}.",
        example={"placement": "PL-1", "setting": "supported-housing", "address": _HOME},
    ),
    *family(
        Residence,
        "residence.ended",
        _HOMES,
        "Send when somebody leaves a place run by {who}.",
        example={"placement": "PL-1"},
    ),
    *family(
        AbsenceNoted,
        "night-absence.noted",
        _HOMES,
        "Send when somebody was away from a place run by {who} for a night.",
        example={"occurred": {"earliest": "2024-03-03T22:00:00Z", "latest": "2024-03-04T08:00:00Z"}},
    ),
    *family(
        AbsenceNoted,
        "absence.noted",
        _HOMES,
        "Send when somebody no longer seems to stay at a place run by {who}.",
    ),
    *family(
        Missed,
        "sign-on.missed",
        ("approved-premises",),
        "Send when somebody did not sign on at {who}.",
        example={"requirement": "sign-on"},
    ),
    *family(
        Missed,
        "appointment.missed",
        (
            "approved-premises",
            "police",
            "probation",
            "health",
            "childrens-social-care",
            "adult-social-care",
            "education",
            "housing",
        ),
        "Send when somebody did not come to an appointment with {who}.",
        example={"requirement": "morning-briefing"},
    ),
    *family(
        AppointmentCancelled,
        "appointment.cancelled",
        _SUPERVISING,
        "Send when an appointment with {who} is called off, by whomever.",
        example={"by": "subject"},
    ),
    *family(
        Contact,
        "offender-visit.made",
        _SUPERVISING,
        "Send when staff of {who} have visited somebody they manage.",
        example={"mode": "visit", "by": "police-om"},
    ),
    *family(
        Contact,
        "offender-contact.made",
        _SUPERVISING,
        "Send when {who} has spoken with somebody they manage.",
        example={"mode": "telephone"},
    ),
    *family(
        ContactFailed,
        "contact-attempt.failed",
        _SUPERVISING,
        "Send for each attempt of {who} to reach somebody they manage that failed.",
        example={"mode": "telephone"},
    ),
)
