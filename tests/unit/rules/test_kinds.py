"""Each kind of the closed list, in a rule of its own: when it rings, when it does not, and when it will."""

from datetime import datetime
from typing import Any

import pytest

from services.chronology.facts import Fact, Interval
from services.rules.findings import Evaluation, Finding, Judging, State, Urgency
from tests.unit.rules.making import at, claim, fact, judged, rule

CONCERN = "police.concern.reported"
ANSWER = {"types": ["*.action.done"], "names": ["subject"]}


def only(found: Evaluation) -> Finding:
    assert len(found.findings) == 1, found.findings
    return found.findings[0]


def concern(name: str, when: str, **said: Any) -> Fact:
    return fact(name, CONCERN, when, **said)


def done(name: str, when: str, **said: Any) -> Fact:
    return fact(name, "police.action.done", when, action="A-1", **said)


# event


def test_an_event_rings_at_once() -> None:
    file = rule(kind="event", of={"types": [CONCERN]}, anchor=["event", "subject"])
    found = judged(file, concern("one", "03-04T10:00"), concern("two", "03-05T10:00"))
    assert sorted(each.since for each in found.findings) == [at("03-04T10:00"), at("03-05T10:00")]


def test_an_event_may_need_a_field_a_list_or_the_absence_of_one() -> None:
    facts = (
        concern("plain", "03-04T10:00"),
        concern("fear", "03-04T11:00", classes=["fear-for-child"], source="family", decision="referral"),
    )
    for where, names in (
        ({"classes": {"has": "fear-for-child"}}, ["fear"]),
        ({"source": ["family", "individual"]}, ["fear"]),
        ({"source": {"not": "family"}}, ["plain"]),
        ({"decision": {"present": False}}, ["plain"]),
    ):
        file = rule(kind="event", of={"types": [CONCERN], "where": where}, anchor=["event", "subject"])
        assert [each.evidence[0].id for each in judged(file, *facts).findings] == names


def test_a_rule_runs_for_the_person_in_its_role_alone() -> None:
    file = rule(kind="event", of={"types": [CONCERN], "role": "subject"}, anchor=["event", "subject"])
    assert not judged(file, concern("one", "03-04T10:00", people=["A subject", "S at-risk"])).findings
    anybody = rule(kind="event", of={"types": [CONCERN], "role": "any"}, anchor=["event", "subject"])
    assert judged(anybody, concern("one", "03-04T10:00", people=["A subject", "S at-risk"])).findings


# absence


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        ([], State.STANDING),
        (["03-04T11:00"], None),
        (["03-04T11:01"], State.ANSWERED),
        (["03-04T09:59"], State.STANDING),
    ],
)
def test_an_absence_rings_when_the_window_has_passed(answers: list[str], state: State | None) -> None:
    file = rule(kind="absence", of={"types": [CONCERN]}, within="60 minutes", unless=[ANSWER])
    facts = [concern("one", "03-04T10:00"), *(done(f"answer {when}", when) for when in answers)]
    found = judged(file, *facts)
    if state is None:
        assert not found.findings
    else:
        assert (only(found).state, only(found).since) == (state, at("03-04T11:00"))


def test_an_absence_says_when_to_look_again() -> None:
    file = rule(kind="absence", of={"types": [CONCERN]}, within="1 working day", unless=[ANSWER])
    found = judged(file, concern("one", "03-29T10:00"), now="03-29T12:00")  # Good Friday
    assert not found.findings
    assert found.wake_at == at("04-03T00:00")


def test_only_the_latest_starts_a_window() -> None:
    last = rule(kind="absence", of={"types": [CONCERN]}, within="7 days", unless=[ANSWER], latest=True)
    found = judged(last, concern("one", "03-01T10:00"), concern("two", "03-05T10:00"), now="03-10T00:00")
    assert not found.findings
    assert found.wake_at == at("03-12T10:00")


def test_after_steps_tell_again_and_end_with_the_answer() -> None:
    file = rule(kind="absence", of={"types": [CONCERN]}, steps=["7 days", "2 weeks"], unless=[ANSWER])
    facts = (concern("one", "03-01T10:00"), done("late", "03-20T10:00"))
    standing = only(judged(file, facts[0], now="03-09T00:00"))
    assert standing.steps == (at("03-08T10:00"),)
    assert judged(file, facts[0], now="03-09T00:00").wake_at == at("03-15T10:00")
    ended = only(judged(file, *facts))
    assert (ended.steps, ended.until) == ((at("03-08T10:00"), at("03-15T10:00")), at("03-20T10:00"))


def test_an_absence_says_nothing_where_nobody_would_publish_the_answer() -> None:
    covered = [{"type": "*.checks.completed", "by": "recording agency"}]
    file = rule(
        kind="absence",
        of={"types": ["*.message.reported"]},
        within="60 minutes",
        covered=covered,
        unless=[ANSWER],
        anchor=["event", "subject"],
    )
    by_police = fact("one", "police.message.reported", "03-04T10:00")
    by_employer = fact("two", "employer.message.reported", "03-04T10:00", by="employer-north")
    assert [each.evidence[0].id for each in judged(file, by_police, by_employer).findings] == ["one"]


# count and distinct


def test_a_count_slides_over_the_chronology() -> None:
    file = rule(kind="count", of={"types": [CONCERN]}, at_least=3, within="21 days", lapses=[{"after": "21 days"}])
    apart = [concern(str(n), when) for n, when in enumerate(["01-01T10:00", "01-20T10:00", "02-15T10:00"])]
    assert not judged(file, *apart).findings
    near = [concern(str(n), when) for n, when in enumerate(["01-01T10:00", "01-10T10:00", "01-22T10:00"])]
    finding = only(judged(file, *near))
    assert (finding.since, finding.state, finding.until) == (at("01-22T10:00"), State.LAPSED, at("02-12T10:00"))
    assert only(judged(file, *near, now="01-23T00:00")).state is State.STANDING
    assert judged(file, *near, now="01-23T00:00").wake_at == at("02-12T10:00")


def test_a_count_first_rings_when_enough_had_arrived() -> None:
    file = rule(kind="count", of={"types": [CONCERN]}, at_least=2, within="21 days")
    facts = (concern("1", "01-01T10:00", received="02-20T10:00"), concern("2", "01-10T10:00"))
    assert only(judged(file, *facts)).since == at("02-20T10:00")


def test_distinct_informants_and_agencies() -> None:
    file = rule(
        kind="distinct",
        of={"types": ["*.concern.reported"]},
        distinct=[{"of": "agency", "at_least": 2}, {"of": "informant", "at_least": 2}],
        within="14 days",
    )
    first = concern("1", "01-01T10:00", informant={"staff": "H1", "origin": "urn:tocsin:agency:housing-north"})
    same = fact("2", "housing.concern.reported", "01-02T10:00", by="housing-north", informant={"staff": "H1"})
    another = fact("3", "housing.concern.reported", "01-03T10:00", by="housing-north", informant={"staff": "H2"})
    assert not judged(file, first, same).findings
    assert only(judged(file, first, same, another)).since == at("01-03T10:00")


# together


def test_two_events_in_either_order_within_the_window() -> None:
    file = rule(
        kind="together",
        of={"types": ["probation.licence-condition.relaxed"]},
        **{"with": {"types": ["probation.licence-warning.issued"]}},
        within="14 days",
    )
    relaxed = fact("relaxed", "probation.licence-condition.relaxed", "03-04T10:00")
    for when, rings in (("03-01T10:00", "03-04T10:00"), ("03-18T10:00", "03-18T10:00"), ("03-18T10:01", None)):
        warning = fact("warning", "probation.licence-warning.issued", when)
        found = judged(file, relaxed, warning)
        assert [each.since for each in found.findings] == ([at(rings)] if rings else [])


def test_two_people_in_one_event() -> None:
    file = rule(
        kind="together",
        of={"types": [CONCERN], "role": "any", "other": {"role": ["alleged"]}},
        anchor=["subject", "other"],
    )
    found = judged(file, concern("1", "03-04T10:00", people=["A subject", "S child", "P alleged"]))
    assert only(found).since == at("03-04T10:00")


# path


def test_a_path_is_one_situation_for_each_counterpart() -> None:
    file = rule(kind="path", evidence=["partner"], anchor=["subject", "other"])
    told = fact(
        "1",
        CONCERN,
        "03-04T10:00",
        ["S subject", "A other", "B other"],
        [claim("S-A partner"), claim("B-S cohabitant")],
    )
    assert len(judged(file, told).findings) == 2


def test_evidence_not_renewed_in_time_does_not_count() -> None:
    file = rule(
        kind="path",
        evidence=["partner"],
        renewed_within="24 months",
        anchor=["subject", "other"],
        **{"while": ["subject is flagged then or later"]},
    )
    told = fact("1", CONCERN, "2020-03-04T10:00", ["S subject", "A other"], [claim("S-A partner")])
    flag = fact("2", "police.risk-flag.set", "2023-03-04T10:00", flag="da-perpetrator")
    again = fact("3", CONCERN, "2022-03-04T10:00", ["S subject", "A other"], [claim("S-A partner")])
    assert not judged(file, told, flag).findings
    assert only(judged(file, told, again, flag)).since == at("2023-03-04T10:00")


# deadline

DEADLINE = {
    "kind": "deadline",
    "date": {"types": ["prison.release.planned"], "field": "date", "term": "release"},
    "steps": ["6 weeks", "2 weeks"],
    "clock": "occurred",
    "anchor": ["subject", "term"],
    "unless": [ANSWER],
}


def planned(name: str, when: str, date: object, **said: Any) -> Fact:
    return fact(name, "prison.release.planned", when, release="REL-1", date=date, by="prison-service", **said)


def test_a_deadline_rings_at_its_steps() -> None:
    found = judged(rule(**DEADLINE), planned("1", "01-02T10:00", "2024-06-14"), now="05-10T00:00")
    assert (only(found).since, only(found).steps, found.wake_at) == (
        at("05-03T09:00"), (at("05-03T09:00"),), at("05-31T09:00"),
    )  # fmt: skip


def test_a_date_stated_anew_replaces_the_old() -> None:
    moved = [planned("1", "01-02T10:00", "2024-06-14"), planned("2", "05-10T10:00", "2024-09-13")]
    ended = only(judged(rule(**DEADLINE), *moved, now="05-20T00:00"))
    assert (ended.state, ended.until) == (State.LAPSED, at("05-10T10:00"))
    assert judged(rule(**DEADLINE), *moved, now="05-20T00:00").wake_at == at("08-02T09:00")
    again = only(judged(rule(**DEADLINE), *moved, now="08-03T00:00"))
    assert (again.state, again.since, again.episode_since) == (State.STANDING, at("05-03T09:00"), at("08-02T09:00"))


def test_a_date_brought_forward_goes_on_standing() -> None:
    moved = [planned("1", "01-02T10:00", "2024-06-14"), planned("2", "05-10T10:00", "2024-05-31")]
    finding = only(judged(rule(**DEADLINE), *moved, now="05-18T00:00"))
    assert (finding.state, finding.episode_since) == (State.STANDING, at("05-03T09:00"))
    assert at("05-17T09:00") in finding.steps


def test_a_date_known_only_as_a_month_counts_from_its_first_day_and_says_possible() -> None:
    finding = only(judged(rule(**DEADLINE), planned("1", "01-02T10:00", "2024-06"), now="05-10T00:00"))
    assert (finding.since, finding.possible) == (at("04-19T09:00"), True)
    assert "possible" in finding.why


def test_an_answer_before_the_first_step_is_in_time_unless_it_is_too_old() -> None:
    old = {**DEADLINE, "unless": [{**ANSWER, "since": "3 months"}]}
    facts = (done("answer", "03-01T10:00"), planned("1", "01-02T10:00", "2024-06-14"))
    assert not judged(rule(**DEADLINE), *facts).findings
    assert only(judged(rule(**old), *facts)).state is State.STANDING


# contradiction


def test_a_later_record_that_lowers_or_omits_what_stands() -> None:
    assessed = fact("1", "probation.risk.assessed", "03-01T10:00", levels={"children": "high"}, markers=["rosh-high"])
    entered = fact("2", "police.intelligence.submitted", "03-04T10:00", markers=[])
    complete = fact("3", "police.intelligence.submitted", "03-05T10:00", markers=["rosh-high"])
    omits = rule(
        kind="contradiction",
        of={"types": ["probation.risk.assessed"]},
        **{"with": {"types": ["police.intelligence.submitted"]}},
        compare={"field": "markers", "how": "omits"},
    )
    assert only(judged(omits, assessed, entered)).since == at("03-04T10:00")
    assert not judged(omits, assessed, complete).findings
    lowered = fact("4", "probation.risk.assessed", "03-06T10:00", levels={"children": "medium"})
    lower = rule(
        kind="contradiction",
        of={"types": ["probation.risk.assessed"]},
        **{"with": {"types": ["probation.risk.assessed"]}},
        compare={"field": "levels.children", "how": "lower", "order": ["low", "medium", "high"]},
    )
    assert only(judged(lower, assessed, lowered)).since == at("03-06T10:00")
    assert not judged(lower, assessed).findings


def test_two_sources_that_differ() -> None:
    one = fact("1", "prison.intervention.completed", "03-01T10:00", programme="calm")
    other = fact("2", "prison.intervention.dropped", "03-02T10:00", programme="thinking-skills")
    differs = rule(
        kind="contradiction",
        of={"types": ["prison.intervention.completed"]},
        **{"with": {"types": ["prison.intervention.dropped"]}},
        compare={"field": "programme", "how": "differs"},
    )
    assert only(judged(differs, one, other)).since == at("03-02T10:00")


# modifiers


def test_any_of_is_one_alert_that_stands_while_a_leg_does() -> None:
    legs = [
        {"kind": "absence", "steps": ["60 minutes"], "unless": [ANSWER]},
        {"kind": "absence", "steps": ["24 hours"], "unless": [{"types": ["*.disclosure.made"], "names": ["subject"]}]},
    ]
    file = rule(any_of=legs, of={"types": [CONCERN]})
    facts = [concern("1", "03-04T10:00"), done("first", "03-04T15:00")]
    gap = only(judged(file, *facts, now="03-04T18:00"))
    assert (gap.state, gap.until) == (State.ANSWERED, at("03-04T15:00"))
    again = only(judged(file, *facts))
    assert (again.state, again.since, again.episode_since) == (State.STANDING, at("03-04T11:00"), at("03-05T10:00"))
    both = only(judged(file, *facts, fact("told", "police.disclosure.made", "03-05T12:00")))
    assert (both.state, both.until) == (State.ANSWERED, at("03-05T12:00"))


def test_while_holds_at_the_anchor_and_not_now() -> None:
    file = rule(
        kind="event", of={"types": [CONCERN]}, **{"while": ["subject is in custody"]}, anchor=["event", "subject"]
    )
    inside = fact("in", "prison.person.received", "03-01T10:00", by="prison-service")
    out = fact("out", "prison.person.released", "03-05T10:00", by="prison-service")
    facts = (inside, concern("during", "03-04T10:00"), out, concern("after", "03-06T10:00"))
    assert [each.evidence[-1].id for each in judged(file, *facts).findings] == ["during"]


def test_an_interval_that_may_satisfy_rings_and_says_possible() -> None:
    file = rule(kind="absence", clock="occurred", of={"types": [CONCERN]}, within="24 hours", unless=[ANSWER])
    when = Interval(at("03-01T00:00"), at("03-03T00:00"))
    finding = only(judged(file, concern("1", "03-04T10:00", occurred=when)))
    assert (finding.since, finding.possible) == (at("03-04T10:00"), True)
    maybe = done("answer", "03-04T10:00", occurred=Interval(at("03-01T12:00"), at("03-02T12:00")))
    assert only(judged(file, concern("1", "03-04T10:00", occurred=when), maybe)).state is State.ANSWERED


def test_history_alone_is_marked_and_a_live_event_joins_it() -> None:
    file = rule(kind="count", of={"types": [CONCERN]}, at_least=2, within="6 months")
    past = [concern("1", "01-01T10:00", history=True), concern("2", "01-02T10:00", history=True)]
    assert only(judged(file, *past)).history_only
    finding = only(judged(file, *past, concern("3", "02-01T10:00")))
    assert (finding.history_only, finding.since) == (False, at("02-01T10:00"))


# the bus is behind


def _behind(clock: datetime, watermark: datetime) -> Judging:
    return Judging.behind(clock, watermark)


def test_deadlines_wait_a_minute_for_u1_and_ten_for_others() -> None:
    said: dict[str, Any] = {"kind": "absence", "of": {"types": [CONCERN]}, "within": "60 minutes", "unless": [ANSWER]}
    urgent, other = rule(**said, urgency=[{"level": "U1"}]), rule(**said)
    one = concern("1", "03-04T10:00")
    stuck = at("03-04T10:30")
    for minute, rings in ((0, [False, False]), (1, [True, False]), (9, [True, False]), (10, [True, True])):
        now = _behind(at(f"03-04T11:{minute:02}"), stuck)
        assert [bool(judged(file, one, judging=now).findings) for file in (urgent, other)] == rings
    waiting = judged(other, one, judging=_behind(at("03-04T11:05"), stuck))
    assert waiting.wake_at == at("03-04T11:00")


def test_an_answer_read_in_the_meantime_counts_at_once() -> None:
    file = rule(kind="absence", of={"types": [CONCERN]}, within="60 minutes", unless=[ANSWER])
    now = _behind(at("03-04T11:20"), at("03-04T10:30"))
    facts = (concern("1", "03-04T10:00"), done("late", "03-04T11:18"))
    assert only(judged(file, *facts, judging=now)).urgency is Urgency.U2
