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
from services.rules.view import Types
from services.trial.world import Arrival, World, case_of, take_in
from tests.bench.pipeline_traffic import Traffic
from tests.unit.rules.making import fact, view

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


def _spared(world: World, arrival: Arrival, fact: Fact) -> set[int] | None:
    """Who of those it may concern is not judged, as take-in decides it: None, all; else all but these.

    It is about a person already held, and plain.
    """
    body, _ = seal(registry.model_of(arrival.event["type"]), arrival.event["data"], world.tokens.tokenise)
    matters = RULES.readings.matters(fact)
    if not is_plain(body) or matters.around:
        return None
    return set() if matters.nothing else {world.settled().person_of[mention.record] for mention in fact.mentions}


def _judged(
    world: World, fact: Fact, directory: Directory, at: datetime, besides: set[int]
) -> Iterator[tuple[int, Evaluation]]:
    """Judge everybody whose case may hold the event: whoever is named together with its person anywhere."""
    own = {world.settled().person_of[mention.record] for mention in fact.mentions}
    near = [one for person in own for one in case_of(world, person).facts]
    around = {world.settled().person_of[mention.record] for one in near for mention in one.mentions}
    for person in sorted(around - besides):
        yield person, evaluate(case_of(world, person), RULES, directory, Judging.at(at))


@pytest.mark.parametrize("history", [_birmingham, _ordinary])
def test_nobody_is_judged_otherwise_for_an_event_that_does_not_mark_them(history: object) -> None:
    assert callable(history)
    arrivals, directory = history()
    world, unread, own = World(), 0, 0
    for arrival in arrivals:
        before, records = dict(world.facts), set(world.records)
        fact = take_in(world, arrival)
        if fact is None or {mention.record for mention in fact.mentions} - records:
            continue
        besides = _spared(world, arrival, fact)
        if besides is None:
            continue
        after = dict(_judged(world, fact, directory, arrival.received_at, besides))
        there = world.facts.pop(fact.ref)
        known_to = {mention.record for mention in fact.mentions}
        for record in known_to:
            world.facts_of[record].remove(there)
        assert world.facts == before
        assert dict(_judged(world, fact, directory, arrival.received_at, besides)) == after
        world.facts[fact.ref] = there
        for record in known_to:
            world.facts_of[record].append(there)
        unread, own = unread + (not besides), own + bool(besides)
    assert unread > 3
    assert own > 3


@dataclass(frozen=True)
class Event:
    """An event from outside."""

    type: str
    told: bool = False
    together: bool = False
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


def test_who_is_seen_alone_is_seen_with_nobody_registered() -> None:
    readings = _rule("R26").readings
    assert readings.matters(Event("education.person.attended")).nothing
    assert readings.matters(Event("education.person.attended", together=True)).begins


def test_what_is_missed_is_the_business_of_whoever_missed_it() -> None:
    assert RULES.readings.matters(Event("probation.appointment.missed")) == Matters(True, frozenset(), False)
    assert not RULES.readings.matters(Event("police.intelligence.submitted")).around
    assert RULES.readings.matters(Event("police.incident.logged")).around


def test_of_its_own_types_a_view_shows_what_names_its_subject_alone() -> None:
    missed = Types.of(["probation.appointment.missed"])
    both = [
        fact("his", "probation.appointment.missed", "03-04"),
        fact("hers", "probation.appointment.missed", "03-05", ["A subject"]),
    ]
    shown = view(*both)
    assert list(shown.facts(missed)) == both
    assert list(shown.facts(missed.of_subject())) == both[:1]
    assert (missed | missed.of_subject()).own is False
    assert (missed.of_subject() | Types.of(["*.sign-on.missed"]).of_subject()).own


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
