"""The conference on high-risk domestic abuse (MARAC): what its co-ordinator sends, and referrals to it from anybody."""

from typing import Annotated, Final, Literal

from pydantic import Field

from schemas.clocks import UNKNOWN, When
from schemas.envelope import EventData
from schemas.events.decisions import Agencies
from schemas.events.declared import ADULT, CHILD, SUBJECT, event, family, role
from schemas.events.exchange import Rationale
from schemas.handling import AgencyId

_PEOPLE: Final = (SUBJECT, role(ADULT, "victim"), CHILD)


class MaracReferral(EventData):
    """Somebody at high risk of domestic abuse (role `victim`) is put before a MARAC; the subject is who they fear."""

    to_agency: AgencyId | None = None
    ground: Literal["dash-score", "professional-judgement", "escalation", "repeat"] | None = None
    """Which of the criteria for a MARAC is met."""
    rationale: Rationale | None = None


class DashCompleted(EventData):
    """The DASH questions were asked: the victim is a person in the role `victim`, the subject whom they fear."""

    score: Annotated[int, Field(ge=0, le=24)] | None = None
    """Questions answered yes, of 24."""
    risk: Literal["standard", "medium", "high"]
    """The grade of risk that was given."""
    professional_judgement: bool | None = None
    """Whether the grade rests on judgement beyond the score."""


@event("marac.case.heard", people=_PEOPLE, example={"attendance": ["police-west-midlands", "csc-birmingham"]})
class CaseHeard(EventData):
    """Send when a case has been heard."""

    attendance: Agencies | None = None
    absent: Agencies = ()
    repeat: bool | None = None
    """Whether the victim was before a MARAC in the last twelve months."""
    next_meeting: When = UNKNOWN
    rationale: Rationale | None = None


_REFERRING: Final = (
    "police",
    "probation",
    "childrens-social-care",
    "adult-social-care",
    "health",
    "education",
    "housing",
    "victim-liaison",
)

TYPES: Final[tuple[type[EventData], ...]] = (
    CaseHeard,
    *family(
        MaracReferral,
        "marac-referral.made",
        _REFERRING,
        "Send when {who} refers somebody to a MARAC.",
        people=_PEOPLE,
        example={"ground": "dash-score", "rationale": "given"},
    ),
    *family(
        DashCompleted,
        "dash.completed",
        _REFERRING,
        "Send when {who} has gone through the DASH questions with somebody.",
        people=_PEOPLE,
        example={"score": 15, "risk": "high"},
    ),
)
