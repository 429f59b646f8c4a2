"""Blocking keys: where a record can be found, and where it looks.

A key joins what two records of one person still have in common when the rest is misspelt, partial or missing: an identifier, a
telephone, a dwelling (by its postcode, or by its street where the postcode is wrong); a day of birth with the start of a name
or a postcode; half a name as it sounds, the initial of the other half, and a month or a day in a year of birth. Halves stand
without their field, so that swapped names meet.

What is stored and what is searched differ on purpose. A record without a date of birth looks at everybody of its name, and
everybody looks at those of their name who have none; so do records that know only the year, among those born in it. Two
dates known to the day need only meet where the year, the month or the day alone differs: who differs in more is somebody
else unless a number or a home says otherwise, and then meets there.

No bucket is ever cut off: cutting depends on the order of arrival and hides people with common names. It is made finer by
its class, and by the name alone: under a name that too many strangers bear nobody is looked for by name only, but with a
dwelling, a number or a year. "John Smith" and nothing else says nothing of who it is, and `compare` would not even ask a person.
Whether a name is common is read from the frozen frequencies of the scores, and only for searching: what is stored stays good.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, lru_cache
from itertools import product
from typing import Final, NamedTuple

from services.identity.alike import sound
from services.identity.names import family_roots, given_roots, given_spellings
from services.identity.scoring.model import MODEL
from services.identity.standardise import FULL_DATE, FullName, Home, Identifier, Standard

KEYS_VERSION: Final = 2
"""Raised whenever another key is stored or searched for the same record: whoever is held lies under the old ones, where this
release does not look, until `tocsin identity rejudge` (services.identity.rejudge.outdated pages for it)."""
RECORDS: Final = 1_300_000
"""Records among whom namesakes are expected: a million people, each known to one agency or two."""
MOST_NAMESAKES: Final = 100
"""Strangers expected under a whole name for it to be searched alone. Names go together (Anna with Nowak), so that some buckets
are ten times that; they are few."""
MOST_HALF_NAMESAKES: Final = 20
"""As above, of half a name and the start of the other. More names share a start than the tables know."""
START: Final = 3
"""Letters of the family name that stand beside a given name where there is no date: an initial would meet thousands. Beside a
family name an initial will do: where that is too common (Smith, J), so are three letters."""
SHORT_START: Final = 2
"""Letters beside a day of the year."""
UNLISTED: Final = 2.0**-15
"""Share of people expected under a name or start that the tables do not know."""
REMEMBERED: Final = 65_536
"""Names: some 60 MB."""
_KNOWN: Final = {True: "day", False: "part"}
"""How much of a date of birth is known."""


class Keys(NamedTuple):
    """As text; what is stored is their HMAC (services.tokens). What stands before the first | is the class."""

    stored: frozenset[str]
    searched: frozenset[str]


def keys(standard: Standard) -> Keys:
    """The keys of a record."""
    if standard.slot:
        return Keys(frozenset(), frozenset())  # found through whom it belongs to
    if standard.sender:
        numbers = standard.numbers
        return Keys(frozenset(map(sender_key, numbers)), frozenset(map(holder_key, numbers)))
    both = set(_both(standard))
    stored = both | set(map(holder_key, standard.numbers))
    searched = both | set(map(sender_key, standard.numbers))
    dated, to_the_day = bool(standard.born), bool(_day(standard))
    for name in standard.names:
        parts = _parts(name)
        if dated:
            # What is known to the day meets its like by month or by day, in `_both`.
            stored.update(f"year|{half}|{standard.born[0]}|{_KNOWN[to_the_day]}" for half in parts.halves)
            searched.update(f"year|{half}|{standard.born[0]}|part" for half in parts.halves)
            if not to_the_day:
                searched.update(f"year|{half}|{standard.born[0]}|day" for half in parts.halves)
        stored.update(f"{key}|all" for key in parts.alone)
        if dated:
            searched.update(f"{key}|undated" for key in parts.searched_alone)
        else:
            stored.update(f"{key}|undated" for key in parts.alone)
            searched.update(f"{key}|all" for key in parts.searched_alone)
    return Keys(frozenset(stored), frozenset(searched))


def number_key(identifier: Identifier) -> str:
    """The key under which records with this number are stored."""
    return f"id|{identifier.system}|{identifier.value}"


def holder_key(number: str) -> str:
    """The key under which whoever holds this telephone is stored."""
    return f"number|{number}"


def sender_key(number: str) -> str:
    """The key under which unnamed senders who wrote from this telephone are stored."""
    return f"sender|{number}"


def _both(standard: Standard) -> Iterator[str]:
    """Keys under which records are both stored and searched."""
    yield from map(number_key, standard.identifiers)
    yield from (holder_key(phone.token) for phone in standard.phones if phone.line != "fixed")
    initials = {initial for name in standard.names for initial in _parts(name).initials}
    fixed = [phone.token for phone in standard.phones if phone.line == "fixed"]
    yield from (f"phone|{initial}|{number}" for initial in initials for number in fixed)
    for home in standard.homes:
        yield from _at(home, initials)
    day = _day(standard)
    if day:
        date = "-".join(map(str, standard.born))
        starts = {start for name in standard.names for start in _parts(name).starts}
        yield from (f"day|{start}|{date}" for start in starts)
        places = [*fixed, *(home.postcode for home in standard.homes if home.postcode)]
        yield from (f"dated|{standard.born[0]}|{day}|{place}" for place in places)
    for parts in map(_parts, standard.names):
        yield from (
            f"postcode|{pair}|{home.postcode}" for home in standard.homes if home.postcode for pair in parts.pairs
        )
        if day:
            year, month, day_of_month = standard.born
            yield from (
                f"year|{half}|{year}|{part}" for half in parts.halves for part in (f"{month}-", f"-{day_of_month}")
            )
            yield from (f"birthday|{half}|{day}" for half in parts.started)


def _at(home: Home, initials: Iterable[str]) -> Iterator[str]:
    """A household is met as a whole; in a house of many only those who share an initial."""
    if home.many:
        if home.dwelling:
            yield from (f"home|{initial}|{home.dwelling}" for initial in initials)
        return
    if home.dwelling:
        yield f"home|{home.dwelling}"
    if home.door and home.outcode:
        yield f"door|{home.door}|{home.outcode}"


def _day(standard: Standard) -> str:
    """Day of the year, alike with day and month the other way round; "" where a system may have put it."""
    if len(standard.born) < FULL_DATE or standard.born_doubt:
        return ""
    return "-".join(map(str, sorted(standard.born[1:])))


class _Parts(NamedTuple):
    """What of one name stands in keys."""

    initials: frozenset[str]
    """Of every word, and of what a short form is short for."""
    pairs: tuple[str, ...]
    """Initials of given and family name, sorted."""
    starts: frozenset[str]
    """The first two letters, in either order, of every word and of what a short form is short for."""
    halves: tuple[str, ...]
    """One half as it sounds with the initial of the other: either way round."""
    started: tuple[str, ...]
    """The same with two letters, in either order; short forms stand under what they are short for."""
    alone: tuple[str, ...]
    """Classes in which a name stands with nothing else."""
    searched_alone: tuple[str, ...]
    """Those of them that are not too common."""


@lru_cache(maxsize=REMEMBERED)
def _parts(name: FullName) -> _Parts:
    given = [word for word in (name.given, *name.middle.split()) if word]
    family = name.family.split()
    named = {sound(root) for root in family_roots(name.family)} if len(name.family) > 1 else set()
    called = {sound(root) for word in given if len(word) > 1 for root in given_spellings(word)}
    roots = {sound(root) for word in given if len(word) > 1 for root in given_roots(word)}
    called_by = {root for word in given for root in (word, *given_roots(word))}
    starts = {root[0] for root in called_by}
    wholes = {tuple(sorted(pair)): _expected(*pair) for pair in product(roots, named)}
    beside = _beside(called, family, START) | _beside(named, given, 1)
    alone = {f"whole|{one}|{other}": (count, MOST_NAMESAKES) for (one, other), count in wholes.items()}
    alone |= {f"half|{half}|{start}": (_expected_half(half, start), MOST_HALF_NAMESAKES) for half, start in beside}
    return _Parts(
        initials=frozenset(starts | {word[0] for word in family}),
        pairs=tuple({"".join(sorted((one, other[0]))) for one, other in product(starts, family)}),
        starts=frozenset(map(_start, called_by | set(family))),
        halves=_joined(_beside(called, family, 1) | _beside(named, starts, 1)),
        started=_joined(_beside(roots, family, SHORT_START) | _beside(named, given, SHORT_START)),
        alone=tuple(alone),
        searched_alone=tuple(key for key, (count, most) in alone.items() if count <= most),
    )


def _start(word: str) -> str:
    return "".join(sorted(word[:SHORT_START]))


def _beside(sounds: Iterable[str], words: Iterable[str], letters: int) -> set[tuple[str, ...]]:
    """Each half as it sounds, with the first letters of each word of the other half, in either order (Rafiq, aRfiq)."""
    return {(heard, "".join(sorted(word[:letters]))) for heard, word in product(sounds, words)}


def _joined(pairs: set[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple("|".join(pair) for pair in pairs)


# How many strangers


def _expected(given: str, family: str) -> float:
    """Records expected under two halves, whichever way round."""
    givens, families = _given_shares(), _family_shares()
    one = givens.get(given, UNLISTED) * families.get(family, UNLISTED)
    other = givens.get(family, UNLISTED) * families.get(given, UNLISTED)
    return RECORDS * (one + other)


def _expected_half(half: str, start: str) -> float:
    share = max(_given_shares().get(half, UNLISTED), _family_shares().get(half, UNLISTED))
    return RECORDS * share * _start_shares().get(start, UNLISTED)


@cache
def _given_shares() -> Mapping[str, float]:
    return _shares(MODEL.given, lambda name: {sound(root) for root in given_roots(name)})


@cache
def _family_shares() -> Mapping[str, float]:
    return _shares(MODEL.family, lambda name: {sound(root) for root in family_roots(name)})


@cache
def _start_shares() -> Mapping[str, float]:
    found = defaultdict(float, _shares(MODEL.given, _starts))
    for start, share in _shares(MODEL.family, _starts).items():
        found[start] += share
    return found


def _starts(name: str) -> set[str]:
    return {name[:1], "".join(sorted(name[:START]))}


def _shares(frequencies: Mapping[str, int], marks: Callable[[str], set[str]]) -> Mapping[str, float]:
    """Share of people under each mark, from log2 shares of names in thousandths of a bit."""
    found: defaultdict[str, float] = defaultdict(float)
    for name, milli_bits in frequencies.items():
        for mark in marks(name):
            found[mark] += 2 ** (milli_bits / 1_000)
    return found
