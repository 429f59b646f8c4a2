"""Blocking keys: where a record can be found, and where it looks.

What is stored and what is searched differ on purpose. A record without a date of birth must be found by everybody of its
name and must look at everybody of its name; two with dates need only meet within a year. A bucket is made finer by its
class, never cut off: cutting depends on the order of arrival and hides people with common names.

Two records that `compare` would link or send to review meet at some key, whichever of them comes first.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from services.identity.standardise import FULL_DATE, FullName, Standard

_SILENT: Final = re.compile(r"[AEIOUYHW]")
_DOUBLED: Final = re.compile(r"(.)\1+")


class Keys(NamedTuple):
    """As text; what is stored is their HMAC (services.tokens)."""

    stored: frozenset[str]
    searched: frozenset[str]


def keys(standard: Standard) -> Keys:
    """The keys of a record."""
    if standard.slot:
        return Keys(frozenset(), frozenset())  # found through whom it belongs to
    if standard.sender:
        numbers = standard.phones
        return Keys(frozenset(f"sender|{n}" for n in numbers), frozenset(f"phone|{n}" for n in numbers))
    both = set(_both(standard))
    stored = both | {f"phone|{number}" for number in standard.phones}
    searched = both | {f"sender|{number}" for number in standard.phones}
    for sound in {_sound(name) for name in standard.names if name.given and name.family}:
        stored.add(f"name|{sound}")
        if standard.born:
            stored.add(f"name-year|{sound}|{standard.born[0]}")
            searched |= {f"name-year|{sound}|{standard.born[0]}", f"name-undated|{sound}"}
        else:
            stored.add(f"name-undated|{sound}")
            searched.add(f"name|{sound}")
    return Keys(frozenset(stored), frozenset(searched))


def _both(standard: Standard) -> Iterator[str]:
    """Keys under which records are both stored and searched."""
    yield from (f"id|{identifier.system}|{identifier.value}" for identifier in standard.identifiers)
    places = standard.phones + standard.dwellings
    for name in standard.names:
        if name.given and name.family:
            yield from (f"name-place|{_initials(name)}|{place}" for place in places)
        if len(standard.born) == FULL_DATE:
            yield from _dated(name, standard.born, places)


def _dated(name: FullName, born: tuple[int, ...], places: tuple[str, ...]) -> Iterator[str]:
    day = "-".join(map(str, born))
    if name.family:
        yield f"family-day|{sound(name.family)}|{day}"
    if name.given:
        # Without the place, everybody of one first name born on one day would meet here.
        yield from (f"given-day|{name.given}|{day}|{place}" for place in places)
    if name.given and name.family:
        # A slip in one part of the date: the other two still meet.
        year, month, of_month = born
        heard = _sound(name)
        yield f"name-in-year|{heard}|{month}-{of_month}"
        yield f"name-swapped|{heard}|{year}-{'-'.join(map(str, sorted((month, of_month))))}"


def _initials(name: FullName) -> str:
    return name.given[0] + name.family[0]


def _sound(name: FullName) -> str:
    return f"{sound(name.given)}|{sound(name.family)}"


def sound(name: str) -> str:
    """A name without what is often misspelt: first letter, then consonants, doubled ones once."""
    return name[:1] + _DOUBLED.sub(r"\1", _SILENT.sub("", name[1:]))
