"""Live and back-test agree under the clock that runs: events come at their own times, and several workers share the work."""

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import pytest

from services.backtest.backtest import Ask, backtest
from services.backtest.compare import Difference
from services.clock import monotonic, real_now
from services.db import Pool
from services.rules.load import CATALOGUE, load_catalogue, read
from services.settings import Settings
from services.trial.rule_tests import LONDON
from services.trial.world import Arrival
from tests.chaos.stories import Family, Story, stories
from tests.integration.pipeline.running import pipeline
from tests.polling import until

# Of the long runs: where a busy machine keeps transactions open for more than OVERLAP they do not agree to the alert.
pytestmark = [pytest.mark.chaos, pytest.mark.timeout(240)]

STORIES: Final = 30
"""Of every kind, as old as their own clocks say and told now."""
RUNNING_OUT: Final = 20
"""Of rules that wait for something: told so that their time runs out while we look."""
WARM_UP: Final = 12
"""Events before all others: what workers do once, they do in transactions that last many seconds on a busy machine."""
SECONDS: Final = 5.0
"""In which the stories are told."""
BELLS: Final = (4.0, 7.0)
"""From when to when, after that, time runs out."""
A_DAY, A_WEEK = timedelta(days=1), timedelta(weeks=1)

Said = tuple[float, Arrival]
"""An event, and how many seconds after the beginning it is posted."""


def _quiet(step: str, *, done: int = 0, total: int = 0) -> None:
    """Say nothing."""


async def test_live_and_back_test_agree_under_the_running_clock(live_settings: Settings, pool: Pool) -> None:
    rules, rng = load_catalogue(), random.Random(3)
    told, in_vain = stories(), list(_in_vain())  # read before the workers begin, whose transactions would wait for it
    async with pipeline(live_settings, pool, None, correlators=2, evaluators=2) as run:
        for _, arrival in list(_told(told, real_now(), random.Random(4)))[:WARM_UP]:
            await run.say_now(arrival)
        await run.settle()
        begins = monotonic()
        for after, arrival in sorted(_told(told, real_now(), rng), key=lambda each: each[0]):
            await until(partial(_is_over, begins + after))
            await run.say_now(arrival)
        now, begins = real_now(), monotonic()
        for arrival in _running_out(in_vain, now, rng):
            await run.say_now(arrival)
        await until(partial(_is_over, begins + max(BELLS)))
        await run.settle()
        report = await backtest(pool, Ask(rules, None, actor="operator:tests", purpose="rule review"), _quiet)
    rang = await pool.fetch("SELECT at FROM alert_versions WHERE 'raised' = ANY(kinds)")
    assert report.incomplete == {}
    assert sum(row["at"] >= now + timedelta(seconds=min(BELLS)) for row in rang) > RUNNING_OUT // 2
    assert report.counted["the same"] > STORIES // 2
    assert {found.difference for found in report.differences} <= {Difference.FLEETING}, report.differences


def _is_over(moment: float) -> bool:
    return monotonic() >= moment


def _told(told: Sequence[Story], now: datetime, rng: random.Random) -> Iterator[Said]:
    """Stories whose last event has just happened, as the two agencies of a family hear of it: in their order, and out of it."""
    for number, story in enumerate(rng.sample([story for story in told if story.arrivals], STORIES)):
        last = max(arrival.received_at for arrival in story.arrivals)
        moments = [rng.uniform(0, SECONDS) for _ in story.arrivals]
        if number % 2:
            moments.sort()
        yield from zip(moments, Family(number, rng.randrange(1_000)).tell(story, 0, (now - last) / A_WEEK), strict=True)


def _running_out(in_vain: Sequence[tuple[Story, datetime]], now: datetime, rng: random.Random) -> Iterator[Arrival]:
    """Of stories of waiting in vain, what comes before the bell, and so moved in time that it is about to ring."""
    for number, (story, rings) in enumerate(rng.sample(in_vain, RUNNING_OUT), STORIES):
        bell = now + timedelta(seconds=rng.uniform(*BELLS))
        yield from Family(number, 3).tell(story, 0, (bell - rings) / A_WEEK)


def _in_vain() -> Iterator[tuple[Story, datetime]]:
    """The stories of the catalogue in which a bell rings by time alone, up to it, and when it rings."""
    by_name = {story.name: story for story in stories()}
    for file in (read(path) for path in sorted(CATALOGUE.glob("*.yaml"))):
        for test in file.tests:
            story = by_name.get(f"{file.id} {test.name}")
            raised = next((str(one["at"]) for one in test.expect if one["what"] == "raised"), None)
            if story is None or raised is None:
                continue
            rings = datetime.fromisoformat(raised)
            rings = rings if rings.tzinfo else rings.replace(tzinfo=LONDON)
            so_far = [arrival for arrival in story.arrivals if arrival.received_at <= rings]
            # Hours run alike at any time; working days, and moments of a day, do not.
            if so_far and timedelta(0) < rings - max(one.received_at for one in so_far) <= A_DAY:
                yield Story(story.name, tuple(so_far)), rings
