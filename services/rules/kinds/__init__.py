"""The closed list of kinds (design section 5): each finds situations and their evidence; what follows is shared."""

from services.rules.kinds.compare import contradiction
from services.rules.kinds.dates import deadline
from services.rules.kinds.events import absence, event
from services.rules.kinds.pairs import path, together
from services.rules.kinds.sets import count, distinct
from services.rules.kinds.shape import Candidates

__all__ = ["KINDS", "Candidates"]

KINDS = {
    "event": event,
    "absence": absence,
    "count": count,
    "distinct": distinct,
    "together": together,
    "path": path,
    "deadline": deadline,
    "contradiction": contradiction,
}
