"""What several records say together of the one person they are held to be: comparable as one record is. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final, TypeVar

from services.identity.standardise import FULL_DATE, FullName, Standard

RARE: Final = 5
"""A name that fewer than one record in so many writes is taken for a slip, and is not the person's."""

Item = TypeVar("Item")


def composite(records: Sequence[Standard]) -> Standard:
    """All that is said: every home, number and identifier; names that are not slips; the date and sex most often given.

    Does not depend on the order of the records.
    """
    if len(records) == 1:
        return records[0]
    return Standard(
        agency="",
        names=_names(records),
        born=_born(records),
        born_doubt="" if any(record.born and not record.born_doubt for record in records) else "default",
        sex=_most_often(record.sex for record in records if record.sex),
        identifiers=_all(record.identifiers for record in records),
        misread=_all(record.misread for record in records),
        homes=_all(record.homes for record in records),
        phones=_all(record.phones for record in records),
        protected=any(record.protected for record in records),
        birth_order=_most_often(record.birth_order for record in records if record.birth_order) or 0,
    )


def _all(parts: Iterable[tuple[Item, ...]]) -> tuple[Item, ...]:
    return tuple(sorted({item for part in parts for item in part}))  # type: ignore[type-var]  # every kind of item has an order


def _names(records: Sequence[Standard]) -> tuple[FullName, ...]:
    borne = {name for record in records for name in record.names}
    # Of a name that most write without its middle name, the middle name is known, and no slip.
    counts = Counter(key for record in records for key in {(name.given, name.family) for name in record.names})
    kept = [name for name in borne if counts[name.given, name.family] * RARE >= len(records)] or list(borne)
    return tuple(sorted(name for name in kept if not any(_is_less_than(name, other) for other in kept)))


def _is_less_than(name: FullName, other: FullName) -> bool:
    """Whether a name is another with the given name left out, or only its initial: of the two the other is known.

    J of Joshua would otherwise bring Jayden in, and a baby without a name its sisters.
    """
    return (
        len(name.given) <= 1 < len(other.given) and other.given.startswith(name.given) and name.family == other.family
    )


def _born(records: Sequence[Standard]) -> tuple[int, ...]:
    sure = [record.born for record in records if record.born and not record.born_doubt]
    full = [born for born in sure if len(born) == FULL_DATE]
    return _most_often(full or sure or [record.born for record in records if record.born]) or ()


def _most_often(values: Iterable[Item]) -> Item | None:
    counts = Counter(values)
    return min(counts, key=lambda value: (-counts[value], value)) if counts else None


def names_less(one: Standard, other: Standard) -> bool:
    """Whether every name of one is a lesser form of some name of the other."""
    return bool(one.names) and all(any(_is_less_than(name, full) for full in other.names) for name in one.names)
