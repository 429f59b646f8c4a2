"""In which order items are looked at, and by when. Pure.

Risk first: what would ring if the two were one. Then uncertainty: the nearest to even odds, where a look changes most. Not
a product of both: however many even-odds items wait, none may stand before one that would ring a U1.
"""

from datetime import datetime, timedelta
from enum import IntEnum
from typing import Final

from services.calendar import add_working_days
from services.identity.compare import LINK
from services.rules.findings import Urgency


class Turn(IntEnum):
    """The place of an item in the queue by its risk. The number is stored."""

    U1 = 1
    UNKNOWN = 2
    """Not weighed yet, or not to be weighed: it may be as bad as the worst, so it waits behind that alone."""
    U2 = 3
    U3 = 4
    U4 = 5
    NOTHING = 6


TURNS: Final = {Urgency.U1: Turn.U1, Urgency.U2: Turn.U2, Urgency.U3: Turn.U3, Urgency.U4: Turn.U4, None: Turn.NOTHING}

CONFIRM_WITHIN: Final = timedelta(hours=1)
"""For the second person. A U1 waits for it."""
U1_WITHIN: Final = timedelta(hours=1)
"""Ours: long enough to ring both agencies and ask, short beside the harm that waits."""
WORKING_DAYS: Final = {Turn.UNKNOWN: 1, Turn.U2: 1, Turn.U3: 3, Turn.U4: 10, Turn.NOTHING: 10}
"""Ours, after the clocks of the urgencies (domain A1): U2 the next working day, U3 the week, the others a fortnight."""
PAGED_SINGLY: Final = (Turn.U1, Turn.UNKNOWN, Turn.U2)
"""Of these each overdue item is a page; of the others one page says that they are."""


def due(turn: Turn, since: datetime) -> datetime:
    """By when an item is to be decided that has had this risk since then."""
    return since + U1_WITHIN if turn is Turn.U1 else add_working_days(since, WORKING_DAYS[turn])


def unevenness(weight: int | None) -> int:
    """How far the odds lie from even, in thousandths of a bit.

    None for a placeholder, of which there is no figure. Two that agree well enough to be linked and were not are as
    doubtful as can be: something forbids it, or a third fits as well.
    """
    return 0 if weight is None or weight >= LINK else abs(weight)


def needs_second(turn: Turn) -> bool:
    """Whether one person's "same" is not enough: it would ring a U1, or nobody can say that it would not."""
    return turn in {Turn.U1, Turn.UNKNOWN}
