"""What may be set for an area, and what it does."""

from datetime import timedelta

import pytest

from services.alerts.ladder import policy
from services.rules import parameters
from services.rules.evaluate import evaluate
from services.rules.findings import Disclosure, Judging, Recipient, Urgency
from services.rules.load import load_catalogue, release
from services.rules.parameters import ParameterRefused, Setting, Settings, Value, in_area, patience
from services.rules.words.times import Length
from tests.unit.directory import example
from tests.unit.rules.making import DIRECTORY, at, case, fact, rule

WAIT = rule(
    kind="absence",
    of={"types": ["police.concern.reported"]},
    within="24 hours",
    unless=[{"types": ["police.checks.completed"]}],
    parameters=[{"name": "window", "at": "within", "least": "1 hour", "most": "3 days", "says": "the time for checks"}],
    text={"why": "nothing was checked for {window}."},
)
SIX = Length(6, "hour")


def _setting(value: Value | None, area: str = "northshire", *, since: str = "01-01T00:00", number: int = 1) -> Setting:
    return Setting(number, "R99", "window", area, value, at(since), at("01-01T00:00"))


def _raised(settings: Settings, now: str, lives: str = "northtown") -> list[str]:
    concern = fact("1", "police.concern.reported", "03-01T10:00", [("S subject", {"area": lives})])
    rules = release([WAIT]).with_settings(settings)
    return [one.why for one in evaluate(case(concern), rules, DIRECTORY, Judging.at(at(now))).findings]


def test_a_value_holds_in_the_area_and_those_inside_it_and_is_said() -> None:
    settings = Settings((_setting(SIX),))
    (why,) = _raised(settings, "03-01T16:00")
    assert (
        why == "Nothing was checked for 6 hours. Set for the area: the time for checks is 6 hours instead of 24 hours."
    )
    assert _raised(settings, "03-01T16:00", lives="southshire") == []
    assert _raised(Settings(), "03-02T10:00") == ["Nothing was checked for 24 hours."]


@pytest.mark.parametrize(("day", "urgencies"), [("08", []), ("16", ["U3"]), ("29", ["U3"])])
def test_the_first_of_several_steps_may_be_set_and_the_others_stay(day: str, urgencies: list[str]) -> None:
    (supervised,) = [found.file for found in load_catalogue().live if found.file.id == "R35"]
    first = Setting(1, "R35", "supervision", "northshire", Length(14, "day"), at("01-01T00:00"), at("01-01T00:00"))
    lives = [("S subject", {"area": "northtown"})]
    known = (
        fact(
            "1",
            "probation.risk.assessed",
            "03-01T09:00",
            lives,
            by="probation-north",
            tool="rosh",
            levels={"children": "high"},
        ),
        fact(
            "2",
            "police.lead-role.started",
            "03-01T09:00",
            lives,
            role="police-lead",
            starts=at("03-01T09:00").isoformat(),
        ),
    )
    rules = release([supervised]).with_settings(Settings((first,)))
    found = evaluate(case(*known), rules, DIRECTORY, Judging.at(at(f"03-{day}T10:00"))).findings
    assert [one.urgency.name for one in found] == urgencies


def test_the_value_in_force_at_the_moment_counts() -> None:
    later = Settings((_setting(SIX, since="03-01T18:00"),))
    assert _raised(later, "03-01T16:00") == []
    assert len(_raised(later, "03-01T18:00")) == 1
    undone = Settings((_setting(SIX), _setting(None, since="02-01T00:00", number=2)))
    assert _raised(undone, "03-01T16:00") == []


def test_the_narrowest_area_decides() -> None:
    values: dict[tuple[str, str], Value] = {("window", "northshire"): SIX, ("window", "northtown"): Length(2, "hour")}
    assert in_area(values, "northtown", DIRECTORY.contains) == {"window": Length(2, "hour")}
    assert in_area(values, "northshire", DIRECTORY.contains) == {"window": SIX}
    assert in_area(values, None, DIRECTORY.contains) == {}


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        (
            "window",
            "30 minutes",
            "R99 window may be 1 hour to 3 days, not 30 minutes: the rule's owner sets these bounds",
        ),
        ("window", "4 days", "R99 window may be 1 hour to 3 days, not 4 days: the rule's owner sets these bounds"),
        ("window", "soon", "no length of time"),
        ("wait", "2 hours", "R99 has no parameter wait; it has window"),
    ],
)
def test_what_lies_outside_its_bounds_is_refused_with_what_may_be(name: str, value: str, said: str) -> None:
    with pytest.raises(ParameterRefused, match=said):
        parameters.read(parameters.declared(WAIT, "R99"), "R99", name, value)


@pytest.mark.parametrize("wrong", [{"at": "any_of.0.within"}, {"least": "2 days"}, {"least": 1, "most": 3}])
def test_a_rule_whose_parameter_leads_nowhere_or_breaks_its_own_bounds_does_not_load(wrong: dict[str, object]) -> None:
    parameter = WAIT.parameters[0].model_dump() | {"least": "1 hour", "most": "3 days"} | wrong
    with pytest.raises(LookupError, match="parameter 'window'"):
        parameters.check(
            rule(**WAIT.model_dump(by_alias=True, include={"kind", "of", "within"}), parameters=[parameter])
        )


def test_every_parameter_of_the_catalogue_can_be_set_to_both_bounds() -> None:
    for found in load_catalogue().live:
        for parameter in found.file.parameters:
            for value in (parameter.least, parameter.most):
                made = parameters.with_values(found.file, {parameter.name: value})
                assert parameters.default(made, parameter) == value
                assert release([made]).live[0].values[parameter.name] == str(value)


def test_a_board_may_shorten_the_rungs_of_its_agencies() -> None:
    shorter = Setting(1, "R28", "u1-rung", "west-midlands", Length(5, "minute"), at("01-01T00:00"), at("01-01T00:00"))
    directory = example.directory().with_patience(patience(Settings((shorter,))))
    for agency, minutes in (("police-west-midlands", 5), ("police-north-wales", 15)):
        recipient = Recipient(agency, "police-lead", "lead", Disclosure.D2)
        chosen = policy(directory, recipient, Urgency.U1, at("03-01T10:00"))
        assert chosen is not None
        assert chosen.patience == timedelta(minutes=minutes)
