"""Letters broken on their way between systems: UTF-8 read as Latin-1, marks of HTML, and a mark where a letter was lost.

Pure. Half of Europe's and all accented names pass through some old system once; read as they stand, JosÃ© and José are two people.
"""

import html
import re
from typing import Final

_ENTITY: Final = re.compile(r"&#?\w{2,8};")
_BROKEN: Final = re.compile(r"[\u00c2-\u00f4][^\x00-\x7f]")
"""How each letter of two bytes or more begins when UTF-8 is read byte by byte, and what follows it."""
_LOST: Final = re.compile(r"(?<=[^\W\d_])[?\ufffd]+(?=[^\W\d_])|\ufffd+")
"""Garc?a, M??ller. A question mark behind a word is a doubt of who wrote it, not a letter."""
_PASSES: Final = 3
"""As often as text is known to have gone through two systems that disagree."""


def repaired(text: str) -> str:
    """The text as it was meant, as far as that can be known; a letter that is lost leaves nothing, and a slip is what remains.

    GarcÃ­a and Garc&iacute;a are García; Garc?a is Garca, which differs from it in one letter.
    """
    if "&" in text and _ENTITY.search(text):
        text = html.unescape(text)
    if not text.isascii():
        for _ in range(_PASSES):
            if not _BROKEN.search(text) or (meant := _meant(text)) is None:
                break
            text = meant
    return _LOST.sub("", text) if "?" in text or "\ufffd" in text else text


def _meant(text: str) -> str | None:
    """The bytes behind the letters read as UTF-8; None if they are none, as in nearly every text that is right already."""
    try:
        return b"".join(map(_byte, text)).decode()
    except UnicodeError:
        return None


def _byte(letter: str) -> bytes:
    """Windows reads 80 to 9F as signs, others as nothing that can be seen."""
    try:
        return letter.encode("cp1252")
    except UnicodeEncodeError:
        return letter.encode("latin-1")
