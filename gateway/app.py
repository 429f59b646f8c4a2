"""The gateway's FastAPI app, and what it opens at start and closes at the end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final

import orjson
from fastapi import Depends, FastAPI
from starlette.types import ASGIApp

from gateway import front, openapi, problems
from gateway.counts import Counts
from gateway.identify import FetchKeys, Verifier
from gateway.keys import KeyRing
from gateway.limits import RateLimit
from gateway.parameters import refuse_unknown
from gateway.refused import RefusedReads
from gateway.routes import alerts, chronology, conflicts, events, health, people, receipts, reviews, tokens, webhooks
from gateway.state import Gateway
from gateway.views import ViewContext
from schemas.topics import TOPICS
from services.alerts import rule_infos
from services.bus.producer import Bus
from services.db.clock_store import read_clock
from services.db.connection import open_pool
from services.errors import BusUnavailable, TocsinError
from services.issuer.tokens import Issuer
from services.kafka import create_topics
from services.outbound import get
from services.receipts.sign import receipt_key
from services.sealing.cipher import derive
from services.settings import Settings
from services.telemetry import Log, note

JWKS_BYTES: Final = 256 * 1024  # an issuer has a handful of keys, of a few hundred bytes each
TOPICS_RETRY_SECONDS: Final = 2.0  # a broker that was away at our start has its topics soon after its own


def create_app(settings: Settings) -> FastAPI:
    """The app of one installation. Opens nothing before its lifespan starts."""
    settings = settings.with_keys()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_gateway(settings) as gateway:
            app.state.gateway = gateway
            yield

    app = FastAPI(
        title="Tocsin gateway",
        version=openapi.VERSION,
        lifespan=lifespan,
        docs_url=None,  # the pages load scripts from elsewhere; the document itself is at /openapi.json
        redoc_url=None,
    )
    event_routes = events.routes(app, settings)
    app.router.routes.extend(event_routes)  # for other methods, which get their 405
    for router in (
        receipts.router,
        conflicts.router,
        alerts.router,
        people.router,
        chronology.router,
        reviews.router,
        webhooks.router,
    ):
        app.include_router(router, dependencies=[Depends(refuse_unknown)])
    app.include_router(health.router)  # asked by machines that add what they like
    if settings.token_jwks_url is None:
        app.include_router(tokens.router)
    problems.install(app)
    app.state.direct = {route.path: route.app for route in event_routes}
    openapi.install(app, settings)
    return app


def in_front(app: FastAPI) -> ASGIApp:
    """The app as it is served: with request ids, access log, and a short way for events."""
    return front.Front(app, direct=app.state.direct)


@asynccontextmanager
async def open_gateway(settings: Settings) -> AsyncIterator[Gateway]:
    """Connect to PostgreSQL, which must be there by now, and to Kafka, which may come later: readiness tells."""
    async with AsyncExitStack() as stack:
        pool = await stack.enter_async_context(await open_pool(settings, task="gateway"))
        async with pool.acquire() as connection:
            clock = await read_clock(connection)
        if clock.mode == "manual" and settings.mode == "production":
            # Time would stand still: no deadline would run out and no ladder climb, while everything was accepted.
            raise TocsinError("The clock of this database is manual; production runs by the real one.")
        keys = KeyRing(settings, pool)
        await keys.start()
        stack.push_async_callback(keys.stop)
        refused = RefusedReads(pool)
        refused.start()
        stack.push_async_callback(refused.stop)
        unlisted = Counts(_write_unlisted)
        stack.callback(unlisted.write)
        bus = Bus(settings, client_id="tocsin-gateway")
        await bus.start()
        stack.push_async_callback(bus.stop)
        issuer, fetch_keys = _keys_from(settings)
        gateway = Gateway(
            settings=settings,
            pool=pool,
            bus=bus,
            keys=keys,
            verifier=Verifier(issuer=settings.token_issuer, audience=settings.token_audience, fetch_keys=fetch_keys),
            rate=RateLimit(
                events_per_second=settings.rate_limit_events_per_second, burst_seconds=settings.rate_limit_burst_seconds
            ),
            issuer=issuer,
            clock_mode=clock.mode,
            partition_secret=derive(settings.master_key_bytes, "partition keys"),
            views=ViewContext(rule_infos.of_catalogue()),
            refused=refused,
            unlisted=unlisted,
            receipt_key=receipt_key(settings.master_key_bytes),
        )
        creating = asyncio.create_task(_create_topics(gateway), name="topics")
        stack.push_async_callback(_cancel, creating)
        yield gateway


def _write_unlisted(client: str, event_type: str, field: str, count: int) -> None:
    note(Log.GATEWAY_UNLISTED, client=client, type=event_type, field=field, count=count)


def _keys_from(settings: Settings) -> tuple[Issuer | None, FetchKeys]:
    """The development issuer if no other is configured, and where to fetch the keys."""
    url = settings.token_jwks_url
    if url is not None:

        async def fetch() -> dict[str, Any]:
            return dict(orjson.loads(await get(url, limit=JWKS_BYTES)))

        return None, fetch
    issuer = Issuer(
        issuer=settings.token_issuer,
        audience=settings.token_audience,
        master_key=settings.master_key_bytes,
        lifetime_seconds=settings.token_lifetime_seconds,
    )

    async def own() -> dict[str, Any]:
        return issuer.jwks()

    return issuer, own


async def _create_topics(gateway: Gateway) -> None:
    while not gateway.topics_ready:
        try:
            await create_topics(gateway.settings, TOPICS)
            gateway.topics_ready = True
        except BusUnavailable:
            await asyncio.sleep(TOPICS_RETRY_SECONDS)


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])
