"""May two names be one name? Tables of spellings, short forms and endings; no distances and no frequencies.

Names are as in `FullName`: capitals A to Z. The tables (services/identity/tables) are data, each with its source and
licence at its head. Lookups are pure, symmetric and take about a microsecond: they stand in the comparison of every pair.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files
from itertools import product
from typing import Final, Literal, NamedTuple

Likeness = Literal["exact", "transliteration", "gendered", "nickname", "cousin", ""]
"""exact: the same letters, however parted into words. transliteration: two spellings of one name (Mohammed, Muhammad; Mc, Mac).
gendered: the family name of a man and of a woman (Kowalski, Kowalska). nickname: one is a short form of the other. cousin: both
are short forms of a third (Liz, Beth). "": none of these, which says nothing about slips of the pen."""

PARTICLES: Final = frozenset((
    "AL", "EL", "BIN", "IBN", "BINT", "DE", "DA", "DO", "DOS", "DAS", "DI", "DEL", "DU", "LA", "LE", "VAN", "VON", "DER", "DEN",
    "TER", "TEN", "AP", "AB", "SAN", "ST", "Y", "E",
))  # fmt: skip
"""Words before a family name that one clerk writes and another leaves out."""

REMEMBERED: Final = 200_000
"""Names whose places in the tables are kept ready: some 60 MB; a nation has about as many."""

SHORT_FORMS: Final = ("nicknames.txt", "short_forms.txt")
LIKELY_FULL_FORMS: Final = 2
"""Sam is Samuel or Samantha. More would put everybody's bucket under every name."""
SHORTEST_PART: Final = 2
"""Letters: a part of a double name must have more to be looked for alone."""
_TABLES: Final = files("services.identity") / "tables"
_JOINED_PREFIX: Final = re.compile(r"(?:O|AL|EL)(?=[^AEIOU].{3})")
"""O'Brien beside Brien, Al-Hassan beside Hassan, once written as one word."""
_MAC: Final = re.compile(r"MAC(?=[^AEIOUHK].{3})")

_ENDINGS: Final = (
    (re.compile(r"(?:SKA|SKAYA|SKAIA|SKY|SKYI|SKIY|SKYY|SKII)$"), "SKI"),
    (re.compile(r"(?:CKA|CKY|CKYI)$"), "CKI"),
    (re.compile(r"(?:OVA|OV|OFF)$"), ""),
    (re.compile(r"(?:EVA|EV|EFF)$"), "E"),
    (re.compile(r"OPOULOU$"), "OPOULOS"),
    (re.compile(r"IDOU$"), "IDIS"),
    (re.compile(r"(?:IENE|AITE|YTE|UTE|AS|IS|US)$"), ""),
)
"""Polish and eastern Slavic, Czech and Bulgarian, Greek, Lithuanian. Source: the grammars' rules for family names of women."""
_SHORTEST_GENDERED: Final = 6
"""Letters: shorter names end so by chance (Cova, Davis)."""


class _Place(NamedTuple):
    """Where a name stands in the tables: what it is a spelling of, and what it may be short for."""

    own: frozenset[str]
    full: frozenset[str]


def same_given(one: str, other: str) -> Likeness:
    """How two given names may be one: by spelling, or as short form. Symmetric."""
    if not one or not other:
        return ""
    if one.replace(" ", "") == other.replace(" ", ""):
        return "exact"
    ours, theirs = _place(one), _place(other)
    if not ours.own.isdisjoint(theirs.own):
        return "transliteration"
    if not (ours.own.isdisjoint(theirs.full) and theirs.own.isdisjoint(ours.full)):
        return "nickname"
    return "" if ours.full.isdisjoint(theirs.full) else "cousin"


def same_family(one: str, other: str) -> Likeness:
    """How two family names may be one: by spelling, particle, Mc and Mac, or the endings of men and women. Symmetric."""
    if not one or not other:
        return ""
    a, b = one.replace(" ", ""), other.replace(" ", "")
    if a == b:
        return "exact"
    # Al-Rashid and Rasheed: the article left out and the name spelt otherwise.
    for x, y in ((a, b), (plain_family(one), plain_family(other))):
        if not _place(x).own.isdisjoint(_place(y).own):
            return "transliteration"
    return "gendered" if _ungendered(a) == _ungendered(b) else ""


def full_forms(given: str) -> frozenset[str]:
    """What a given name stands for: one word for each name it is a spelling or a short form of. Names of one word share it.

    Two names that `same_given` calls anything but "" have a word in common.
    """
    place = _place(given)
    return place.own | place.full


@lru_cache(maxsize=REMEMBERED)
def given_roots(given: str) -> frozenset[str]:
    """One word for each name a given name is a spelling of, or most likely short for: fewer than `full_forms`, for keys.

    What has most short forms of its own is taken for the likelier: Liz is Elizabeth before she is Lizbeth.
    """
    place = _place(given)
    likely = sorted(place.full, key=lambda full: (-_short_forms().get(full, 0), full))
    return place.own | set(likely[:LIKELY_FULL_FORMS])


@lru_cache(maxsize=REMEMBERED)
def given_spellings(given: str) -> frozenset[str]:
    """One word for each name a given name is a spelling of."""
    return _place(given).own


@lru_cache(maxsize=REMEMBERED)
def family_roots(family: str) -> frozenset[str]:
    """One word for each name a family name, or a part of a double one, is a spelling of; men's and women's endings are one."""
    parts = {
        family.replace(" ", ""),
        plain_family(family),
        *(word for word in family.split() if len(word) > SHORTEST_PART),
    }
    return frozenset(_ungendered(own) for part in parts - PARTICLES for own in _place(part).own)


@lru_cache(maxsize=REMEMBERED)
def plain_family(family: str) -> str:
    """A family name without particles, prefixes once joined, and with Mac as Mc."""
    words = family.split()
    kept = [word for word in words if word not in PARTICLES] or words
    return _MAC.sub("MC", _JOINED_PREFIX.sub("", "".join(kept), count=1), count=1)


@lru_cache(maxsize=REMEMBERED)
def _ungendered(family: str) -> str:
    if len(family) < _SHORTEST_GENDERED:
        return family
    for ending, instead in _ENDINGS:
        found, count = ending.subn(instead, family)
        if count:
            return found
    return family


@lru_cache(maxsize=REMEMBERED)
def _place(name: str) -> _Place:
    """Of a name of several words each may be spelt in its own way: Fatma Zohra, Fatima Zahra."""
    joined, words = name.replace(" ", ""), name.split()
    own = _own(joined)
    if len(words) > 1:
        own |= set(map("".join, product(*map(_own, words))))
    return _Place(own, frozenset(word for full in _fulls().get(joined, ()) for word in _own(full)) - own)


def _own(name: str) -> frozenset[str]:
    return _spellings().get(name) or frozenset((name,))


@cache
def _spellings() -> dict[str, frozenset[str]]:
    """Name -> the first name of each family it stands in."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for line in _lines("spellings.txt"):
        words = line.split()
        for word in words:
            found[word].add(words[0])
    return {word: frozenset(heads) for word, heads in found.items()}


@cache
def _fulls() -> dict[str, frozenset[str]]:
    """Short form -> the names it is short for.

    nicknames.txt has some both ways round, Isabella under Bella and Bella under Isabella: the longer is the full name. Else
    Isabella and Arabella would both be forms of Bella, and so of one another.
    """
    both = {(full, short) for table in SHORT_FORMS for full, short in _entries(table)}
    found: defaultdict[str, set[str]] = defaultdict(set)
    for full, short in both:
        if len(full) >= len(short) or (short, full) not in both:
            found[short].add(full)
    return {short: frozenset(names) for short, names in found.items()}


def _entries(table: str) -> Iterator[tuple[str, str]]:
    """Each full name with each of its short forms."""
    for line in _lines(table):
        full, _, shorts = line.partition(":")
        yield from ((full, short) for short in shorts.split())


@cache
def _short_forms() -> dict[str, int]:
    """Name -> how many short forms the tables know."""
    return Counter(word for fulls in _fulls().values() for full in fulls for word in _own(full))


def _lines(table: str) -> Iterator[str]:
    for line in (_TABLES / table).read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.upper()


def listed() -> frozenset[str]:
    """All names in the tables, given and family: none of them is a slip of the pen."""
    return _given_names() | _spellings().keys() | {word for line in _lines("given_names.txt") for word in line.split()}


@lru_cache(REMEMBERED)
def are_of_one_community(given: str, family: str) -> bool:
    """Whether many people of one community bear this given name, and many this family name: together they are not rare.

    The tables of frequencies know neither, and given and family name go together there: Piotr with Nowak.
    """
    ours = _own(given)
    theirs = frozenset(own for word in (family, *family.split()) for own in _own(word))
    return any(not (ours.isdisjoint(givens) or theirs.isdisjoint(families)) for givens, families in _communities())


@cache
def _communities() -> tuple[tuple[frozenset[str], frozenset[str]], ...]:
    """Given and family names of each community, as the first names of their spellings."""
    lines = [line.partition(":")[2].split() for line in _lines("communities.txt")]
    names = [frozenset(own for word in words for own in _own(word)) for words in lines]
    return tuple(zip(names[::2], names[1::2], strict=True))


def is_given(name: str) -> bool:
    """Whether the tables know it as a given name. Many are family names as well."""
    return name in _given_names()


@cache
def _given_names() -> frozenset[str]:
    full = {line.partition(":")[0] for table in SHORT_FORMS for line in _lines(table)}
    return frozenset(full | _fulls().keys())
