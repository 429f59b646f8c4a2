"""How the embedded servers tell what they are doing, without knowing who listens."""

from typing import Protocol


class Report(Protocol):
    """Called with one step; `done` of `total` where the step has parts."""

    def __call__(self, step: str, *, done: int = 0, total: int = 0, item: str = "") -> None:
        """Show the step."""


def silent(step: str, *, done: int = 0, total: int = 0, item: str = "") -> None:
    """Tell nobody."""
