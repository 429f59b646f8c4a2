"""Names as agencies write them, in one form: titles gone, prefixes joined, aliases and maiden names taken apart.

Which words are given and which family names stays as the agency has it, unless a field plainly holds the whole name. Order of
names differs between peoples and clerks: comparing looks at both.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from anyascii import anyascii

from services.identity.names import is_given
from services.identity.standard.encoding import repaired
from services.identity.standard.placeholders import gives_nobody, is_nobody, names_nobody
from services.identity.standard.record import FullName
from services.identity.standard.steps import Note, Step, unnoted

TITLES: Final = frozenset((
    "MR", "MRS", "MISS", "MS", "MX", "MSTR", "MASTER", "DR", "DOCTOR", "PROF", "PROFESSOR", "REV", "REVD", "REVEREND", "SIR", "DAME", "LADY",
    "LORD", "HON", "CLLR", "COUNCILLOR", "SGT", "PC", "DC", "DS", "INSP", "CAPT", "CAPTAIN", "CPL", "PTE", "IMAM", "HAJI", "HAJJI", "HADJI",
    "HAJ", "ALHAJI", "MST", "MOSAMMAT", "MOSAMAT", "MUSAMMAT", "MUSAMAT", "SMT", "SHRIMATI", "SHRI", "BABY", "INFANT", "TWIN",
))  # fmt: skip
"""Before a name. A title alone names nobody."""
NEWBORN: Final = frozenset(("BABY", "INFANT", "NEWBORN", "TWIN"))
"""Behind which a single word is the mother's family name (NHS Data Dictionary, name of a baby not yet named)."""
HONOURS: Final = frozenset(
    (
        "ESQ",
        "ESQUIRE",
        "OBE",
        "MBE",
        "CBE",
        "KBE",
        "KC",
        "QC",
        "JP",
        "PHD",
        "BSC",
        "MSC",
        "RN",
        "RGN",
        "DECEASED",
        "DECD",
    )
)
"""After a name."""
DEATH: Final = frozenset(("DECEASED", "DECD", "RIP"))
GENERATIONS: Final = {
    "JR": "JUNIOR",
    "JNR": "JUNIOR",
    "JUNIOR": "JUNIOR",
    "SR": "SENIOR",
    "SNR": "SENIOR",
    "SENIOR": "SENIOR",
    "II": "JUNIOR",
}
"""Behind the first word of a name: stands last among the middle names, so that a father and a son of one name differ in something."""

JOINED_TO_NEXT: Final = frozenset(("ABDUL", "ABDEL", "ABDAL", "ABDUR", "ABDOUL", "ABU", "UMM", "UM", "ST"))
"""Half a name: Abdul Rahman is one name, "servant of the Merciful", and Abdul alone is nobody's."""
JOINED_TO_BOTH: Final = frozenset(("UR", "UL", "UD", "US", "AL"))
JOINED_TO_LAST: Final = frozenset(("ULLAH", "UDDIN", "ALLAH"))
FAMILY_PREFIXES: Final = frozenset(("MC", "MAC", "O", "D", "FITZ"))
"""Mc Donald, O Brien, D Souza, Fitz Gerald: one word with what follows."""

_ALIAS: Final = re.compile(
    r"\s*(?:\ba\W?k\W?a\b\.?|\balias\b|\balso known as\b|\bknown as\b|\b(?:prefers|preferred)\b(?: to be called\b)?|\bgoes by\b"
    r"|(?<=\w\w)\s?/\s?(?=\w\w)|\bor\b(?=\s+\S)):?\s*",
    re.IGNORECASE,
)
_FORMER: Final = re.compile(
    r"(?:^|\s)\(?\s*(?:\bn[eé]e\b|\bformerly\b|\bprev(?:iously)?\b|\bmaiden name\b|\bf\W?k\W?a\b)(?:[:.]?\s+|[:.-])",
    re.IGNORECASE,
)
_CHILD_OF: Final = re.compile(r"^[bsdc]/o\b", re.IGNORECASE)
"""Baby, son, daughter or child of."""
_SOMEBODYS: Final = re.compile(r"^.*\w['’]s\s+(?=\w)")
"""Mum's boyfriend, Kyle's mother: somebody named by another."""
_NOW: Final = re.compile(r"(?<=\w)\W+now\s+(?=\w)", re.IGNORECASE)
_WAS: Final = re.compile(r"(?<=\w)\W+was\s+(?=\w)", re.IGNORECASE)
"""Jones now Smith, Smith was Jones."""
_CLAN: Final = re.compile(r"(?:the\s+)?(\S.*?)\s+family", re.IGNORECASE)
_PUT_AWAY: Final = re.compile(
    r"^(?:zz+|xx+\b)[ _-]*(?:(?:dup(?:licate)?|old|merged|test|do not use)\b[ _-]*)?", re.IGNORECASE
)
"""What clerks write in front of a name to send the record to the end of the list: zzSmith, ZZZ OLD Smith."""
_REMARK: Final = re.compile(
    r"(?:^|[\s*(-]+)(?:c/o|t/a|do not use|do not contact|see notes|see also|dob|d\.o\.b)(?![^\W_]).*$", re.IGNORECASE
)
"""A remark behind a name, with all that follows."""
_REMARKS: Final = HONOURS | {
    "ADOPTED",
    "CLOSED",
    "DUPLICATE",
    "MERGED",
    "ARCHIVED",
    "LAC",
    "CP",
    "CIN",
    "SENSITIVE",
    "PREFERRED",
    "DOB",
}
"""In brackets behind a name."""
_NOUGHT: Final = re.compile(r"(?<=[^\W\d_])0(?=[^\W\d_])")
_ASIDE: Final = re.compile(r"[(\[\"“«]([^()\[\]\"“”»]+)[)\]\"”»]|(?:(?<=\s)|(?<=^))['‘](\w[\w ]*)['’](?=\s|$)")
_APOSTROPHES: Final = re.compile(r"['`’‘ʻʼ´′]")
_BETWEEN_WORDS: Final = re.compile(r"[^A-Z]+")

_INITIALS: Final = re.compile(r"[A-Z]( [A-Z])+|[B-DF-HJ-NP-TV-XZ]{2}")
"""Letters with points between, or two consonants."""
_NO_INITIALS: Final = TITLES | JOINED_TO_NEXT | {"MD", "NG"}
"""MD is Mohammed in Bangladesh."""
_CHINESE: Final = re.compile(r"\s*([\u4e00-\u9fff])([\u4e00-\u9fff]{1,3})\s*")
"""The family name is the first character, the given name follows."""

VIETNAMESE_MIDDLE: Final = frozenset({"VAN", "THI"})
"""Say man or woman, and stand in front of the name people are called by: Van Hung is Hung."""
VIETNAMESE_FAMILIES: Final = frozenset((
    "NGUYEN", "TRAN", "LE", "PHAM", "HUYNH", "HOANG", "PHAN", "VU", "VO", "DANG", "BUI", "DO", "HO", "NGO", "DUONG", "LY", "DINH", "TRINH",
))  # fmt: skip
"""Nine people in ten bear one of these."""
SIKH_NAMES: Final = frozenset({"SINGH", "KAUR"})
"""Taken at baptism by every man, by every woman. In front of a family name it is no part of it: some clerks put it there, some in
the middle, some leave it out. Alone it is the family name."""
CHINESE_FAMILIES: Final = frozenset((
    "CHAN", "CHANG", "CHEN", "CHENG", "CHEUNG", "CHOI", "CHOW", "CHU", "FUNG", "HUANG", "HUI", "KWOK", "LAI", "LAM", "LAU", "LEE", "LEUNG", "LI",
    "LIN", "LIU", "LO", "LUI", "MA", "MAK", "NG", "PANG", "POON", "SIU", "SO", "TAM", "TANG", "TSANG", "TSE", "WANG", "WONG", "WU", "YANG", "YEUNG",
    "YIP", "YU", "YUEN", "ZHANG", "ZHAO", "ZHOU",
))  # fmt: skip
"""The commonest of Hong Kong and the mainland."""
EAST_ASIAN_GIVEN: Final = frozenset({"MAN", "SON"})
"""Man Cheung and Son Nguyen are names; Man Smith is words for somebody."""

MOST_NAMES: Final = 30
"""Of one mention, after alternatives are taken apart: thrice what an event may hold. More is noise, and comparing multiplies them."""


class _Written(NamedTuple):
    """One name as far as it is taken apart: words still as written."""

    given: str
    middle: str
    family: str
    kind: str


def names(written: Iterable[Mapping[str, Any]], note: Note = unnoted) -> tuple[FullName, ...]:
    """All names of a mention: sorted, each once. An alias or former name that lacks a part takes it from the name now."""
    apart = [one for name in written for one in _apart(name, note)]
    found = {name for one in apart if (name := _full(one, note))}
    current = [name for name in found if not name.kind]
    whole = {filled for name in found for filled in _filled(name, current)}
    plain = {name[:3] for name in whole if not name.kind}
    kept = sorted(name for name in whole if not name.kind or name[:3] not in plain)
    return tuple(kept[:MOST_NAMES])


def letters(text: str | None) -> str:
    """Capitals A to Z, words parted by one space: no accents, no apostrophes, no figures; other scripts in Latin letters."""
    if not text:
        return ""
    if _is_plain(text):
        return text.upper()
    return _BETWEEN_WORDS.sub(
        " ", _APOSTROPHES.sub("", anyascii(_APOSTROPHES.sub("", _NOUGHT.sub("o", text)))).upper()
    ).strip()


def _is_plain(text: str) -> bool:
    """One word of the letters A to Z, as most names are: nothing has to be taken apart."""
    return text.isascii() and text.isalpha()


def _filled(name: FullName, current: Sequence[FullName]) -> Iterator[FullName]:
    if not name.kind or (name.given and name.family) or not current:
        yield name
        return
    for now in current:
        yield FullName(name.given or now.given, name.middle, name.family or now.family, name.kind)


# Taking apart


def _apart(name: Mapping[str, Any], note: Note) -> Iterator[_Written]:
    """The name itself, and what stands beside it: aliases after "aka" or in brackets, names before marriage after "née"."""
    given, middle, family = (_box(str(name.get(part) or "")) for part in ("given", "middle", "family"))
    kind = "" if name.get("kind") in {None, "", "current"} else str(name["kind"])
    given = _CHILD_OF.sub("baby of", given)
    if (whose := _SOMEBODYS.match(given)) and gives_nobody(letters(given[whose.end() :])):
        given = ""
    if not family and (clan := _CLAN.fullmatch(given)):
        given, family = "", clan[1]
    if "," in family and not given:
        family, _, given = family.partition(",")
    elif "," in given and not family:
        family, _, given = given.partition(",")
    if chinese := _CHINESE.fullmatch(f"{family}{given}"):
        family, given = chinese[1], anyascii(chinese[2]).capitalize()
    if not given and letters(middle) not in GENERATIONS:
        given, middle = middle, ""
    beside: list[_Written] = []
    given = _beside(given, _given_alias, beside)
    family = _beside(family, _family_alias, beside)
    for one in beside:
        note(
            Step(
                "names",
                " ".join((name.get("given") or "", name.get("family") or "")).strip(),
                _shown(one),
                "another name in the same field",
            )
        )
    yield _Written(given, middle, family, kind)
    yield from beside


def _box(text: str) -> str:
    """What stands in one box, without what is no name: an e-mail address, marks of records put away, remarks."""
    text = text.strip()
    if _is_plain(text) and text[:2].upper() not in {"ZZ", "XX"}:
        return text
    text = repaired(text)
    return "" if "@" in text else _REMARK.sub("", _PUT_AWAY.sub("", text)).strip()


def _shown(one: _Written) -> str:
    return f"{' '.join(part for part in one[:3] if part)} ({one.kind})"


def _beside(text: str, alias: Any, beside: list[_Written]) -> str:  # noqa: ANN401 - one of the two below
    if not text or _is_plain(text):
        return text
    for word, now in ((_NOW, 1), (_WAS, 0)):
        if len(changed := word.split(text, maxsplit=1)) > 1:
            beside.append(alias(changed[1 - now].strip(" ()"))._replace(kind="former"))
            text = changed[now].strip(" ()")
    former = _FORMER.split(text, maxsplit=1)
    if len(former) > 1 and former[0].strip() and former[1].strip():
        beside.append(_Written("", "", _ALIAS.split(former[1])[0].strip(" )"), "former"))
        text = former[0].rstrip(" (")
    for aside in map("".join, _ASIDE.findall(text)):
        inner = _ALIAS.sub("", aside, count=1) if _ALIAS.match(aside) else aside
        if gives_nobody(letters(inner)) or letters(inner) in _REMARKS:
            continue  # (male), (deceased)
        former_name = _FORMER.sub(" ", f" {inner}").strip()
        beside.append(_Written("", "", former_name, "former") if former_name != inner.strip() else alias(inner))
    first, *others = _ALIAS.split(_ASIDE.sub(" ", text))
    if first.strip():
        beside += [alias(other.strip()) for other in others if other.strip()]
        return first
    return text


def _given_alias(text: str) -> _Written:
    return _Written(text, "", "", "alias")


def _family_alias(text: str) -> _Written:
    """What stands beside a family name is another family name, or a whole other name."""
    first, _, rest = text.rpartition(" ")
    return (
        _Written(first, "", rest, "alias")
        if first and is_given(letters(first).split(" ")[0])
        else _Written("", "", text, "alias")
    )


# One name


def _full(one: _Written, note: Note) -> FullName | None:
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


def _tell(one: _Written, made: FullName, note: Note) -> None:
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
