"""A few hundred invented people and what some agencies say of them: the same for the same seed, and never in order.

Late events, events sent twice, events taken back, and people whom two agencies know by halves until a third records both.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from services.access import agency_of
from services.trial.rule_tests import default_directory
from services.trial.world import Arrival
from tests.chaos.stories import Family, Story, stories

FAMILY_STORIES: Final = 4
WEEKS: Final = 26
SPLIT_SHARE: Final = 0.5
RETRACTED_SHARE: Final = 0.03
LATE_SHARE: Final = 0.12
TWICE_SHARE: Final = 0.1
LATEST: Final = timedelta(days=40)
AFTERWARDS: Final = timedelta(days=30)
"""From the last event to the end: time for deadlines to run out."""


@dataclass(frozen=True, slots=True)
class Population:
    """What is posted, in the order of posting, and when it all ends."""

    arrivals: tuple[Arrival, ...]
    """Each event once, in the order of receipt."""
    posts: tuple[Arrival, ...]
    """As posted: late, and some twice."""
    ends: datetime


@dataclass(slots=True)
class _Making:
    rng: random.Random
    seed: int
    size: int
    arrivals: list[Arrival] = field(default_factory=list)
    told: list[Story] = field(default_factory=list)


def population(size: int, seed: int) -> Population:
    """Return `size` different events."""
    making = _Making(random.Random(seed), seed, size)
    number = 0
    while len(making.arrivals) < size:
        number += 1
        making.arrivals += _family(making, number)
    arrivals = sorted(making.arrivals[:size], key=lambda arrival: (arrival.received_at, arrival.event["id"]))
    posts = _in_order_of_posting(arrivals, making.rng)
    return Population(tuple(arrivals), posts, arrivals[-1].received_at + AFTERWARDS)


def _family(making: _Making, number: int) -> Iterator[Arrival]:
    rng = making.rng
    family = Family(number, making.seed, split=rng.random() < SPLIT_SHARE)
    own: list[Arrival] = []
    for n in range(FAMILY_STORIES):
        if not making.told:
            making.told = stories()
            rng.shuffle(making.told)
        own += family.tell(making.told.pop(), n, rng.randrange(WEEKS))
    yield from own
    if family.split:
        yield from _identified(family, own, rng)
    yield from _retracted(own, rng)


def _identified(family: Family, own: list[Arrival], rng: random.Random) -> Iterator[Arrival]:
    """For each of the family somebody records, some day, both birthday and numbers."""
    known: dict[str, dict[str, Any]] = {}
    for arrival in own:
        for person in arrival.event["data"]["people"]:
            if person.get("names"):
                known[str(person["names"])] = {**known.get(str(person["names"]), {}), **person}
    times = [arrival.received_at for arrival in own if not arrival.history]
    for n, person in enumerate(known.values()):
        if not times or "born" not in person:
            continue
        at = rng.choice(times) + timedelta(days=rng.randrange(1, 30))
        numbers = [*person.get("identifiers", ()), family.nhs(person)]
        mention = {
            "ref": "P",
            "role": "subject",
            "names": person["names"],
            "born": person["born"],
            "identifiers": list({one["system"]: one for one in numbers}.values()),
        }
        data = {"people": [mention], "address": {"area": "northtown"}}
        yield _event("probation-south", "probation.address.changed", f"f{family.number}.known.{n}", at, data)


def _retracted(own: list[Arrival], rng: random.Random) -> Iterator[Arrival]:
    for arrival in own:
        if not arrival.history and rng.random() < RETRACTED_SHARE:
            agency = agency_of(arrival.event["source"]) or ""
            at = arrival.received_at + timedelta(hours=rng.randrange(1, 20 * 24))
            data = {"retracts": {"id": arrival.event["id"]}, "reason": "wrong-fact", "people": []}
            sector = default_directory().sector(agency)
            yield _event(agency, f"{sector}.event.retracted", f"{arrival.event['id']}.back", at, data)


def _event(agency: str, kind: str, event_id: str, at: datetime, data: dict[str, Any]) -> Arrival:
    when = {clock: at.isoformat() for clock in ("occurred", "known_at", "recorded_at")}
    handling = {"code": "P", "purpose": "safeguarding", "legal_basis": "CA2004-s10", "regime": "uk-gdpr"}
    event = {
        "specversion": "1.0",
        "source": f"urn:tocsin:agency:{agency}",
        "id": event_id,
        "type": f"{kind}.v1",
        "data": {**when, **data, "handling": handling},
    }
    return Arrival(event, at)


def _in_order_of_posting(arrivals: list[Arrival], rng: random.Random) -> tuple[Arrival, ...]:
    posts: list[tuple[datetime, int, Arrival]] = []
    for n, arrival in enumerate(arrivals):
        late = rng.random() * LATEST if rng.random() < LATE_SHARE else timedelta()
        posts.append((arrival.received_at + late, n, arrival))
        if rng.random() < TWICE_SHARE:
            posts.append((arrival.received_at + late + rng.random() * LATEST, n, arrival))
    return tuple(arrival for _, _, arrival in sorted(posts, key=lambda post: post[:2]))
