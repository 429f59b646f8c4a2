"""Any writing in the capitals A to Z: no accents, no apostrophes, no figures; other scripts in Latin letters."""

import re
from typing import Final

from anyascii import anyascii

_FIGURE: Final = re.compile(r"(?<=[^\W\d_])[015]+(?=[^\W\d_])")
"""Between letters: what a scanner or a tired hand took for o, l and s (R0bert, Wi11iam)."""
_LETTER_FOR: Final = str.maketrans("015", "ols")
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
        _APOSTROPHES.sub(
            "", anyascii(_APOSTROPHES.sub("", _FIGURE.sub(lambda found: found[0].translate(_LETTER_FOR), text)))
        ).upper(),
    ).strip()


def is_plain(text: str) -> bool:
    """One word of the letters A to Z, as most names are: nothing has to be taken apart."""
    return text.isascii() and text.isalpha()
