"""What clerks write into one field taken apart: aliases and maiden names beside the name, remarks, marks of records put away."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from anyascii import anyascii

from services.identity.names import is_given
from services.identity.standard.encoding import repaired
from services.identity.standard.letters import is_plain, letters
from services.identity.standard.name_words import GENERATIONS, HONOURS
from services.identity.standard.newborn import without_order
from services.identity.standard.placeholders import gives_nobody
from services.identity.standard.steps import Note, Step

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
_ASIDE: Final = re.compile(r"[(\[\"“«]([^()\[\]\"“”»]+)[)\]\"”»]|(?:(?<=\s)|(?<=^))['‘](\w[\w ]*)['’](?=\s|$)")
_CHINESE: Final = re.compile(r"\s*([\u4e00-\u9fff])([\u4e00-\u9fff]{1,3})\s*")
"""The family name is the first character, the given name follows."""


class Written(NamedTuple):
    """One name as far as it is taken apart: words still as written."""

    given: str
    middle: str
    family: str
    kind: str


def apart(name: Mapping[str, Any], note: Note) -> Iterator[Written]:
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
    beside: list[Written] = []
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
    yield Written(given, middle, family, kind)
    yield from beside


def _box(text: str) -> str:
    """What stands in one box, without what is no name: an e-mail address, marks of records put away, remarks."""
    text = text.strip()
    if is_plain(text) and text[:2].upper() not in {"ZZ", "XX"}:
        return text
    text = repaired(text)
    return "" if "@" in text else without_order(_REMARK.sub("", _PUT_AWAY.sub("", text)).strip())


def _shown(one: Written) -> str:
    return f"{' '.join(part for part in one[:3] if part)} ({one.kind})"


def _beside(text: str, alias: Any, beside: list[Written]) -> str:  # noqa: ANN401 - one of the two below
    if not text or is_plain(text):
        return text
    for word, now in ((_NOW, 1), (_WAS, 0)):
        if len(changed := word.split(text, maxsplit=1)) > 1:
            beside.append(alias(changed[1 - now].strip(" ()"))._replace(kind="former"))
            text = changed[now].strip(" ()")
    former = _FORMER.split(text, maxsplit=1)
    if len(former) > 1 and former[0].strip() and former[1].strip():
        beside.append(Written("", "", _ALIAS.split(former[1])[0].strip(" )"), "former"))
        text = former[0].rstrip(" (")
    for aside in map("".join, _ASIDE.findall(text)):
        inner = _ALIAS.sub("", aside, count=1) if _ALIAS.match(aside) else aside
        if gives_nobody(letters(inner)) or letters(inner) in _REMARKS:
            continue  # (male), (deceased)
        former_name = _FORMER.sub(" ", f" {inner}").strip()
        beside.append(Written("", "", former_name, "former") if former_name != inner.strip() else alias(inner))
    first, *others = _ALIAS.split(_ASIDE.sub(" ", text))
    if first.strip():
        beside += [alias(other.strip()) for other in others if other.strip()]
        return first
    return text


def _given_alias(text: str) -> Written:
    return Written(text, "", "", "alias")


def _family_alias(text: str) -> Written:
    """What stands beside a family name is another family name, or a whole other name."""
    first, _, rest = text.rpartition(" ")
    return (
        Written(first, "", rest, "alias")
        if first and is_given(letters(first).split(" ")[0])
        else Written("", "", text, "alias")
    )
