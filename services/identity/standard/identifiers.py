"""Numbers that name a person: those that hold, those mistyped, and those that stand where none is known."""

import re
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any, Final, NamedTuple

from schemas.identifiers import IdentifierRefused, canonical, may_join, pnc_year
from services.identity.standard.placeholders import names_nobody
from services.identity.standard.record import Identifier
from services.identity.standard.steps import Note, Step, unnoted

RUNS: Final = ("01234567890123456789", "98765432109876543210")
SHORTEST_RUN: Final = 7
"""Figures. Shorter runs are numbers people have (X123456)."""
SHORTEST_REPEAT: Final = 4
SHORTEST_REAL_REPEAT: Final = 6
"""Figures of one kind: four or five are a number of a thousand, unless they are 0 or 9, which forms are filled with."""
_NOT_PLAIN: Final = re.compile(r"[^A-Z0-9]")
_UNMARKED: Final = re.compile(r"[^A-Z0-9/]")
_FIGURES: Final = re.compile(r"\D")
_TEMPORARY_UPN: Final = re.compile(r".{12}[A-Z]")
_NINO_WITHOUT_SUFFIX: Final = 8
"""Letters and figures. The suffix A to D is often left out and tells nobody apart (HMRC NIM39110)."""
_LABEL: Final = re.compile(r"^(?:NHS|PNCID|PNC|CRO|CRN|UPN|NINO?|PRISON)(?:NUMBER|NUM|NO|ID)?(?=[A-Z]*\d)")
"""What the number is called, in front of it: "PNC ID: 98/417263M"."""
_PNC_BARE: Final = re.compile(r"((?:19|20)\d\d(?=\d{7})|\d\d)(\d{1,7}[A-Z])")
_PNC_SERIAL: Final = 8
"""Seven figures and the letter."""
_CRO_BARE: Final = re.compile(r"(\d{1,6}|SF)(\d\d)(\d{1,6}[A-Z]|[A-Z])")
"""Written without the stroke."""
_TEMPORARY_NINO: Final = re.compile(r"TN\d{6}[A-Z]?")
"""Made of a date of birth and a letter for the sex until a number is given: everybody of that birthday bears it."""
_LIKE_FIGURES: Final = str.maketrans("OIL", "011")
_PLACES: Final[Mapping[str, str]] = {"nhs": "9" * 10, "nino": "AA999999A", "prison": "A9999AA", "crn": "A999999"}
"""Where a number of the system has letters (A) and where figures (9): an O among figures is a nought."""


class Found(NamedTuple):
    """Of one mention. Sorted, each once."""

    held: tuple[Identifier, ...]
    misread: tuple[Identifier, ...]


def identifiers(body: Mapping[str, Any], agency: str, note: Note = unnoted) -> Found:
    """Read the identifiers and the agency's own number of a mention. An agency's numbers carry the agency in their system."""
    held, misread = set(), set()
    for identifier in body.get("identifiers") or ():
        system, said = identifier["system"], identifier["value"]
        written = said.strip().upper()
        found = _local(system, written, agency) if system.startswith("local:") else _read(system, written)
        if found is None:
            note(Step(f"identifiers ({system})", said, "", _why_dropped(system, written)))
        elif found.system == "":
            misread.add(Identifier(system, found.value))
            note(
                Step(
                    f"identifiers ({system})", written, found.value, "its form or check digit is wrong: at most a slip"
                )
            )
        else:
            held.add(found)
            if found.value != said or found.system != system:
                note(Step(f"identifiers ({system})", said, found.value, "its one writing"))
    if (own := (body.get("own_id") or "").strip().upper()) and (found := _local("own", own, agency)):
        held.add(found)
    return Found(tuple(sorted(held)), tuple(sorted(misread)))


def _local(system: str, written: str, agency: str) -> Identifier | None:
    empty = not written.strip("0") or names_nobody(_NOT_PLAIN.sub("", written))
    return None if empty else Identifier(f"{system}@{agency}", written)


def _read(system: str, written: str) -> Identifier | None:
    """The number; with an empty system if it is misread; None if it is none."""
    plain = _NOT_PLAIN.sub("", written)
    if (
        not plain
        or stands_for_none(plain)
        or names_nobody(plain)
        or (system == "nino" and _TEMPORARY_NINO.fullmatch(plain))
    ):
        return None
    value = next(filter(None, (_canonical(system, form) for form in _writings(system, written))), None)
    if value is None:
        return Identifier("", _in_full(system, plain))
    if system == "nino":
        return Identifier(system, value[:_NINO_WITHOUT_SUFFIX]) if may_join(system, value) else None
    if system == "upn" and _TEMPORARY_UPN.fullmatch(value):
        return Identifier(
            "upn-temporary", value
        )  # a child may be given several: it joins, but another one says nothing
    return Identifier(system, value) if may_join(system, value) else None


def _in_full(system: str, plain: str) -> str:
    """A number that fails its check, as long as those that hold: a short PNC ID would be many slips away from its full form."""
    if system == "pnc" and (read := _PNC_BARE.fullmatch(_LABEL.sub("", plain))):
        return f"{pnc_year(read[1])}{read[2].zfill(_PNC_SERIAL)}"
    return plain


def _canonical(system: str, written: str) -> str | None:
    try:
        return canonical(system, written)
    except IdentifierRefused:
        return None


def _writings(system: str, written: str) -> Iterator[str]:
    """A number as written; without its name, spaces and points; and with the stroke that was left out."""
    yield written
    bare = _LABEL.sub("", _UNMARKED.sub("", written))
    yield bare
    plain = bare.replace("/", "")
    if places := _PLACES.get(system):
        yield "".join(
            mark.translate(_LIKE_FIGURES) if place == "9" else mark
            for mark, place in zip_longest(plain, places[: len(plain)], fillvalue="")
        )
    if system == "pnc" and (read := _PNC_BARE.fullmatch(plain)):
        yield f"{read[1]}/{read[2]}"
    elif system == "cro" and (read := _CRO_BARE.fullmatch(plain)):
        yield f"SF{read[2]}/{read[3]}" if read[1] == "SF" else f"{read[1]}/{read[2]}{read[3]}"


def stands_for_none(plain: str) -> bool:
    """Whether the figures are one figure again and again, or a run: 9999999999, 1234567890. Some pass their check digit."""
    figures = _FIGURES.sub("", plain)
    if len(set(figures)) == 1:
        return len(figures) >= (SHORTEST_REPEAT if figures[0] in "09" else SHORTEST_REAL_REPEAT)
    return len(figures) >= SHORTEST_RUN and any(figures in run for run in RUNS)


def _why_dropped(system: str, written: str) -> str:
    if system == "nino" and not stands_for_none(_NOT_PLAIN.sub("", written)):
        return "no number of this prefix is ever given to a person"
    return "stands where no number is known"
