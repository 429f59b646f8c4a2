"""Looking on without a word: for machines, which want the outcome only."""

from collections.abc import Sequence
from datetime import datetime

from deploy.cases.load import Posting
from deploy.replay.desks import Acknowledging
from deploy.replay.stage import Telling, Told


class Silence:
    """Says nothing."""

    def fact(self, posting: Posting) -> None:
        """Say nothing of what an agency learned."""

    def told(self, at: datetime, alert: Told, tellings: Sequence[Telling]) -> None:
        """Say nothing of an alert."""

    def acknowledged(self, one: Acknowledging, agency: str, rule: str) -> None:
        """Say nothing of who took it on."""
