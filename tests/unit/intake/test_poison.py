import pytest

from services.intake.poison import PoisonLimit, TooMuchPoison
from services.settings import Settings


def limit(window: int = 10, ratio: float = 0.3, before: int = 0) -> PoisonLimit:
    return PoisonLimit(Settings(dead_letter_window_events=window, dead_letter_ratio_limit=ratio), before)


def test_a_little_poison_for_ever_is_bearable() -> None:
    within = limit()
    for _ in range(100):
        within = within.after([True, False, False, False])


def test_a_run_of_poison_is_not() -> None:
    within = limit().after([False] * 50).after([True] * 3)
    with pytest.raises(TooMuchPoison):
        within.after([True])


def test_what_lies_behind_the_window_is_forgotten() -> None:
    limit().after([True] * 3).after([False] * 10).after([True] * 3)


def test_what_was_poison_before_a_start_counts_and_is_forgotten_as_good_events_come() -> None:
    again = limit(before=3).after([False])
    with pytest.raises(TooMuchPoison):
        again.after([True])
    mended = limit(before=10).after([False] * 7)  # good events are taken in, however much was poison before
    mended.after([False] * 3).after([True] * 3)


def test_what_is_read_again_counts_once() -> None:
    before = limit()
    before.after([True] * 3)  # it did not follow on what was taken in, and comes again
    reached = before.after([True] * 3)
    with pytest.raises(TooMuchPoison):
        reached.after([True])
