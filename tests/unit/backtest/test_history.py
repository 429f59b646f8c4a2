"""A case cut out of a whole history is the case as it was: the Birmingham stream, after each of its moments."""

from datetime import datetime, timedelta

from deploy.cases.load import events, load
from services.chronology.around import FLAGGING
from services.chronology.facts import Case
from services.trial.world import Arrival, World, case_of, retracts, take_in
from tests.unit.backtest.lived import Lived

CASE = load("birmingham")
SOME = 140
"""Events of its history and its first weeks: who is who is worked out anew after each."""
Then = tuple[datetime, int, Case]


def _lived(arrivals: list[Arrival]) -> tuple[World, Lived, list[Then]]:
    """Take everything in, and keep after each moment who was who and what some people's cases were."""
    world, lived, cases = World(), Lived(), list[Then]()
    for n, arrival in enumerate(arrivals):
        fact = take_in(world, arrival)
        at = arrival.received_at
        if fact is None or (n + 1 < len(arrivals) and arrivals[n + 1].received_at == at):
            continue
        lived.note(world, at)
        taken = retracts(fact)
        about = fact if taken is None else world.facts[taken]
        person_of = lived.whose[at]
        named = {person_of.get(mention.record, mention.record) for mention in about.mentions}
        cases += [(at, person, case_of(world, person)) for person in sorted(named)[:3]]
    return world, lived, cases


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
    world, lived, cases = _lived(arrivals)
    history = lived.history(world)
    assert len(cases) > SOME // 2
    for moment, person, case in cases:
        found = history.loaded(person, moment).case
        assert {fact.ref for fact in found.facts} == {fact.ref for fact in case.facts}, moment
        # Whom else a flag from beyond the case names, live does not ask either.
        own = {one.record for fact in case.facts if fact.type not in FLAGGING for one in fact.mentions}
        assert {one: found.person_of[one] for one in own} == {one: case.person_of[one] for one in own}, moment
        assert set(found.joins) == set(case.joins), moment
