"""When workers rest so that rows gather, and when not."""

import asyncio
from dataclasses import dataclass

from consumers.gathering import GATHER_SECONDS, MEMORY_SECONDS, STREAM_PER_SECOND, Gathering

FULL = 1_000


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    seconds: float = 1_000.0

    def __call__(self) -> float:
        return self.seconds


def _after(per_second: float, *, each: float, for_seconds: float = 4 * MEMORY_SECONDS) -> tuple[Gathering, Clock]:
    """A queue to which rows come at this rate and are taken in steps so far apart."""
    clock = Clock()
    gathering = Gathering(FULL, clock)
    for _ in range(round(for_seconds / each)):
        clock.seconds += each
        gathering.note(round(per_second * each))
    return gathering, clock


def test_who_comes_alone_does_not_wait() -> None:
    gathering = Gathering(FULL, Clock())
    assert gathering.left <= 0
    gathering.note(1)
    assert gathering.left <= 0


def test_less_than_a_stream_is_not_gathered() -> None:
    gathering, _ = _after(STREAM_PER_SECOND * 2 / 3, each=0.02)
    assert gathering.left <= 0


def test_a_stream_is_gathered_whatever_the_size_of_its_steps() -> None:
    for each in (0.01, 0.03, GATHER_SECONDS):
        gathering, clock = _after(STREAM_PER_SECOND * 2, each=each)
        assert 0 < gathering.left <= 1.01 * GATHER_SECONDS
        clock.seconds += 1.01 * GATHER_SECONDS
        assert gathering.left <= 0


def test_full_hands_do_not_rest() -> None:
    gathering, clock = _after(STREAM_PER_SECOND * 4, each=GATHER_SECONDS)
    clock.seconds += GATHER_SECONDS
    gathering.note(FULL)
    assert gathering.left <= 0


def test_after_a_stream_nobody_waits_for_long() -> None:
    gathering, clock = _after(STREAM_PER_SECOND * 2, each=GATHER_SECONDS)
    clock.seconds += 2 * MEMORY_SECONDS
    gathering.note(1)
    assert gathering.left <= 0


def test_in_a_stream_one_step_begins_at_a_time() -> None:
    gathering, clock = _after(STREAM_PER_SECOND * 2, each=GATHER_SECONDS)
    clock.seconds += 1.01 * GATHER_SECONDS
    gathering.begin()
    assert gathering.left > 0
    gathering.note(FULL)  # more than one can take: the next may begin at once
    assert gathering.left <= 0


async def test_a_turn_comes_when_the_next_step_may_begin() -> None:
    gathering = Gathering(FULL)
    gathering.note(FULL - 1)
    began = gathering.left
    assert began > 0
    await gathering.turn()
    assert gathering.left > 0  # of the step that has begun


async def test_who_waits_for_a_step_begins_when_that_has_its_hands_full() -> None:
    clock = Clock()  # stands: no time that passes ends the wait
    gathering = Gathering(FULL, clock)
    gathering.note(FULL)
    gathering.begin()

    async def full_hands() -> None:
        gathering.note(FULL)

    await asyncio.wait_for(asyncio.gather(gathering.turn(), full_hands()), GATHER_SECONDS / 2)
