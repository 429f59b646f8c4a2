"""Names and dates of birth that may be one although they are written differently. For keys, placeholders and vetoes."""

import re
from enum import IntEnum
from functools import lru_cache
from typing import Final

from rapidfuzz.distance import OSA, JaroWinkler

from services.identity.standardise import FULL_DATE, Standard

NEAR_NAME: Final = 0.92
"""Jaro-Winkler similarity from which two names may be one, misspelt."""
ONE_SLIP_LETTERS: Final = 4
"""In names of at least this many letters a single slip of the pen is near; in shorter ones it is another name."""
REMEMBERED: Final = 65_536
"""Names: some 10 MB."""
TELLING_CONSONANTS: Final = 3
"""So many consonants tell names apart without the vowel in front, which is left out or written as the second letter (aFtima)."""
SHORT_FORM_LETTERS: Final = 3
"""A start of at least this many letters may be a short form. "Jo" is a name of its own."""

_SILENT: Final = re.compile(r"[AEIOUYHW ]")
_DOUBLED: Final = re.compile(r"(.)\1+")


class BirthFit(IntEnum):
    """How two dates of birth agree."""

    CONFLICT = 0
    NEAR = 1
    UNKNOWN = 2
    PARTIAL = 3
    SAME = 4


@lru_cache(maxsize=REMEMBERED)
def sound(name: str) -> str:
    """A name without what is often misspelt: its consonants, doubled ones once, and a first vowel where few are left."""
    heard = _DOUBLED.sub(r"\1", _SILENT.sub("", name))
    return heard if len(heard) >= TELLING_CONSONANTS or heard[:1] == name[:1] else name[:1] + heard


def near(one: str, other: str) -> bool:
    """Whether two names differ as one name misspelt does. Symmetric: the measures behind it are not."""
    if one == other:
        return True
    if other < one:
        one, other = other, one
    if min(len(one), len(other)) >= ONE_SLIP_LETTERS and OSA.distance(one, other, score_cutoff=1) <= 1:
        return True
    return JaroWinkler.similarity(one, other, score_cutoff=NEAR_NAME) > 0


def is_short_form(one: str, other: str) -> bool:
    """Whether one name is an initial or a short form of the other: how the longer one starts."""
    short, long = sorted((one, other), key=len)
    return long.startswith(short) and (len(short) == 1 or len(short) >= SHORT_FORM_LETTERS)


def given_names_agree(a: Standard, b: Standard) -> bool:
    """Whether some given name of one may be some given name of the other. True where one has none."""
    ours = {name.given for name in a.names if name.given}
    theirs = {name.given for name in b.names if name.given}
    if not ours or not theirs or ours & theirs:
        return True
    ours |= {name.middle for name in a.names if name.middle}
    theirs |= {name.middle for name in b.names if name.middle}
    return any(is_short_form(one, other) or near(one, other) for one in ours for other in theirs)


def births(a: Standard, b: Standard) -> BirthFit:
    """How the dates of birth agree, as far as both are known."""
    known = min(len(a.born), len(b.born))
    if known == 0:
        return BirthFit.UNKNOWN
    if a.born[:known] == b.born[:known]:
        return BirthFit.SAME if known == FULL_DATE else BirthFit.PARTIAL
    if known == FULL_DATE:
        equal_parts = sum(x == y for x, y in zip(a.born, b.born, strict=True))
        swapped = a.born[0] == b.born[0] and a.born[1:] == b.born[:0:-1]
        if swapped or equal_parts == FULL_DATE - 1:
            return BirthFit.NEAR
    return BirthFit.CONFLICT
