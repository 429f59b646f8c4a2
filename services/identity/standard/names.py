"""Names as agencies write them, in one form: titles gone, prefixes joined, aliases and maiden names taken apart.

Which words are given and which family names stays as the agency has it, unless a field plainly holds the whole name. Order of
names differs between peoples and clerks: comparing looks at both.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from anyascii import anyascii

from services.identity.names import is_given
from services.identity.standard.apart import Written, apart
from services.identity.standard.letters import letters
from services.identity.standard.name_words import (
    CHINESE_FAMILIES,
    DEATH,
    EAST_ASIAN_GIVEN,
    FAMILY_PREFIXES,
    GENERATIONS,
    HONOURS,
    JOINED_TO_BOTH,
    JOINED_TO_LAST,
    JOINED_TO_NEXT,
    KUNYA,
    NEWBORN,
    NO_KUNYA,
    SIKH_NAMES,
    TITLES,
    VIETNAMESE_FAMILIES,
    VIETNAMESE_MIDDLE,
)
from services.identity.standard.placeholders import gives_nobody, is_nobody, names_nobody
from services.identity.standard.record import FullName
from services.identity.standard.steps import Note, Step, unnoted

_INITIALS: Final = re.compile(r"[A-Z]( [A-Z])+|[B-DF-HJ-NP-TV-XZ]{2}")
"""Letters with points between, or two consonants."""
_NO_INITIALS: Final = TITLES | JOINED_TO_NEXT | {"MD", "NG"}
"""MD is Mohammed in Bangladesh."""
MOST_NAMES: Final = 30
"""Of one mention, after alternatives are taken apart: thrice what an event may hold. More is noise, and comparing multiplies them."""


def names(written: Iterable[Mapping[str, Any]], note: Note = unnoted) -> tuple[FullName, ...]:
    """All names of a mention: sorted, each once. An alias or former name that lacks a part takes it from the name now."""
    written_names = [one for name in written for one in apart(name, note)]
    found = {name for one in written_names for name in _said(one, note)}
    current = [name for name in found if not name.kind]
    whole = {filled for name in found for filled in _filled(name, current)}
    plain = {name[:3] for name in whole if not name.kind}
    kept = sorted(name for name in whole if not name.kind or name[:3] not in plain)
    return tuple(kept[:MOST_NAMES])


def _filled(name: FullName, current: Sequence[FullName]) -> Iterator[FullName]:
    if not name.kind or (name.given and name.family) or not current:
        yield name
        return
    for now in current:
        yield FullName(name.given or now.given, name.middle, name.family or now.family, name.kind)


def _said(one: Written, note: Note) -> Iterator[FullName]:
    """The name; of a kunya the by-name, and the name without a given one, which is not known."""
    made = _full(one, note)
    if made is None:
        return
    if made.kind or not _is_kunya(one):
        yield made
        if made.kind and made.given in KUNYA and made.family not in NO_KUNYA:  # the by-name alone, in two boxes
            yield made._replace(given=f"{made.given}{made.family}", family="")
        elif made.kind and _may_be_two_given(made) and not one.family:
            yield made._replace(given=f"{made.given} {made.family}", family="")
        return
    note(Step("names", made.given, "", "father or mother of: a by-name, beside which the given name is not known"))
    yield made._replace(kind="alias")
    if made.family:
        yield FullName("", "", made.family)


def _may_be_two_given(name: FullName) -> bool:
    """Jenny (Xiu Ying): of a by-name in one box the last word may be a given one as well. Not an initial."""
    return len(name.given) > 1 and len(name.family) > 1 and not name.middle


def _is_kunya(one: Written) -> bool:
    words = letters(f"{one.given} {one.middle}").split()
    return len(words) > 1 and words[0] in KUNYA and words[1] not in NO_KUNYA


def _full(one: Written, note: Note) -> FullName | None:
    given, middle, family = _given_words(one.given), letters(one.middle).split(), letters(one.family).split()
    if is_nobody(" ".join(given), " ".join(family)):
        given, middle, family = [], [], []
    if _calls_nobody(" ".join(given), family):
        given = middle = []
    family = family[:1] + [word for word in family[1:] if word not in HONOURS | TITLES]
    given = [word for word in given if word not in DEATH] or given
    titles = given[:-1]
    given = _untitled(given, alone=not family)
    unnamed = not NEWBORN.isdisjoint(titles)
    if not middle and len(given) == 1 and titles and not (family and given != family):
        if not family and (unnamed or not is_given(given[0])):
            given, family = [], given  # Mr Smith, Baby Smith
        elif unnamed and family:
            given = []  # Baby Smith, Smith
    family = _untitled(family, alone=True)
    given, family = _in_their_fields(
        _joined_given(given),
        middle,
        family,
        hyphened="-" in (one.family if one.family.isascii() else anyascii(one.family)),
    )
    further = " ".join((*given[1:], *middle)).split()
    generation = [GENERATIONS[word] for word in (*family[1:], *further) if word in GENERATIONS][:1]
    family, further = family[:1] + _grown(family[1:]), _grown(further)
    first, *rest = _joined_given([given[0], *further]) if given else [""]
    while first and _calls_nobody(first, family):  # Sister Mary
        first, rest = (rest[0], rest[1:]) if rest else ("", [])
    if first in VIETNAMESE_MIDDLE and rest and not VIETNAMESE_FAMILIES.isdisjoint(family):
        first, rest = rest[-1], [first, *rest[:-1]]
    if first and len(family) > 1 and family[0] in SIKH_NAMES:
        rest, family = [*rest, family[0]], family[1:]
    surname = " ".join(_joined_family(family))
    made = FullName(first, " ".join([*rest, *generation]), "" if names_nobody(surname) else surname, one.kind)
    if note is not unnoted:
        _tell(one, made, note)
    return made if made.given or made.family else None


def _calls_nobody(given: str, family: Iterable[str]) -> bool:
    there = given in EAST_ASIAN_GIVEN and not (CHINESE_FAMILIES | VIETNAMESE_FAMILIES).isdisjoint(family)
    return gives_nobody(given) and not there


def _tell(one: Written, made: FullName, note: Note) -> None:
    before, after = " | ".join(one[:3]), " | ".join(made[:3])
    if before == after:
        return
    if names_nobody(letters(one.family)) or gives_nobody(letters(one.given)):
        why = "words for somebody not known are no name"
    elif any(word in TITLES or word in HONOURS for word in letters(f"{one.given} {one.family}").split()):
        why = "titles and honours taken off, in capitals without accents"
    else:
        why = "capitals without accents; prefixes joined; words in their fields"
    note(Step("names", before, after, why))


def _given_words(text: str) -> list[str]:
    """Words parted by spaces; what a hyphen joins is one name of two words. J.P. and JP are two initials."""
    found: list[str] = []
    for part in text.split():
        word = letters(part)
        initials = word.replace(" ", "")
        if _INITIALS.fullmatch(word) and initials not in _NO_INITIALS and not is_given(initials):
            found += initials
        elif word:
            found.append(word)
    return found


def _untitled(words: list[str], *, alone: bool) -> list[str]:
    """Without titles in front. A title that would leave no name at all stays, to be seen for what it is."""
    while words and words[0] in TITLES and (len(words) > 1 or not alone):
        words = words[1:]
    return words


def _grown(words: Sequence[str]) -> list[str]:
    """Without words for the generation."""
    return [word for word in words if word not in GENERATIONS]


def _in_their_fields(
    given: list[str], middle: list[str], family: list[str], *, hyphened: bool
) -> tuple[list[str], list[str]]:
    """The whole name in one field, or a part in both, goes where it belongs."""
    if not family and len(given) > 1 and not middle:
        return given[:-1], given[-1].split(" ")
    known = not names_nobody(" ".join(family))  # N/A is no initial
    initial = known and len(family) > 1 and len(family[0]) == 1 and family[0] not in FAMILY_PREFIXES
    if not given and not hyphened and len(family) > 1 and (initial or is_given(family[0])):
        return family[:1], family[1:]
    if given and not hyphened and len(family) > 1 and family[0] == given[0]:
        return given, family[1:]
    if len(given) > 1 and [given[-1]] == family:
        return given[:-1], family
    return given, family


def _joined_given(words: Sequence[str]) -> list[str]:
    """The given names one by one, with those that are halves of one joined."""
    found: list[str] = []
    join = False
    for number, word in enumerate(words):
        last = number == len(words) - 1
        if found and (join or word in JOINED_TO_LAST or (word in JOINED_TO_BOTH and not last)):
            found[-1] += word
        else:
            found.append(word)
        join = (word in JOINED_TO_NEXT and not last) or (word in JOINED_TO_BOTH and len(found[-1]) > len(word))
    return found


def _joined_family(words: Sequence[str]) -> list[str]:
    found: list[str] = []
    join = False
    for number, word in enumerate(words):
        if join and len(word) > 1:
            found[-1] += word
        else:
            found.append("ST" if word == "SAINT" else word)
        join = not join and word in FAMILY_PREFIXES and number < len(words) - 1
    return found
