"""Versioned HMAC tokens: equal values have equal tokens, and a stolen table of tokens names nobody.

Addresses, telephone numbers and names of workplaces are matched only as tokens; blocking keys are tokens of 64 bits.
The version stands in front, so that a change of key or of normal form can live beside what is stored.
"""

import hashlib
import hmac
from typing import Any, Final

from schemas.handling import SealedKind
from services.identity.standard.addresses import address, outcode, plain, postcode
from services.identity.standard.phones import phone
from services.identity.standard.placeholders import is_no_workplace

VERSION: Final = 2
TOKEN_BYTES: Final = 16  # 128 bits: no two of a nation's addresses or numbers meet

REMEMBERED: Final = 50_000  # values: some 40 MB

Made = dict[str, Any] | None
"""What stands in the place of a value, as `Tokens.tokenise` says."""


_INNER: Final = 0x36
_OUTER: Final = 0x5C
"""What HMAC pads its two keys with."""


def _padded(secret: bytes, by: int) -> bytes:
    return bytes(byte ^ by for byte in secret.ljust(hashlib.sha256().block_size, b"\0"))


class Tokens:
    """Makes tokens under one master key. `tokenise` fits `schemas.sealing.seal`."""

    def __init__(self, master_key: bytes) -> None:
        self._secret = hmac.digest(master_key, b"tocsin tokens %d" % VERSION, "sha256")
        # Forty keys are made for each record that arrives. Begun once (RFC 2104), an HMAC takes half as long.
        self._inner = hashlib.sha256(_padded(self._secret, _INNER) + b"key|")
        self._outer = hashlib.sha256(_padded(self._secret, _OUTER))
        self._lately: dict[tuple[str, ...], Made] = {}
        """Tokens made lately: the same few addresses and numbers come again with every event about somebody."""

    def tokenise(self, kind: SealedKind, value: Any) -> Made:  # noqa: ANN401 - text, or lines with a postcode
        """What stands in the place of a sealed value: {"token": hex} and what may be known of it; None if it says nothing.

        A telephone number also says its `line`, an address its `street`, `outcode`, `door` (tokens) and whether `many`
        live there, a postcode its `outcode`.
        """
        known = (kind, *value["lines"], value.get("postcode", "")) if kind == "dwelling" else (kind, value)
        if kind == "text":  # long, and hardly ever the same again
            return self._tokens(kind, value)
        if known not in self._lately:
            if len(self._lately) >= REMEMBERED:
                self._lately.clear()
            self._lately[known] = self._tokens(kind, value)
        made = self._lately[known]
        return None if made is None else dict(made)

    def _tokens(self, kind: SealedKind, value: Any) -> Made:  # noqa: ANN401 - text, or lines with a postcode
        match kind:
            case "phone":
                number = phone(value)
                return number and {"token": self.token(kind, number.written), "line": number.line}
            case "dwelling":
                found = address(value)
                return found and {
                    "token": self.token(kind, found.dwelling),
                    "street": self.token("street", found.street) if found.street else "",
                    "outcode": self.token("outcode", found.outcode) if found.outcode else "",
                    "many": found.many,
                    "door": self.token("door", found.door) if found.door else "",
                }
            case "postcode":
                code = postcode(value)
                out = outcode(code)
                named = {"outcode": self.token("outcode", out)} if out else {}
                return {"token": self.token(kind, code)} | named if code else None
            case "name":
                name = plain(value)
                return None if is_no_workplace(name) else {"token": self.token(kind, name)}
            case "text":
                return {"token": self.token(kind, value)}

    def phone(self, text: str) -> str:
        """The token of a telephone number as people write it. One that is no number has a token nothing else has."""
        number = phone(text)
        return self.token("phone", number.written if number else f"no number: {text}")

    def token(self, kind: str, value: str) -> str:
        """The token of a value already in its normal form, as hex with the version in front."""
        digest = hmac.digest(self._secret, f"{kind}|{value}".encode(), "sha256")
        return f"{VERSION:02x}{digest[:TOKEN_BYTES].hex()}"

    def key(self, text: str) -> int:
        """A blocking key as a signed 64-bit number, as PostgreSQL's bigint: the start of the HMAC of its text."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(text.encode())
        outer.update(inner.digest())
        return int.from_bytes(outer.digest()[:8], "big", signed=True)
