import pytest

from services.intake.poison import PoisonLimit, TooMuchPoison
from services.settings import Settings


def limit(window: int = 10, ratio: float = 0.3) -> PoisonLimit:
    return PoisonLimit(Settings(dead_letter_window_events=window, dead_letter_ratio_limit=ratio))


def test_a_little_poison_for_ever_is_bearable() -> None:
    within = limit()
    for _ in range(100):
        within.note([True, False, False, False])


def test_a_run_of_poison_is_not() -> None:
    within = limit()
    within.note([False] * 50)
    within.note([True] * 3)
    with pytest.raises(TooMuchPoison):
        within.note([True])


def test_what_lies_behind_the_window_is_forgotten() -> None:
    within = limit()
    within.note([True] * 3)
    within.note([False] * 10)
    within.note([True] * 3)
