"""Who is judged for a new event: leaving out those to whom it cannot matter changes no alert, nor when anybody is told.

Random histories of people who are managed, reached, missed, arrested, released and written about, live and backfilled, in
time and late. Each is run twice: everybody is judged for every event, and only whom it matters to.
"""

import os
import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import pytest

from services.rules import evaluate
from services.rules.findings import Finding
from services.rules.load import load_catalogue, release
from services.rules.reading import OF_ALL, found
from services.rules.words import areas
from services.trial.rule_tests import LONDON, arrival_of, default_directory
from services.trial.run import Trial, run
from services.trial.world import Arrival
from tests.chaos.population import population

HISTORIES: Final = int(os.environ.get("TOCSIN_TEST_HISTORIES", "16"))
"""Of each mix; set it to hundreds after changing a rule or who is judged."""
RULES: Final = load_catalogue()
START: Final = datetime(2024, 1, 2, 9, tzinfo=LONDON)
WEEKS: Final = 16
EVENTS: Final = 30
FAMILY_EVENTS: Final = 60

ORDINARY: Final[tuple[Mapping[str, Any], ...]] = (
    {"type": "police.offender-visit.made", "data": {"mode": "visit"}},
    {"type": "police.offender-contact.made", "data": {"mode": "telephone"}},
    {"type": "police.sighting.recorded", "data": {"result": "seen", "place": "court"}},
    {"type": "police.relationship.denied", "informant": {"ref": "S"}},
    {"type": "probation.offender-contact.made", "data": {"mode": "telephone"}},
    {"type": "probation.offender-visit.made", "data": {"mode": "visit"}},
    {"type": "probation.case-supervision.held"},
    {"type": "prison.professional-visit.held", "data": {"role": "offender-manager"}},
)
"""What can at most end what others began, or put it off."""

OWN: Final[tuple[Mapping[str, Any], ...]] = (
    {"type": "probation.appointment.missed", "data": {"requirement": "appointment"}},
    {"type": "police.intelligence.submitted", "data": {"system": "ims", "kind": "stop-and-observe"}},
    {"type": "probation.relationship.denied", "informant": {"ref": "S"}},
)
"""What concerns whoever it is about, and nobody around."""

TELLING: Final[tuple[Mapping[str, Any], ...]] = (
    {"lead": "police-lead", "held_by": "police-north"},
    {"lead": "police-lead", "held_by": "police-north", "ended": True},
    {"lead": "police-lead", "held_by": "police-south"},
    {"lead": "probation-lead", "held_by": "probation-north"},
    {"lead": "probation-lead", "held_by": "probation-north", "ended": True},
    {"type": "police.contact-attempt.failed", "data": {"mode": "telephone"}},
    {"type": "police.contact-attempt.failed", "data": {"mode": "visit"}},
    {"type": "probation.contact-attempt.failed", "data": {"mode": "telephone"}},
    {"type": "probation.appointment.missed", "data": {"requirement": "appointment"}},
    {"type": "probation.risk.assessed", "data": {"tool": "rosh", "levels": {"children": "high"}, "rationale": "given"}},
    {"type": "probation.risk.assessed", "data": {"tool": "rosh", "levels": {"children": "low"}, "rationale": "given"}},
    {"type": "mappa.level.set", "data": {"category": 2, "level": 2, "rationale": "given"}},
    {"type": "mappa.level.set", "data": {"category": 2, "level": 2, "rationale": "given"}},
    {"type": "mappa.level.set", "data": {"category": 2, "level": 1, "rationale": "given"}},
    {"type": "probation.licence.planned", "data": {"licence": "LIC-1", "starts": "2024-02-15", "ends": "2024-04-14"}},
    {"type": "police.arrest.made"},
    {"type": "police.custody.ended", "data": {"outcome": "released-under-investigation"}},
    {"type": "prison.person.received"},
    {"type": "prison.person.released"},
    {
        "type": "police.action.set",
        "data": {"action": "A-01", "what": "find-out", "owners": ["police-north"], "due": "2024-02-16"},
    },
    {"type": "police.action.done", "data": {"action": "A-01", "set_by": "police-north"}},
    {"type": "police.concern.reported", "people": ["S subject", "A at-risk"], "data": {"source": "family"}},
)


def _agency(given: Mapping[str, Any]) -> dict[str, Any]:
    if "lead" in given:
        return {"of": "S"}
    sector = given["type"].partition(".")[0]
    return {"from": "prison-service" if sector == "prison" else f"{sector}-north"}


def _history(seed: int, ordinary: float) -> Iterator[dict[str, Any]]:
    """Events in the order in which they come: most at once, some entered or sent late, some as history."""
    rng = random.Random(seed)
    for n in range(EVENTS):
        given = rng.choice(ORDINARY if rng.random() < ordinary else TELLING)
        known = START + timedelta(hours=rng.randrange(WEEKS * 7 * 24))
        recorded = known + timedelta(days=rng.choice((0, 0, 0, 2, 8)), minutes=rng.randrange(60))
        at = recorded + timedelta(days=rng.choice((0, 0, 0, 0, 1, 9, 30)), minutes=rng.randrange(60))
        made = {"people": ["S subject"], **_agency(given), **given, "id": f"e{n}", "at": at}
        if "lead" not in given:
            made |= {"known": known.isoformat(), "recorded": recorded.isoformat()}
        yield made | ({"history": True} if rng.random() < 0.1 else {})


def _arrivals(seed: int, ordinary: float) -> list[Arrival]:
    return [arrival_of(given, n) for n, given in enumerate(sorted(_history(seed, ordinary), key=lambda one: one["at"]))]


def _said(trial: Trial) -> list[tuple[object, ...]]:
    """Every change of every alert, with its time, whom it told, and all that the finding says."""
    return sorted(
        (change.at, str(change.kinds), change.after.version, _words(change.after.finding), str(change.notices))
        for change in trial.log
    )


def _words(finding: Finding) -> str:
    return str(finding)


@pytest.mark.parametrize("ordinary", [0.5, 0.8])
def test_judging_only_whom_an_event_matters_to_changes_nothing(ordinary: float) -> None:
    skipped = alerts = 0
    for seed in range(HISTORIES):
        arrivals = _arrivals(seed, ordinary)
        until = START + timedelta(weeks=WEEKS + 12)
        every = run(arrivals, RULES, default_directory(), until=until)
        some = run(arrivals, RULES, default_directory(), until=until, skipping=True)
        assert not every.incomplete
        assert _said(some) == _said(every), f"seed {seed}"
        skipped, alerts = skipped + some.skipped, alerts + len(some.alerts)
    assert skipped > HISTORIES
    assert alerts > HISTORIES


def test_a_record_after_a_release_begins_nothing_that_the_release_did_not() -> None:
    """What a rule promises of its records: without the wait from the release, the silence after this one is missed."""
    visit = {"type": "police.offender-visit.made", "from": "police-north", "data": {"mode": "visit"}}
    told: list[Mapping[str, Any]] = [
        {"day": 0, "lead": "police-lead", "of": "S", "held_by": "police-north"},
        {"day": 0, "type": "mappa.level.set", "from": "mappa-north", "data": {"category": 2, "level": 2}},
        {"day": 4, **visit},
        {"day": 5, "type": "prison.person.received", "from": "prison-service", "data": {"reason": "recall"}},
        {"day": 8, "type": "prison.person.released", "from": "prison-service", "data": {"release": "REL-1"}},
        {"day": 10, **visit},
    ]
    given = [{"people": ["S subject"], **one, "at": START + timedelta(days=one["day"])} for one in told]
    arrivals = [arrival_of(one, n) for n, one in enumerate(given)]
    alone = release([RULES.rule("R11").file])  # the timers of others would hide what it misses
    some = run(arrivals, alone, default_directory(), until=START + timedelta(days=20), skipping=True)
    assert some.skipped == 2
    assert [change.at for change in some.log] == [START + timedelta(days=17)]


def test_families_of_every_rule_s_stories_and_what_is_written_of_them_besides() -> None:
    made = population(FAMILY_EVENTS, seed=0)
    posts = [*made.posts, *_besides(made.posts, 0)]
    posts.sort(key=lambda arrival: (arrival.received_at, arrival.event["id"]))
    every = run(posts, RULES, default_directory(), until=made.ends)
    some = run(posts, RULES, default_directory(), until=made.ends, skipping=True)
    assert _said(some) == _said(every)
    assert some.skipped > 5


def _besides(posts: Sequence[Arrival], seed: int) -> Iterator[Arrival]:
    """Something ordinary of each subject, from the same agency, somewhat later."""
    rng = random.Random(seed)
    for n, arrival in enumerate(posts):
        sector = arrival.event["type"].partition(".")[0]
        subjects = [
            one for one in arrival.event["data"].get("people", ()) if one["role"] == "subject" and "names" in one
        ]
        fitting = [one for one in (*ORDINARY, *OWN) if one["type"].startswith(f"{sector}.")]
        if not subjects or not fitting:
            continue
        given = {**rng.choice(fitting), "id": f"besides-{n}", "from": str(arrival.event["source"]).rpartition(":")[2]}
        at = arrival.received_at + timedelta(days=rng.randrange(12), hours=rng.randrange(24))
        yield arrival_of({**given, "at": at, "people": [{**subjects[0], "ref": "S"}]}, n)


def test_what_every_finding_is_made_with_is_named() -> None:
    # Of rules with values set for areas, where the subject lives as well: see Readings.
    assert found([evaluate.evaluate]) <= found([*OF_ALL, areas.home_area])
