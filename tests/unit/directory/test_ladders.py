"""Desks and ladders: birmingham.md 1.6, and each ring of its table 4.6."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.directory.model import Rung
from services.rules.findings import Urgency
from tests.unit.directory import example

DIRECTORY = example.directory()
WMP = "police-west-midlands"
PROB_W = "probation-wales"
PROB_B = "probation-staffordshire-west-midlands"
CSC_B = "csc-birmingham"
U1, U2, U3, U4 = Urgency


def london(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/London"))


def desks(agency: str, ladder: str, urgency: Urgency, at: str) -> list[str]:
    return ["+".join(rung.desks) for rung in DIRECTORY.ladder(agency, ladder, urgency, london(at))]


@pytest.mark.parametrize(
    ("agency", "ladder", "urgency", "at", "rungs"),
    [
        pytest.param(PROB_W, "lead", U2, "2013-02-16T10:00", ["on-call-manager", "aco"], id="E1 a Saturday"),
        pytest.param(CSC_B, "duty-desk", U1, "2013-04-02T10:00", ["duty-team", "team-manager"], id="E2 R26"),
        pytest.param(WMP, "lead", U2, "2013-03-28T07:20", ["duty-inspector", "superintendent"], id="E3 K+ and R+"),
        pytest.param(WMP, "lead", U2, "2013-04-03T10:00", ["police-om", "om-supervisor"], id="E3 K-"),
        pytest.param(WMP, "lead", U2, "2013-04-03T10:40", ["police-om", "om-supervisor"], id="E3 R-"),
        pytest.param(WMP, "lead", U2, "2013-04-15T09:00", ["police-om", "om-supervisor"], id="E4 licence cliff"),
        pytest.param(WMP, "duty-inspector", U1, "2013-04-08T12:00", ["duty-inspector", "superintendent"], id="E5 K+"),
        pytest.param(WMP, "duty-inspector", U1, "2013-05-27T16:00", ["duty-inspector", "superintendent"], id="E5 K-"),
        pytest.param(WMP, "control-room", U1, "2013-05-31T23:18", ["control-room", "force-duty-officer"], id="E6"),
        pytest.param(CSC_B, "duty-desk", U1, "2013-05-27T16:00", ["edt", "edt-manager"], id="KF6 a bank holiday"),
        pytest.param(PROB_B, "lead", U1, "2013-05-27T16:00", ["on-call-manager", "aco"], id="KF6 probation"),
        pytest.param(
            "police-west-mercia", "supervisor", U1, "2013-04-02T10:00", ["duty-supervisor", "duty-inspector"], id="C6"
        ),
        pytest.param(CSC_B, "team-manager", U1, "2013-04-03T10:40", ["team-manager", "service-manager"], id="C10"),
        pytest.param(CSC_B, "team-manager", U1, "2013-04-03T18:00", ["edt-manager", "service-manager"], id="stand-in"),
    ],
)
def test_the_desks_of_the_replay(agency: str, ladder: str, urgency: Urgency, at: str, rungs: list[str]) -> None:
    assert desks(agency, ladder, urgency, at) == rungs


def test_a_lead_role_rings_the_duty_desk_at_u1_even_in_hours() -> None:
    assert desks(WMP, "lead", U1, "2013-04-08T12:00") == ["duty-inspector", "superintendent"]
    assert desks(WMP, "lead", U2, "2013-04-08T12:00") == ["police-om", "om-supervisor"]


@pytest.mark.parametrize(
    ("at", "first"),
    [
        ("2013-04-08T08:00", "police-om"),
        ("2013-04-08T07:59", "duty-inspector"),
        ("2013-04-08T17:59", "police-om"),
        ("2013-04-08T18:00", "duty-inspector"),
        ("2013-04-06T12:00", "duty-inspector"),
        ("2012-12-25T12:00", "duty-inspector"),
        ("2013-03-29T12:00", "duty-inspector"),
    ],
)
def test_hours_are_half_open_london_time_on_working_days(at: str, first: str) -> None:
    assert desks(WMP, "lead", U2, at)[0] == first


def test_rungs_follow_at_the_pace_of_their_urgency() -> None:
    at = london("2013-04-08T12:00")
    assert DIRECTORY.ladder(WMP, "control-room", U1, at)[1] == Rung(2, ("force-duty-officer",), timedelta(minutes=15))
    assert DIRECTORY.ladder(WMP, "control-room", U2, at)[1].after == timedelta(minutes=60)
    assert DIRECTORY.ladder(WMP, "control-room", U2, at)[0].after == timedelta(0)


@pytest.mark.parametrize("urgency", [U3, U4])
def test_u3_and_u4_wait_at_the_desk_of_rung_1(urgency: Urgency) -> None:
    assert desks(WMP, "lead", urgency, "2013-04-08T12:00") == ["police-om"]
    assert desks(WMP, "lead", urgency, "2013-04-07T03:00") == ["police-om"]


def test_two_functions_ring_together_and_share_the_rungs() -> None:
    assert desks(WMP, "lead+supervisor", U2, "2013-04-30T12:00") == [
        "police-om+om-supervisor",
        "om-supervisor+superintendent",
    ]
    assert desks(WMP, "lead+supervisor", U2, "2013-04-30T22:00") == ["duty-inspector", "superintendent"]


def test_a_rung_may_be_another_agencys_desk() -> None:
    rungs = DIRECTORY.ladder("approved-premises-millrace", "lead", U1, london("2013-02-20T10:00"))
    desk = DIRECTORY.desk("approved-premises-millrace", rungs[1].desks[0])
    assert desk is not None
    assert (desk.agency, desk.id) == (PROB_B, "on-call-manager")


def test_an_unlisted_function_rings_the_ladder_for_all_others() -> None:
    assert desks(CSC_B, "no-such-function", U2, "2013-04-08T12:00") == ["duty-team", "team-manager"]


@pytest.mark.parametrize("agency", ["employer-tamarisk", "housing-fernhollow", "court-service", "nobody"])
def test_who_has_no_desk_is_told_nothing(agency: str) -> None:
    assert desks(agency, "lead", U1, "2013-04-08T12:00") == []
