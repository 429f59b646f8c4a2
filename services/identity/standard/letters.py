"""Any writing in the capitals A to Z: no accents, no apostrophes, no figures; other scripts in Latin letters."""

import re
from typing import Final

from anyascii import anyascii

_FIGURE: Final = re.compile(r"(?<=[^\W\d_])[0158]+(?=[^\W\d_])|(?<![^\W_])[0158](?=[^\W\d_][^\W_]{2})")
"""Between letters, or before three: what a scanner or a tired hand took for o, l, i, s and b (R0bert, Wi11iam, 5m1th). Not 1st, nor 5th."""
_LETTER_FOR: Final = str.maketrans("0158", "olsb")
_VOWELS: Final = frozenset("AEIOUYaeiouy0")
_APOSTROPHES: Final = re.compile(r"['`’‘ʻʼ´′]")
_BETWEEN_WORDS: Final = re.compile(r"[^A-Z]+")


def letters(text: str | None) -> str:
    """Capitals A to Z, words parted by one space: no accents, no apostrophes, no figures; other scripts in Latin letters."""
    if not text:
        return ""
    if is_plain(text):
        return text.upper()
    return _BETWEEN_WORDS.sub(
        " ",
        _APOSTROPHES.sub("", anyascii(_APOSTROPHES.sub("", _FIGURE.sub(_meant, text)))).upper(),
    ).strip()


def _meant(found: re.Match[str]) -> str:
    """One stroke is an l beside a vowel (Co1in), else an i (W1lliam): no name has three consonants so."""
    around = found.string[max(found.start() - 1, 0) : found.start()] + found.string[found.end()]
    return "i" if found[0] == "1" and _VOWELS.isdisjoint(around) else found[0].translate(_LETTER_FOR)


def is_plain(text: str) -> bool:
    """One word of the letters A to Z, as most names are: nothing has to be taken apart."""
    return text.isascii() and text.isalpha()
