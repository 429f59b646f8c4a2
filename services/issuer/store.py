"""The clients of the development issuer."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson

from services.db.connection import Connection

SECRET_BYTES = 32
CLIENT_ID = re.compile(r"[a-z0-9][a-z0-9.-]{0,79}")


@dataclass(frozen=True)
class Client:
    """Who may ask for a token, and what the token will say."""

    client_id: str
    publishes: Mapping[str, Sequence[str]]
    """For each agency it speaks for, the event types: `police.*`, or one type without its version."""
    sources: Sequence[str]
    scopes: Sequence[str]


class ClientKnown(ValueError):
    """There is a client of this id, and a second one would take its secret away from whoever uses it."""


async def put_client(
    connection: Connection, client: Client, *, secret: str | None = None, replace: bool = False
) -> str:
    """Register the client; returns its secret, which is kept only as a hash.

    Raises:
        ClientKnown: there is one of this id, and it is not to be replaced.
    """
    secret = secret or _new_secret()
    put = await connection.fetchval(
        """
        INSERT INTO clients (client_id, secret_hash, publishes, sources, scopes) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (client_id) DO UPDATE SET
            secret_hash = EXCLUDED.secret_hash, publishes = EXCLUDED.publishes,
            sources = EXCLUDED.sources, scopes = EXCLUDED.scopes
        WHERE $6
        RETURNING client_id
        """,
        client.client_id,
        _hash(secret),
        orjson.dumps({agency: list(types) for agency, types in client.publishes.items()}).decode(),
        list(client.sources),
        list(client.scopes),
        replace,
    )
    if put is None:
        raise ClientKnown(client.client_id)
    return secret


async def rotate_secret(connection: Connection, client_id: str) -> str | None:
    """Give the client another secret, and return it; None if there is no such client. The old one no longer gets a token."""
    secret = _new_secret()
    known = await connection.fetchval(
        "UPDATE clients SET secret_hash = $2 WHERE client_id = $1 RETURNING client_id", client_id, _hash(secret)
    )
    return None if known is None else secret


async def remove_client(connection: Connection, client_id: str) -> bool:
    """Remove the client; says whether there was one."""
    gone = await connection.fetchval("DELETE FROM clients WHERE client_id = $1 RETURNING client_id", client_id)
    return gone is not None


async def check_client(connection: Connection, client_id: str, secret: str) -> Client | None:
    """The client, if this is its secret."""
    row = await connection.fetchrow(
        "SELECT secret_hash, publishes, sources, scopes FROM clients WHERE client_id = $1", client_id
    )
    # Compared in constant time, and against something even where there is no such client.
    held = row["secret_hash"] if row is not None else bytes(32)
    if not hmac.compare_digest(held, _hash(secret)) or row is None:
        return None
    return Client(client_id, orjson.loads(row["publishes"]), row["sources"], row["scopes"])


def _new_secret() -> str:
    return secrets.token_urlsafe(SECRET_BYTES)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
