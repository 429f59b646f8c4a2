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


async def put_client(connection: Connection, client: Client, *, secret: str | None = None) -> str:
    """Register the client, or replace it; returns its secret, which is kept only as a hash."""
    secret = secret or secrets.token_urlsafe(SECRET_BYTES)
    await connection.execute(
        """
        INSERT INTO clients (client_id, secret_hash, publishes, sources, scopes) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (client_id) DO UPDATE SET
            secret_hash = EXCLUDED.secret_hash, publishes = EXCLUDED.publishes,
            sources = EXCLUDED.sources, scopes = EXCLUDED.scopes
        """,
        client.client_id,
        _hash(secret),
        orjson.dumps({agency: list(types) for agency, types in client.publishes.items()}).decode(),
        list(client.sources),
        list(client.scopes),
    )
    return secret


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


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
