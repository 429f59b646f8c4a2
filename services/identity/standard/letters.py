"""Any writing in the capitals A to Z: no accents, no apostrophes, no figures; other scripts in Latin letters."""

import re
from typing import Final

from anyascii import anyascii

_NOUGHT: Final = re.compile(r"(?<=[^\W\d_])0(?=[^\W\d_])")
_APOSTROPHES: Final = re.compile(r"['`’‘ʻʼ´′]")
_BETWEEN_WORDS: Final = re.compile(r"[^A-Z]+")


def letters(text: str | None) -> str:
    """Capitals A to Z, words parted by one space: no accents, no apostrophes, no figures; other scripts in Latin letters."""
    if not text:
        return ""
    if is_plain(text):
        return text.upper()
    return _BETWEEN_WORDS.sub(
        " ", _APOSTROPHES.sub("", anyascii(_APOSTROPHES.sub("", _NOUGHT.sub("o", text)))).upper()
    ).strip()


def is_plain(text: str) -> bool:
    """One word of the letters A to Z, as most names are: nothing has to be taken apart."""
    return text.isascii() and text.isalpha()
