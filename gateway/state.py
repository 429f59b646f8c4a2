"""What the gateway's routes work with, made at start and held by the app."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Depends, Query, Request

from gateway.counts import Counts
from gateway.identify import Verifier
from gateway.keys import KeyRing
from gateway.limits import RateLimit
from gateway.refused import RefusedReads
from gateway.views import ViewContext
from services.access import Caller
from services.bus.producer import Bus
from services.db.connection import Connection, Pool, hot_transaction
from services.db.rerun import FAILURES, Kind, kind_of
from services.errors import DatabaseUnavailable
from services.issuer.tokens import Issuer
from services.settings import Settings


@dataclass(slots=True)
class Gateway:
    """One running gateway."""

    settings: Settings
    pool: Pool
    bus: Bus
    keys: KeyRing
    verifier: Verifier
    rate: RateLimit
    issuer: Issuer | None
    """The development issuer; None where a real one is configured."""
    clock_mode: Literal["real", "manual"]
    """Fixed at start: with a manual clock the clock row says when an event was received."""
    partition_secret: bytes
    receipt_key: bytes
    views: ViewContext
    refused: RefusedReads
    unlisted: Counts
    """Words that stand in no code list, by client, type and field: somebody should talk to their sender."""
    topics_ready: bool = False

    @asynccontextmanager
    async def database(self) -> AsyncIterator[Connection]:
        """A transaction, committed when the block ends. Raises DatabaseUnavailable."""
        try:
            async with hot_transaction(self.pool) as connection:
                yield connection
        except FAILURES as error:
            if kind_of(error) is Kind.DATA:
                raise
            raise DatabaseUnavailable("the database does not answer") from error


def _gateway_of(request: Request) -> Gateway:
    gateway: Gateway = request.app.state.gateway
    return gateway


UseGateway = Annotated[Gateway, Depends(_gateway_of)]
"""The parameter by which a route reaches it all."""


async def _caller_of(request: Request, gateway: UseGateway) -> Caller:
    return await gateway.verifier.caller(request.scope)


Asking = Annotated[Caller, Depends(_caller_of)]
"""The verified caller: every route but health and the issuer's has it."""


def _views_of(gateway: UseGateway) -> ViewContext:
    return gateway.views


Views = Annotated[ViewContext, Depends(_views_of)]
"""What views are judged by."""

Agency = Annotated[
    str | None, Query(max_length=60, description="For which agency, where the token speaks for several.")
]
