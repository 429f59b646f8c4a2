"""Judging one lineage of people again, moment by moment, with other rules. Pure.

A lineage is everybody who ever shared a record: whatever merged and split is judged together, because alerts change hands.
The moments are those at which they were judged live, with the clock and the watermark of then. The rules under test ask
for looks of their own: when time runs out, and when news comes that no rule then in force read. Where a live look was the
one asked for, that is waited for, since a bus that lagged would not have looked before; any other is judged at its own
moment, as if the bus had been up to date.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from services.alerts import codec
from services.alerts.state import AlertState, Change, fold
from services.backtest.history import History
from services.judging.judge import Court, judge
from services.judging.store import MARK, TIMER, TIMER_U1, Again, Claim
from services.rules.findings import OTHER_WAIT, U1_WAIT, Incomplete, Judging

GRACE: Final = OTHER_WAIT + timedelta(minutes=1)
"""News is looked at live within this: the longest wait for a lagging bus, and some."""
SLACK: Final = timedelta(seconds=5)
"""A timer is looked at live when the judging time has passed it by no more than this: a busy evaluator's turn."""


class Instant(NamedTuple):
    """Somebody was judged live."""

    at: datetime
    number: int
    """Of the evaluation in the log: two at one time keep their order."""
    person: int
    watermark: datetime

    def reached(self, kind: int) -> datetime:
        """Return the time by which deadlines of a kind were judged."""
        now = Judging.behind(self.at, self.watermark)
        return {TIMER_U1: now.u1, TIMER: now.other}.get(kind, self.at)


class Wish(NamedTuple):
    """Somebody is to be looked at."""

    at: datetime
    """When, if no live look serves it."""
    person: int
    """Or any record of theirs."""
    kind: int
    """As in the queue `due`."""
    reached: datetime
    """The look must judge by this time or a later one."""


@dataclass(slots=True)
class Run:
    """What came of a lineage."""

    alerts: dict[int, AlertState] = field(default_factory=dict)
    log: list[Change] = field(default_factory=list)
    incomplete: list[tuple[datetime, int, Incomplete]] = field(default_factory=list)
    evaluations: int = 0
    own: int = 0
    """Evaluations at moments at which nobody looked live."""


def run(
    history: History,
    instants: Iterable[Instant],
    marks: Iterable[tuple[datetime, int]],
    court: Callable[[datetime], Court],
    until: datetime,
) -> Run:
    """Judge a lineage up to `until`; `marks` are moments at which news came, each with a record whom it concerns."""
    bench = _Bench(history, court, sorted({Wish(at, record, MARK, at) for at, record in marks}, reverse=True))
    # Of several looks of one moment only the last saw what one sees here: everything known by then. What the others saw
    # cannot be told apart; an alert that stood between two of them is a fleeting difference (services.backtest.compare).
    last = {(one.person, one.at): one for one in sorted(instants) if one.at <= until}
    live = sorted(last.values(), reverse=True)
    looks = _Looks(live)
    while True:
        wish = bench.next()
        if wish is not None and wish.at <= until and (not live or wish.at < live[-1].at):
            bench.drop(wish)
            person = history.person(wish.person, wish.at)
            if not looks.serve(person, wish):
                bench.done.own += 1
                bench.judge(person, Judging.at(wish.at), wish.at)
        elif live:
            look = live.pop()
            bench.judge(look.person, Judging.behind(look.at, look.watermark), look.watermark)
        else:
            return bench.done


class _Looks:
    """When each person was looked at live."""

    def __init__(self, instants: Iterable[Instant]) -> None:
        self._of: dict[int, list[Instant]] = defaultdict(list)
        for one in sorted(instants):
            self._of[one.person].append(one)

    def serve(self, person: int, wish: Wish) -> bool:
        """Say whether a live look soon after is the one that was wished for."""
        looks = self._of.get(person, ())
        first = bisect_left(looks, wish.at, key=lambda one: one.at)
        last = bisect_right(looks, wish.at + GRACE, key=lambda one: one.at)
        if wish.kind == MARK:
            return first < last
        return any(timedelta(0) <= look.reached(wish.kind) - wish.reached <= SLACK for look in looks[first:last])


@dataclass(slots=True)
class _Bench:
    history: History
    court: Callable[[datetime], Court]
    marks: list[Wish]
    """The next one last."""
    timers: dict[int, list[Wish]] = field(default_factory=dict)
    """By the person judged, who may since have become somebody else."""
    done: Run = field(default_factory=Run)

    def next(self) -> Wish | None:
        """Return the next moment somebody is to be looked at."""
        timer = min((one for waiting in self.timers.values() for one in waiting), default=None)
        mark = self.marks[-1] if self.marks else None
        return min((one for one in (mark, timer) if one is not None), default=None)

    def drop(self, wish: Wish) -> None:
        """Take a moment out."""
        if wish.kind == MARK:
            self.marks.pop()
        else:
            self.timers[wish.person].remove(wish)

    def judge(self, person: int, now: Judging, watermark: datetime) -> None:
        """Evaluate one person's case as it was known, and fold what changed into the alerts they own."""
        at, done = now.clock, self.done
        owned = [alert for alert in done.alerts.values() if self.history.person(alert.owner_record, at) == person]
        loaded = self.history.loaded(person, at)
        anchors = {record for alert in owned for record in codec.anchor_records(alert.anchor)}
        person_of = {record: self.history.person(record, at) for record in anchors}
        loaded = replace(loaded, person_of={**loaded.person_of, **person_of})
        claim = Claim(now, watermark, release=None, revision=0, parameters=0, unfinished=False, persons=(person,))
        judged = judge(person, loaded, self.court(at), claim, owned=owned, others=self.history.of_others(person, at))
        done.evaluations += 1
        done.incomplete += [(at, person, one) for one in judged.incomplete]
        done.log += fold(done.alerts, judged.changes)
        for other in [other for other in self.timers if self.history.person(other, at) == person]:
            del self.timers[other]  # as in the evaluator's queue: whoever is judged has these timers and no others
        self.timers[person] = [_wish(row, now) for row in judged.wakes]


def _wish(row: Again, now: Judging) -> Wish:
    """At its moment; or, if that is past because the bus was behind, when it would no longer have waited for the bus."""
    wait = U1_WAIT if row.kind == TIMER_U1 else OTHER_WAIT
    return Wish(row.at if row.at > now.clock else now.clock + wait, row.person, row.kind, row.at)
