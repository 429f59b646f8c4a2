"""Signing development tokens. Pure but for the key, which is derived from the master key: all gateways of an
installation sign alike, and a restart invalidates nothing.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jwt
from joserfc.jwk import KeySet, OKPKey

from services.issuer.store import Client
from services.sealing.cipher import derive

ALGORITHM = "Ed25519"  # RFC 9864; the older name "EdDSA" did not say which curve


class Issuer:
    """One issuer: a name, an audience and a signing key."""

    def __init__(self, *, issuer: str, audience: str, master_key: bytes, lifetime_seconds: int) -> None:
        self._issuer = issuer
        self._audience = audience
        self._lifetime_seconds = lifetime_seconds
        seed = derive(master_key, "development issuer")
        key = OKPKey.import_key(Ed25519PrivateKey.from_private_bytes(seed), {"use": "sig", "alg": ALGORITHM})
        key.ensure_kid()
        self._key = key

    def jwks(self) -> dict[str, Any]:
        """The public keys, as published."""
        return dict(KeySet([self._key]).as_dict(private=False))

    def token(self, client: Client, scopes: Sequence[str], now: datetime) -> tuple[str, int]:
        """A token for the client with these of its scopes, and for how many seconds it holds."""
        issued = int(now.timestamp())
        claims = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": client.client_id,
            "client_id": client.client_id,
            "iat": issued,
            "exp": issued + self._lifetime_seconds,
            "jti": secrets.token_urlsafe(12),
            "scope": " ".join(scopes),
            "publishes": {agency: list(types) for agency, types in client.publishes.items()},
            "sources": list(client.sources),
        }
        header = {"alg": ALGORITHM, "typ": "at+jwt", "kid": self._key.kid}
        return jwt.encode(header, claims, self._key, algorithms=[ALGORITHM]), self._lifetime_seconds
