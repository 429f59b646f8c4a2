r"""Numbers that name a person, with their check digits.

A valid number is still only a claim. A wrong one is worse than none: it joins strangers, so it is refused at the door.
Sources: NHS Data Dictionary (NHS number); hmpps-person-record (PNC, CRO, prison number, CRN); Department for Education
(UPN); HMRC NIM39110 (National Insurance number).
"""

import re
from collections.abc import Callable
from typing import Final

_PNC_LETTERS: Final = "ZABCDEFGHJKLMNPQRTUVWXY"
_UPN_LETTERS: Final = "ABCDEFGHJKLMNPQRTUVWXYZ"
_SHORT_YEAR_PIVOT: Final = 40
"""Two-digit years below this are 20xx: the Police National Computer began in 1974 and holds years back to the 1950s."""

ZERO: Final = ord("0")

_NHS: Final = re.compile(r"(\d{3})[ -]?(\d{3})[ -]?(\d{4})", re.ASCII)
_PNC: Final = re.compile(r"(\d{4}|\d{2})/(\d{1,7})([A-Z])", re.ASCII)
_CRO: Final = re.compile(r"(\d{1,6})/(\d{2})([A-Z])", re.ASCII)
_CRO_SEARCH_FILE: Final = re.compile(r"SF(\d{2})/(\d{1,6})([A-Z])", re.ASCII)
_UPN: Final = re.compile(r"([A-Z])(\d{11})([\dA-Z])", re.ASCII)
_NINO: Final = re.compile(r"([A-Z]{2}) ?(\d{2}) ?(\d{2}) ?(\d{2}) ?([A-D]?)", re.ASCII)
_NINO_NEVER: Final = re.compile(r"[DFIQUV]|.[DFIQUVO]|BG|GB|KN|NK|NT|TN|ZZ")
_PRISON: Final = re.compile(r"[A-Z]\d{4}[A-Z]{2}", re.ASCII)
_CRN: Final = re.compile(r"[A-Z]\d{6}", re.ASCII)


class IdentifierRefused(ValueError):
    """Not such a number. `code` and `fix` may be shown to the sender; neither repeats the input."""

    def __init__(self, code: str, fix: str) -> None:
        super().__init__(fix)
        self.code = code
        self.fix = fix


def _form(fix: str) -> IdentifierRefused:
    return IdentifierRefused("identifier-form", fix)


def _check(what: str) -> IdentifierRefused:
    fix = f"The check digit does not fit: copy the {what} again, or send it without this identifier."
    return IdentifierRefused("check-digit", fix)


def _nhs(value: str) -> str:
    match = _NHS.fullmatch(value)
    if match is None:
        raise _form("Write the ten digits of the NHS number.")
    digits = "".join(match.groups())
    a, b, c, d, e, f, g, h, i, check = digits.encode()
    total = 10 * a + 9 * b + 8 * c + 7 * d + 6 * e + 5 * f + 4 * g + 3 * h + 2 * i - 54 * ZERO
    if (11 - total % 11) % 11 != check - ZERO:  # a remainder of 10 has no digit and never fits
        raise _check("NHS number")
    return digits


def _pnc(value: str) -> str:
    match = _PNC.fullmatch(value)
    if match is None:
        raise _form("Write the PNC ID as YYYY/NNNNNNNL, or in its short form YY/NL.")
    year, serial, letter = match[1], match[2].zfill(7), match[3]
    if _PNC_LETTERS[int(year[-2:] + serial) % 23] != letter:
        raise _check("PNC ID")
    return f"{pnc_year(year)}/{serial}{letter}"


def pnc_year(year: str) -> str:
    """The four figures of the year of a PNC ID, of which the short form writes two."""
    if len(year) == 2:  # noqa: PLR2004 - the short form's own length
        return ("20" if int(year) < _SHORT_YEAR_PIVOT else "19") + year
    return year


def _cro(value: str) -> str:
    if match := _CRO.fullmatch(value):
        serial, year, letter = match[1].zfill(6), match[2], match[3]
        canonical, number = f"{serial}/{year}{letter}", year + serial
    elif match := _CRO_SEARCH_FILE.fullmatch(value):
        year, serial, letter = match.groups()
        canonical, number = f"SF{year}/{serial}{letter}", year + serial
    else:
        raise _form("Write the CRO number as NNNNNN/YYL, or SFYY/NL from the search file.")
    if _PNC_LETTERS[int(number) % 23] != letter:
        raise _check("CRO number")
    return canonical


def _upn(value: str) -> str:
    match = _UPN.fullmatch(value)
    if match is None:
        raise _form("Write the UPN as a letter and twelve digits (a letter last if it is temporary).")
    last = match[3] if match[3].isdigit() else str(_UPN_LETTERS.find(match[3]))
    digits = [int(digit) for digit in match[2]] + [int(last)]
    total = sum(digit * position for digit, position in zip(digits, range(2, 14), strict=True))
    if int(last) < 0 or _UPN_LETTERS[total % 23] != match[1]:
        raise _check("UPN")
    return value


def _nino(value: str) -> str:
    match = _NINO.fullmatch(value)
    if match is None:
        raise _form("Write the National Insurance number as two letters, six digits and A to D.")
    return "".join(match.groups())


def _prison(value: str) -> str:
    if _PRISON.fullmatch(value) is None:
        raise _form("Write the prison number as A1234BC.")
    return value


def _crn(value: str) -> str:
    if _CRN.fullmatch(value) is None:
        raise _form("Write the case reference number as X123456.")
    return value


_READERS: Final[dict[str, Callable[[str], str]]] = {
    "nhs": _nhs,
    "pnc": _pnc,
    "cro": _cro,
    "prison": _prison,
    "crn": _crn,
    "upn": _upn,
    "nino": _nino,
}


def canonical(system: str, value: str) -> str:
    """The one writing of a number: PNC long and padded, NHS digits only. Local systems keep theirs.

    Raises:
        IdentifierRefused: the form or the check digit is wrong.
    """
    read = _READERS.get(system)
    return value if read is None else read(value)


def may_join(system: str, value: str) -> bool:
    """Whether a number is of a kind ever given to a person, so that it may join two records.

    National Insurance prefixes such as QQ are never issued: documentation and test data use them.
    """
    try:
        written = canonical(system, value)
    except IdentifierRefused:
        return False
    return system != "nino" or _NINO_NEVER.match(written) is None
