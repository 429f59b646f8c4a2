"""Places in approved premises (R23)."""

from collections.abc import Sequence
from typing import Final

from services.rules import registry
from services.rules.standing import Standing
from services.rules.view import Types

_PLACE: Final = Types.of(["approved-premises.placement.agreed"])


@registry.agencies("premises that hold the place")
def premises_that_hold_the_place(standing: Standing, _: object) -> Sequence[str]:
    """The approved premises whose place it is that ends; none where a place is still to be found."""
    return sorted({fact.agency for fact in standing.facts if fact.type in _PLACE})
