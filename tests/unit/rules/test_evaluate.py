"""The evaluation as a whole: recipients, incomplete and too large cases, ended findings that stay as they were, any order."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.chronology import around
from services.chronology.facts import EventRef, Fact, Join
from services.rules import registry
from services.rules.evaluate import evaluate
from services.rules.findings import Disclosure, Finding, Judging, RecordPart, State, Urgency
from services.rules.load import load_catalogue, release
from services.rules.view import View
from tests.unit.rules.making import DIRECTORY, at, case, claim, fact, judged, record, rule, unnamed

CONCERN = "police.concern.reported"


def only(found: list[Finding]) -> Finding:
    assert len(found) == 1, found
    return found[0]


def lead(name: str, by: str, when: str = "01-01T10:00", kind: str = "started") -> Fact:
    sector = by.split("-", maxsplit=1)[0]
    return fact(name, f"{sector}.lead-role.{kind}", when, by=by, role=f"{sector}-lead")


# recipients


def told(*rows: dict[str, object], facts: tuple[Fact, ...], now: str = "12-31T00:00") -> Finding:
    file = rule(kind="event", of={"types": [CONCERN]}, anchor=["event", "subject"], to=list(rows))
    return only(list(judged(file, *facts, now=now).findings))


def test_an_agency_is_one_recipient_with_its_highest_class() -> None:
    facts = (lead("1", "police-north"), fact("2", CONCERN, "03-01T10:00"))
    finding = told(
        {"role": "supervisor", "of": "recording agency", "shown": "D1"},
        {"role": "owner", "shown": "D2"},
        {"role": "police-lead", "ladder": "lead+supervisor", "shown": "D2"},
        facts=facts,
    )
    (recipient,) = finding.recipients
    assert (recipient.agency, recipient.role, recipient.ladder, recipient.shown) == (
        "police-north", "police-lead", "lead", Disclosure.D2,
    )  # fmt: skip


def test_a_role_nobody_holds_is_listed_as_not_reached() -> None:
    report = fact("1", CONCERN, "03-01T10:00", [("S subject", {"area": "northtown"})], by="employer-north")
    finding = told({"role": "mappa-lead", "shown": "D2"}, {"role": "asc-for-area", "shown": "D2"}, facts=(report,))
    assert (finding.recipients, finding.not_reached) == ((), ("mappa-lead", "asc-for-area of northtown"))


def test_an_agency_without_a_desk_is_not_reached() -> None:
    """Named as told it would read, in the night, as if somebody there knew."""
    report = fact("1", CONCERN, "03-01T10:00", by="employer-north")
    finding = told({"role": "supervisor", "of": "recording agency", "shown": "D1"}, facts=(report,))
    assert (finding.recipients, finding.not_reached) == ((), ("supervisor at employer-north",))


def test_a_lead_officer_of_an_agency_without_a_desk_leaves_the_pointer_to_who_reported_it() -> None:
    facts = (lead("1", "probation-nowhere"), fact("2", CONCERN, "03-01T10:00"))
    finding = told({"role": "probation-lead", "shown": "D2"}, facts=facts)
    assert [(each.agency, each.shown) for each in finding.recipients] == [("police-north", Disclosure.D1)]
    assert finding.not_reached == ("probation-lead at probation-nowhere",)


@pytest.mark.parametrize(("urgency", "reached"), [("U1", ["police-north"]), ("U2", ["police-north"]), ("U3", [])])
def test_what_presses_and_is_for_nobody_goes_to_who_reported_it_as_a_pointer(urgency: str, reached: list[str]) -> None:
    """Lead officers nobody has named, an area nobody knows: it must not stand in silence."""
    file = rule(
        kind="event", of={"types": [CONCERN]}, urgency=[{"level": urgency}], to=[{"role": "mappa-lead", "shown": "D2"}]
    )
    finding = only(list(judged(file, fact("1", CONCERN, "03-01T10:00"), now="12-31T00:00").findings))
    assert [recipient.agency for recipient in finding.recipients] == reached
    assert {recipient.shown for recipient in finding.recipients} <= {Disclosure.D1}
    assert finding.not_reached == ("mappa-lead",), "it says so all the same"


def test_no_employer_is_told_because_nobody_else_is() -> None:
    report = fact("1", CONCERN, "03-01T10:00", by="employer-north")
    finding = told({"role": "csc-for-area", "of": "other", "shown": "D2"}, facts=(report,))
    assert (finding.recipients, finding.not_reached) == ((), ("anybody",))


def test_of_somebody_nobody_leads_on_the_area_is_the_owner() -> None:
    report = fact("1", CONCERN, "03-01T10:00", [("S subject", {"area": "northtown"})])
    assert [each.agency for each in told({"role": "owner", "shown": "D2"}, facts=(report,)).recipients] == [
        "police-north"
    ]


def test_recipients_follow_the_role_and_the_moment_is_a_time_to_look_again() -> None:
    facts = (
        lead("1", "probation-north"),
        replace(lead("2", "probation-north", "05-01T10:00", "ended"), received_at=at("02-01T10:00")),
        fact("3", CONCERN, "03-01T10:00"),
    )
    file = rule(
        kind="event", of={"types": [CONCERN]}, to=[{"role": "probation-lead", "shown": "D2", "after_role": "D1", "for": "26 weeks"}]
    )  # fmt: skip
    for now, shown, again in (
        ("04-01T00:00", [("probation-north", 2)], "05-01T10:00"),
        ("05-01T10:00", [("probation-north", 1)], "10-30T10:00"),
        ("10-30T10:00", [("police-north", 1)], None),  # who reported it, for it presses and there is nobody else
    ):
        found = judged(file, *facts, now=now)
        assert [(each.agency, each.shown) for each in found.findings[0].recipients] == shown
        assert found.wake_at == (at(again) if again else None)


def test_a_lone_voice_rings_the_owner_alone_and_no_higher_than_u2() -> None:
    alone = "rings the owner alone, at U2 at most"
    file = rule(
        kind="path",
        evidence=["partner"],
        anchor=["subject", "other"],
        urgency=[{"level": "U1"}],
        uncorroborated=alone,
        to=[{"role": "owner", "shown": "D2"}, {"role": "csc-for-area", "of": "other", "shown": "D2"}],
    )
    people = ["S subject", ("A other", {"area": "northtown"})]
    one = fact("1", CONCERN, "03-01T10:00", people, [claim("S-A partner")], grade="2C", informant={"staff": "E1"})
    other = fact("2", CONCERN, "03-02T10:00", people, [claim("S-A partner")], grade="2C", informant={"staff": "E2"})
    finding = only(list(judged(file, lead("0", "police-north"), one).findings))
    assert (finding.urgency, [each.agency for each in finding.recipients]) == (Urgency.U2, ["police-north"])
    assert finding.why.startswith("It is reported, and not confirmed, that ")
    both = only(list(judged(file, lead("0", "police-north"), one, other).findings))
    assert (both.urgency, [each.agency for each in both.recipients]) == (Urgency.U1, ["csc-north", "police-north"])
    assert both.why == "It happened"


def test_a_registration_is_no_second_voice() -> None:
    flag = fact("1", "police.risk-flag.set", "01-01T10:00", ["T subject"], flag="pprc")
    people = ["T subject", ("C child", {"born": "2021-05-17"}), "R reporter"]
    one = fact("2", CONCERN, "03-01T10:00", people, grade="2C", informant={"ref": "R"})
    other = fact("3", CONCERN, "03-02T10:00", people, grade="2C", informant={"staff": "E2"})
    for facts, expected in (((flag, one), False), ((flag, one, other), True)):
        found = evaluate(case(*facts, subject="C"), load_catalogue(), DIRECTORY, Judging.at(at("03-03T00:00"))).findings
        (finding,) = [each for each in found if each.rule == "R26"]
        assert finding.corroborated is expected


# what has ended stays as it was


def test_what_comes_after_the_end_changes_nothing_of_it() -> None:
    rules = load_catalogue()
    flag = fact("flag", "police.risk-flag.set", "01-01T10:00", flag="da-perpetrator")
    people = ["S subject", "A other"]
    claimed = fact("1", CONCERN, "03-01T10:00", people, [claim("S-A partner")], grade="2C", informant={"staff": "E1"})
    death = fact("2", "police.death.recorded", "03-10T10:00", ["A deceased"])
    late = fact("3", CONCERN, "03-05T10:00", people, [claim("S-A partner")], received="04-01T10:00", grade="1A")
    first = {"lead": lead("0", "police-north"), "flag": flag, "claimed": claimed, "death": death}
    before = evaluate(case(*first.values()), rules, DIRECTORY, Judging.at(at("05-01T00:00"))).findings
    after = evaluate(case(*first.values(), late), rules, DIRECTORY, Judging.at(at("05-01T00:00"))).findings
    (one,), (same,) = ([each for each in found if each.rule == "R01"] for found in (before, after))
    assert one.state is State.LAPSED
    assert one == same


def test_the_anchor_of_a_placeholder_is_its_own_record() -> None:
    rules = load_catalogue()
    slot = fact("slot", "police.information.received", "03-04T10:00", ["S subject", unnamed("X", "S", event="slot")])
    named = fact("named", CONCERN, "03-01T10:00", ["S subject", "A other"], [claim("S-A cohabitant")], grade="2B")
    join = Join(record("X@slot"), record("A"), at("03-04T10:00"), "workplace", (EventRef("x", "y"),))
    facts = (lead("0", "police-north"), slot, named)
    found = evaluate(case(*facts, joins=[join]), rules, DIRECTORY, Judging.at(at("03-05T00:00"))).findings
    (question,) = [each for each in found if each.rule == "R10"]
    assert question.anchor.parts == (RecordPart(record("S")), RecordPart(record("X@slot")))


# incomplete


def test_a_rule_that_fails_is_incomplete_and_the_others_go_on() -> None:
    @registry.states("fails, in tests")
    def fails(view: View, *_: object) -> None:
        raise ZeroDivisionError(view)

    try:
        good = rule(kind="event", of={"types": [CONCERN]})
        bad = rule(id="R98", kind="event", of={"types": [CONCERN]}, **{"while": ["fails, in tests"]})
        rules = release([bad, good])
    finally:
        del registry.states.known["fails, in tests"]
    found = evaluate(case(fact("1", CONCERN, "03-01T10:00")), rules, DIRECTORY, Judging.at(at("03-02T00:00")))
    assert [each.rule for each in found.findings] == ["R99"]
    (incomplete,) = found.incomplete
    assert incomplete.rule == "R98"
    assert incomplete.reason.startswith("ZeroDivisionError: ")
    assert "Fact" not in incomplete.reason


@pytest.mark.parametrize(("people", "facts"), [(around.PEOPLE_MAX + 1, 1), (1, around.FACTS_MAX + 1)])
def test_a_case_too_large_is_incomplete_as_a_whole(people: int, facts: int) -> None:
    named = ["S subject", *(f"Z{n} other" for n in range(people - 1))]
    held = [fact(str(n), CONCERN, "03-01T10:00", named) for n in range(facts)]
    found = evaluate(case(*held), load_catalogue(), DIRECTORY, Judging.at(at("03-02T00:00")))
    assert not found.findings
    assert found.incomplete[0].rule is None


@pytest.mark.parametrize(("people", "facts"), [(around.PEOPLE_MAX, 1), (1, around.FACTS_MAX)])
def test_a_case_of_just_the_size_there_may_be_is_judged(people: int, facts: int) -> None:
    named = ["S subject", *(f"Z{n} other" for n in range(people - 1))]
    file = rule(kind="event", of={"types": [CONCERN]})
    held = [fact(str(n), CONCERN, "03-01T10:00", named) for n in range(facts)]
    assert only(list(judged(file, *held).findings)).rule == "R99"


# any order


STORY = [
    lead("0", "police-north"),
    lead("00", "probation-north"),
    fact("flag", "police.risk-flag.set", "01-02T10:00", flag="da-perpetrator"),
    fact("family", "health.child.registered", "01-03T10:00", [("C subject", {"born": "2020-01-01"}), "A parent"], [claim("A-C parent", "confirmed")], by="health-north"),
    fact("one", CONCERN, "03-04T10:00", ["S subject", "A other"], [claim("S-A partner")], grade="2C", informant={"staff": "E1"}),
    fact("two", "housing.concern.reported", "03-05T10:00", ["S subject", "A other"], [claim("S-A cohabitant")], by="housing-north", grade="2C", informant={"staff": "H1"}, received="03-20T10:00"),
    fact("contact", "childrens-social-care.contact.recorded", "03-06T10:00", ["S subject", "C child"], by="csc-north", source="individual"),
    fact("decided", "childrens-social-care.referral.decided", "03-08T10:00", ["S subject", "C child"], by="csc-north", outcome="assessment", rationale="given"),
    fact("again", CONCERN, "04-04T10:00", ["S subject", "A other"], [claim("S-A partner")], grade="2B", informant={"staff": "E3"}),
]  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(st.randoms())
def test_any_order_of_the_same_facts_gives_the_same_findings(chance: Random) -> None:
    rules = load_catalogue()
    now = Judging.at(at("05-01T00:00"))
    expected = evaluate(case(*STORY), rules, DIRECTORY, now)
    mixed = list(STORY)
    chance.shuffle(mixed)
    found = evaluate(case(*mixed), rules, DIRECTORY, now)
    assert found.wake_at == expected.wake_at
    assert sorted(found.findings, key=repr) == sorted(expected.findings, key=repr)
    assert {each.rule for each in found.findings} >= {"R01", "R06"}


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 60 * 24 * 70))
def test_nothing_changes_before_the_next_wake(minutes: int) -> None:
    rules = load_catalogue()
    now = at("03-01T00:00").timestamp() + 60 * minutes
    clock = at("03-01T00:00").fromtimestamp(now, tz=at("03-01T00:00").tzinfo)
    known = [each for each in STORY if each.received_at <= clock]
    first = evaluate(case(*known), rules, DIRECTORY, Judging.at(clock))
    arrivals = [each.received_at for each in STORY if each.received_at > clock]
    end = min([at("12-31T00:00"), *arrivals, *([first.wake_at] if first.wake_at else [])])
    just_before = end - (end - clock) / 1_000
    later = evaluate(case(*known), rules, DIRECTORY, Judging.at(just_before))
    assert later.findings == first.findings
