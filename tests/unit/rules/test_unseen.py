"""Events that take-in marks nobody for: no rule may see any difference once they are there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from deploy import policy
from deploy.cases import load
from schemas import registry
from schemas.sealing import seal
from services.chronology.facts import Fact
from services.directory import file, model
from services.directory.model import Directory
from services.intake.read import is_plain
from services.rules.evaluate import evaluate
from services.rules.findings import Evaluation, Judging
from services.rules.load import Rules, load_catalogue, read, release
from services.rules.reading import Matters
from services.trial.world import Arrival, World, case_of, take_in
from tests.bench.pipeline_traffic import Traffic

RULES = load_catalogue()
UNREAD = "health.mental-health-assessment.completed"
"""A type that no rule and no word asks for."""
NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)


def _with_unread(arrivals: Sequence[Arrival]) -> list[Arrival]:
    """After some of the events, one of a type that nothing asks for, about the same person and from the same agency."""
    found: list[Arrival] = []
    for n, arrival in enumerate(arrivals):
        found.append(arrival)
        named = [person for person in arrival.event["data"].get("people", ()) if person["role"] == "subject"]
        if n % 9 == 0 and named:
            clocks = {name: arrival.event["data"][name] for name in ("known_at", "recorded_at", "handling")}
            data = {**clocks, "people": [named[0]], "disposal": "fit-for-interview"}
            event = {**arrival.event, "id": f"unread-{n}", "type": f"{UNREAD}.v1", "data": data}
            found.append(Arrival(event, arrival.received_at, history=arrival.history))
    return found


def _birmingham() -> tuple[Sequence[Arrival], Directory]:
    case = load.load("birmingham")
    arrivals = _with_unread([Arrival(one.event, one.at, one.lane == "history") for one in load.events(case, "K+")])
    return arrivals, model.from_form(load.directory(case), phone_token=str)


def _ordinary() -> tuple[Sequence[Arrival], Directory]:
    traffic = Traffic(40, seed=7)
    known = [Arrival(event, NOW, history=True) for event in traffic.history()]
    return _with_unread([*known, *(Arrival(event, NOW) for event in traffic.day(100))]), model.from_form(
        policy.with_agreements(file.read(policy.SAMPLE))
    )


def _unseen(world: World, arrival: Arrival, fact: Fact | None) -> bool:
    """As take-in decides it: plain, of a type nothing asks for, about a person already held."""
    body, _ = seal(registry.model_of(arrival.event["type"]), arrival.event["data"], world.tokens.tokenise)
    return fact is not None and is_plain(body) and RULES.readings.matters(fact).nothing


def _judged(world: World, fact: Fact, directory: Directory, at: datetime) -> Iterator[tuple[int, Evaluation]]:
    """Judge everybody whose case may hold the event: whoever is named together with its person anywhere."""
    own = {world.settled().person_of[mention.record] for mention in fact.mentions}
    near = [one for person in own for one in case_of(world, person).facts]
    for person in sorted({world.settled().person_of[mention.record] for one in near for mention in one.mentions}):
        yield person, evaluate(case_of(world, person), RULES, directory, Judging.at(at))


@pytest.mark.parametrize("history", [_birmingham, _ordinary])
def test_nobody_is_judged_otherwise_for_an_event_no_rule_can_see(history: object) -> None:
    assert callable(history)
    arrivals, directory = history()
    world, tried = World(), 0
    for arrival in arrivals:
        before, records = dict(world.facts), set(world.records)
        fact = take_in(world, arrival)
        if fact is None or not _unseen(world, arrival, fact) or {mention.record for mention in fact.mentions} - records:
            continue
        after = dict(_judged(world, fact, directory, arrival.received_at))
        there = world.facts.pop(fact.ref)
        known_to = {mention.record for mention in fact.mentions}
        for record in known_to:
            world.facts_of[record].remove(there)
        assert world.facts == before
        assert dict(_judged(world, fact, directory, arrival.received_at)) == after
        world.facts[fact.ref] = there
        for record in known_to:
            world.facts_of[record].append(there)
        tried += 1
    assert tried > 3


@dataclass(frozen=True)
class Event:
    """An event from outside."""

    type: str
    told: bool = False
    known_at: datetime = NOW
    recorded_at: datetime = NOW


def _rule(name: str) -> Rules:
    return release([read(next(iter(sorted(policy.FOLDER.parents[1].glob(f"services/rules/catalogue/{name}*.yaml")))))])


def test_what_rule_files_ask_for_is_read_and_what_they_only_watch_is_not() -> None:
    readings = _rule("R15").readings
    assert readings.matters(Event("police.message.received")).begins
    assert not readings.matters(Event("police.message.read")).nothing
    assert readings.matters(Event("housing.tenancy-notice.given")).nothing


def test_contact_can_only_end_what_failed_attempts_began() -> None:
    readings = _rule("R12").readings
    assert readings.matters(Event("police.contact-attempt.failed")).begins
    assert readings.matters(Event("police.offender-contact.made")) == Matters(False, frozenset({"R12"}), False)
    assert readings.matters(Event("police.sighting.recorded")).nothing
    assert readings.matters(Event("police.sighting.recorded", told=True)).ends == {"R12"}


def test_a_record_can_only_put_silence_off_unless_it_was_entered_late() -> None:
    readings = _rule("R11").readings
    assert readings.matters(Event("police.sighting.recorded")) == Matters(False, frozenset({"R11"}), False)
    assert readings.matters(Event("police.sighting.recorded", known_at=NOW - timedelta(days=2))).begins


@pytest.mark.parametrize(
    ("change", "plain"),
    [
        ({}, True),
        ({"text": {"token": "t"}}, True),
        ({"result": "seen", "markers": ["a", "b"]}, True),
        ({"cites": [{"id": "e1"}]}, False),
        ({"address": {"area": "exford"}}, False),
        ({"number": {"token": "t"}}, False),
        ({"relationships": [{"from": "S", "to": "S"}]}, False),
        ({"people": [{"ref": "S", "role": "subject", "area": "exford"}]}, False),
        ({"people": [{"ref": "S", "role": "child"}]}, False),
        ({"people": [{"ref": "S", "role": "subject"}, {"ref": "A", "role": "other"}]}, False),
        ({"people": []}, False),
    ],
)
def test_plain_is_what_says_nothing_but_that_it_happened(change: dict[str, object], plain: bool) -> None:
    body = {"known_at": "2026-03-02", "handling": {"code": "P"}, "people": [{"ref": "S", "role": "subject"}], **change}
    assert is_plain(body) is plain
