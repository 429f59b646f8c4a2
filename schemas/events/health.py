"""What only health providers send. Never clinical text: who was seen, in what state, with whom."""

from typing import Annotated, Final, Literal

from schemas.clocks import UNKNOWN, When
from schemas.closed import many
from schemas.envelope import EventData
from schemas.events.decisions import Agencies
from schemas.events.declared import ADULT, CHILD, SUBJECT, event, role
from schemas.events.exchange import Rationale
from schemas.handling import Code

_CHILD: Final = role(CHILD, "subject")
_PARENT: Final = role(ADULT, "parent")
_PARENT_OF: Final = {"from": "A", "to": "C", "kind": "parent", "status": "confirmed"}


@event("health.child.registered", people=(_CHILD, _PARENT), example={"relationships": [_PARENT_OF]})
class ChildRegistered(EventData):
    """Send when a child is registered. Parents are claims: people with a `parent` relationship."""

    unnamed_parents: Annotated[tuple[Literal["mother", "father", "parent"], ...], many(2)] = ()
    """Parents whose name was asked for and not given."""


@event(
    "health.child.seen",
    people=(_CHILD, _PARENT),
    example={"unplanned": True, "condition": "well", "others_present": "none"},
)
class ChildSeen(EventData):
    """Send when a child was seen, planned or not."""

    unplanned: bool | None = None
    """Whether there was no appointment."""
    condition: Literal["well", "unwell", "injured", "concern"] | None = None
    others_present: Literal["none", "some"] | None = None
    """Whether anybody beside the child and the people named was there. Left out: not stated."""
    seen_alone: bool | None = None


@event("health.child.not-brought", people=(_CHILD, _PARENT), example={"appointment": "developmental-review"})
class ChildNotBrought(EventData):
    """Send when a child was not brought to an appointment."""

    appointment: Code | None = None


@event(
    "health.injury.observed",
    people=(_CHILD, _PARENT),
    example={"injury": "bruise", "site": "neck", "mobility": "non-mobile"},
)
class InjuryObserved(EventData):
    """Send when an injury to a child was seen."""

    injury: Code
    site: Code | None = None
    mobility: Literal["non-mobile", "crawling", "walking"] | None = None
    """Whether the child can move about: a bruise on one who cannot weighs more."""
    explanation: Literal["given", "none", "inconsistent"] | None = None
    assessed: bool | None = None
    """Whether a paediatrician has assessed it."""
    rationale: Rationale | None = None


@event("health.mental-health-assessment.completed", people=(SUBJECT,), example={"disposal": "fit-for-interview"})
class MentalHealthAssessmentCompleted(EventData):
    """Send when somebody's mental health was assessed: the disposal, no clinical content."""

    disposal: Literal["fit-for-interview", "not-fit", "admitted", "detained", "community", "no-treatment", "other"]
    """What became of it."""


@event("health.ambulance.attended", people=(SUBJECT, role(ADULT, "other")), example={"others_present": "some"})
class AmbulanceAttended(EventData):
    """Send when an ambulance crew attended somebody: with whom, and what became of it. No clinical content."""

    others_present: Literal["none", "some"] | None = None
    """Whether anybody else was there."""
    children_present: bool | None = None
    disposal: Literal["conveyed", "treated", "refused", "police-called", "other"] | None = None
    """What became of the person. `refused`: they refused to be taken."""


@event("health.mental-health-detention.started", example={"section": "136"})
class DetentionStarted(EventData):
    """Send when somebody is detained under the Mental Health Act 1983."""

    section: Literal["2", "3", "4", "5", "135", "136", "37", "47", "other"] | None = None
    """Of the Mental Health Act 1983."""


@event("health.mental-health-detention.ended", example={"told": ["police-west-midlands"]})
class DetentionEnded(EventData):
    """Send when such a detention ends, before the person leaves if it can be."""

    leaves_at: When = UNKNOWN
    """When the person leaves the ward."""
    told: Agencies = ()
    """Agencies that were told beforehand."""


TYPES: Final = (
    ChildRegistered,
    ChildSeen,
    ChildNotBrought,
    InjuryObserved,
    MentalHealthAssessmentCompleted,
    AmbulanceAttended,
    DetentionStarted,
    DetentionEnded,
)
