"""Blocking keys: where a record can be found, and where it looks.

What is stored and what is searched differ on purpose. A record without a date of birth must be found by everybody of its
name and must look at everybody of its name; two with dates need only meet within a year. A bucket is made finer by its
class, never cut off: cutting depends on the order of arrival and hides people with common names.

Two records that `compare` would link or send to review meet at some key, whichever of them comes first.
"""

from collections.abc import Iterator
from typing import NamedTuple

from services.identity.alike import sound
from services.identity.standardise import FULL_DATE, FullName, Identifier, Standard


class Keys(NamedTuple):
    """As text; what is stored is their HMAC (services.tokens)."""

    stored: frozenset[str]
    searched: frozenset[str]


def keys(standard: Standard) -> Keys:
    """The keys of a record."""
    if standard.slot:
        return Keys(frozenset(), frozenset())  # found through whom it belongs to
    if standard.sender:
        numbers = standard.numbers
        return Keys(frozenset(f"sender|{n}" for n in numbers), frozenset(f"phone|{n}" for n in numbers))
    both = set(_both(standard))
    stored = both | {f"phone|{number}" for number in standard.numbers}
    searched = both | {f"sender|{number}" for number in standard.numbers}
    for heard in {_heard(name) for name in standard.names if name.given and name.family}:
        stored.add(f"name|{heard}")
        if standard.born:
            stored.add(f"name-year|{heard}|{standard.born[0]}")
            searched |= {f"name-year|{heard}|{standard.born[0]}", f"name-undated|{heard}"}
        else:
            stored.add(f"name-undated|{heard}")
            searched.add(f"name|{heard}")
    return Keys(frozenset(stored), frozenset(searched))


def number_key(identifier: Identifier) -> str:
    """The key under which records with this number are stored."""
    return f"id|{identifier.system}|{identifier.value}"


def _both(standard: Standard) -> Iterator[str]:
    """Keys under which records are both stored and searched."""
    yield from map(number_key, standard.identifiers)
    places = standard.numbers + standard.dwellings
    for name in standard.names:
        if name.given and name.family:
            yield from (f"name-place|{name.given[0]}{name.family[0]}|{place}" for place in places)
            if standard.born:
                # A slip in one of the two names: the other and the initial still meet.
                yield f"given-year|{sound(name.given)}|{name.family[0]}|{standard.born[0]}"
                yield f"family-year|{name.given[0]}|{sound(name.family)}|{standard.born[0]}"
        if len(standard.born) == FULL_DATE:
            yield from _dated(name, standard.born)


def _dated(name: FullName, born: tuple[int, ...]) -> Iterator[str]:
    day = "-".join(map(str, born))
    if name.family:
        yield f"family-day|{sound(name.family)}|{day}"
    if name.given:
        yield f"given-day|{sound(name.given)}|{day}"
    if name.given and name.family:
        # A slip in the year; one in the day or month meets under the year.
        yield f"name-in-year|{_heard(name)}|{born[1]}-{born[2]}"


def _heard(name: FullName) -> str:
    return f"{sound(name.given)}|{sound(name.family)}"
