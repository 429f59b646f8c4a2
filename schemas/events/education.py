"""What only schools and other places of education send, beside concerns, visits and messages (exchange, seeing)."""

from typing import Annotated, Final, Literal

from pydantic import Field

from schemas.clocks import UNKNOWN, When
from schemas.envelope import EventData
from schemas.events.declared import ADULT, CHILD, event, role
from schemas.events.exchange import Classes, Rationale
from schemas.handling import AgencyId, Code

_PUPIL: Final = role(CHILD, "subject")
_FAMILY: Final = (_PUPIL, role(ADULT, "parent"))
Sessions = Annotated[int, Field(ge=0, le=400)]
"""Half days; a school year has 380."""


@event(
    "education.attendance.recorded",
    people=(_PUPIL,),
    example={"sessions_possible": 60, "sessions_missed": 24, "unauthorised": 20},
)
class AttendanceRecorded(EventData):
    """Send for each half term, and whenever a child's absence first exceeds a tenth. The period goes into `occurred`."""

    sessions_possible: Sessions
    """Half days of school in the period."""
    sessions_missed: Sessions
    """Half days missed."""
    unauthorised: Sessions | None = None
    """Of these, half days without leave."""
    reason: Code | None = None
    """Code of the commonest reason given: `illness`, `holiday`, `no-reason` ..."""


@event("education.enrolment.started", people=_FAMILY, example={"from_agency": "education-exshire-primary"})
class EnrolmentStarted(EventData):
    """Send when a child is put on the roll. Parents are claims: people with a `parent` relationship."""

    from_agency: AgencyId | None = None
    """The school the child came from, if it is known."""


@event("education.enrolment.ended", people=_FAMILY, example={"destination": "not-known", "reason": "moved-away"})
class EnrolmentEnded(EventData):
    """Send when a child leaves the roll, and above all when nobody knows for where."""

    destination: Literal["known", "not-known", "home-education", "left-country"]
    """Whether it is known where the child went."""
    to_agency: AgencyId | None = None
    reason: Code | None = None
    """In a word: `moved-away`, `excluded` ..."""


@event("education.elective-home-education.notified", people=_FAMILY, example={"child_seen": False})
class ElectiveHomeEducationNotified(EventData):
    """Send when a parent says that a child will be taught at home; again when the child has been seen there."""

    child_seen: bool | None = None
    """Whether anybody has seen the child since. Left out: not stated."""
    episode_open: bool | None = None
    """Whether children's social care is known to work with the child."""


@event(
    "education.injury.seen",
    report=True,
    people=_FAMILY,
    example={"injury": "bruise", "site": "arm", "explanation": "inconsistent"},
)
class SchoolInjurySeen(EventData):
    """Send when staff saw an injury, whatever was said of it."""

    injury: Code
    site: Code | None = None
    explanation: Literal["given", "none", "inconsistent"] | None = None
    decision: Code | None = None
    """What was decided at once, if anything: `referral`, `no-further-action` ..."""
    rationale: Rationale | None = None


@event(
    "education.food-concern.recorded",
    report=True,
    people=_FAMILY,
    example={"classes": ["takes-food", "losing-weight"]},
)
class FoodConcernRecorded(EventData):
    """Send when a child takes or begs for food, is hungry or visibly loses weight."""

    classes: Classes


@event("education.exclusion.recorded", people=_FAMILY, example={"kind": "suspension", "sessions": 6})
class ExclusionRecorded(EventData):
    """Send when a child is suspended or permanently excluded."""

    kind: Literal["suspension", "permanent"]
    """`suspension`: for a time."""
    sessions: Sessions | None = None
    """Of a suspension: half days."""
    starts: When = UNKNOWN


TYPES: Final = (
    AttendanceRecorded,
    EnrolmentStarted,
    EnrolmentEnded,
    ElectiveHomeEducationNotified,
    SchoolInjurySeen,
    FoodConcernRecorded,
    ExclusionRecorded,
)
