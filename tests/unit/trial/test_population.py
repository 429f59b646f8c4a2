"""What the populations of the chaos and pipeline tests post is what the gateway takes: found in a second, not in minutes."""

from collections.abc import Callable, Sequence
from functools import partial

import pytest

from schemas.registry import EVENT_TYPES
from services.access import agency_of
from services.trial.rule_tests import default_directory
from services.trial.world import Arrival
from tests.chaos.population import population
from tests.chaos.stories import stories


def of_all_stories() -> list[Arrival]:
    return [arrival for story in stories() for arrival in story.arrivals]


def of_seed(seed: int) -> tuple[Arrival, ...]:
    return population(300, seed).arrivals


@pytest.mark.parametrize("arrivals", [of_all_stories, *(partial(of_seed, seed) for seed in (11, 20, 21))])
def test_every_event_fits_its_type_and_comes_from_an_agency_on_the_bus(
    arrivals: Callable[[], Sequence[Arrival]],
) -> None:
    directory = default_directory()
    for arrival in arrivals():
        name, _, version = arrival.event["type"].rpartition(".v")
        EVENT_TYPES[name, int(version)].model_validate(arrival.event["data"])
        sector = directory.sector(agency_of(arrival.event["source"]) or "")
        assert sector == name.partition(".")[0], arrival.event
