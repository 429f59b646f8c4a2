"""Standard Webhooks 1.0 signatures. Pure.

Signed is `id.timestamp.body`. The header is a list, so that during a rotation the old and the new key both sign and a
receiver may change over at its leisure. `v1` is HMAC-SHA256 under a `whsec_` secret. Ed25519 (`v1a`, `whsk_`) is one
more `Key` with its own `version` and `sign`; nothing else here changes for it.
"""

import base64
import binascii
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Final, Protocol

from schemas.webhooks import ID_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER

HMAC_PREFIX: Final = "whsec_"
HMAC_BYTES_LEAST: Final = 24
HMAC_BYTES_MOST: Final = 64
"""Limits of the specification."""
HMAC_BYTES: Final = 32
"""Of the secrets we make."""


class SecretRefused(ValueError):
    """Not a signing secret. The message never repeats it."""


class Key(Protocol):
    """What can sign."""

    version: ClassVar[str]

    def sign(self, content: bytes) -> bytes:
        """Return the signature of these bytes."""


@dataclass(frozen=True, slots=True)
class HmacKey:
    """A shared secret."""

    version: ClassVar[str] = "v1"
    secret: bytes = field(repr=False)

    def sign(self, content: bytes) -> bytes:
        """Return the HMAC-SHA256 of these bytes."""
        return hmac.digest(self.secret, content, "sha256")


def new_secret() -> str:
    """Make a secret to hand to a receiver, once."""
    return HMAC_PREFIX + base64.b64encode(secrets.token_bytes(HMAC_BYTES)).decode()


def key_of(secret: str) -> Key:
    """Read a secret as it is written.

    Raises:
        SecretRefused: another kind, not base64, or too short or too long.
    """
    if not secret.startswith(HMAC_PREFIX):
        raise SecretRefused(f"a signing secret begins with {HMAC_PREFIX}")
    try:
        raw = base64.b64decode(secret.removeprefix(HMAC_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise SecretRefused("the part after the prefix is not base64") from None
    if not HMAC_BYTES_LEAST <= len(raw) <= HMAC_BYTES_MOST:
        raise SecretRefused(f"a secret has {HMAC_BYTES_LEAST} to {HMAC_BYTES_MOST} bytes")
    return HmacKey(raw)


def headers(keys: Sequence[Key], message_id: str, at: datetime, body: bytes) -> Mapping[str, str]:
    """Return the three headers of a try at `at` (real time)."""
    timestamp = str(int(at.timestamp()))
    content = b".".join((message_id.encode(), timestamp.encode(), body))
    signatures = [f"{key.version},{base64.b64encode(key.sign(content)).decode()}" for key in keys]
    return {ID_HEADER: message_id, TIMESTAMP_HEADER: timestamp, SIGNATURE_HEADER: " ".join(signatures)}
