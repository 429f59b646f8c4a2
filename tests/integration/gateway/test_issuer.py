"""A real issuer elsewhere: its keys are fetched over HTTP, and the development issuer is not there."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from aiohttp import web

from deploy.replay.receiver import serving
from services.clock import real_now
from services.db import Pool
from services.issuer.store import Client
from services.issuer.tokens import Issuer
from services.settings import Settings
from tests.integration.gateway.running import WMP, running

CLIENT = Client("records", {WMP: ["police.*"]}, [f"urn:tocsin:agency:{WMP}"], ["alerts:read"])


@dataclass
class Elsewhere:
    """An issuer of keys, which may be away."""

    issuer: Issuer
    url: str = ""
    away: bool = False

    def token(self) -> str:
        return self.issuer.token(CLIENT, CLIENT.scopes, real_now())[0]

    async def answer(self, _: web.Request) -> web.Response:
        return web.Response(status=503) if self.away else web.json_response(self.issuer.jwks())


@pytest.fixture
async def elsewhere() -> AsyncIterator[Elsewhere]:
    issuer = Issuer(issuer="https://issuer.example", audience="tocsin", master_key=bytes(32), lifetime_seconds=60)
    made = Elsewhere(issuer)
    async with serving([web.get("/keys", made.answer)]) as port:
        made.url = f"http://127.0.0.1:{port}/keys"
        yield made


async def test_tokens_of_an_issuer_elsewhere(live_settings: Settings, pool: Pool, elsewhere: Elsewhere) -> None:
    foreign = {"token_jwks_url": elsewhere.url, "token_issuer": "https://issuer.example"}
    async with running(live_settings.model_copy(update=foreign), pool) as gateway:
        elsewhere.away = True
        assert (await gateway.bearer(elsewhere.token()).get("/v1/alerts")).status == 503
        elsewhere.away = False
        assert (await gateway.bearer(elsewhere.token()).get("/v1/alerts")).status == 200
        elsewhere.away = True
        assert (await gateway.bearer(elsewhere.token()).get("/v1/alerts")).status == 200
        ours = Issuer(
            issuer="https://issuer.example",
            audience="tocsin",
            master_key=live_settings.master_key_bytes,
            lifetime_seconds=60,
        )
        made_up = ours.token(CLIENT, CLIENT.scopes, real_now())[0]
        assert (await gateway.bearer(made_up).get("/v1/alerts")).status == 401
        assert (await gateway.nobody().post("/oauth/token")).status == 404
        assert (await gateway.nobody().get("/.well-known/jwks.json")).status == 404
