"""Versioned HMAC tokens: equal values have equal tokens, and a stolen table of tokens names nobody.

Addresses, telephone numbers and names of workplaces are matched only as tokens; blocking keys are tokens of 64 bits.
The version stands in front, so that a change of key or of normal form can live beside what is stored.
"""

import hmac
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import phonenumbers
from anyascii import anyascii

VERSION: Final = 1
TOKEN_BYTES: Final = 16  # 128 bits: no two of a nation's addresses or numbers meet
HOME_COUNTRY: Final = "GB"  # of numbers written without a country code

REMEMBERED: Final = 50_000  # tokens: some 20 MB

_POSTCODE: Final = re.compile(r"\b([A-Z]{1,2}\d[A-Z\d]?) ?(\d[A-Z]{2})$")
_WORDS: Final = re.compile(r"[A-Z0-9]+")
_FLAT_WORDS: Final = frozenset({"FLAT", "APARTMENT", "APT", "UNIT", "ROOM", "STUDIO"})


class Tokens:
    """Makes tokens under one master key. `tokenise` fits `schemas.sealing.seal`."""

    def __init__(self, master_key: bytes) -> None:
        self._secret = hmac.digest(master_key, b"tocsin tokens %d" % VERSION, "sha256")
        self._lately: dict[tuple[str, ...], str] = {}
        """Tokens made lately: the same few addresses and numbers come again with every event about somebody."""

    def tokenise(self, kind: str, value: Any) -> dict[str, Any]:  # noqa: ANN401 - text, or lines with a postcode
        """What stands in the place of a sealed value: {"token": hex}."""
        known = (kind, *value["lines"], value.get("postcode", "")) if kind == "dwelling" else (kind, value)
        token = self._lately.get(known)
        if token is None:
            token = self.token(kind, normal(kind, value))
            if kind != "text":
                if len(self._lately) >= REMEMBERED:
                    self._lately.clear()
                self._lately[known] = token
        return {"token": token}

    def token(self, kind: str, value: str) -> str:
        """The token of a value already in its normal form, as hex with the version in front."""
        digest = hmac.digest(self._secret, f"{kind}|{value}".encode(), "sha256")
        return f"{VERSION:02x}{digest[:TOKEN_BYTES].hex()}"

    def key(self, text: str) -> int:
        """A blocking key as a signed 64-bit number, as PostgreSQL's bigint."""
        digest = hmac.digest(self._secret, b"key|" + text.encode(), "sha256")
        return int.from_bytes(digest[:8], "big", signed=True)


def normal(kind: str, value: Any) -> str:  # noqa: ANN401 - text, or lines with a postcode
    """The one writing of a value by which it is matched: E.164, house numbers with postcode, plain capitals."""
    match kind:
        case "phone":
            return phone(str(value))
        case "dwelling":
            return dwelling(value)
        case "postcode":
            return str(value).upper().replace(" ", "")
        case "name":
            return " ".join(_words(str(value)))
        case _:
            return str(value)


@lru_cache(maxsize=65_536)
def phone(written: str) -> str:
    """A telephone number as E.164; as its digits where it can be none."""
    try:
        number = phonenumbers.parse(written, HOME_COUNTRY)
    except phonenumbers.NumberParseException:
        return re.sub(r"\D", "", written)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def dwelling(address: Mapping[str, Any]) -> str:
    """The house (and flat) numbers with the postcode; the street says nothing more, and is spelt in many ways.

    Without a number the first line stands for it, without a postcode all lines.
    """
    lines = [anyascii(line).upper() for line in address.get("lines", ())]
    postcode = str(address.get("postcode") or "").upper().replace(" ", "")
    if not postcode and lines and (found := _POSTCODE.search(lines[-1].strip())):
        postcode = found[1] + found[2]
        lines[-1] = lines[-1][: found.start()]
    if not postcode:
        return " ".join(_words(" ".join(lines)))
    numbers = _house_numbers(_words(" ".join(lines)))
    return f"{postcode}|{' '.join(numbers or (_words(lines[0]) if lines else ()))}"


def _words(text: str) -> list[str]:
    return _WORDS.findall(anyascii(text).upper())


def _house_numbers(words: list[str]) -> list[str]:
    """The flat and the house number. What follows the street's name is no house number, whatever figures it holds.

    Sorted: "Flat 6, 51 Mercer Road" and "51 Mercer Road, Flat 6" are one dwelling.
    """
    found = {words[index + 1] for index, word in enumerate(words[:-1]) if word in _FLAT_WORDS}
    started = False
    for word in words:
        if any(character.isdigit() for character in word):
            started = True
            found.add(word)
        elif started and word not in _FLAT_WORDS and word not in found:
            break
    return sorted(found)
