"""What only employers send, beside concerns and messages (exchange)."""

from typing import Final, Literal

from schemas.envelope import EventData
from schemas.events.declared import event
from schemas.handling import Code
from schemas.people import Setting


@event("employer.presence.noted", example={"place": "care-home", "presence": "stayed-overnight"})
class PresenceNoted(EventData):
    """Send when somebody who does not belong there was at a workplace with people in care."""

    place: Setting
    """What kind of workplace it is."""
    presence: Literal["visited", "stayed", "stayed-overnight", "turned-away"]
    """How long they were there, or that they were sent away."""
    on_duty: Code | None = None
    """Role of whoever was on duty."""


TYPES: Final = (PresenceNoted,)
