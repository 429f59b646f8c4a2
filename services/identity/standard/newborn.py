"""What is written of children before they are named: which child of one birth is meant, and whether it is a boy or a girl.

"Twin 1" and "Twin 2" name nobody, and are two children all the same: taken for one, the second would have no file of its own.
Source: NHS Data Dictionary, number of babies and birth order, and how maternity and court papers write it.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from services.identity.standard.letters import letters
from services.identity.standard.placeholders import gives_nobody

_ORDERS: Final = (
    ("1", "1ST", "ONE", "FIRST", "I", "A"),
    ("2", "2ND", "TWO", "SECOND", "II", "B"),
    ("3", "3RD", "THREE", "THIRD", "III", "C"),
    ("4", "4TH", "FOUR", "FOURTH", "IV", "D"),
)
"""In the order of birth; more than four are not known to have been written so."""
_ORDER: Final = {word: number for number, words in enumerate(_ORDERS, 1) for word in words}
_OF_ONE_BIRTH: Final = "TWIN|TRIPLET|QUADRUPLET|QUAD"
_NOT_NAMED: Final = f"{_OF_ONE_BIRTH}|BABY|BABIES|INFANT|NEWBORN|NEW BORN|NEONATE|FOETUS|FETUS|UNBORN"
_BOY_OR_GIRL: Final = "BOY|GIRL|MALE|FEMALE"
_BORN: Final = re.compile(rf"\b(?:{_NOT_NAMED})", re.IGNORECASE)
"""Most names hold none of these: nothing more has to be looked for."""
_BEHIND: Final = re.compile(
    rf"\b(?:{_NOT_NAMED})S?(?:[\W_]+(?:{_NOT_NAMED}|{_BOY_OR_GIRL}|CHILD|NO|NUMBER))*[\W_]*(?P<order>1ST|2ND|3RD|4TH|[1-4]|ONE|TWO|THREE|FOUR"
    r"|FIRST|SECOND|THIRD|FOURTH|I{1,3}|IV|[A-D])\b",
    re.IGNORECASE,
)
"""Twin 2, Triplet C, Baby Girl 1."""
_BEFORE: Final = re.compile(
    rf"\b(?P<order>1ST|2ND|3RD|4TH|FIRST|SECOND|THIRD|FOURTH)(?:[\W_]+BORN)?(?:[\W_]+(?:{_BOY_OR_GIRL}))?(?=[\W_]+(?:{_OF_ONE_BIRTH})\b)",
    re.IGNORECASE,
)
"""First twin. A "first baby" may have sisters of other birthdays, and is not meant."""
_SEXES: Final = {"BOY": "m", "MALE": "m", "SON": "m", "GIRL": "f", "FEMALE": "f", "DAUGHTER": "f"}


def birth_order(written: Iterable[Mapping[str, Any]]) -> int:
    """Which of the children of one birth a mention's names say it is, 1 for the first; 0 if they do not, or say two."""
    found = {order for name in written for part in _boxes(name) if (order := _order(part))}
    return found.pop() if len(found) == 1 else 0


def without_order(text: str) -> str:
    """A box of a name without what says the order of birth: "Twin One Aisha" is Aisha and not One, "Aisha (Twin 2)" no Twin."""
    if not (found := _found(text)):
        return text
    # In front of a family name the word for a baby says that it is one.
    start = found.start() if text[: found.start()].strip() else found.start("order")
    return f"{text[:start]} {text[found.end() :]}".strip()


def sex_said(written: Iterable[Mapping[str, Any]]) -> str | None:
    """Boy or girl, where words that name nobody say it: "Baby Girl", "Unknown Male"; None if they do not, or say both."""
    found = {
        _SEXES[word]
        for name in written
        for given in [letters(f"{name.get('given') or ''} {name.get('middle') or ''}")]
        if not _SEXES.keys().isdisjoint(given.split()) and gives_nobody(given)
        # The daughter of somebody is not the one who is unnamed: "baby of daughter".
        for word in given.partition(" OF ")[0].split()
        if word in _SEXES
    }
    return found.pop() if len(found) == 1 else None


def _boxes(name: Mapping[str, Any]) -> Iterable[str]:
    given, middle, family = (str(name.get(part) or "") for part in ("given", "middle", "family"))
    return f"{given} {middle}", family


def _order(text: str) -> int:
    found = _found(text)
    return _ORDER[found["order"].upper()] if found else 0


def _found(text: str) -> re.Match[str] | None:
    return (_BEHIND.search(text) or _BEFORE.search(text)) if _BORN.search(text) else None
