"""What only MAPPA co-ordinators send. Category, level and risk of serious harm are three different things."""

from typing import Final

from schemas.envelope import EventData
from schemas.events.decisions import MappaCategory, MappaLevel
from schemas.events.declared import event
from schemas.events.exchange import Rationale


@event("mappa.level.set", carries_flags=True, example={"category": 2, "level": 2, "rationale": "given"})
class LevelSet(EventData):
    """Send when category or level is set or changed outside a meeting."""

    category: MappaCategory
    level: MappaLevel | None
    """Null: no longer managed under MAPPA."""
    rationale: Rationale | None = None


TYPES: Final = (LevelSet,)
