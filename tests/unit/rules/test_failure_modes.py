"""What peers got wrong and no other test of ours shows; which test shows which is in tests/structure/test_failure_modes.py."""

from datetime import timedelta

import pytest

from services.rules.evaluate import WOULD_TELL, evaluate
from services.rules.findings import Judging, State
from services.rules.load import load_catalogue, release
from services.trial.rule_tests import arrival_of, default_directory, outcome
from services.trial.run import run
from tests.unit.rules.making import DIRECTORY, at, case, fact, judged, rule

CONCERN = "police.concern.reported"
ANSWER = {"types": ["*.action.done"], "names": ["subject"]}


def test_a_timer_looked_at_hours_late_says_when_it_should_have_rung() -> None:
    """Whatever was down in between: lateness is never lost, for nothing but the facts says when."""
    file = rule(kind="absence", of={"types": [CONCERN]}, within="15 minutes", unless=[ANSWER])
    report = fact("report", CONCERN, "03-04T22:00")
    in_time = judged(file, report, now="03-04T22:15").findings
    hours_late = judged(file, report, now="03-05T09:10").findings
    assert [each.since for each in hours_late] == [at("03-04T22:15")]
    assert hours_late == in_time


def test_a_threshold_shows_all_that_crossed_it_and_counts_none_that_was_answered() -> None:
    file = rule(kind="count", of={"types": [CONCERN]}, at_least=3, within="21 days", unless=[ANSWER])
    near = [fact(str(n), CONCERN, f"01-0{n}T10:00") for n in (1, 2, 3)]
    (finding,) = judged(file, *near, now="01-04T00:00").findings
    assert [each.id for each in finding.evidence] == ["1", "2", "3"]
    answer = fact("done", "police.action.done", "01-04T10:00", action="A-1")
    (over,) = judged(file, *near, answer, now="01-05T00:00").findings
    assert over.state is State.ANSWERED
    one_more = fact("4", CONCERN, "02-10T10:00")
    (still,) = judged(file, *near, answer, one_more, now="02-11T00:00").findings
    assert still.state is State.ANSWERED, "one new event beside three answered ones is no threshold"


@pytest.mark.parametrize("rule_id", ["R39", "R43", "R45", "R47"])
def test_in_shadow_it_finds_what_it_would_find_live(rule_id: str) -> None:
    """One code path: but for whom it tells, a shadow rule says the same as it will when it is adopted."""
    file = load_catalogue().rule(rule_id).file
    arrivals = [arrival_of(given, n) for n, given in enumerate(file.tests[0].given)]
    until = max(arrival.received_at for arrival in arrivals) + timedelta(days=60)
    shadow = run(arrivals, release([file]), default_directory(), until=until)
    live = run(arrivals, release([file.model_copy(update={"status": "live"})]), default_directory(), until=until)

    def untold(found: set[tuple[object, ...]]) -> set[tuple[object, ...]]:
        return {(*one[:7], *one[8:]) for one in found}

    assert outcome(live)
    assert untold(outcome(shadow)) == untold(outcome(live))
    (told,), (would,) = live.alerts.values(), shadow.alerts.values()
    recipients = [f"{one.agency} {one.role} {one.ladder} {one.shown.name}" for one in told.finding.recipients]
    assert list(would.finding.details[WOULD_TELL]) == recipients


def test_an_older_fact_that_comes_later_is_filed_where_it_belongs() -> None:
    """An answer with an older clock than what is known already is neither dropped nor taken for the newest word."""
    file = rule(kind="absence", of={"types": [CONCERN]}, within="24 hours", unless=[ANSWER])
    report = fact("report", CONCERN, "03-04T10:00")
    answered = fact("answered", "police.action.done", "03-04T12:00", action="A-1", received="04-01T10:00")
    before = evaluate(case(report), release([file]), DIRECTORY, Judging.at(at("03-31T10:00"))).findings
    assert [each.state for each in before] == [State.STANDING]
    after = evaluate(case(report, answered), release([file]), DIRECTORY, Judging.at(at("04-01T10:00"))).findings
    assert after == []
