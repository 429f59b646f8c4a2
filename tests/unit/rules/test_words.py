"""The words of the rules, each by its definition."""

from typing import Any

import pytest

from services.chronology.facts import Fact, Interval
from services.rules.words import (
    ages,
    areas,
    children,
    custody,
    flags,
    informants,
    licences,
    mappa,
    relations,
    reports,
    roles,
    times,
)
from services.rules.words.children import Knowledge
from tests.unit.rules.making import at, claim, fact, record, unnamed, view

S, A, C = record("S"), record("A"), record("C")


def flag(name: str, when: str, by: str, kind: str, value: str, **said: Any) -> Fact:
    return fact(
        name,
        f"{by.split('-', maxsplit=1)[0] if by != 'csc-north' else 'childrens-social-care'}.risk-flag.{kind}",
        when,
        by=by,
        flag=value,
        **said,
    )


# lengths of time


@pytest.mark.parametrize(
    "text",
    ["15 minutes", "1 hour", "24 hours", "1 day", "1 working day", "26 weeks", "12 months", "at once", "0 weeks"],
)
def test_lengths_read_as_they_are_written(text: str) -> None:
    assert str(times.Length.parse(text)) == text


def test_days_are_calendar_and_hours_elapse() -> None:
    before = at("03-30T12:00")  # the night the clocks go forward
    assert times.Length.parse("24 hours").after(before) == at("03-31T13:00")
    assert times.Length.parse("1 day").after(before) == at("03-31T12:00")
    assert times.Length.parse("2 months").before(at("03-31T10:00")) == at("01-31T10:00")


def test_what_is_not_known_of_occurred_is_filled_in() -> None:
    open_end = fact("1", "police.concern.reported", "03-04T10:00", occurred=Interval(at("03-01T00:00"), None))
    unknown = fact("2", "police.concern.reported", "03-04T10:00", occurred=Interval(None, None))
    assert times.clock_of(open_end, "occurred") == (at("03-01T00:00"), at("03-04T10:00"))
    assert times.clock_of(unknown, "occurred") == (at("03-04T10:00"), at("03-04T10:00"))


# flags


def test_only_those_entitled_set_a_flag() -> None:
    by_police = flag("1", "01-01T10:00", "police-north", "set", "pprc")
    by_probation = flag("2", "01-01T10:00", "probation-north", "set", "pprc")
    assert flags.held(view(by_police), S, at("02-01T00:00"), ("pprc",))
    assert not flags.held(view(by_probation), S, at("02-01T00:00"), ("pprc",))


def test_a_flag_of_one_kind_is_not_another() -> None:
    seen = view(
        fact("1", "probation.risk.assessed", "01-01T10:00", by="probation-north", levels={"children": "very-high"})
    )
    assert flags.held(seen, S, at("02-01T00:00"), (flags.ROSH_HIGH,))
    assert not flags.held(seen, S, at("02-01T00:00"), (flags.PPRC, flags.SCHEDULE_1))


def test_the_latest_assessment_stands() -> None:
    high = fact("1", "probation.risk.assessed", "01-01T10:00", levels={"known_adult": "high"})
    silent = fact("2", "probation.risk.assessed", "01-15T10:00", levels={"staff": "high"})
    low = fact("3", "probation.risk.assessed", "02-01T10:00", levels={"children": "medium"})
    seen = view(high, silent, low)
    assert flags.held(seen, S, at("01-20T00:00"))
    assert not flags.held(seen, S, at("02-02T00:00"))


def test_a_risk_to_others_alone_is_no_flag() -> None:
    assert not flags.spans(view(fact("1", "probation.risk.assessed", "01-01T10:00", levels={"public": "high"})), S)


def test_a_conviction_flags_and_no_other_outcome_does() -> None:
    for outcome, flagged in (("convicted", True), ("acquitted", False), ("bailed", False), ("discontinued", False)):
        seen = view(
            fact("1", "court.outcome.recorded", "01-01T10:00", by="court-service", outcome=outcome, domestic_abuse=True)
        )
        assert bool(flags.held(seen, S, at("02-01T00:00"))) is flagged
    child = view(fact("1", "court.outcome.recorded", "01-01T10:00", outcome="convicted", against_child=True))
    assert flags.held(child, S, at("02-01T00:00"), (flags.SCHEDULE_1,))


def test_each_agency_clears_its_own_flag() -> None:
    facts = [
        flag("1", "01-01T10:00", "police-north", "set", "pprc"),
        flag("2", "01-02T10:00", "csc-north", "set", "pprc"),
        flag("3", "02-01T10:00", "police-north", "cleared", "pprc"),
    ]
    assert flags.held(view(*facts), S, at("03-01T00:00"))
    assert flags.gaps(flags.spans(view(*facts), S)) == []
    cleared = [*facts, flag("4", "04-01T10:00", "csc-north", "cleared", "pprc")]
    assert not flags.held(view(*cleared), S, at("05-01T00:00"))
    assert flags.setters(view(*cleared), S, at("03-01T00:00")) == ["csc-north"]


def test_a_flag_set_later_reaches_back_only_where_asked() -> None:
    seen = view(flag("1", "03-01T10:00", "police-north", "set", "da-perpetrator"))
    assert flags.held(seen, S, at("02-01T00:00")) is None
    held = flags.held(seen, S, at("02-01T00:00"), reach=True)
    assert held is not None
    assert held.start == at("03-01T10:00")


# roles


def lead(name: str, when: str, by: str, kind: str = "started", **said: Any) -> Fact:
    sector = by.split("-", maxsplit=1)[0]
    return fact(name, f"{sector}.lead-role.{kind}", when, by=by, role=f"{sector}-lead", **said)


def test_two_hold_a_role_during_a_shared_transfer() -> None:
    seen = view(
        lead("1", "01-01T10:00", "probation-north"),
        lead("2", "03-01T10:00", "probation-south"),
        lead("3", "03-15T10:00", "probation-north", "ended"),
    )
    held = [roles.holders(seen, S, roles.PROBATION, at(when)) for when in ("02-01T00:00", "03-10T00:00", "03-15T10:00")]
    assert held == [["probation-north"], ["probation-north", "probation-south"], ["probation-south"]]
    assert roles.changes(seen, S) == [at("01-01T10:00"), at("03-15T10:00"), at("03-01T10:00")]


def test_the_end_known_last_stands_and_a_role_may_be_taken_again() -> None:
    seen = view(
        lead("1", "01-01T10:00", "police-north", ends="2024-03-31"),
        lead("2", "02-01T10:00", "police-north", "ended", ends="2024-04-30"),
        lead("3", "06-01T10:00", "police-north"),
    )
    held = [roles.holders(seen, S, roles.POLICE, at(when)) for when in ("04-30T23:59", "05-01T00:00", "06-01T10:00")]
    assert held == [["police-north"], [], ["police-north"]]
    assert roles.last_holders(seen, S, roles.POLICE, at("05-02T00:00")) == (["police-north"], at("05-01T00:00"))


def test_another_agency_may_say_who_holds_a_role() -> None:
    seen = view(lead("1", "01-01T10:00", "police-north", held_by="police-south"))
    assert roles.holders(seen, S, roles.POLICE, at("02-01T00:00")) == ["police-south"]
    assert not roles.leads(seen, S, "police-north", at("02-01T00:00"))


# children


def family(name: str, when: str, status: str = "confirmed", **said: Any) -> Fact:
    people = ["C subject", "A parent"]
    return fact(name, "health.child.registered", when, people, [claim("A-C parent", status)], by="health-north", **said)


def test_a_child_known_stated_unknown_and_none() -> None:
    now = at("12-01T00:00")
    stated = fact("2", "police.information.received", "03-01T10:00", [("A partner", {"children": {"known": "stated"}})])
    none = fact(
        "3", "childrens-social-care.household.recorded", "04-01T10:00", ["A subject"], by="csc-north", children="none"
    )
    by_police = fact(
        "4", "police.information.received", "04-01T10:00", [("A partner", {"children": {"known": "none"}})]
    )
    assert children.knowledge(view(), A, now) is Knowledge.UNKNOWN
    assert children.knowledge(view(stated), A, now) is Knowledge.STATED
    assert children.knowledge(view(stated, family("1", "02-01T10:00")), A, now) is Knowledge.KNOWN
    assert children.knowledge(view(family("1", "02-01T10:00"), none), A, now) is Knowledge.NONE
    assert children.knowledge(view(family("1", "05-01T10:00"), none), A, now) is Knowledge.KNOWN
    assert children.knowledge(view(by_police), A, now) is Knowledge.UNKNOWN


def test_a_grown_child_and_a_denied_one_are_none_of_hers() -> None:
    grown = fact(
        "1",
        "health.child.registered",
        "02-01T10:00",
        [("C subject", {"born": "2000-01-01"}), "A parent"],
        [claim("A-C parent")],
    )
    assert children.children(view(grown), A, at("12-01T00:00")) == []
    unsaid = fact(
        "2", "police.concern.reported", "02-01T10:00", ["A other", "C child"], [claim("A-C parent", "denied")]
    )
    assert children.children(view(unsaid), A, at("12-01T00:00")) == []


def test_a_placeholder_child_is_stated() -> None:
    told = fact("1", "police.information.received", "02-01T10:00", ["A partner", unnamed("K", "A", "child", event="1")])
    assert children.knowledge(view(told), A, at("12-01T00:00")) is Knowledge.STATED


@pytest.mark.parametrize(("born", "under"), [("2020", True), ("2019", True), ("2018-12", False), ("2019-02-28", False)])
def test_a_partial_date_of_birth_counts_at_its_latest(born: str, under: bool) -> None:
    seen = view(fact("1", "police.concern.reported", "02-01T10:00", [("C child", {"born": born})]))
    assert ages.under(seen, C, 5, at("02-28T10:00")) is under


# informants


def told(name: str, who: Any, by: str = "police-north", **said: Any) -> Fact:
    return fact(
        name,
        f"{by.split('-', maxsplit=1)[0]}.information.received",
        "03-01T10:00",
        ["S subject", "R reporter"],
        by=by,
        informant=who,
        **said,
    )


def test_repetition_never_corroborates() -> None:
    first = told("1", {"staff": "H1"}, by="housing-north")
    passed_on = told("2", {"staff": "H1", "origin": "urn:tocsin:agency:housing-north:lettings"})
    another = told("3", {"ref": "R"})
    own = told("4", None)
    citing = told("5", None, by="probation-north", cites=[{"source": "urn:tocsin:agency:housing-north", "id": "1"}])
    seen = view(first, passed_on, another, own, citing)
    assert informants.independent(seen, [first, passed_on]) == 1
    assert informants.independent(seen, [first, citing]) == 1
    assert informants.independent(seen, [first, another, own]) == 3
    assert informants.independent(seen, [passed_on, citing]) == 1, (
        "what it cites is known, though it is not among these"
    )
    round_about = [
        told(name, None, by=by, cites=[{"source": f"urn:tocsin:agency:{other}", "id": its}])
        for name, by, other, its in (
            ("6", "housing-north", "probation-north", "7"),
            ("7", "probation-north", "housing-north", "6"),
        )
    ]
    assert informants.independent(view(*round_about), round_about) == 2, "who cites each other: neither told the other"


@pytest.mark.parametrize(
    ("grade", "corroborated"), [("1A", True), ("2B", True), ("2C", False), ("3A", False), (None, False), ("1E", False)]
)
def test_one_reliable_voice_is_enough(grade: str | None, corroborated: bool) -> None:
    one = told("1", {"ref": "R"}, grade=grade)
    assert informants.corroborated(view(one), S, [(one, grade)]) is corroborated


def test_his_own_admission_is_enough_and_hearing_of_it_is_not() -> None:
    said, heard = told("1", {"ref": "S"}), told("2", {"ref": "S", "origin": "urn:tocsin:agency:csc-north"})
    assert informants.corroborated(view(said), S, [(said, None)])
    assert not informants.corroborated(view(heard), S, [(heard, None)])


def test_what_is_suspected_false_corroborates_nothing() -> None:
    one, false = told("1", {"ref": "R"}), told("2", {"staff": "X"})
    assert not informants.corroborated(view(one, false), S, [(one, "2C"), (false, "3E")])


# relations


def ended(name: str, **said: Any) -> Fact:
    by = said.pop("by", "probation-north")
    return fact(
        name, f"{by.split('-')[0]}.relationship.ended", "03-01T10:00", ["S subject", "A partner"],
        [claim("S-A partner", "ended", **said)], by=by,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("said", "counts"),
    [
        ({"claimed_by": "S"}, False),
        ({"claimed_by": "A"}, False),
        ({"claimed_by": "agency", "grounds": "observed"}, True),
        ({"grounds": "court-order", "by": "court-service"}, True),
        ({"by": "court-service"}, True),
        ({}, False),
    ],
)
def test_whose_word_ends_a_relation(said: dict[str, Any], counts: bool) -> None:
    assert bool(relations.agency_ends(view(ended("1", **said)), S, A)) is counts


@pytest.mark.parametrize(
    ("by", "slot", "said", "counts"),
    [
        ("probation-north", False, {"named": True, "claimed_by": "S"}, True),
        ("probation-north", False, {"named": False, "claimed_by": "S"}, False),
        ("probation-north", True, {"named": False, "claimed_by": "S"}, False),
        ("housing-north", False, {"named": True, "claimed_by": "S"}, False),
        ("probation-north", False, {"named": True, "claimed_by": "R"}, False),
    ],
)
def test_naming_somebody_to_a_lead(by: str, slot: bool, said: dict[str, Any], counts: bool) -> None:
    other = unnamed("A", "S", event="1") if slot else "A partner"
    disclosed = fact(
        "1", f"{by.split('-', maxsplit=1)[0]}.relationship.disclosed", "03-01T10:00", ["S subject", other, "R reporter"],
        [claim("S-A partner", "disclosed", **said)], by=by,
    )  # fmt: skip
    person = record("A@1") if slot else A
    assert (
        bool(relations.named_to_a_lead(view(lead("0", "01-01T10:00", "probation-north"), disclosed), S, person))
        is counts
    )


def test_kin_do_not_visit() -> None:
    visit = fact(
        "1", "prison.visit.held", "03-01T10:00", ["S subject", "A visitor"], [claim("S-A visitor")], by="prison-service"
    )
    kin = fact("2", "police.relationship.reported", "03-01T10:00", ["S subject", "A sibling"], [claim("S-A sibling")])
    assert relations.contact_evidence(view(visit), S)
    assert not relations.contact_evidence(view(visit, kin), S)
    assert relations.visits_and_letters(view(visit, kin), S)


# areas


def test_the_newest_known_area_counts_and_an_old_address_does_not() -> None:
    old = fact("1", "police.concern.reported", "01-01T10:00", [("A other", {"addresses": [{"area": "northtown"}]})])
    new = fact("2", "police.concern.reported", "02-01T10:00", [("A other", {"area": "southshire"})])
    former = fact(
        "3",
        "police.concern.reported",
        "03-01T10:00",
        [("A other", {"addresses": [{"area": "northshire", "current": False}]})],
    )
    assert areas.area_of(view(old, new, former), A) == "southshire"
    assert areas.area_of(view(former), A) is None


def test_a_stale_word_does_not_move_somebody_whose_address_is_flagged() -> None:
    def says(name: str, when: str, by: str, area: str) -> Fact:
        return fact(name, "police.concern.reported", when, [("A other", {"area": area})], by=by)

    home = says("1", "01-01T10:00", "csc-south", "southshire")
    flagged = fact(
        "2", "childrens-social-care.protection.address-flagged", "02-01T10:00", ["A subject"], by="csc-north"
    )
    refuge = says("3", "02-01T11:00", "csc-north", "northtown")
    stale = says("4", "03-01T10:00", "csc-south", "southshire")
    assert areas.area_of(view(home, refuge, stale), A) == "southshire", "nothing protects her"
    assert areas.area_of(view(home, flagged, refuge, stale), A) == "northtown"
    assert areas.area_of(view(home, flagged, stale), A) == "southshire", "nobody has said where she is now"
    anew = says("5", "03-02T10:00", "police-south", "eastshire")
    assert areas.area_of(view(home, flagged, refuge, stale, anew), A) == "eastshire", "what is said anew counts"
    back = says("6", "03-03T10:00", "csc-north", "southshire")
    assert areas.area_of(view(home, flagged, refuge, stale, back), A) == "southshire", "who protects her may say so"


def test_a_child_lives_where_its_parent_does_unless_somebody_says_otherwise() -> None:
    mother = fact("1", "police.concern.reported", "01-01T10:00", [("A other", {"area": "northtown"})])
    assert areas.home_area(view(mother, family("2", "02-01T10:00")), C) == "northtown"


def test_where_he_moves_is_his_area() -> None:
    moved = fact("1", "probation.address.changed", "03-01T10:00", by="probation-north", address={"area": "southshire"})
    assert areas.area_of(view(moved), S) == "southshire"


# custody, licences, levels


def test_in_and_out_of_custody() -> None:
    seen = view(
        fact(
            "1",
            "court.outcome.recorded",
            "01-01T10:00",
            outcome="convicted",
            sentence={"kind": "custody", "months": 20},
        ),
        fact("2", "prison.person.released", "02-01T10:00", release="REL-1"),
        fact("3", "prison.person.received", "03-01T10:00", reason="recall"),
        fact("4", "prison.person.released", "04-01T10:00", release="REL-2"),
        fact("5", "police.arrest.made", "05-01T10:00"),
        fact("6", "police.custody.ended", "05-02T10:00", outcome="bailed"),
        fact("7", "police.arrest.made", "06-01T10:00"),
        fact("8", "police.custody.ended", "06-02T10:00", outcome="remanded"),
    )
    inside = [custody.in_custody(seen, S, at(f"{month:02}-15T00:00")) for month in range(1, 8)]
    assert inside == [True, False, True, False, False, True, True]
    assert custody.sentence_began(seen, S, at("04-15T00:00")) == at("01-01T10:00")


def licence(*more: Fact, ends: str = "2024-04-14") -> list[Fact]:
    return [
        fact("1", "probation.licence.planned", "01-01T10:00", licence="LIC-1", starts="2024-02-15", ends=ends),
        fact("2", "probation.licence-conditions.set", "01-02T10:00", licence="LIC-1", conditions=[{"code": "curfew"}]),
        *more,
    ]


def span_of(*facts: Fact) -> list[tuple[object, object]]:
    return [(each.start, each.end) for each in licences.conditions(view(*facts), S, frozenset({"curfew"}))]


def test_a_condition_runs_with_its_licence() -> None:
    assert span_of(*licence()) == [(at("02-15T00:00"), at("04-15T00:00"))]
    released = fact("3", "prison.person.released", "02-15T08:30", release="REL-1")
    assert span_of(*licence(released)) == [(at("02-15T08:30"), at("04-15T00:00"))]


def test_a_recall_a_removal_and_a_move_of_the_end() -> None:
    recall = fact("3", "probation.recall.decided", "03-01T10:00", outcome="recall", licence="LIC-1")
    kept = fact("3", "probation.recall.decided", "03-01T10:00", outcome="no-recall", licence="LIC-1")
    removed = fact(
        "3",
        "probation.licence-condition.relaxed",
        "03-02T10:00",
        licence="LIC-1",
        changes=[{"code": "curfew", "removed": True}],
    )
    maybe = fact(
        "3",
        "probation.licence-condition.relaxed",
        "03-02T10:00",
        licence="LIC-1",
        changes=[{"code": "curfew", "removed": True, "if_compliant": True}],
    )
    moved = fact(
        "3", "probation.licence.planned", "03-03T10:00", licence="LIC-1", starts="2024-02-15", ends="2024-05-14"
    )
    ends = [span_of(*licence(each))[0][1] for each in (recall, kept, removed, maybe, moved)]
    assert ends == [at("03-01T10:00"), at("04-15T00:00"), at("03-02T10:00"), at("04-15T00:00"), at("05-15T00:00")]


def test_a_referral_asks_for_a_level_and_a_meeting_sets_it() -> None:
    asked = fact("1", "probation.mappa-referral.made", "01-01T10:00", category=2, level=2)
    held = fact("2", "mappa.meeting.held", "02-01T10:00", level=2)
    over = fact("3", "mappa.level.set", "03-01T10:00", category=2, level=None)
    assert not mappa.at_higher_level(view(asked), S)
    assert [(each.start, each.end) for each in mappa.at_higher_level(view(asked, held, over), S)] == [
        (at("02-01T10:00"), at("03-01T10:00"))
    ]


# reports


def test_whom_a_report_names() -> None:
    report = fact(
        "1", "police.message.reported", "03-01T10:00",
        ["S subject", ("U other", {"names": [{"given": "Sam"}]}), "P professional", "R reporter", unnamed("X", "S", event="1")],
    )  # fmt: skip
    assert [mention.ref for _, mention in reports.named(view(report), report, at("03-01T10:00"))] == ["S"]
    with_child = fact("2", "police.message.reported", "03-01T10:00", ["S subject", "C child", "R reporter"])
    assert [mention.ref for _, mention in reports.named(view(with_child), with_child, at("03-01T10:00"))] == [
        "S",
        "C",
        "R",
    ]
