"""What standardising changed, for people who ask why a record reads as it does."""

from collections.abc import Callable
from typing import NamedTuple


class Step(NamedTuple):
    """One change to one value. Holds the value in clear: for the eyes of those who may see the mention."""

    field: str
    before: str
    after: str
    """Empty where nothing is left."""
    why: str


Note = Callable[[Step], object]
"""Takes a step down. The hot path takes none."""


def unnoted(_step: Step) -> None:
    """Take nothing down."""
