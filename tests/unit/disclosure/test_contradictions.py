"""What the reviews contradict themselves in stays contradictory: each source's claim stands, and the chronology shows both.

Seven contradictions of the published papers, told with invented people. Whatever the order of arrival, nothing is
overwritten by a later claim, by identity or by a rule.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import pytest

from services.chronology.facts import EventRef, Fact
from services.disclosure.agreements import OWN, Masks
from services.disclosure.chronology.discrepancies import discrepancies
from services.disclosure.chronology.entries import entries
from services.disclosure.masks import Mask
from services.disclosure.material import Material
from services.rules.load import load_catalogue
from services.trial.rule_tests import arrival_of, default_directory
from services.trial.run import Trial, run, run_unordered

UNTIL: Final = datetime(2025, 1, 1, tzinfo=UTC)
ALL: Final = Mask(OWN.fields, frozenset(), OWN, permitted=True)
VIEWER: Final = "statutory-review"

Given = dict[str, Any]

CALM: Final[tuple[Given, Given]] = (
    {"id": "a", "from": "prison-service", "type": "prison.intervention.completed", "data": {"programme": "calm"}},
    {"id": "b", "from": "probation-north", "type": "probation.intervention.withdrawn", "data": {"programme": "calm"}},
)
ORDER: Final[tuple[Given, Given]] = (
    {
        "id": "a",
        "from": "mappa-north",
        "type": "mappa.order.considered",
        "occurred": "2024-01",
        "data": {"order": "voo", "outcome": "not-available", "rationale": "given"},
    },
    {
        "id": "b",
        "from": "police-south",
        "type": "police.order.considered",
        "occurred": "2024-02",
        "data": {"order": "voo", "outcome": "not-pursued", "rationale": "not-given"},
    },
)
SIGN_ON: Final[tuple[Given, Given]] = (
    {
        "id": "a",
        "from": "probation-north",
        "type": "probation.licence-conditions.set",
        "data": {"licence": "LIC-2", "conditions": [{"code": "sign-on", "value": "17:00"}]},
    },
    {
        "id": "b",
        "from": "probation-south",
        "type": "probation.licence-condition.relaxed",
        "data": {"licence": "LIC-2", "changes": [{"code": "sign-on", "old": "15:00", "removed": True}]},
    },
)
REVIEWED: Final[tuple[Given, Given]] = (
    {
        "id": "a",
        "from": "police-north",
        "type": "police.review.submitted",
        "data": {"review": "R-1", "kind": "domestic-homicide", "text": "Twenty-one recommendations by nine agencies."},
    },
    {
        "id": "b",
        "from": "csc-north",
        "type": "childrens-social-care.review.submitted",
        "data": {"review": "R-1", "kind": "other", "text": "Sixteen recommendations by five agencies."},
    },
)


def _met(since: str, **given: object) -> Given:
    return {"people": ["S subject", "A other"], **given, "relationships": [_claim("S", "A", "partner", since=since)]}


def _claim(one: str, other: str, kind: str, status: str = "reported", **more: object) -> Given:
    return {"from": one, "to": other, "kind": kind, "status": status, **more}


MET: Final[tuple[Given, Given]] = (
    _met("2000", id="a", **{"from": "csc-north"}, type="childrens-social-care.relationship.reported"),
    _met("2008", id="b", **{"from": "police-north"}, type="police.relationship.reported"),
)
CARED: Final[tuple[Given, Given]] = (
    {
        "id": "a",
        "from": "police-north",
        "type": "police.concern.reported",
        "people": ["C subject", "S other"],
        "relationships": [_claim("S", "C", "carer")],
    },
    {
        "id": "b",
        "from": "csc-north",
        "type": "childrens-social-care.concern.reported",
        "people": ["C subject", "R other"],
        "relationships": [_claim("R", "C", "carer")],
    },
)
RELEASED: Final[tuple[Given, Given]] = (
    {
        "id": "a",
        "from": "prison-service",
        "type": "prison.person.released",
        "occurred": "2024-06-03",
        "data": {"release": "REL-1"},
    },
    _met("2024-03", id="b", **{"from": "csc-north"}, type="childrens-social-care.relationship.reported"),
)

CONTRADICTIONS: Final[Mapping[str, tuple[tuple[Given, Given], str, str | None]]] = {
    "an order was not to be had, or was not pursued": (ORDER, "S", "order voo: outcome (order.considered)"),
    "signing on at five, or at three": (SIGN_ON, "S", None),
    "a programme was completed, or was not": (CALM, "S", "programme calm"),
    "twenty-one recommendations, or sixteen": (REVIEWED, "S", "review R-1: kind (review.submitted)"),
    "when they met": (MET, "S", "relationship partner: since"),
    "who cared for the child": (CARED, "C", None),
    "together before the release, or after it": (RELEASED, "S", None),
}
"""Each: two events, whom they are about, and what the chronology names as said differently (None: it shows both)."""


def _arrivals(pair: tuple[Given, Given]) -> list[Any]:
    given = [{"at": f"2024-07-0{n}T10:00", "people": ["S subject"], **event} for n, event in enumerate(pair, 1)]
    return [arrival_of(event, n) for n, event in enumerate(given, 1)]


def _chronology(trial: Trial, ref: str) -> tuple[list[Given], list[Given]]:
    facts = trial.world.facts
    persons = trial.world.settled().person_of
    about = {persons[m.record] for fact in facts.values() for m in fact.mentions if m.ref == ref}
    (person,) = about
    masked: dict[EventRef, Mask] = dict.fromkeys(facts, ALL)
    material = Material(
        facts, lambda record: persons[record], Masks(trial.directory.agreements, trial.directory.sector), UNTIL
    )
    return entries(person, masked, material, VIEWER), discrepancies(person, masked, material)


def _content(facts: Mapping[EventRef, Fact]) -> set[tuple[object, ...]]:
    return {
        (fact.ref, fact.agency, fact.type, str(fact.fields), str([(r.kind, r.since, r.status) for r in fact.relations]))
        for fact in facts.values()
    }


@pytest.mark.parametrize("name", list(CONTRADICTIONS))
def test_both_claims_stand_each_with_its_source(name: str) -> None:
    pair, ref, about = CONTRADICTIONS[name]
    rules, directory = load_catalogue(), default_directory()
    trial = run(_arrivals(pair), rules, directory, until=UNTIL)
    listed, differing = _chronology(trial, ref)
    assert {entry["source"] for entry in listed} == {event["from"] for event in pair}
    assert {entry["reference"] for entry in listed} == {"a", "b"}
    if about is not None:
        found = next(one for one in differing if one["about"] == about)
        assert {claim["source"] for claim in found["claims"]} == {event["from"] for event in pair}
        assert len({str(claim["said"]) for claim in found["claims"]}) == 2
    other = run_unordered(_arrivals(pair)[::-1], rules, directory, until=UNTIL)
    assert _content(trial.world.facts) == _content(other.world.facts)
    assert _chronology(other, ref)[1] == differing


def test_times_of_a_relation_are_shown_as_each_source_says_them() -> None:
    trial = run(_arrivals(MET), load_catalogue(), default_directory(), until=UNTIL)
    listed, _ = _chronology(trial, "S")
    since = [entry["relationships"][0]["since"]["earliest"][:4] for entry in listed]
    assert since == ["2000", "2008"]


def test_who_cared_names_two_people_and_neither_is_dropped() -> None:
    trial = run(_arrivals(CARED), load_catalogue(), default_directory(), until=UNTIL)
    listed, _ = _chronology(trial, "C")
    carers = [entry["relationships"][0]["from"]["names"][0]["given"] for entry in listed]
    assert sorted(carers) == ["Alban", "Ines"]
