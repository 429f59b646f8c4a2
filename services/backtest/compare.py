"""Alerts of candidate rules against those they would replace: added, lost, earlier, later, told otherwise. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from services.alerts.state import Condition, Why
from services.alerts.tell import ENDS
from services.backtest.stories import Key, Story, Telling, Version

OVERLAP: Final = timedelta(seconds=5)
"""Differences in time up to this are none. Live, an evaluation may begin while the transaction that brings a fact is still
under way, and sees it at the next look; the history holds when transactions began. And a clock set by hand stands still
while several things happen, one after the other, that the history holds as of one moment."""


_CALLED: Final = frozenset({Why.RAISED, Why.REOPENED, Why.NEW})
_MORE: Final = frozenset({Why.RAISED, Why.RISEN, Why.STEPPED, Why.JOINED})
"""What adds to a call of the same moment, and is no call of its own."""


class Difference(StrEnum):
    """How an alert differs."""

    ADDED = "added"
    LOST = "lost"
    EARLIER = "earlier"
    LATER = "later"
    OTHERWISE = "told otherwise"
    """It rings at the same time, but somebody is told something else, at another urgency, or at another time later on."""
    FLEETING = "fleeting"
    """Alike but for what stood no longer than OVERLAP: on one side the answer came a moment after the bell, on the other
    they came together. It says something of what was under way then, and nothing of the rules."""


@dataclass(frozen=True, slots=True)
class Found:
    """One alert that differs."""

    difference: Difference
    key: Key
    was: Story | None
    would_be: Story | None

    @property
    def by(self) -> timedelta:
        """How much later it rings; negative: earlier."""
        was = self.was.raised() if self.was else None
        would = self.would_be.raised() if self.would_be else None
        return would - was if was is not None and would is not None else timedelta(0)


def compare(was: Mapping[Key, Story], would_be: Mapping[Key, Story]) -> list[Found]:
    """Return the alerts that differ, in order of time. Those only ever kept silently, on both sides, are none."""
    found = [
        Found(difference, key, was.get(key), would_be.get(key))
        for key in was.keys() | would_be.keys()
        if (difference := _unlike(was.get(key), would_be.get(key))) is not None
    ]
    return sorted(found, key=_order)


def _unlike(was: Story | None, would: Story | None) -> Difference | None:
    found = _difference(was, would)
    if found is None or _difference(_lasting(was), _lasting(would), lasting=True) is not None:
        return found
    return Difference.FLEETING


def _lasting(story: Story | None) -> Story | None:
    """The story without the episodes that were over within OVERLAP."""
    return story and replace(story, versions=tuple(_of_lasting_episodes(story.versions)))


def _of_lasting_episodes(versions: Sequence[Version]) -> Iterator[Version]:
    left = list(versions)
    while left:
        end = next((n for n, one in enumerate(left) if one.condition != Condition.STANDING), None)
        if left[0].begins and end is not None and left[end].at - left[0].at <= OVERLAP:
            del left[: end + 1]
        else:
            yield left.pop(0)


def _difference(was: Story | None, would: Story | None, *, lasting: bool = False) -> Difference | None:
    before, after = was.raised() if was else None, would.raised() if would else None
    if (before is None) != (after is None):
        return Difference.ADDED if before is None else Difference.LOST
    if before is not None and after is not None and abs(after - before) > OVERLAP:
        return Difference.EARLIER if after < before else Difference.LATER
    told, tells = _by_agency(was, lasting=lasting), _by_agency(would, lasting=lasting)
    apart = told.keys() != tells.keys() or any(_apart(told[agency], tells[agency]) for agency in told)
    return Difference.OTHERWISE if apart else None


def _by_agency(story: Story | None, *, lasting: bool) -> dict[str, list[Telling]]:
    """What each agency was told: of one moment, which agency was told first, or by how many steps it rose, says nothing.

    `lasting`: without what it was told, and told within OVERLAP that it is over.
    """
    found: dict[str, list[Telling]] = {}
    for telling in story.tellings() if story else ():
        told = found.setdefault(telling.agency, [])
        # Raised, reopened or new to it, it is called to an alert that stands: which of these, others' calls decide.
        one = telling._replace(why=Why.RAISED) if telling.why in _CALLED else telling
        if not told or one.at - told[-1].at > OVERLAP:
            told.append(one)
        elif told[-1].why == Why.RAISED and one.why in _MORE:
            told[-1] = told[-1]._replace(urgency=one.urgency)
        elif lasting and {told[-1].why in ENDS, one.why in ENDS} == {True, False}:
            told.pop()
        else:
            told.append(one)
    return {agency: told for agency, told in found.items() if told}


def _apart(before: Sequence[Telling], after: Sequence[Telling]) -> bool:
    if [(one.why, one.urgency) for one in before] != [(one.why, one.urgency) for one in after]:
        return True
    return any(abs(one.at - other.at) > OVERLAP for one, other in zip(before, after, strict=True))


def _order(found: Found) -> tuple[datetime, Key]:
    stories = [story for story in (found.would_be, found.was) if story is not None]
    return (stories[0].raised() or stories[0].versions[0].at, found.key)
