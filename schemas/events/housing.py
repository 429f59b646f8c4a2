"""What only housing providers send, beside concerns and residences (exchange, whereabouts)."""

from typing import Final, Literal

from schemas.clocks import UNKNOWN, When
from schemas.envelope import EventData
from schemas.events.decisions import Term
from schemas.events.declared import event
from schemas.events.exchange import Rationale


@event("housing.tenancy-notice.given", example={"kind": "eviction", "ends": "2024-06-30"})
class TenancyNoticeGiven(EventData):
    """Send when a tenant or resident is to leave."""

    kind: Literal["eviction", "abandonment", "move", "end-of-placement"]
    """Why the tenancy ends."""
    placement: Term | None = None
    ends: When = UNKNOWN
    """By when they are to leave; a bare date is inclusive."""
    rationale: Rationale | None = None


TYPES: Final = (TenancyNoticeGiven,)
