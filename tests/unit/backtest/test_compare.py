"""What counts as a difference between two stories of an alert, and what is only the order of things within a moment."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from services.alerts.state import Condition, Kind, Why
from services.backtest.compare import OVERLAP, Difference, compare
from services.backtest.stories import Key, Story, Version
from services.rules.findings import Urgency

AT = datetime(2024, 3, 4, 10, tzinfo=UTC)
KEY = Key("R41", ("person:1", "term:plan"))
SECOND = timedelta(seconds=1)


def _version(kind: Kind, after: timedelta, why: Why = Why.RAISED, urgency: Urgency = Urgency.U2) -> Version:
    ended = kind in (Kind.WITHDRAWN, Kind.ANSWERED)
    condition = Condition(kind.value) if ended else Condition.STANDING
    told = (("csc-north", Why.ENDED if ended else why),)
    return Version(AT + after, (kind,), condition, urgency, history_only=False, told=told, recipients=())


def _difference(was: list[Version], would_be: list[Version]) -> Difference | None:
    sides = [{KEY: Story(KEY, 1, (), tuple(versions))} if versions else {} for versions in (was, would_be)]
    return next((one.difference for one in compare(*sides)), None)


def _episode(begins: timedelta, lasts: timedelta) -> list[Version]:
    return [_version(Kind.RAISED, begins), _version(Kind.WITHDRAWN, begins + lasts)]


LASTING = _episode(timedelta(hours=1), timedelta(days=2))


def test_what_rang_and_was_withdrawn_within_a_moment_is_fleeting_on_either_side() -> None:
    """The one alert of R41 that 113 families differed by: a deadline ran out at 10:00, and the visit of 10:00 came next."""
    for lasts in (timedelta(0), OVERLAP):
        brief = _episode(timedelta(0), lasts)
        assert _difference(brief, []) == Difference.FLEETING
        assert _difference([], brief) == Difference.FLEETING
        assert _difference([*brief, *LASTING], LASTING) == Difference.FLEETING


def test_what_stood_longer_is_lost() -> None:
    longer = _episode(timedelta(0), OVERLAP + SECOND)
    assert _difference(longer, []) == Difference.LOST
    assert _difference([], longer) == Difference.ADDED
    assert _difference(longer, LASTING) == Difference.LATER


def test_fleeting_hides_no_other_difference() -> None:
    brief = _episode(timedelta(0), SECOND)
    assert _difference([*brief, *LASTING], []) == Difference.LOST
    elsewhere = _episode(timedelta(hours=1), timedelta(days=3))
    assert _difference([*brief, *LASTING], elsewhere) == Difference.LATER
    assert _difference(brief, LASTING) == Difference.LATER


def test_a_rise_within_a_moment_is_how_it_was_raised() -> None:
    at_once = [_version(Kind.RAISED, SECOND, urgency=Urgency.U1)]

    def rising(after: timedelta) -> list[Version]:
        return [_version(Kind.RAISED, timedelta(0)), _version(Kind.RISEN, after, Why.RISEN, Urgency.U1)]

    assert _difference(rising(2 * SECOND), at_once) is None
    assert _difference(rising(OVERLAP + SECOND), at_once) == Difference.OTHERWISE


def test_who_was_called_a_moment_after_the_others_was_called_with_them() -> None:
    both = replace(_version(Kind.RAISED, SECOND), told=(("csc-north", Why.RAISED), ("police-north", Why.RAISED)))

    def one_by_one(after: timedelta) -> list[Version]:
        second = replace(_version(Kind.RECIPIENTS, after), told=(("police-north", Why.NEW),))
        return [_version(Kind.RAISED, timedelta(0)), second]

    assert _difference(one_by_one(2 * SECOND), [both]) is None
    assert _difference(one_by_one(OVERLAP + 2 * SECOND), [both]) == Difference.OTHERWISE


def test_who_was_called_and_at_once_let_go_is_fleeting_for_that_agency_alone() -> None:
    stands = _version(Kind.RAISED, timedelta(0))
    called = replace(_version(Kind.RECIPIENTS, SECOND), told=(("police-north", Why.NEW),))

    def let_go(after: timedelta) -> list[Version]:
        return [stands, called, replace(called, at=AT + after, told=(("police-north", Why.HANDED_OVER),))]

    assert _difference(let_go(2 * SECOND), [stands]) == Difference.FLEETING
    assert _difference(let_go(2 * OVERLAP), [stands]) == Difference.OTHERWISE


def test_a_difference_in_time_up_to_the_overlap_is_none() -> None:
    later = [replace(one, at=one.at + OVERLAP) for one in LASTING]
    assert _difference(LASTING, later) is None
    assert _difference(LASTING, [replace(one, at=one.at + OVERLAP + SECOND) for one in LASTING]) == Difference.LATER
