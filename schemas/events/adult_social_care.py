"""What only adult social care sends: enquiries under section 42 of the Care Act 2014."""

from typing import Final, Literal

from schemas.envelope import EventData
from schemas.events.declared import ADULT, SUBJECT, event, role
from schemas.events.exchange import Rationale
from schemas.people import Setting
from schemas.relations import EventRef

_PEOPLE: Final = (role(ADULT, "subject"), role(SUBJECT, "alleged"))


@event("adult-social-care.enquiry.opened", people=_PEOPLE, example={"setting": "care-home"})
class EnquiryOpened(EventData):
    """Send when an enquiry into an adult at risk begins; cite the concern."""

    setting: Setting | None = None
    """What kind of place the adult lives in."""
    concern: EventRef | None = None


@event(
    "adult-social-care.enquiry.decided",
    answers=("asc-decision",),
    people=_PEOPLE,
    example={"outcome": "safeguarding-plan", "rationale": "given"},
)
class EnquiryDecided(EventData):
    """Send when it was decided what to do about a concern or an enquiry. Without reasons it answers nothing."""

    concern: EventRef | None = None
    outcome: Literal["no-further-action", "enquiry", "safeguarding-plan", "information-and-advice", "referred", "other"]
    """What follows."""
    rationale: Rationale | None = None


TYPES: Final = (EnquiryOpened, EnquiryDecided)
