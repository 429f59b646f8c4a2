"""How often people bear which full name, told from records alone: without labels, and whoever came first.

Given and family name are as frequent as the tables say, and the tables know hardly any Okafor. Where names of one origin are
many, both go together far more often than each by itself says, and half a date of birth is too little to tell them apart.
A count names no name that fewer than `FLOOR` people bear: of those it says only how they go together as a whole. Pure.
"""

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple, Self

import orjson

from services.identity.scoring import model
from services.identity.scoring.births import is_slip_of
from services.identity.scoring.model import MILLI, Kind, Model, kind_of, milli_log2
from services.identity.scoring.names import family_chance, given_chance
from services.identity.standardise import FULL_DATE, Standard

FLOOR: Final = 3
"""People of one full name, below which a count does not name it: whoever reads it could else look whether somebody is held. The
Office for National Statistics names no baby name that fewer than three bear (Baby names in England and Wales, disclosure control)."""
ENOUGH: Final = 500
"""People below which nothing is said of how names go together: one family would make its name a common one."""
MANY: Final = 60
"""People of one name, beyond which nobody is taken for a slip of another: a few more or less change nothing."""

Name = tuple[str, str]
"""Given and family."""
Born = dict[Name, set[tuple[int, ...]]]
"""Full dates of birth under each name."""


class TooFew(ValueError):
    """Too few people are held for their names to be counted."""


class Counts(NamedTuple):
    """A count, as it is kept."""

    records: int
    """That were read: scores assume as many people."""
    names: Mapping[Name, int]
    """Full name -> people who bear it, at least `FLOOR`."""
    unlisted: Mapping[Kind, int]
    """All other names together, by which of the two the tables know -> by how much more often both go together than each by
    itself says, in thousandths of a bit, never below 0."""

    @property
    def content(self) -> bytes:
        """What is kept of it: the same for the same records, in whatever order they came."""
        names = [[*name, people] for name, people in sorted(self.names.items())]
        unlisted = [[*kind, more] for kind, more in sorted(self.unlisted.items())]
        return orjson.dumps({"records": self.records, "unlisted": unlisted, "names": names})

    @property
    def version(self) -> str:
        """Its name, made of what it says."""
        return hashlib.blake2b(self.content, digest_size=8).hexdigest()

    @classmethod
    def read(cls, content: bytes) -> Self:
        """From what was kept."""
        kept = orjson.loads(content)
        names = {(given, family): people for given, family, people in kept["names"]}
        return cls(kept["records"], names, {(given, family): more for given, family, more in kept["unlisted"]})


def note(standard: Standard, born: Born) -> None:
    """Add the names of one record under its date of birth; a default date tells nobody from anybody."""
    if len(standard.born) == FULL_DATE and not standard.born_doubt:
        for name in standard.names:
            if min(len(name.given), len(name.family)) > 1:
                born.setdefault((name.given, name.family), set()).add(standard.born)


def people_by_name(born: Born) -> dict[Name, int]:
    """How many people bear each name at the least: told apart by dates of birth; dates one slip apart may be one person's."""
    return {name: _people(dates) for name, dates in sorted(born.items())}


def counts_of(records: int, born: Born) -> Counts:
    """A count of so many records.

    Raises:
        TooFew: its people are fewer than `ENOUGH`.
    """
    people = people_by_name(born)
    if (held := sum(people.values())) < ENOUGH:
        raise TooFew(f"{held} people with a full name and date of birth are held, and {ENOUGH} are needed.")
    listed = {name: bearers for name, bearers in people.items() if bearers >= FLOOR}
    few = {name: bearers for name, bearers in people.items() if bearers < FLOOR}
    return Counts(records, listed, _together(few, model.sized(records)))


def counted(counts: Counts) -> Model:
    """The model in the files, for as many people as were counted, and by their names."""
    files = model.sized(counts.records)
    return files._replace(
        version=f"{files.version}/counted-{counts.version}",
        borne={name: max(1, more_often(people, name, files)) for name, people in counts.names.items()},
        unlisted=counts.unlisted,
        counts=counts.version,
    )


def more_often(people: int, name: Name, by: Model) -> int:
    """By how much more often strangers agree in a name that so many bear than its two halves say, in thousandths of a bit."""
    given, family = name
    # Whoever of that name wrote the other record: this one, or one of the rest.
    return -by.people + milli_log2(people - 1) - given_chance(given) - family_chance(family)


def _people(dates: Iterable[tuple[int, ...]]) -> int:
    apart: list[tuple[int, ...]] = []
    for one in sorted(dates):
        if len(apart) >= MANY or not any(is_slip_of(one, other) for other in apart):
            apart.append(one)
    return len(apart)


def _together(few: Mapping[Name, int], by: Model) -> dict[Kind, int]:
    """Of names that few bear: namesakes there are, against those there would be if both names were drawn each by itself."""
    there: Counter[Kind] = Counter()
    expected: defaultdict[Kind, float] = defaultdict(float)
    for name, people in few.items():
        kind = kind_of(*name, by)
        there[kind] += people * (people - 1)
        expected[kind] += people * 2 ** ((by.people + given_chance(name[0]) + family_chance(name[1])) / MILLI)
    # One more of each: of a handful of names nothing is said.
    return {
        kind: max(0, round(MILLI * math.log2((there[kind] + 1) / (expected[kind] + 1)))) for kind in sorted(expected)
    }
