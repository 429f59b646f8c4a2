"""Telephone numbers: one writing, what kind of line it is, and which are no number at all."""

import re
from functools import lru_cache
from typing import Final, NamedTuple

import phonenumbers

HOME_COUNTRY: Final = "GB"
"""Of numbers written without a country code."""
REMEMBERED: Final = 65_536
"""Numbers: some 15 MB. The same few come again with every event about somebody."""

FEWEST_FIGURES: Final = 5
"""Shorter ones are extensions and short codes: anybody's."""
ENDING: Final = 7
"""Last figures that are all one figure in a made-up number (07000000000)."""
RUN: Final = 7
"""Figures in a row, up or down, that nobody is given by chance: 01234567890, 07987654321."""
FEW_KINDS: Final = 2
"""07777 777777, 07000 700700: a number of ten figures has so few kinds of figure once in 200,000."""
WHOLE: Final = 10

_RUNS: Final = ("01234567890", "9876543210")
_MOBILE: Final = re.compile(
    r"\+447(?:[1-57-9]\d{8}|624\d{6})"
)  # 070 are personal numbers, 076 pagers, but 07624 the Isle of Man
_FIXED: Final = re.compile(r"\+44[12]\d{8,9}")
_KINDS: Final = {
    phonenumbers.PhoneNumberType.MOBILE: "mobile",
    phonenumbers.PhoneNumberType.FIXED_LINE: "fixed",
}


_FIGURES_AND_LIKE: Final = re.compile(r"\b(?=\S*\d)[\dOoIl]+\b")
_FIGURE_FOR: Final = str.maketrans("OoIl", "0011")
_FRACTION: Final = re.compile(r"(?<=\d{9})\.0+$")
"""What a spreadsheet adds to a number it takes for an amount."""
_EXTENSION: Final = re.compile(r"(?<=\d)\s*\(\s*\d{1,5}\s*\)\s*$")
"""0121 496 0123 (45). In front, brackets hold the code of a town."""
_SEVERAL: Final = re.compile(r"[/,;&]|\b(?:or|and)\b", re.IGNORECASE)
_WORDS_BEHIND: Final = re.compile(r"(?<=\d)[\s(\[:-]*(?!e?xt?n?\.?\s*\d)[A-Za-z]", re.IGNORECASE)
"""A word behind the number that is no extension."""


class Number(NamedTuple):
    """One telephone number."""

    written: str
    """E.164; as its figures where it can be none."""
    line: str
    """mobile: most often one person's. fixed: a household's or an office's. other: not known."""


@lru_cache(maxsize=REMEMBERED)
def phone(text: str) -> Number | None:
    """Read a number as people write it; None if it stands where no number is known.

    A number that cannot exist is kept: two agencies that hold the same wrong number still hold the same. Source of the
    United Kingdom's ranges: Ofcom, National Telephone Numbering Plan.
    """
    text = _one(text)
    figures = re.sub(r"\D", "", text)
    if len(figures) < FEWEST_FIGURES:
        return None
    try:
        read = phonenumbers.parse(text, HOME_COUNTRY)
    except phonenumbers.NumberParseException:
        return None if _is_made_up(figures) else Number(figures, "other")
    if _is_made_up(str(read.national_number)):
        return None
    written = phonenumbers.format_number(read, phonenumbers.PhoneNumberFormat.E164)
    return Number(written, _line(written, read))


def _one(text: str) -> str:
    """One number: the first of several, without the words beside it, which a telephone's keys would turn into figures."""
    text = _FIGURES_AND_LIKE.sub(lambda found: found[0].translate(_FIGURE_FOR), text)
    text = _EXTENSION.sub("", _FRACTION.sub("", text.strip()))
    found = [part for part in _SEVERAL.split(text) if len(re.sub(r"\D", "", part)) >= WHOLE]
    if len(found) > 1:
        text = found[0]
    return _WORDS_BEHIND.split(text, maxsplit=1)[0]


def _line(written: str, read: phonenumbers.PhoneNumber) -> str:
    if written.startswith("+44"):
        return "mobile" if _MOBILE.fullmatch(written) else "fixed" if _FIXED.fullmatch(written) else "other"
    return _KINDS.get(phonenumbers.number_type(read), "other")


def _is_made_up(figures: str) -> bool:
    """Whether the figures, without country code and leading 0, are keys held down or pressed one after the other."""
    if len(set(figures[-ENDING:])) == 1 or (len(figures) >= WHOLE and len(set(figures)) <= FEW_KINDS):
        return True
    return any(run[start : start + RUN] in figures for run in _RUNS for start in range(len(run) - RUN + 1))
