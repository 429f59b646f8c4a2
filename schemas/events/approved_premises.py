"""What only approved premises send."""

from typing import Annotated, Final

from pydantic import Field

from schemas.clocks import UNKNOWN, When
from schemas.envelope import EventData
from schemas.events.decisions import Term
from schemas.events.declared import ADULT, SUBJECT, event, role
from schemas.events.exchange import Rationale
from schemas.handling import Code


@event(
    "approved-premises.placement.agreed",
    example={"placement": "PL-1", "starts": "2024-02-15", "ends": "2024-04-15"},
)
class PlacementAgreed(EventData):
    """Send when a place is agreed, and again with the same placement if its dates move."""

    placement: Term
    starts: When = UNKNOWN
    ends: When = UNKNOWN
    """Inclusive where it is a bare date."""


@event("approved-premises.placement.refused", example={"rationale": "given"})
class PlacementRefused(EventData):
    """Send when no place is given."""

    placement: Term | None = None
    no_bed: bool | None = None
    """Whether it was refused for want of a place."""
    rationale: Rationale | None = None


@event(
    "approved-premises.correspondence.noted",
    people=(SUBJECT, role(ADULT, "correspondent")),
    example={
        "kind": "valentine-cards",
        "count": 5,
        "relationships": [{"from": "S", "to": "A", "kind": "romantic-correspondent", "status": "confirmed"}],
    },
)
class ApprovedPremisesCorrespondenceNoted(EventData):
    """Send when letters, cards or calls between a resident and somebody outside were noticed."""

    kind: Code
    """In a word: `letter`, `card`, `call`, `valentine-cards` ..."""
    count: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """How many; left out if not stated."""


TYPES: Final = (PlacementAgreed, PlacementRefused, ApprovedPremisesCorrespondenceNoted)
