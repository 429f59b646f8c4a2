"""Chaining rows and signing where the chain stands. Pure but for salts.

Each row's hash covers the hash before it, so a row that is altered, taken out or moved breaks every hash behind it. A
checkpoint signs the hash at a position: whoever holds one (each agency may) can show that the chain behind it was
rewritten, even by us.
"""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, NamedTuple

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from services.audit.record import SALT_BYTES, Row, commit, link
from services.sealing import cipher

USE: Final = "audit checkpoints"


class Head(NamedTuple):
    """Where the chain ends: the position of the last row (0: none) and its hash."""

    position: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed statement of the chain's hash at a position."""

    position: int
    hash: bytes
    signed_at: datetime
    key_id: str
    signature: bytes


def chain(head: Head, rows: Sequence[Row]) -> tuple[Head, list[Row]]:
    """Give rows (their position, salt, commitment and hash still empty) their place behind `head`."""
    salts = os.urandom(SALT_BYTES * len(rows))
    chained = []
    for n, row in enumerate(rows):
        salt = salts[n * SALT_BYTES : (n + 1) * SALT_BYTES]
        placed = replace(
            row, position=head.position + 1, salt=salt, commitment=commit(salt, row.details or ""), hash=b""
        )
        head = Head(placed.position, link(head.hash, placed))
        chained.append(replace(placed, hash=head.hash))
    return head, chained


def signing_key(master_key: bytes) -> Ed25519PrivateKey:
    """Return the installation's key for checkpoints, derived from the master key."""
    return Ed25519PrivateKey.from_private_bytes(cipher.derive(master_key, USE))


def key_id(public: Ed25519PublicKey) -> str:
    """Return the name of a public key: the first 16 hex digits of its hash."""
    return hashlib.sha256(public.public_bytes_raw()).hexdigest()[:16]


def sign(head: Head, signed_at: datetime, private: Ed25519PrivateKey) -> Checkpoint:
    """Sign where the chain stands."""
    name = key_id(private.public_key())
    return Checkpoint(head.position, head.hash, signed_at, name, private.sign(_statement(head, signed_at, name)))


def holds(checkpoint: Checkpoint, public: Ed25519PublicKey) -> bool:
    """Say whether this key signed this checkpoint, as it stands."""
    head = Head(checkpoint.position, checkpoint.hash)
    try:
        public.verify(checkpoint.signature, _statement(head, checkpoint.signed_at, checkpoint.key_id))
    except InvalidSignature:
        return False
    return True


def _statement(head: Head, signed_at: datetime, name: str) -> bytes:
    at = signed_at.astimezone(UTC).isoformat(timespec="microseconds")
    return b"tocsin audit checkpoint v1\n" + orjson.dumps([head.position, head.hash.hex(), at, name])
