"""What the populations of the chaos and pipeline tests post is what the gateway takes: found in a second, not in minutes."""

import pytest

from schemas.registry import EVENT_TYPES
from services.access import agency_of
from services.trial.rule_tests import default_directory
from tests.chaos.population import population


@pytest.mark.parametrize("seed", [11, 20, 21])
def test_every_event_fits_its_type_and_comes_from_an_agency_on_the_bus(seed: int) -> None:
    directory = default_directory()
    for arrival in population(300, seed).arrivals:
        name, _, version = arrival.event["type"].rpartition(".v")
        EVENT_TYPES[name, int(version)].model_validate(arrival.event["data"])
        sector = directory.sector(agency_of(arrival.event["source"]) or "")
        assert sector == name.partition(".")[0], arrival.event
