"""Are two records one person? Link, review or none, with reasons a person can read. Symmetric, and no I/O.

First form: rules on agreement, not weights. What links: a valid identifier; given and family name with the full date of
birth; name with year or month of birth and an address or a telephone; name with a telephone. What parts: another valid
identifier of the same kind, another full date of birth, another given name. All else that comes near is for review.
"""

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Literal

from rapidfuzz.distance import OSA, JaroWinkler

from services.identity.standardise import FULL_DATE, FullName, Standard

MODEL: Final = "rules-1"
"""Of every edge written by these rules; another model writes another name."""

NEAR_NAME: Final = 0.92
"""Jaro-Winkler similarity from which two names may be one, misspelt."""
ONE_SLIP_LETTERS: Final = 4
"""In names of at least this many letters a single slip of the pen is near; in shorter ones it is another name."""

VETOING: Final = frozenset({"nhs", "pnc", "cro", "prison", "crn", "upn", "nino"})
"""Kinds of which a person has one. An agency's own numbers join but never part: agencies hold duplicates."""

Kind = Literal["link", "review", "none"]


class Strength(IntEnum):
    """Of a link: stronger ones are joined first. 0 is no link."""

    NO_LINK = 0
    NAME_PHONE = 1
    NAME_PARTIAL_BIRTH = 2
    NAME_BIRTH = 3
    IDENTIFIER = 4


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a comparison says. Reasons name fields, never values."""

    kind: Kind
    strength: Strength = Strength.NO_LINK
    reasons: tuple[str, ...] = ()


class NameFit(IntEnum):
    """How well the best pair of names of two records agrees."""

    APART = 0
    GIVEN_ONLY = 1
    """Same given name, another family name."""
    INITIAL = 2
    """Same family name, one given name an initial that fits."""
    NEAR = 3
    """Both near, one of them at least alike in sound."""
    ONE_SLIP = 4
    """One the same, the other near and with the same initial."""
    ALIKE = 5
    """Alike in sound: vowels, silent letters or doublings apart."""
    MIDDLE_DIFFERS = 6
    SAME = 7


class BirthFit(IntEnum):
    """How two dates of birth agree."""

    CONFLICT = 0
    NEAR = 1
    UNKNOWN = 2
    PARTIAL = 3
    SAME = 4


NONE: Final = Verdict("none")

_SILENT: Final = re.compile(r"[AEIOUYHW ]")
_DOUBLED: Final = re.compile(r"(.)\1+")


def compare(a: Standard, b: Standard) -> Verdict:
    """Say whether two records are one person. Symmetric to the bit: which one came first must not matter."""
    if a.slot or b.slot or a.sender or b.sender:
        return NONE  # nothing names them: services.identity.slots
    strength, reasons = _link(a, b)
    against = conflicts(a, b)
    if strength and not against:
        return Verdict("link", strength, reasons)
    near = reasons or _near(a, b)
    if not near or (against and not strength and not _near_despite(a, b)):
        return NONE
    return Verdict("review", Strength.NO_LINK, near + against)


def conflicts(a: Standard, b: Standard) -> tuple[str, ...]:
    """What speaks against two records ever being one person; empty if nothing does."""
    found = []
    if other := _conflicting_systems(a, b):
        found.append(f"another valid identifier: {', '.join(other)}")
    if a.born != b.born and len(a.born) == len(b.born) == FULL_DATE:
        found.append("another date of birth")
    if not given_names_agree(a, b):
        found.append("another given name")
    return tuple(found)


def _conflicting_systems(a: Standard, b: Standard) -> list[str]:
    if not a.identifiers or not b.identifiers:
        return []
    systems = {i.system for i in a.identifiers} & {i.system for i in b.identifiers} & VETOING
    shared = {i.system for i in set(a.identifiers) & set(b.identifiers)}
    return sorted(systems - shared)


def given_names_agree(a: Standard, b: Standard) -> bool:
    """Whether some given name of one may be some given name of the other. True where one has none."""
    ours = {name.given for name in a.names if name.given}
    theirs = {name.given for name in b.names if name.given}
    if not ours or not theirs or ours & theirs:
        return True
    ours |= {name.middle for name in a.names if name.middle}
    theirs |= {name.middle for name in b.names if name.middle}
    return any(_may_be(one, other) for one in ours for other in theirs)


def _may_be(one: str, other: str) -> bool:
    """Equal, an initial or a short form of the other, or near."""
    short, long = sorted((one, other), key=len)
    is_start = long.startswith(short) and (len(short) == 1 or len(short) >= 3)  # noqa: PLR2004 - "Jo" is a name of its own
    return is_start or near(one, other)


def near(one: str, other: str) -> bool:
    """Whether two names differ as one name misspelt does."""
    if one == other:
        return True
    if min(len(one), len(other)) >= ONE_SLIP_LETTERS and OSA.distance(one, other, score_cutoff=1) <= 1:
        return True
    return JaroWinkler.similarity(one, other, score_cutoff=NEAR_NAME) > 0


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


def names(a: Standard, b: Standard) -> NameFit:
    """How well the best pair of names agrees."""
    return max((_name_fit(one, other) for one in a.names for other in b.names), default=NameFit.APART)


def _name_fit(one: FullName, other: FullName) -> NameFit:
    if not (one.given and other.given):
        return NameFit.APART
    same_given, same_family = one.given == other.given, one.family == other.family != ""
    if same_given and same_family:
        return NameFit.SAME if _middles_fit(one.middle, other.middle) else NameFit.MIDDLE_DIFFERS
    if not one.family or not other.family or not (same_family or _near_family(one.family, other.family)):
        return NameFit.GIVEN_ONLY if same_given else NameFit.APART
    if len(one.given) == 1 or len(other.given) == 1:
        return NameFit.INITIAL if one.given[0] == other.given[0] and same_family else NameFit.APART
    if not (same_given or _may_be(one.given, other.given)):
        return NameFit.APART
    given_alike, family_alike = sound(one.given) == sound(other.given), sound(one.family) == sound(other.family)
    if given_alike and family_alike:
        return NameFit.ALIKE
    initials_fit = one.given[0] == other.given[0] and one.family[0] == other.family[0]
    if (same_given or same_family) and initials_fit:
        return NameFit.ONE_SLIP
    return NameFit.NEAR if given_alike or family_alike else NameFit.APART


def sound(name: str) -> str:
    """A name without what is often misspelt: first letter, then consonants, doubled ones once."""
    return name[:1] + _DOUBLED.sub(r"\1", _SILENT.sub("", name[1:]))


def _middles_fit(one: str, other: str) -> bool:
    """Absent, equal, or the initial of the other."""
    short, long = sorted((one, other), key=len)
    return short in ("", long) or (len(short) == 1 and long.startswith(short))


def _near_family(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    is_part = len(short) >= ONE_SLIP_LETTERS and (long.startswith(short) or long.endswith(short))
    return is_part or near(one, other)


def _link(a: Standard, b: Standard) -> tuple[Strength, tuple[str, ...]]:
    """The strongest rule that joins the two, and all reasons that hold."""
    found: list[tuple[Strength, str]] = []
    if shared := set(a.identifiers) & set(b.identifiers):
        systems = sorted({identifier.system.partition("@")[0] for identifier in shared})
        found.append((Strength.IDENTIFIER, f"same identifier: {', '.join(systems)}"))
    if names(a, b) is NameFit.SAME:
        birth = births(a, b)
        same_phone, same_home = _meet(a.numbers, b.numbers), _meet(a.dwellings, b.dwellings)
        if birth is BirthFit.SAME:
            found.append((Strength.NAME_BIRTH, "same name and date of birth"))
        if birth is BirthFit.PARTIAL and (same_phone or same_home):
            place = "telephone" if same_phone else "address"
            found.append((Strength.NAME_PARTIAL_BIRTH, f"same name, year or month of birth, and {place}"))
        if birth is BirthFit.UNKNOWN and same_phone:
            found.append((Strength.NAME_PHONE, "same name and telephone"))
    found.sort(reverse=True)
    return (found[0][0] if found else Strength.NO_LINK), tuple(reason for _, reason in found)


def _meet(ours: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    return bool(ours and theirs) and not set(ours).isdisjoint(theirs)


def _near(a: Standard, b: Standard) -> tuple[str, ...]:
    """Why a person should look at the two although nothing links them; empty if nobody need."""
    name, birth = names(a, b), births(a, b)
    placed = _meet(a.numbers, b.numbers) or _meet(a.dwellings, b.dwellings)
    match name:
        case NameFit.SAME:
            enough = birth is not BirthFit.CONFLICT
        case NameFit.ALIKE:
            enough = birth >= BirthFit.UNKNOWN
        case NameFit.MIDDLE_DIFFERS | NameFit.ONE_SLIP:
            enough = birth >= BirthFit.PARTIAL or (placed and birth is BirthFit.UNKNOWN)
        case NameFit.INITIAL:
            enough = birth is BirthFit.SAME or (placed and birth is BirthFit.PARTIAL)
        case NameFit.NEAR:
            enough = birth is BirthFit.SAME
        case NameFit.GIVEN_ONLY:
            enough = placed and birth is BirthFit.SAME
        case _:
            enough = False
    if not enough:
        return ()
    return (_NAME_WORDS[name], _BIRTH_WORDS[birth], *(("an address or telephone in common",) if placed else ()))


def _near_despite(a: Standard, b: Standard) -> bool:
    """Whether it is worth a look although something conflicts: a date of birth that looks mistyped."""
    return births(a, b) is BirthFit.NEAR and names(a, b) is NameFit.SAME and not _conflicting_systems(a, b)


_NAME_WORDS: Final = {
    NameFit.SAME: "same name",
    NameFit.MIDDLE_DIFFERS: "same name, another middle name",
    NameFit.ALIKE: "name sounds the same",
    NameFit.ONE_SLIP: "name differs as by a slip",
    NameFit.NEAR: "similar name",
    NameFit.INITIAL: "same family name, initial fits",
    NameFit.GIVEN_ONLY: "same given name, another family name",
}
_BIRTH_WORDS: Final = {
    BirthFit.SAME: "same date of birth",
    BirthFit.PARTIAL: "date of birth fits as far as known",
    BirthFit.UNKNOWN: "a date of birth is missing",
    BirthFit.NEAR: "date of birth differs as by a slip",
    BirthFit.CONFLICT: "another date of birth",
}
