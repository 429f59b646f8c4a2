"""A population into a file, as FORMATS has it: made in neighbourhoods, side by side on all cores."""

import gzip
import os
import random
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final

import orjson

from deploy.embedded.progress import Report, silent
from tests.bench.identity.generator.people import Town
from tests.bench.identity.generator.records import Written

TOWN: Final = 5_000
"""People made by one process at a time: enough to forget the cost of handing them over."""
STRIDE: Final = TOWN + 40
"""Numbers of people a town may use: its last household may be a full hostel."""


def town(seed: int, mean: float, people: int, place: int) -> list[bytes]:
    """The records of one neighbourhood, as lines in no order."""
    rng = random.Random(f"{seed}/{place}")
    made = Town(rng, place * STRIDE)
    lines = [
        orjson.dumps(record)
        for household in made.households(people)
        for person in household
        for record in Written(rng, person).records(mean)
    ]
    rng.shuffle(lines)
    return lines


def lines(seed: int, people: int, mean: float, report: Report = silent) -> Iterator[bytes]:
    """The records of so many people, each known by `mean` records on average; the same for the same arguments."""
    sizes = [min(TOWN, people - start) for start in range(0, people, TOWN)]
    if len(sizes) == 1:
        yield from town(seed, mean, people, 0)
        return
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for done, found in enumerate(pool.map(partial(town, seed, mean), sizes, range(len(sizes))), 1):
            report("Inventing people", done=done, total=len(sizes))
            yield from found


def write(path: Path, seed: int, people: int, mean: float, report: Report = silent) -> int:
    """Write a population; return how many records it has. Packed if the name ends in .gz."""
    count = 0
    with gzip.open(path, "wb", compresslevel=3) if path.suffix == ".gz" else path.open("wb") as file:
        for line in lines(seed, people, mean, report):
            file.write(line + b"\n")
            count += 1
    return count
