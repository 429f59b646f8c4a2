"""A case cut out of a whole history is the case as it was: the Birmingham stream, after each of its moments."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta

from deploy.cases.load import events, load
from schemas import registry
from services.backtest.history import History, Joined, Spell
from services.chronology.around import FLAGGING
from services.chronology.facts import Case, Join
from services.chronology.store import Kept
from services.trial.world import Arrival, World, case_of, retracts, take_in

CASE = load("birmingham")
SOME = 140
"""Events of its history and its first weeks: who is who is worked out anew after each."""
Then = tuple[datetime, int, Case]


def _lived(
    arrivals: list[Arrival],
) -> tuple[World, dict[datetime, Mapping[int, int]], dict[datetime, tuple[Join, ...]], list[Then]]:
    """Take everything in, and keep after each moment who was who and what some people's cases were."""
    world, whose, joins, cases = (
        World(),
        dict[datetime, Mapping[int, int]](),
        dict[datetime, tuple[Join, ...]](),
        list[Then](),
    )
    for n, arrival in enumerate(arrivals):
        fact = take_in(world, arrival)
        at = arrival.received_at
        if fact is None or (n + 1 < len(arrivals) and arrivals[n + 1].received_at == at):
            continue
        settled = world.settled()
        whose[at], joins[at] = dict(settled.person_of), settled.joins
        taken = retracts(fact)
        about = fact if taken is None else world.facts[taken]
        named = {settled.person_of.get(mention.record, mention.record) for mention in about.mentions}
        cases += [(at, person, case_of(world, person)) for person in sorted(named)[:3]]
    return world, whose, joins, cases


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


def _joined(joins: Mapping[datetime, tuple[Join, ...]]) -> list[Joined]:
    made: list[Joined] = []
    standing: dict[Join, datetime] = {}
    for at, now in joins.items():
        made += [Joined(join, standing.pop(join), at) for join in list(standing) if join not in now]
        standing = {join: standing.get(join, at) for join in now}
    return made + [Joined(join, since, None) for join, since in standing.items()]


def _history(
    world: World, whose: Mapping[datetime, Mapping[int, int]], joins: Mapping[datetime, tuple[Join, ...]]
) -> History:
    facts = {fact.key: Kept(fact, fact.type in registry.REPORTS) for fact in world.facts.values()}
    events_of: dict[int, list[int]] = defaultdict(list)
    taken_back: dict[int, list[int]] = defaultdict(list)
    for fact in world.facts.values():
        for mention in fact.mentions:
            events_of[mention.record].append(fact.key)
        target = retracts(fact)
        if target is not None and target in world.facts:
            taken_back[world.facts[target].key].append(fact.key)
    return History(
        facts=facts,
        events_of=events_of,
        seen={fact.key: fact.taken_at for fact in world.facts.values()},
        taken_back=taken_back,
        spells=_spells(whose),
        joins=_joined(joins),
    )


def test_every_case_is_as_it_was_known_at_its_moment() -> None:
    arrivals = [Arrival(p.event, p.at, p.lane == "history") for p in events(CASE, "K+")][:SOME]
    middle = len(arrivals) - 20  # what was learned then is taken back later
    back = {"specversion": "1.0", "id": "back", "source": arrivals[middle].event["source"]}
    data = {"retracts": {"id": arrivals[middle].event["id"]}, "reason": "wrong-fact", "people": []}
    sector = arrivals[middle].event["type"].partition(".")[0]
    at = arrivals[-1].received_at + timedelta(hours=1)
    handling = arrivals[middle].event["data"]["handling"]
    data |= {"known_at": at.isoformat(), "recorded_at": at.isoformat(), "handling": handling}
    arrivals.append(Arrival({**back, "type": f"{sector}.event.retracted.v1", "data": data}, at))
    world, whose, joins, cases = _lived(arrivals)
    history = _history(world, whose, joins)
    assert len(cases) > SOME // 2
    for moment, person, case in cases:
        found = history.loaded(person, moment).case
        assert {fact.ref for fact in found.facts} == {fact.ref for fact in case.facts}, moment
        # Whom else a flag from beyond the case names, live does not ask either.
        own = {one.record for fact in case.facts if fact.type not in FLAGGING for one in fact.mentions}
        assert {one: found.person_of[one] for one in own} == {one: case.person_of[one] for one in own}, moment
        assert set(found.joins) == set(case.joins), moment
