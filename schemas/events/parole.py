"""What only the Parole Board sends."""

from typing import Final, Literal

from schemas.envelope import EventData
from schemas.events.decisions import Term
from schemas.events.declared import event
from schemas.events.exchange import Rationale


@event("parole.review.decided", example={"outcome": "not-released", "rationale": "given"})
class ReviewDecided(EventData):
    """Send when a review has ended."""

    outcome: Literal["released", "not-released", "adjourned", "open-conditions"]
    """What was decided."""
    release: Term | None = None
    rationale: Rationale | None = None


TYPES: Final = (ReviewDecided,)
