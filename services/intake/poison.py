"""How much poison is too much. Some is expected; a lot means that we are wrong, not the senders.

After a bad deployment or under a wrong key every message looks like poison, and a consumer that dead-letters them all
empties the bus. So it stops and says so instead.
"""

from collections import deque
from collections.abc import Iterable

from services.settings import Settings


class TooMuchPoison(RuntimeError):
    """Too many messages in a row or in the window could not be taken in: somebody has to look before we go on."""


class PoisonLimit:
    """Counts over a sliding window of the last events of one consumer."""

    def __init__(self, settings: Settings) -> None:
        self._window = settings.dead_letter_window_events
        self._most = settings.dead_letter_ratio_limit * settings.dead_letter_window_events
        self._lately: deque[bool] = deque(maxlen=self._window)
        self._bad = 0

    def note(self, outcomes: Iterable[bool]) -> None:
        """Note for each event in turn whether it was poison.

        Raises:
            TooMuchPoison: nothing of this may be dead-lettered.
        """
        for bad in outcomes:
            if len(self._lately) == self._window:
                self._bad -= self._lately[0]
            self._lately.append(bad)
            self._bad += bad
            if self._bad > self._most:
                raise TooMuchPoison(f"{self._bad} of the last {len(self._lately)} events could not be taken in")
