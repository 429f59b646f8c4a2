"""When a lifting rule speaks for itself: from when nothing else stands on the two, and never while something does."""

from dataclasses import replace
from datetime import datetime

import pytest

from services.rules.findings import Anchor, Finding, State, Urgency
from services.rules.lifts import Window, own
from services.rules.model import Lifts
from services.rules.situation import Judged, Situation
from tests.unit.rules.making import at, fact, judged, rule

HE, SHE, ANOTHER = 1, 2, 3
LIFTS = Lifts.model_validate({"levels": 1, "uncorroborated_at_most": "U2", "except": ["R98"]})
Spans = tuple[tuple[datetime, datetime | None], ...]


def day(n: int) -> datetime:
    return at(f"03-{n:02}T10:00")


FOUND: Finding = replace(
    judged(rule(kind="event", of={"types": ["police.concern.reported"]}), fact("1", "police.concern.reported", "03-01T10:00")).findings[0],
    rule="R24", anchor=Anchor(()), since=day(10), episode_since=day(10), urgency=Urgency.U2,
)  # fmt: skip


def beside(*spans: tuple[int, int | None], rule_id: str = "R01", other: int = SHE, reported: bool = False) -> Judged:
    """What another rule found of the two, on which days it stood."""
    stood: Spans = tuple((day(start), None if end is None else day(end)) for start, end in spans)
    event = fact("reported", "police.concern.reported", "03-01T10:00") if reported else None
    return Judged(Situation(HE, event, other), replace(FOUND, rule=rule_id, spans=stood))


def since(*others: Judged, until: int | None = None) -> datetime | None:
    ends = None if until is None else day(until)
    found = replace(FOUND, until=ends, state=State.STANDING if ends is None else State.LAPSED)
    made = own(found, SHE, LIFTS, others)
    assert made is None or made.since == made.episode_since
    return None if made is None else made.since


@pytest.mark.parametrize(
    ("others", "rings"),
    [
        ((), 10),
        ((beside((5, None)),), None),
        ((beside((5, 12)),), 12),
        ((beside((5, 12), (12, 14)),), 14),
        ((beside((5, 12)), beside((11, 15))), 15),
        ((beside((5, 10)),), 10),  # over at the very moment: nothing stands
        ((beside((10, 12)),), 12),
        ((beside((11, None)),), 10),
        ((beside((5, None), rule_id="R98"),), 10),
        ((beside((5, None), other=ANOTHER),), 10),
        ((beside((5, None), reported=True),), 10),  # it is about one report and not about the two
    ],
)
def test_it_rings_from_when_nothing_else_stands_on_the_two(others: tuple[Judged, ...], rings: int | None) -> None:
    assert since(*others) == (None if rings is None else day(rings))


def test_what_is_over_before_the_others_are_says_nothing() -> None:
    assert since(beside((5, 12)), until=12) is None
    assert since(beside((5, 12)), until=13) == day(12)


def test_a_window_holds_from_its_start_to_just_before_its_end() -> None:
    window = Window(SHE, day(5), day(7), LIFTS)
    assert [window.holds(day(n)) for n in (4, 5, 6, 7)] == [False, True, True, False]
    assert replace(window, end=None).holds(day(30))
