"""A stream lived through in memory, and the whole history that a back-test would find stored of it afterwards."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from schemas import registry
from services.alerts import named
from services.alerts.state import Change
from services.backtest.history import History, Joined, Naming, Reviewed, Spell
from services.backtest.run import Instant
from services.chronology.facts import Join, Review
from services.chronology.store import Kept
from services.directory.model import Directory
from services.rules.load import Rules
from services.trial.run import Trial, arrive, let_time_pass
from services.trial.world import Arrival, World, retracts

T = TypeVar("T")


@dataclass(slots=True)
class Lived:
    """Who was who, and who might have been, after each moment."""

    whose: dict[datetime, Mapping[int, int]] = field(default_factory=dict)
    joins: dict[datetime, tuple[Join, ...]] = field(default_factory=dict)
    reviews: dict[datetime, tuple[Review, ...]] = field(default_factory=dict)

    def note(self, world: World, at: datetime) -> None:
        """Keep how things stand at the end of a moment."""
        settled = world.settled()
        self.whose[at], self.joins[at], self.reviews[at] = dict(settled.person_of), settled.joins, settled.reviews

    def history(self, world: World, log: Iterable[Change] = ()) -> History:
        """Return what is stored of it all; `log` is what became of alerts."""
        events_of: dict[int, list[int]] = defaultdict(list)
        taken_back: dict[int, list[int]] = defaultdict(list)
        beside: dict[int, set[int]] = defaultdict(set)
        for fact in world.facts.values():
            records = {mention.record for mention in fact.mentions}
            for record in records:
                events_of[record].append(fact.key)
                beside[record] |= records
            target = retracts(fact)
            if target is not None and target in world.facts:
                taken_back[world.facts[target].key].append(fact.key)
        return History(
            facts={fact.key: Kept(fact, fact.type in registry.REPORTS) for fact in world.facts.values()},
            events_of=events_of,
            seen={fact.key: fact.taken_at for fact in world.facts.values()},
            taken_back=taken_back,
            spells=_spells(self.whose),
            beside=beside,
            joins=[Joined(*spell) for spell in _stood(self.joins)],
            reviews=[Reviewed(review, until) for review, _, until in _stood(self.reviews)],
            named=_named(log),
        )


def live(arrivals: Iterable[Arrival], rules: Rules, directory: Directory, until: datetime) -> tuple[Trial, Lived]:
    """Take everything in at its time and judge whom it matters to, as the bus does; keep what was known when."""
    trial, lived = Trial(rules, directory, skipping=True), Lived()
    for arrival in arrivals:
        let_time_pass(trial, arrival.received_at, through=False)
        arrive(trial, arrival, arrival.received_at)
        lived.note(trial.world, arrival.received_at)
    let_time_pass(trial, until, through=True)
    return trial, lived


def instants(trial: Trial) -> list[Instant]:
    """Return the log of evaluations that the stored pipeline would have kept."""
    return [Instant(at, number, person, at) for number, (at, person) in enumerate(trial.looks)]


def _named(log: Iterable[Change]) -> dict[int, list[Naming]]:
    found: dict[int, list[Naming]] = defaultdict(list)
    for change in log:
        state, record = change.after, named.other_record(change.after.anchor)
        if record is not None:
            counted = named.counts(state.condition, state.joined_to)
            found[record].append(Naming(change.at, state.alert, state.owner_record, counted, state.finding))
    return found


def _spells(whose: Mapping[datetime, Mapping[int, int]]) -> dict[int, list[Spell]]:
    spells: dict[int, list[Spell]] = defaultdict(list)
    for at, person_of in whose.items():
        for record, person in person_of.items():
            last = spells[record][-1] if spells[record] else None
            if last is None or last.person != person:
                if last is not None:
                    spells[record][-1] = last._replace(until=at)
                spells[record].append(Spell(person, at, None))
    return spells


def _stood(kept: Mapping[datetime, tuple[T, ...]]) -> list[tuple[T, datetime, datetime | None]]:
    """Everything that ever stood, with from when and until when."""
    made: list[tuple[T, datetime, datetime | None]] = []
    standing: dict[T, datetime] = {}
    for at, now in kept.items():
        made += [(one, standing.pop(one), at) for one in list(standing) if one not in now]
        standing = {one: standing.get(one, at) for one in now}
    return made + [(one, since, None) for one, since in standing.items()]
