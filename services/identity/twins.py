"""Two people whom only several records together can tell apart: two children of one birthday, two of one name. Pure.

Two records of near names, born on one day in one home, may be a slip of the pen or twins; the pair alone cannot say. Two
spellings that independent agencies each repeat are two children. One that nobody repeats may be a slip. So with dates of
birth: two of which each is repeated by two agencies are two people, however rare their name; one that nobody repeats may be a slip.
"""

from collections.abc import Collection, Iterable
from itertools import combinations
from typing import Final

from services.identity.names import same_given
from services.identity.scoring.births import is_slip_of
from services.identity.standardise import FULL_DATE, Standard

AGENCIES: Final = 2
"""That must write a spelling of their own accord before it is no slip."""

Spelling = tuple[str, tuple[int, ...]]
"""A given name and the date of birth it was written with."""


def of_two(records: Iterable[Standard]) -> frozenset[frozenset[Spelling]]:
    """Pairs of spellings that are two children's: born on one day in one home, each named by two agencies.

    Not where both are written with one valid identifier, or somebody is said to bear both: then one person is meant.
    """
    known = list(records)
    said: dict[tuple[tuple[int, ...], str], dict[str, set[str]]] = {}
    numbers: dict[Spelling, set[tuple[str, str]]] = {}
    for standard in known:
        if len(standard.born) != FULL_DATE or standard.born_doubt:
            continue
        for given in _given(standard):
            numbers.setdefault((given, standard.born), set()).update(standard.identifiers)
            for dwelling in standard.dwellings:
                said.setdefault((standard.born, dwelling), {}).setdefault(given, set()).add(standard.agency)
    borne = [words for standard in known if len(words := _words(standard)) > 1]
    found = set()
    for (born, _), by_name in said.items():
        repeated = sorted(given for given, agencies in by_name.items() if len(agencies) >= AGENCIES)
        for one, other in combinations(repeated, 2):
            a, b = (one, born), (other, born)
            of_one = may_be_one_name(one, other) or any({one, other} <= words for words in borne)
            if not of_one and numbers[a].isdisjoint(numbers[b]):
                found.add(frozenset((a, b)))
    return frozenset(found)


def are_two(a: Standard, b: Standard, spellings: frozenset[frozenset[Spelling]]) -> bool:
    """Whether the two records are of two such children: each bears one of the names only."""
    ours, theirs = _given(a), _given(b)
    if ours & theirs:
        return False
    return any(frozenset(((one, a.born), (other, b.born))) in spellings for one in ours for other in theirs)


def repeated_births(records: Iterable[Standard]) -> frozenset[tuple[int, ...]]:
    """Full dates of birth that two agencies each state of their own accord. A default date states nothing."""
    said: dict[tuple[int, ...], set[str]] = {}
    for standard in records:
        if len(standard.born) == FULL_DATE and not standard.born_doubt:
            said.setdefault(standard.born, set()).add(standard.agency)
    return frozenset(born for born, agencies in said.items() if len(agencies) >= AGENCIES)


def two_births(
    repeated: Collection[tuple[int, ...]], records: Iterable[Standard]
) -> frozenset[frozenset[tuple[int, ...]]]:
    """Pairs of repeated dates that are two people's: not where both are written with one valid identifier."""
    if len(repeated) < 2:  # noqa: PLR2004 - two dates
        return frozenset()
    numbers: dict[tuple[int, ...], set[tuple[str, str]]] = {born: set() for born in repeated}
    for standard in records:
        if standard.born in numbers:
            numbers[standard.born].update(standard.identifiers)
    pairs = combinations(sorted(numbers), 2)
    return frozenset(frozenset((one, other)) for one, other in pairs if numbers[one].isdisjoint(numbers[other]))


def have_two_births(a: Standard, b: Standard, births: frozenset[frozenset[tuple[int, ...]]]) -> bool:
    """Whether two records state dates that are two people's (`two_births`)."""
    return frozenset((a.born, b.born)) in births


def are_slips(a: Standard, b: Standard, births: Collection[tuple[int, ...]]) -> bool:
    """Whether two dates that are far from each other are both a slip of one that two agencies state."""
    return any(is_slip_of(a.born, born) and is_slip_of(b.born, born) for born in births)


def _given(standard: Standard) -> frozenset[str]:
    return frozenset(name.given for name in standard.names if name.given)


def _words(standard: Standard) -> frozenset[str]:
    """What somebody is called, by given, middle or family name: boxes the other way round, and other names of theirs."""
    return frozenset(
        word for name in standard.names for word in (name.given, *name.middle.split(), name.family) if len(word) > 1
    )


def may_be_one_name(one: str, other: str) -> bool:
    """Whether two given names are no two spellings: an initial, a word in common ("MARY", "MARY ANN"), a name and its short form."""
    if 1 in (len(one), len(other)):
        return one[:1] == other[:1]
    return not set(one.split()).isdisjoint(other.split()) or same_given(one, other) == "nickname"
