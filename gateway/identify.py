"""Who calls: bearer token -> Caller. Nothing else in the gateway looks at a token.

Tokens are JWTs of the issuer in the settings (RFC 9068): signature, issuer, audience, expiry. The issuer's keys come
from its JWKS, are kept, and are fetched anew when a token names a key not among them: so keys rotate without a restart.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import KeySet
from starlette.types import Scope as AsgiScope

from services.access import Caller, default_sources
from services.clock import monotonic, real_now
from services.errors import Fault, Refused, Unavailable

ALGORITHMS: Final = ("Ed25519", "EdDSA", "ES256", "ES384", "PS256", "RS256")  # asymmetric only: we never share a secret
CLOCK_TOLERANCE_SECONDS: Final = 30  # between the issuer's clock and ours
TOKEN_BYTES: Final = 16_384  # a token that speaks for every agency of a large region has 4 KB
TOKENS_KEPT: Final = 10_000  # verified tokens, each until it expires: a signature check costs as much as the whole post
KEYS_KEPT_SECONDS: Final = 600.0  # so a withdrawn key stops working within ten minutes
KEYS_REFETCH_SECONDS: Final = (
    10.0  # at most this often for unknown keys: made-up tokens must not become requests of ours
)

FetchKeys = Callable[[], Awaitable[dict[str, Any]]]
"""Gives the issuer's JWKS, as parsed JSON. Raises OSError or ValueError."""


class Unauthenticated(Refused):
    """No token, or one that does not hold."""

    code = "not-authenticated"


def _refuse(code: str, fix: str) -> Unauthenticated:
    return Unauthenticated("A valid bearer token is needed.", faults=[Fault("", code, fix)])


@dataclass(frozen=True, slots=True)
class _Verified:
    caller: Caller
    until: float  # monotonic seconds


class Verifier:
    """Verifies tokens, and remembers those it has verified until they expire."""

    def __init__(
        self,
        *,
        issuer: str,
        audience: str,
        fetch_keys: FetchKeys,
        keys_kept_seconds: float = KEYS_KEPT_SECONDS,
        keys_refetch_seconds: float = KEYS_REFETCH_SECONDS,
        tokens_kept: int = TOKENS_KEPT,
    ) -> None:
        self._claims = jwt.JWTClaimsRegistry(
            now=lambda: int(real_now().timestamp()),
            leeway=CLOCK_TOLERANCE_SECONDS,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            sub={"essential": True},
        )
        self._fetch_keys = fetch_keys
        self._keys_kept_seconds = keys_kept_seconds
        self._keys_refetch_seconds = keys_refetch_seconds
        self._tokens_kept = tokens_kept
        self._keys: KeySet | None = None
        self._keys_fetched = 0.0
        self._fetching = asyncio.Lock()
        self._verified: dict[str, _Verified] = {}

    async def caller(self, scope: AsgiScope) -> Caller:
        """The caller of this request. Raises Unauthenticated, or Unavailable where the issuer's keys are out of reach."""
        token = _bearer(scope)
        known = self._verified.get(token)
        caller = known.caller if known is not None and monotonic() < known.until else await self._verify(token)
        scope["tocsin.client"] = caller.client  # for the access log
        return caller

    async def _verify(self, token: str) -> Caller:
        self._verified.pop(token, None)
        claims = await self._claims_of(token)
        caller = caller_of(claims)
        if len(self._verified) >= self._tokens_kept:
            del self._verified[next(iter(self._verified))]
        seconds_left = float(claims["exp"]) + CLOCK_TOLERANCE_SECONDS - real_now().timestamp()
        # Not longer than the keys themselves are kept: a key that was withdrawn must stop working.
        self._verified[token] = _Verified(caller, monotonic() + min(seconds_left, self._keys_kept_seconds))
        return caller

    async def _claims_of(self, token: str) -> dict[str, Any]:
        keys = await self._key_set(older_than=self._keys_kept_seconds)
        try:
            try:
                decoded = jwt.decode(token, keys, algorithms=list(ALGORITHMS))
            except (JoseError, ValueError):
                # Perhaps signed with a key newer than those we hold.
                newer = await self._key_set(older_than=self._keys_refetch_seconds)
                if newer is keys:
                    raise
                decoded = jwt.decode(token, newer, algorithms=list(ALGORITHMS))
            self._claims.validate(decoded.claims)
        except ExpiredTokenError:
            raise _refuse("token-expired", "Ask the issuer for a new token.") from None
        except (JoseError, ValueError, TypeError):
            # The reason stays with us: a forger would learn from it, an honest caller needs a new token anyway.
            raise _refuse("token-invalid", "Ask the issuer for a token for this service.") from None
        return decoded.claims

    async def _key_set(self, *, older_than: float) -> KeySet:
        if self._keys is not None and monotonic() - self._keys_fetched < older_than:
            return self._keys
        async with self._fetching:
            if self._keys is None or monotonic() - self._keys_fetched >= older_than:
                try:
                    self._keys = KeySet.import_key_set(await self._fetch_keys())  # type: ignore[arg-type]  # checked by it
                except (OSError, ValueError, KeyError, TypeError, JoseError):
                    # Keys we hold are good until told otherwise: an issuer that is away must not stop reports of danger.
                    if self._keys is None:
                        raise Unavailable("The token issuer's keys are out of reach.") from None
                self._keys_fetched = monotonic()
        return self._keys


def caller_of(claims: dict[str, Any]) -> Caller:
    """The caller that verified claims describe. Raises Unauthenticated where they are not of the published form.

    `publishes` maps each agency to its event types; `sources` (all of these agencies', if absent) narrows it to some of
    their systems; `scope` is the usual space-separated text.
    """
    publishes, sources, scope = claims.get("publishes", {}), claims.get("sources"), claims.get("scope", "")
    if not (
        isinstance(publishes, dict)
        and all(
            isinstance(types, list) and all(isinstance(name, str) for name in types) for types in publishes.values()
        )
        and (sources is None or (isinstance(sources, list) and all(isinstance(source, str) for source in sources)))
        and isinstance(scope, str)
    ):
        raise _refuse(
            "token-claims", "The issuer has to give `publishes`, `sources` and `scope` in the published form."
        )
    return Caller(
        client=str(claims["sub"])[:80],
        publishes={agency: tuple(types) for agency, types in publishes.items()},
        sources=tuple(sources) if sources is not None else default_sources(publishes),
        scopes=frozenset(scope.split()),
    )


def _bearer(scope: AsgiScope) -> str:
    for name, value in scope["headers"]:
        if name == b"authorization":
            scheme, _, token = value.partition(b" ")
            if scheme.lower() != b"bearer" or not token or len(token) > TOKEN_BYTES:
                break
            return str(token.strip(), "latin-1")
    raise _refuse("token-missing", "Send the header `Authorization: Bearer` with a token from the issuer.")
