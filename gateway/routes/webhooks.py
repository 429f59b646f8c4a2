"""Webhook endpoints of an agency and its desks. The secret is shown once, when the endpoint is made or gets a new one."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, JsonValue

from gateway.answers import private, small_body
from gateway.problems import InvalidRequest, json_body
from gateway.state import Agency, Asking, UseGateway, Views
from gateway.views import check_desk
from schemas.closed import Closed, written
from schemas.handling import Code
from services.access import Caller, Scope
from services.audit import store as audit
from services.audit.record import Action, Entry, client_named
from services.db.connection import Connection
from services.errors import Conflict, Fault, NotFound
from services.webhooks import endpoints_store as endpoints

router = APIRouter(prefix="/v1/webhook-endpoints", tags=["webhooks"])

LONGEST_URL: Final = 500  # characters
EXAMPLE: Final[dict[str, JsonValue]] = {"url": "https://hooks.example.org/tocsin", "desk": "duty-inspector"}


class EndpointRequest(Closed):
    """Where a desk, or without one the whole agency, wants to be told."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    url: Annotated[str, written(r"^https?://[!-~]+$", "Write an absolute URL, https.", most=LONGEST_URL)]
    desk: Code | None = None
    """A desk of the directory. Left out: the default for desks without an endpoint of their own."""


class EndpointMade(BaseModel):
    """A new endpoint, or a new secret for one."""

    endpoint: UUID
    secret: str
    """`whsec_...`, the key of HMAC-SHA256 by Standard Webhooks. Shown this once."""


class EndpointItem(BaseModel):
    """An endpoint."""

    endpoint: UUID
    desk: str | None
    url: str
    created_at: datetime
    degraded_at: datetime | None
    """Since when it fails again and again. It is tried on, slowly, and somebody was told; it is never switched off."""
    failures: int


class Endpoints(BaseModel):
    """An agency's endpoints, oldest first."""

    endpoints: list[EndpointItem]


@router.post("", response_model=EndpointMade, status_code=HTTPStatus.CREATED, openapi_extra=json_body(EndpointRequest))
async def add_endpoint(
    request: Request, caller: Asking, gateway: UseGateway, views: Views, agency: Agency = None
) -> Response:
    """Register an endpoint. It must be https and lead to a public address; redirects are not followed."""
    caller.require(Scope.MANAGE_WEBHOOKS)
    asking = caller.acting_agency(agency)
    given = await small_body(EndpointRequest, request)
    _check_url(given.url, plain_allowed=gateway.settings.webhook_private_addresses)
    async with gateway.database() as connection:
        if given.desk is not None:
            check_desk(await views.current(connection), asking, given.desk)
        try:
            made = await endpoints.register(
                connection, asking, given.desk, given.url, master_key=gateway.settings.master_key_bytes
            )
        except endpoints.TooManyEndpoints:
            fault = Fault("", "too-many", f"Remove one first: an agency has at most {endpoints.ENDPOINTS_MAX}.")
            raise Conflict("The agency has as many endpoints as one may have.", faults=[fault]) from None
        await _note(connection, caller, asking, made.endpoint, {"did": "added", "desk": given.desk})
    return _secret(made.endpoint, made.secret)


@router.get("")
async def list_endpoints(caller: Asking, gateway: UseGateway, agency: Agency = None) -> Endpoints:
    """The agency's endpoints and how they fare. Secrets are not shown again."""
    caller.require(Scope.MANAGE_WEBHOOKS)
    asking = caller.acting_agency(agency)
    async with gateway.database() as connection:
        found = await endpoints.listed(connection, asking)
    return Endpoints(
        endpoints=[
            EndpointItem(
                endpoint=each.endpoint,
                desk=each.desk,
                url=each.url,
                created_at=each.created_at,
                degraded_at=each.degraded_at,
                failures=each.failures,
            )
            for each in found
        ]
    )


@router.post("/{endpoint}/secrets", response_model=EndpointMade, status_code=HTTPStatus.CREATED)
async def rotate_secret(endpoint: UUID, caller: Asking, gateway: UseGateway, agency: Agency = None) -> Response:
    """Give the endpoint a new secret. For a day both sign, so that the receiver can change over in peace."""
    caller.require(Scope.MANAGE_WEBHOOKS)
    asking = caller.acting_agency(agency)
    async with gateway.database() as connection:
        secret = await endpoints.rotate(connection, asking, endpoint, master_key=gateway.settings.master_key_bytes)
        if secret is None:
            raise NotFound("No such endpoint of this agency.")
        await _note(connection, caller, asking, endpoint, {"did": "new secret"})
    return _secret(endpoint, secret)


@router.delete("/{endpoint}", status_code=HTTPStatus.NO_CONTENT, response_class=Response)
async def remove_endpoint(endpoint: UUID, caller: Asking, gateway: UseGateway, agency: Agency = None) -> Response:
    """Stop telling this endpoint."""
    caller.require(Scope.MANAGE_WEBHOOKS)
    asking = caller.acting_agency(agency)
    async with gateway.database() as connection:
        if not await endpoints.remove(connection, asking, endpoint):
            raise NotFound("No such endpoint of this agency.")
        await _note(connection, caller, asking, endpoint, {"did": "removed"})
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _check_url(url: str, *, plain_allowed: bool) -> None:
    """Refuse at once what the courier would refuse at every call. Addresses are judged when it connects."""
    try:
        parts = urlsplit(url)
        port_is_number = parts.port is None or parts.port > 0
    except ValueError:
        parts, port_is_number = urlsplit(""), False
    if not parts.hostname or not port_is_number or parts.username is not None or parts.fragment:
        fault = Fault("/url", "not-a-url", "Write an absolute URL without user, password or fragment.")
    elif parts.scheme != "https" and not plain_allowed:
        fault = Fault("/url", "not-https", "Use https: what is called there must not be read on the way.")
    else:
        return
    raise InvalidRequest("The URL cannot be called.", faults=[fault])


async def _note(connection: Connection, caller: Caller, agency: str, endpoint: UUID, details: dict[str, Any]) -> None:
    entry = Entry(
        actor=client_named(caller.client),
        action=Action.ADMINISTRATION,
        purpose="safeguarding",
        basis="endpoint of an agency",
        thing=f"endpoint:{endpoint}",
        details={"agency": agency, **details},
    )
    await audit.record(connection, [entry])


def _secret(endpoint: UUID, secret: str) -> Response:
    return private({"endpoint": endpoint, "secret": secret}, HTTPStatus.CREATED)
