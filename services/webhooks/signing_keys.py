"""Signing secrets at rest: sealed under the master key and bound to their endpoint, so that none fits another."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from services.sealing import cipher
from services.webhooks.sign import Key, key_of

USE: Final = "webhook secrets"


def seal(master_key: bytes, endpoint: UUID, secret: str) -> bytes:
    """Seal a secret for its endpoint's row."""
    return cipher.seal(cipher.derive(master_key, USE), secret.encode(), endpoint.bytes)


def keys(master_key: bytes, endpoint: UUID, sealed: Sequence[bytes | None]) -> list[Key]:
    """Open the secrets of an endpoint; those that are None are left out.

    Raises:
        cipher.SealBroken: sealed under another master key, or for another endpoint.
    """
    opened = [cipher.unseal(cipher.derive(master_key, USE), one, endpoint.bytes) for one in sealed if one is not None]
    return [key_of(secret.decode()) for secret in opened]
