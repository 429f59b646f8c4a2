"""The input of "one chronology" (engines.md 5.4): events about people known under several ids, late, doubled, corrected.

Two thousand people under 2,600 source ids; 300 of the ids are found to be somebody known already only as time goes by, and 40
pairs of strangers are taken for one and told apart again. Concerns, breaches and acknowledgements over 29 hours; an hour of
silence after those. Nothing here knows the engine.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

START: Final = datetime(2024, 3, 4, tzinfo=UTC)
LASTS: Final = timedelta(hours=29)
IDLE: Final = timedelta(hours=1)
"""After the 29 hours nothing comes for so long; then what is very late."""
CONCERN, BREACH, ACKNOWLEDGED = "concern", "breach", "acknowledged"
WEIGHTS: Final = {CONCERN: 70, BREACH: 20, ACKNOWLEDGED: 10}

SECOND_IDS: Final = 0.3
"""Of people, who have a second id: 2,600 ids of 2,000 people."""
LATER_KNOWN: Final = 0.5
"""Of second ids, those found to be the same person only later: 300."""
WRONG: Final = 0.02
"""Pairs taken for one for a while, by people: 40."""
LATE, TWICE, CORRECTED = 0.05, 0.02, 0.01


@dataclass(frozen=True, slots=True)
class Said:
    """One event about one source id. `at`: when it happened; `received`: when the bus has it; `stands`: not taken back later."""

    number: int
    source_id: int
    kind: str
    at: datetime
    received: datetime
    answers: int | None = None
    """Of an acknowledgement: the breach."""
    taken_back: datetime | None = None
    """When a correction takes it back."""


@dataclass(frozen=True, slots=True)
class Same:
    """From now on two source ids are one person, or (`apart`) no longer."""

    at: datetime
    one: int
    other: int
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Population:
    """All that happens."""

    ids: int
    first_id: Sequence[int]
    """Of each id, the id it is the same person as from the beginning: itself, mostly."""
    said: Sequence[Said]
    """By receipt, duplicates included."""
    same: Sequence[Same]

    @property
    def ends(self) -> datetime:
        """When the last late event has come and its time to be answered is over."""
        return max(START + LASTS, *(one.received for one in self.said)) + timedelta(hours=3)


def population(events: int, people: int, seed: int) -> Population:
    """Make it; the same seed makes the same."""
    rng = random.Random(seed)
    first_id = list(range(people))
    same: list[Same] = []
    for person in range(round(people * SECOND_IDS)):
        number = len(first_id)
        later = rng.random() < LATER_KNOWN
        first_id.append(number if later else person)
        if later:
            same.append(Same(_moment(rng), person, number))
    for _ in range(round(people * WRONG)):
        one, other = rng.sample(range(round(people * SECOND_IDS), people), 2)
        from_, to = sorted((_moment(rng), _moment(rng)))
        same += [Same(from_, one, other), Same(to, one, other, apart=True)]
    said = _events(rng, events, len(first_id))
    return Population(len(first_id), first_id, said, sorted(same, key=lambda each: each.at))


def _moment(rng: random.Random) -> datetime:
    return START + rng.random() * LASTS


def _events(rng: random.Random, events: int, ids: int) -> list[Said]:
    moments = sorted(_moment(rng) for _ in range(events))
    kinds = rng.choices(list(WEIGHTS), weights=list(WEIGHTS.values()), k=events)
    breaches: list[Said] = []
    said: list[Said] = []
    for number, (at, kind) in enumerate(zip(moments, kinds, strict=True)):
        about = rng.choice(breaches[-events // 100 :]) if kind == ACKNOWLEDGED and breaches else None
        received = at + timedelta(hours=rng.expovariate(1 / 60)) if rng.random() < LATE else at
        if START + LASTS < received < START + LASTS + IDLE:
            received += IDLE
        back = received + timedelta(minutes=rng.uniform(1, 300)) if rng.random() < CORRECTED else None
        one = Said(
            number,
            about.source_id if about else rng.randrange(ids),
            kind if about or kind != ACKNOWLEDGED else CONCERN,
            at,
            received,
            about.number if about else None,
            back,
        )
        said.append(one)
        if one.kind == BREACH:
            breaches.append(one)
    said += [one for one in said if rng.random() < TWICE]
    return sorted(said, key=lambda one: (one.received, one.number))
