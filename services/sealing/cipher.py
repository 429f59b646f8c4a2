"""AES-256-GCM with keys derived from one master key, each for one use. Pure but for the random bytes.

A sealed value is nonce + ciphertext + tag, and opens only together with what it was bound to, so that a ciphertext moved
to another row, or another use, is refused.
"""

import os
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from services.errors import TocsinError

KEY_BYTES: Final = 32  # AES-256
NONCE_BYTES: Final = 12  # what GCM is specified for; random, and no key of ours sees anywhere near 2^32 messages
TAG_BYTES: Final = 16


class SealBroken(TocsinError):
    """It was altered, moved, or sealed under another key."""


class KeyDestroyed(TocsinError):
    """The key was destroyed, and with it what it sealed."""


@lru_cache(maxsize=32)
def derive(master_key: bytes, use: str) -> bytes:
    """Return the key for one use ("day keys", "event keys", ...); another use's key tells nothing about it."""
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"tocsin {use} v1".encode()).derive(master_key)


def new_key() -> bytes:
    """Return a random key."""
    return os.urandom(KEY_BYTES)


def seal(key: bytes, plain: bytes, bound: bytes) -> bytes:
    """Encrypt `plain`; it opens only with the same `bound`."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, bound)


def unseal(key: bytes, sealed: bytes, bound: bytes) -> bytes:
    """Decrypt what `seal` made.

    Raises:
        SealBroken: another key, another binding, or altered bytes.
    """
    if len(sealed) < NONCE_BYTES + TAG_BYTES:
        raise SealBroken("too short to be sealed")
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound)
    except InvalidTag:
        raise SealBroken("the seal does not hold") from None
