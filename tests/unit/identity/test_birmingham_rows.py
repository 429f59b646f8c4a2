"""The identity truth of the Birmingham case, row by row and by name, from its own case file, in every variant.

Sections 6.1 (one person, and on what), 6.2 (only possibly the same) and 6.3 (must not be linked). A row's name says what
stands in it; what an agency did not send in a variant is not asked of it.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from typing import NamedTuple

import pytest

from deploy.cases.load import events, load
from services.chronology.facts import Fact, Mention
from services.identity.people import Settled
from services.trial.world import Arrival, World, take_in

VARIANTS = ("K+", "K-", "R+", "R-")
CASE = load("birmingham")

HMPS, PROB_W, PROB_B = "prison-service", "probation-wales", "probation-staffordshire-west-midlands"
AP_B, NWP, WMP, WMERC = (
    "approved-premises-millrace",
    "police-north-wales",
    "police-west-midlands",
    "police-west-mercia",
)
CRT, MAPPA_W, MAPPA_B = "court-service", "mappa-north-wales", "mappa-west-midlands"
CSC_B, CSC_C, CSC_WO, CSC_WA = "csc-birmingham", "csc-cornwall", "csc-worcestershire", "csc-wrexham"
HOU, EMP, HV, MH = (
    "housing-fernhollow",
    "employer-tamarisk",
    "health-birmingham-community",
    "health-birmingham-mental-health",
)
SWITCHED_OFF = {HOU, EMP}
"""What is not there in K- and R-."""


class Told(NamedTuple):
    """A case played up to some moment."""

    world: World
    settled: Settled

    def mentions(self, ref: str) -> Iterable[tuple[Fact, Mention]]:
        return [(fact, m) for fact in self.world.facts.values() for m in fact.mentions if m.ref == ref]

    def people(self, ref: str, *rows: str) -> set[int]:
        """Who is called that, in these rows or in all."""
        return {
            self.settled.person_of[m.record]
            for fact, m in self.mentions(ref)
            if not rows or fact.ref.id.rpartition("-")[2] in rows
        }

    def person(self, ref: str, *rows: str) -> int:
        (found,) = self.people(ref, *rows)
        return found

    def reviews(self) -> dict[frozenset[str], datetime]:
        """What is open, by what events call the two, with when it was opened."""
        refs: dict[int, set[str]] = {}
        for fact in self.world.facts.values():
            for m in fact.mentions:
                refs.setdefault(self.settled.person_of[m.record], set()).add(m.ref)
        return {
            frozenset(refs[self.settled.person_of[r.record]] | refs[self.settled.person_of[r.candidate_record]]): (
                r.opened_at
            )
            for r in self.settled.reviews
        }

    def joined(self, ref: str, row: str) -> datetime | None:
        """When the placeholder or sender of a row could first be known to be somebody."""
        (record,) = {m.record for fact, m in self.mentions(ref) if fact.ref.id.rpartition("-")[2] == row}
        return next((join.joined_at for join in self.settled.joins if join.slot_record == record), None)


@cache
def told(variant: str, until: datetime | None = None) -> Told:
    world = World()
    for posted in events(CASE, variant):
        if until is None or posted.at < until:
            take_in(world, Arrival(posted.event, posted.at, history=posted.lane == "history"))
    return Told(world, world.settled())


def utc(month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2013, month, day, hour, minute, tzinfo=UTC)


ONE_PERSON = {
    "S by his numbers, or full name and date of birth": (
        "S",
        (HMPS, PROB_W, PROB_B, AP_B, NWP, WMP, CRT, MAPPA_W, MAPPA_B, CSC_B, CSC_C, CSC_WO, CSC_WA, HOU, MH),
    ),
    "S in 52a and 53, by name and his declared number": ("S", (WMERC, CSC_B)),
    "S without a name, whose number has one declarer": ("S", (EMP,)),
    "W by full name and date of birth, or name, month and address": ("W", (CSC_B, CRT, HV, WMP, EMP, WMERC)),
    "EC by full name and date of birth, or name, month and address": ("EC", (HV, CRT, WMERC, CSC_B, WMP)),
    "BB by full name and date of birth, or name, month and address": ("BB", (HV, WMP)),
    "SIS by her contact number, or full name and date of birth": (
        "SIS",
        (CSC_B, HMPS, AP_B, PROB_B, MAPPA_B, CSC_C, WMP),
    ),
    "PP by full name and date of birth, or name, year and address": ("PP", (CSC_B, WMP, WMERC)),
    "EX everywhere": ("EX", (HMPS, CSC_B, CRT, PROB_W)),
    "WO everywhere": ("WO", (HMPS, PROB_W, CSC_WO)),
    "WOC everywhere": ("WOC", (PROB_W, CSC_WO)),
}


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize(("ref", "agencies"), ONE_PERSON.values(), ids=ONE_PERSON)
def test_6_1_one_person(variant: str, ref: str, agencies: tuple[str, ...]) -> None:
    found = told(variant)
    by_agency: dict[str, set[int]] = {}
    for fact, mention in found.mentions(ref):
        by_agency.setdefault(fact.agency, set()).add(found.settled.person_of[mention.record])
    expected = {agency for agency in agencies if variant.endswith("+") or agency not in SWITCHED_OFF}
    assert expected <= by_agency.keys(), "the row names an agency that says nothing of them"
    assert len(found.people(ref)) == 1


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize(
    ("ref", "rows"),
    [
        pytest.param("S", ("52a", "53", "25d"), id="S: 52a by year and number, 53 by number, as the police know him"),
        pytest.param("S", ("62a", "71", "25d"), id="S: the sender at the duty telephone, 62a and 71"),
        pytest.param("W", ("53", "h01", "h30"), id="W: 53 by name, month and address"),
        pytest.param("W", ("67", "72b", "72c", "h32"), id="W: 67 and 72 under the police's own number"),
        pytest.param("EC", ("72c", "h30", "h29"), id="EC: 72c by name, month and address"),
        pytest.param("BB", ("72c", "h31"), id="BB: 72c by name, month and address"),
        pytest.param("P1", ("h29", "h27", "h28", "52a", "53"), id="P1: 53 by name and number"),
        pytest.param("PP", ("h01", "h02", "h03", "52a"), id="PP: 52a by name, year and address"),
    ],
)
def test_6_1_a_row_that_says_little(variant: str, ref: str, rows: tuple[str, ...]) -> None:
    assert len(told(variant).people(ref, *rows)) == 1


def test_6_1_without_a_name_the_employer_reports_him_by_his_number_alone() -> None:
    found = told("K+")
    senders = [m.record for fact, m in found.mentions("S") if fact.agency == EMP]
    assert senders
    assert all(found.world.records[record].standard.sender for record in senders)
    assert found.people("S", "49", "50") == {found.person("S", "25d")}


@pytest.mark.parametrize(
    ("variant", "row", "at"),
    [
        pytest.param("K+", "57a", utc(4, 8, 10), id="K+: at 57a, by workplace, and nobody else fits"),
        pytest.param("R+", "57a", utc(4, 8, 10), id="R+: at 57a, by workplace, and nobody else fits"),
        pytest.param("K-", "57b", utc(5, 27, 14), id="K-: when 67 cites it"),
        pytest.param("R-", "57c", utc(6, 3, 9), id="R-: when 67z does, on 3 June at 10:00"),
    ],
)
def test_6_1_the_placeholder_is_w_and_takes_the_others_along(variant: str, row: str, at: datetime) -> None:
    found = told(variant)
    assert found.people("X") == {found.person("W")}
    assert found.joined("X", row) == at
    earlier = told(variant, at)
    assert earlier.people("X").isdisjoint(earlier.people("W"))


OPEN_UNTIL = {"K-": utc(5, 27), "R-": utc(6, 3)}


@pytest.mark.parametrize("variant", VARIANTS)
def test_6_2_i1_the_misspelt_name_may_be_pp(variant: str) -> None:
    found = told(variant)
    assert found.reviews()[frozenset({"PPQ", "PP"})] == utc(4, 2, 9, 40)
    assert found.people("PPQ").isdisjoint(found.people("PP")), "not without a person's decision (6.3)"


@pytest.mark.parametrize(("variant", "opened"), [("K-", utc(4, 8, 10, 30)), ("R-", utc(4, 8, 15))])
@pytest.mark.parametrize("who", [pytest.param("W", id="I2: W"), pytest.param("SIS", id="I3: SIS")])
def test_6_2_the_placeholder_may_be_either_sister(variant: str, opened: datetime, who: str) -> None:
    found = told(variant, OPEN_UNTIL[variant])
    assert found.reviews()[frozenset({"X", who})] == opened
    assert found.people("X").isdisjoint(found.people(who))


@pytest.mark.parametrize("variant", ["K-", "R-"])
def test_6_2_i4_two_children_make_w_likelier_and_are_not_enough(variant: str) -> None:
    found = told(variant, OPEN_UNTIL[variant])
    stated = [m.body["children"] for fact, m in found.mentions("X") if m.body.get("children")]
    assert {"known": "stated", "count": 2} in stated
    assert frozenset({"X", "W"}) in found.reviews()
    assert found.people("X").isdisjoint(found.people("W"))


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("W", "SIS", id="sisters: one surname, one care history"),
        pytest.param("EC", "BB", id="two children"),
        pytest.param("Y1", "S", id="his child"),
        pytest.param("Y2", "S", id="his other child"),
        pytest.param("Y1", "Y2", id="his two children"),
        pytest.param("P1", "EC", id="father and child"),
        pytest.param("PPQ", "PP", id="a misspelt name"),
        pytest.param("WO", "X", id="the placeholder and a former partner"),
        pytest.param("EX", "X", id="the placeholder and the mother of his children"),
        pytest.param("SIS", "X", id="the placeholder and the sister"),
        pytest.param("SC", "XC", id="her children and the sister's"),
    ],
)
def test_6_3_must_not_be_linked(variant: str, one: str, other: str) -> None:
    found = told(variant)
    assert found.people(one)
    assert found.people(one).isdisjoint(found.people(other))


@pytest.mark.parametrize("variant", VARIANTS)
def test_6_3_c_ashdown_is_nobody_but_s(variant: str) -> None:
    found = told(variant)
    initials = {
        found.settled.person_of[m.record]
        for fact in found.world.facts.values()
        for m in fact.mentions
        for name in m.body.get("names", ())
        if name.get("given") == "C" and name.get("family", "").upper() == "ASHDOWN"
    }
    assert initials == {found.person("S")}
    assert not any("S" in pair for pair in found.reviews())


@pytest.mark.parametrize("variant", VARIANTS)
def test_6_3_former_partners_and_the_sisters_child_are_not_even_asked_about(variant: str) -> None:
    for until in (None, OPEN_UNTIL.get(variant)):
        pairs = told(variant, until).reviews()
        assert not {frozenset({"X", "WO"}), frozenset({"X", "EX"}), frozenset({"XC", "SC"})} & pairs.keys()


@pytest.mark.parametrize("variant", VARIANTS)
def test_6_3_the_father_of_bb_stays_unnamed(variant: str) -> None:
    found = told(variant)
    child, mother = found.person("BB"), found.person("W")
    parents = {
        found.settled.person_of[fact.mention(relation.from_ref).record]
        for fact in found.world.facts.values()
        for relation in fact.relations
        if relation.kind == "parent" and found.settled.person_of[fact.mention(relation.to_ref).record] == child
    }
    assert parents == {mother}
