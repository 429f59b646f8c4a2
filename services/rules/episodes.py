"""From evidence and closers to episodes: when a finding rang, how it ended, and whether it rang again.

An answer closes the evidence known before it; evidence known after it begins a new episode, judged on that alone (of evidence
that rings only together, see `services.rules.answered`). An answer whose own clock is at or before the deadline means that
the episode never was. Nothing here asks when a fact arrived except to say when the bell could first have rung, so any order
of arrival gives the same episodes.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.rules.findings import State
from services.rules.situation import Closer, Item, Part

Due = Callable[[datetime], bool]


@dataclass(frozen=True, slots=True)
class Episode:
    """One stretch in which one part of a finding held."""

    part: Part
    items: tuple[Item, ...]
    rings_at: datetime
    closer: Closer | None
    live: bool
    """Something in it came by a live event; history alone rings nobody."""

    @property
    def silent(self) -> bool:
        """Whether it was already over when it could first be known."""
        return self.closer is not None and self.closer.at <= self.rings_at and self.closer.received <= self.rings_at

    @property
    def end(self) -> datetime | None:
        """Return when it ended by its own clock; None while it stands."""
        return self.closer.at if self.closer else None


@dataclass(frozen=True, slots=True)
class Stretch:
    """Episodes of all parts that touch: one ringing of the finding."""

    episodes: tuple[Episode, ...]

    @property
    def rings_at(self) -> datetime:
        """Return when it rang."""
        return min(episode.rings_at for episode in self.episodes)

    @property
    def live(self) -> bool:
        """Whether a live event is part of it."""
        return any(episode.live for episode in self.episodes)

    @property
    def standing(self) -> tuple[Episode, ...]:
        """Return the episodes that have not ended."""
        return tuple(episode for episode in self.episodes if episode.closer is None)

    @property
    def closer(self) -> Closer | None:
        """Return what ended it: the last of its parts' ends. None while any part stands."""
        if self.standing:
            return None
        return max(
            (episode.closer for episode in self.episodes if episode.closer is not None),
            key=lambda closer: (closer.at, closer.state is State.ANSWERED),
        )

    @property
    def silent(self) -> bool:
        """Whether it was over before anybody could be told."""
        return all(episode.silent for episode in self.episodes)


def episodes(part: Part, due: Due, due_now: Due) -> tuple[list[Episode], list[datetime]]:
    """Return the episodes of one part, and the moments at which time alone would change the answer.

    `due` judges deadlines (by the watermark's time), `due_now` everything that is said and not awaited (by the clock).
    """
    found: list[Episode] = []
    wakes: list[datetime] = []
    reached = due if part.timed else due_now
    items = sorted(part.items, key=_item_order)
    closers: list[Closer] = []
    for each in sorted(part.closers, key=lambda closer: (closer.at, closer.received)):
        if (due if each.dated else due_now)(each.at):
            closers.append(each)
        else:
            wakes.append(each.at)
    while items:
        if items[0].quiet:
            items = items[1:]
            continue
        closer = _first_closer(items[0], closers)
        members = tuple(item for item in items if closer is None or closer.final or _before(item, closer))
        members = members or (items[0],)  # a closer that points at it may lie before its start
        items = items[len(members) :]
        wake = min(item.wake for item in members if not item.quiet)
        if closer is not None and closer.at <= wake:
            continue
        if not reached(wake):
            wakes.append(wake)
            continue
        episode = _episode(part, members, closer, reached)
        if episode.live or closer is None:
            found.append(episode)
    return found, wakes


def stretches(found: Iterable[Episode]) -> list[Stretch]:
    """Put episodes together that touch, earliest first."""
    groups: list[list[Episode]] = []
    end: datetime | None = None
    for episode in sorted(found, key=lambda episode: (episode.rings_at, episode.end is None, episode.end)):
        if groups and (end is None or episode.rings_at <= end):
            groups[-1].append(episode)
            end = None if end is None or episode.end is None else max(end, episode.end)
        else:
            groups.append([episode])
            end = episode.end
    return [Stretch(tuple(group)) for group in groups]


def present(found: Sequence[Stretch]) -> Stretch:
    """Return the stretch a finding is about: the last that rang anybody, else the last."""
    rang = [stretch for stretch in found if not stretch.silent]
    return (rang or list(found))[-1]


def _item_order(item: Item) -> tuple[object, ...]:
    return (item.start, item.anew, item.wake, item.received, tuple(fact.ref for fact in item.facts))


def _before(item: Item, closer: Closer) -> bool:
    """Two sightings of one moment are the start of one silence: neither may answer the other, or none is ever missed again."""
    return item.start < closer.at or (item.start == closer.at and not item.anew)


def _first_closer(item: Item, closers: Sequence[Closer]) -> Closer | None:
    own = frozenset(fact.ref for fact in item.facts)
    return next(
        (
            closer
            for closer in closers
            if (closer.final or closer.points or _before(item, closer))
            and not (closer.over_at is not None and closer.over_at <= item.begins)
            and not (closer.facts and all(fact.ref in own for fact in closer.facts))
        ),
        None,
    )


def _episode(part: Part, members: tuple[Item, ...], closer: Closer | None, reached: Due) -> Episode:
    ringing = [item for item in members if reached(item.wake) and not item.quiet]
    rings_at = min(item.rings_at for item in ringing)
    live = [fact.received_at for item in members for fact in (*item.facts, *item.grounds) if not fact.history]
    if live:
        rings_at = max(rings_at, min(live))
    return Episode(part, members, rings_at, closer, live=bool(live))
