"""The development issuer, and what is made of tokens that do not hold."""

import base64
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from services.clock import real_now
from services.db import hot_transaction
from services.issuer.store import Client, put_client
from services.issuer.tokens import Issuer
from tests.integration.gateway.running import WMP, Answer, Running

FORM = {"content-type": "application/x-www-form-urlencoded"}
GOOD = "grant_type=client_credentials&client_id=records&client_secret=s3cret"


@pytest.fixture
async def client(gateway: Running) -> Client:
    found = Client("records", {WMP: ["police.*"]}, [f"urn:tocsin:agency:{WMP}"], ["events:write", "alerts:read"])
    async with hot_transaction(gateway.pool) as connection:
        await put_client(connection, found, secret="s3cret")
    return found


async def ask(gateway: Running, form: str, **headers: str) -> Answer:
    return await gateway.nobody().post("/oauth/token", form.encode(), FORM | headers)


async def test_a_client_gets_a_token_for_some_or_all_of_its_scopes(gateway: Running, client: Client) -> None:
    answer = await ask(gateway, GOOD)
    assert answer.status == 200
    assert (answer.body["token_type"], answer.body["expires_in"]) == ("Bearer", 3600)
    assert answer.body["scope"] == "events:write alerts:read"
    assert answer.headers["cache-control"] == "no-store"
    basic = base64.b64encode(b"records:s3cret").decode()
    narrow = await ask(gateway, "grant_type=client_credentials&scope=alerts:read", authorization=f"Basic {basic}")
    assert narrow.body["scope"] == "alerts:read"
    token = gateway.bearer(narrow.body["access_token"])
    assert (await token.get("/v1/alerts")).status == 200
    assert (await token.get("/v1/webhook-endpoints")).status == 403
    del client


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        (GOOD.replace("s3cret", "guess"), 401, "invalid_client"),
        (GOOD.replace("records", "nobody"), 401, "invalid_client"),
        (GOOD.replace("records", "%00"), 401, "invalid_client"),
        ("grant_type=client_credentials", 401, "invalid_client"),
        (GOOD + "&scope=replay", 400, "invalid_scope"),
        ("grant_type=password", 400, "unsupported_grant_type"),
        ("", 400, "invalid_request"),
        (GOOD + "&client_id=records", 400, "invalid_request"),
        ("\x00\x01", 400, "invalid_request"),
    ],
)
async def test_who_gets_none(gateway: Running, client: Client, form: str, status: int, error: str) -> None:
    answer = await ask(gateway, form)
    assert (answer.status, answer.body["error"]) == (status, error)
    assert answer.body["error_description"].endswith("."), "what to do"
    del client


async def test_tokens_that_do_not_hold(gateway: Running, client: Client) -> None:
    settings = gateway.settings

    def made(*, issuer: str = settings.token_issuer, audience: str = "tocsin", age: timedelta = timedelta(0)) -> str:
        key = settings.master_key_bytes
        ours = Issuer(issuer=issuer, audience=audience, master_key=key, lifetime_seconds=600)
        return ours.token(client, client.scopes, real_now() - age)[0]

    async def code(token: str) -> Any:
        answer = await gateway.bearer(token).get("/v1/alerts")
        if answer.status == 200:
            return 200
        assert answer.status == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        return answer.body["errors"][0]["code"]

    good = made()
    assert await code(good) == 200
    assert await code(good) == 200  # remembered
    assert await code(made(age=timedelta(seconds=620))) == 200  # within the tolerance between two clocks
    assert await code(made(age=timedelta(seconds=640))) == "token-expired"
    assert await code(made(issuer="http://elsewhere")) == "token-invalid"
    assert await code(made(audience="another-service")) == "token-invalid"
    assert await code(good[:-4] + "AAAA") == "token-invalid"
    assert await code("no.token.at-all") == "token-invalid"
    stranger = OKPKey.generate_key("Ed25519")
    claims = {"iss": settings.token_issuer, "aud": "tocsin", "sub": "x", "exp": 2**33, "scope": "alerts:read"}
    assert await code(jwt.encode({"alg": "Ed25519"}, claims, stranger, algorithms=["Ed25519"])) == "token-invalid"
    unsigned = jwt.encode({"alg": "HS256"}, claims, OctKey.generate_key())
    assert await code(unsigned) == "token-invalid"
    nothing = await gateway.nobody().get("/v1/alerts")
    assert nothing.body["errors"][0]["code"] == "token-missing"
    assert nothing.headers["www-authenticate"] == "Bearer"


async def test_the_issuers_keys_are_public_keys(gateway: Running) -> None:
    (key,) = (await gateway.nobody().get("/.well-known/jwks.json")).body["keys"]
    assert (key["kty"], key["crv"], "d" in key) == ("OKP", "Ed25519", False)
