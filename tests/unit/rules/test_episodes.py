"""Episodes: what an answer closes, what reopens, what is over before anybody could be told; and in any order."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from services.rules.episodes import Episode, episodes, present, stretches
from services.rules.findings import State
from services.rules.situation import Closer, Item, Part, Situation
from tests.unit.rules.making import at, fact

START = at("01-01T00:00")
WINDOW = timedelta(hours=24)


def hour(n: int) -> datetime:
    return START + timedelta(hours=n)


def item(n: int, received: int | None = None, *, history: bool = False) -> Item:
    when = hour(n if received is None else received)
    told = fact(f"item {n} {received}", "police.concern.reported", "01-01T00:00", history=history)
    return Item(hour(n), hour(n), hour(n) + WINDOW, when, (replace(told, received_at=when),))


def answer(n: int, received: int | None = None, *, final: bool = False, points: bool = False) -> Closer:
    told = fact(f"answer {n} {received}", "police.action.done", "01-01T00:00")
    return Closer(hour(n), hour(n if received is None else received), State.ANSWERED, (told,), points, final)


def run(items: list[Item], closers: list[Closer], now: int = 10_000) -> tuple[list[Episode], list[datetime]]:
    part = Part(Situation(1), items, closers, timed=True)
    return episodes(part, hour(now).__ge__, hour(now).__ge__)


def test_in_time_never_rang_and_late_is_an_ending() -> None:
    assert run([item(0)], [answer(24)])[0] == []
    (late,), _ = run([item(0)], [answer(25)])
    assert (late.rings_at, late.end, late.silent) == (hour(24), hour(25), False)


def test_what_was_known_in_advance_is_judged_like_a_deadline_and_what_is_said_by_the_clock() -> None:
    def over(*, dated: bool) -> bool:
        closer = Closer(hour(50), hour(0), State.LAPSED, dated=dated)
        part = Part(Situation(1), [item(0)], [closer], timed=True)
        (only,), wakes = episodes(part, hour(49).__ge__, hour(51).__ge__)
        assert (hour(50) in wakes) is (only.closer is None)
        return only.closer is not None

    assert over(dated=False)
    assert not over(dated=True), "the bus is behind: a postponement may lie unread"


def test_what_begins_with_the_answer_itself_is_not_closed_by_it() -> None:
    assert [each.rings_at for each in run([item(0), item(50)], [answer(50)])[0]] == [hour(24)]
    found, _ = run([item(0), replace(item(50), anew=True)], [answer(50)])
    assert [(each.rings_at, each.end) for each in found] == [(hour(24), hour(50)), (hour(74), None)]


def test_a_state_that_was_over_again_closes_nothing_that_begins_then() -> None:
    state = replace(answer(5, points=True), over_at=hour(10))
    assert [each.rings_at for each in run([item(10)], [state])[0]] == [hour(34)]
    assert run([item(9)], [state])[0] == []


def test_what_is_quiet_joins_what_stands_and_rings_nothing_itself() -> None:
    quiet = replace(item(1), quiet=True, wake=hour(2))
    assert run([quiet], []) == ([], [])
    assert run([item(0), quiet], [], now=23) == ([], [hour(24)])
    (rung,), _ = run([item(0), quiet], [])
    assert (rung.rings_at, len(rung.items)) == (hour(24), 2)


def test_nothing_answers_itself_but_what_says_more_than_it_may() -> None:
    one = item(0)
    own = Closer(hour(1), hour(1), State.ANSWERED, one.facts)
    assert run([one], [own])[0][0].closer is None
    assert run([one], [replace(own, facts=(*one.facts, *answer(1).facts))])[0] == []


def test_a_short_strand_within_a_long_one_does_not_end_the_ringing() -> None:
    def strand(begins: int, ends: int | None) -> list[Episode]:
        return run([item(begins)], [] if ends is None else [answer(ends)])[0]

    for long_one in (200, None):
        (whole,) = stretches([*strand(0, long_one), *strand(20, 60), *strand(100, 150)])
        assert whole.rings_at == hour(24)
    assert len(stretches([*strand(0, 70), *strand(20, 60), *strand(100, 150)])) == 2


def test_of_strands_that_end_at_one_moment_an_answer_says_how() -> None:
    lapse = Closer(hour(50), hour(50), State.LAPSED)
    for closers in ([answer(50)], [lapse]), ([lapse], [answer(50)]):
        found = [episode for each in closers for episode in run([item(0)], each)[0]]
        (both,) = stretches(found)
        assert both.closer is not None
        assert both.closer.state is State.ANSWERED


def test_evidence_after_the_answer_begins_anew() -> None:
    found, _ = run([item(0), item(10), item(100)], [answer(50)])
    assert [(each.rings_at, each.end) for each in found] == [(hour(24), hour(50)), (hour(124), None)]


def test_an_answer_to_what_comes_next_answers_nothing_before() -> None:
    (only,), _ = run([item(100)], [answer(50)])
    assert only.closer is None


def test_over_when_first_known_is_silent() -> None:
    (over,), _ = run([item(0, received=60)], [answer(30)])
    assert over.silent
    (at_once,), _ = run([item(0, received=60)], [answer(60)])
    assert at_once.silent, "known and answered at one moment"
    (told,), _ = run([item(0)], [answer(30, received=60)])
    assert not told.silent


def test_late_evidence_of_an_early_time_does_not_move_the_bell() -> None:
    (only,), _ = run([item(30), item(0, received=90)], [])
    assert only.rings_at == hour(54)


def test_what_is_final_closes_what_comes_later_too() -> None:
    found, _ = run([item(0), item(100)], [answer(50, final=True)])
    assert [(each.rings_at, each.end) for each in found] == [(hour(24), hour(50))]
    assert run([item(100)], [answer(50, final=True)])[0] == []


def test_an_answer_that_points_counts_even_from_before() -> None:
    assert run([item(10)], [answer(5, points=True)])[0] == []


def test_history_that_is_over_is_nothing() -> None:
    assert run([item(0, history=True)], [Closer(hour(50), hour(50), State.LAPSED)])[0] == []
    (standing,), _ = run([item(0, history=True)], [])
    assert not standing.live


def test_a_live_event_joins_history_when_it_is_received() -> None:
    (only,), _ = run([item(0, history=True), item(90, received=95)], [])
    assert (only.live, only.rings_at) == (True, hour(95))


def test_what_time_will_bring() -> None:
    assert run([item(0)], [], now=3)[1] == [hour(24)]
    lapse = Closer(hour(90), hour(0), State.LAPSED, dated=True)
    (standing,), wakes = run([item(0)], [lapse], now=40)
    assert (standing.closer, wakes) == (None, [hour(90)])


def test_touching_episodes_are_one_ringing() -> None:
    first = Part(Situation(1), [item(0)], [answer(60)], timed=True)
    second = Part(Situation(1), [item(20)], [answer(80)], timed=True)
    third = Part(Situation(1), [item(200)], [], timed=True)
    found = [
        each for part in (first, second, third) for each in episodes(part, hour(9_999).__ge__, hour(9_999).__ge__)[0]
    ]
    joined = stretches(found)
    assert [(each.rings_at, each.closer.at if each.closer else None) for each in joined] == [
        (hour(24), hour(80)),
        (hour(224), None),
    ]
    assert present(joined) is joined[-1]


def test_a_silent_episode_after_one_that_rang_is_not_what_the_finding_is_about() -> None:
    found, _ = run([item(0), item(100, received=200)], [answer(50), answer(150)])
    assert present(stretches(found)).closer == answer(50)


MOMENTS = st.integers(0, 300)
ITEMS = st.lists(st.tuples(MOMENTS, st.integers(0, 100)), max_size=6, unique=True)
ANSWERS = st.lists(st.tuples(MOMENTS, st.integers(0, 100)), max_size=4, unique=True)


@given(ITEMS, ANSWERS, st.randoms())
def test_any_order(made: list[tuple[int, int]], given_: list[tuple[int, int]], chance: Random) -> None:
    items = [item(n, n + late) for n, late in made]
    closers = [answer(n, n + late) for n, late in given_]
    expected = run(items, closers)
    chance.shuffle(items)
    chance.shuffle(closers)
    assert run(items, closers) == expected


@given(ITEMS, ANSWERS, st.integers(0, 400))
def test_nothing_changes_before_the_next_wake(
    made: list[tuple[int, int]], given_: list[tuple[int, int]], now: int
) -> None:
    items, closers = [item(n) for n, _ in made if n <= now], [answer(n) for n, _ in given_ if n <= now]
    found, wakes = run(items, closers, now)
    soonest = min(wakes, default=None)
    assert soonest is None or soonest > hour(now)
    for later in range(now, now + 30):
        if soonest is not None and hour(later) >= soonest:
            break
        assert run(items, closers, later)[0] == found


@given(ITEMS, ANSWERS)
def test_no_episode_is_answered_in_time_and_none_overlaps_the_next(
    made: list[tuple[int, int]], given_: list[tuple[int, int]]
) -> None:
    found, _ = run([item(n, n + late) for n, late in made], [answer(n, n + late) for n, late in given_])
    for one, following in pairwise(found):
        assert one.end is not None
        assert all(each.start > one.end for each in following.items)
    for each in found:
        assert each.end is None or each.end > min(held.wake for held in each.items)
