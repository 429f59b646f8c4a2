"""Tokens against the issuer's keys as they come, change and are out of reach."""

from datetime import timedelta
from typing import Any

import pytest

from gateway.identify import Unauthenticated, Verifier, caller_of
from services.clock import real_now
from services.errors import Unavailable
from services.issuer.store import Client
from services.issuer.tokens import Issuer

CLIENT = Client("records", {"police-west": ["police.*"]}, ["urn:tocsin:agency:police-west"], ["events:write"])
ISSUER, AUDIENCE = "https://issuer.example", "tocsin"


def issuer(number: int = 0) -> Issuer:
    return Issuer(master_key=bytes([number]) * 32, lifetime_seconds=600, issuer=ISSUER, audience=AUDIENCE)


def token(of: Issuer, age: timedelta = timedelta(0)) -> str:
    return of.token(CLIENT, CLIENT.scopes, real_now() - age)[0]


class Published:
    """An issuer's key set, as somebody might publish it at the moment."""

    def __init__(self, *issuers: Issuer) -> None:
        self.issuers = issuers
        self.fetched = 0
        self.answers = True

    async def __call__(self) -> dict[str, Any]:
        self.fetched += 1
        if not self.answers:
            raise ConnectionError
        return {"keys": [key for each in self.issuers for key in each.jwks()["keys"]]}


async def ask(verifier: Verifier, text: str) -> str:
    scope = {"headers": [(b"authorization", b"Bearer " + text.encode())]}
    return (await verifier.caller(scope)).client


async def test_keys_are_fetched_once_and_a_token_verified_once() -> None:
    published = Published(issuer())
    verifier = Verifier(fetch_keys=published, issuer=ISSUER, audience=AUDIENCE)
    for _ in range(3):
        assert await ask(verifier, token(issuer())) == "records"
    assert published.fetched == 1


async def test_a_new_key_is_found_without_a_restart() -> None:
    published = Published(issuer(1))
    verifier = Verifier(fetch_keys=published, keys_refetch_seconds=0, issuer=ISSUER, audience=AUDIENCE)
    await ask(verifier, token(issuer(1)))
    published.issuers = (issuer(1), issuer(2))
    assert await ask(verifier, token(issuer(2))) == "records"
    assert published.fetched == 2


async def test_made_up_tokens_do_not_become_requests_of_ours() -> None:
    published = Published(issuer(1))
    verifier = Verifier(fetch_keys=published, issuer=ISSUER, audience=AUDIENCE)
    for number in range(2, 12):
        with pytest.raises(Unauthenticated):
            await ask(verifier, token(issuer(number)))
    assert published.fetched == 1


async def test_an_issuer_that_is_away_stops_nobody_whose_keys_are_held() -> None:
    published = Published(issuer())
    verifier = Verifier(
        fetch_keys=published, keys_kept_seconds=0, issuer=ISSUER, audience=AUDIENCE
    )  # every token asks for the keys anew
    published.answers = False
    with pytest.raises(Unavailable):
        await ask(verifier, token(issuer()))
    published.answers = True
    await ask(verifier, token(issuer()))
    published.answers = False
    assert await ask(verifier, token(issuer())) == "records"


async def test_memory_of_tokens_is_bounded() -> None:
    verifier = Verifier(fetch_keys=Published(issuer()), tokens_kept=3, issuer=ISSUER, audience=AUDIENCE)
    for _ in range(10):
        await ask(verifier, token(issuer()))
    assert len(verifier._verified) == 3


@pytest.mark.parametrize(
    "header", [None, b"", b"Bearer", b"Bearer ", b"Basic abc", b"bearer" + b"x" * 10, b"Bearer " + b"x" * 20_000]
)
async def test_headers_that_bear_no_token(header: bytes | None) -> None:
    verifier = Verifier(fetch_keys=Published(issuer()), issuer=ISSUER, audience=AUDIENCE)
    named = [] if header is None else [(b"authorization", header)]
    with pytest.raises(Unauthenticated) as refused:
        await verifier.caller({"headers": named})
    assert refused.value.faults[0].code == "token-missing"


@pytest.mark.parametrize(
    "claims",
    [
        {"publishes": []},
        {"publishes": {"a": "police.*"}},
        {"publishes": {"a": [7]}},
        {"sources": "urn:x"},
        {"sources": [None]},
        {"scope": ["events:write"]},
    ],
)
def test_claims_of_another_form(claims: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated):
        caller_of({"sub": "x", **claims})


def test_a_token_without_sources_has_all_of_its_agencies() -> None:
    found = caller_of({"sub": "x", "publishes": {"police-west": ["police.*"]}, "scope": "a b"})
    assert found.sources == ("urn:tocsin:agency:police-west",)
    assert found.scopes == {"a", "b"}
