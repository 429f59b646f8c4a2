"""How much poison is too much. Some is expected; a lot means that we are wrong, not the senders.

After a bad deployment or under a wrong key every message looks like poison, and a consumer that dead-letters them all
empties the bus. So it stops and says so instead.
"""

from collections import deque
from collections.abc import Iterable
from copy import copy

from services.settings import Settings


class TooMuchPoison(RuntimeError):
    """Too many messages in a row or in the window could not be taken in: somebody has to look before we go on."""


class PoisonLimit:
    """Counts over a sliding window of the last events of one consumer. Never changed: what is read again counts once."""

    def __init__(self, settings: Settings, before: int = 0) -> None:
        """`before`: how many of as many events as the window holds were poison before this process began.

        Or each start would put as many more aside before it stopped, and a supervisor would empty the bus by starting it.
        """
        window = settings.dead_letter_window_events
        bad = min(before, window)
        self._most = settings.dead_letter_ratio_limit * window
        self._lately: deque[bool] = deque([False] * (window - bad) + [True] * bad, maxlen=window)

    def after(self, outcomes: Iterable[bool]) -> "PoisonLimit":
        """The count once these events are taken in, each said to be poison or not, in turn.

        Raises:
            TooMuchPoison: nothing of this may be dead-lettered.
        """
        reached = copy(self)
        reached._lately = lately = self._lately.copy()  # noqa: SLF001 -- our own, just made
        bad_ones = sum(lately)
        for bad in outcomes:
            bad_ones += bad - lately[0]
            lately.append(bad)
            if bad and bad_ones > self._most:
                raise TooMuchPoison(f"{bad_ones} of the last {len(lately)} events could not be taken in")
        return reached
