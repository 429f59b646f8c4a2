"""GET /v1/alerts, GET /v1/alerts/{alert}, POST /v1/alerts/{alert}/acknowledgements.

Every answer is one agency's view, made by services.disclosure and written down in the audit of the same transaction. What
an agency may not see is not there: 404, whether it exists or not.
"""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from gateway.answers import After, For, cursor_of_ours, private, small_body
from gateway.problems import json_body
from gateway.state import Agency, Asking, UseGateway, Views
from gateway.views import check_desk
from schemas.alerts import (
    MAX_PAGE,
    Acknowledgement,
    AcknowledgementRequest,
    AlertPage,
    AlertView,
    State,
    Urgency,
    Version,
)
from services.access import Scope
from services.alerts.store import acknowledge
from services.audit.record import client_named
from services.disclosure.store import page, read
from services.errors import NotFound
from services.rules.findings import Urgency as UrgencyNumber

router = APIRouter(prefix="/v1/alerts", tags=["alerts"])


@router.get("", response_model=AlertPage, responses={200: {"description": "A page of alerts, newest told first."}})
async def list_alerts(
    caller: Asking,
    gateway: UseGateway,
    views: Views,
    agency: Agency = None,
    purpose: For = "safeguarding",
    state: Annotated[State | None, Query(description="Only alerts in this state.")] = None,
    urgency: Annotated[Urgency | None, Query(description="Only alerts of this urgency.")] = None,
    after: After = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50,
) -> Response:
    """The alerts this agency was told of, without names: fetch one to see whom it is about."""
    caller.require(Scope.READ_ALERTS)
    asking = caller.acting_agency(agency)
    async with gateway.database() as connection:
        context = await views.current(connection)
        with cursor_of_ours():
            alerts, following = await page(
                connection,
                context,
                asking,
                actor=client_named(caller.client),
                purpose=purpose,
                after=after,
                limit=limit,
                state=state,
                urgency=UrgencyNumber[urgency] if urgency else None,
            )
    return private({"alerts": alerts, "next": following})


@router.get("/{alert}", response_model=AlertView)
async def one_alert(
    alert: UUID,
    caller: Asking,
    gateway: UseGateway,
    views: Views,
    agency: Agency = None,
    purpose: For = "safeguarding",
) -> Response:
    """One alert as this agency may see it. What is withheld is named as withheld."""
    caller.require(Scope.READ_ALERTS)
    asking = caller.acting_agency(agency)
    async with gateway.database() as connection:
        context = await views.current(connection)
        shown = await read(
            connection,
            context,
            asking,
            str(alert),
            actor=client_named(caller.client),
            purpose=purpose,
            privileged=Scope.PROTECTED in caller.scopes,
        )
    if shown is None:
        raise NotFound("No such alert for this agency.")
    return private(shown)


class AcknowledgementGiven(Acknowledgement):
    """An acknowledgement as kept."""

    newest_version: Version
    """If later than `version`, what rang for it goes on ringing: read it, and acknowledge that."""


@router.post(
    "/{alert}/acknowledgements",
    response_model=AcknowledgementGiven,
    status_code=HTTPStatus.CREATED,
    openapi_extra=json_body(AcknowledgementRequest),
)
async def acknowledge_alert(
    alert: UUID, request: Request, caller: Asking, gateway: UseGateway, views: Views, agency: Agency = None
) -> Response:
    """A named human at a desk takes the alert on, as they saw it: they name its version.

    It stops this agency's own rings for that version, nobody else's. Without an action it expires, and the ladder goes on.
    """
    caller.require(Scope.ACKNOWLEDGE)
    asking = caller.acting_agency(agency)
    given = await small_body(AcknowledgementRequest, request)
    async with gateway.database() as connection:
        check_desk(await views.current(connection), asking, given.desk)
        kept = await acknowledge(
            connection,
            alert,
            asking,
            given.version,
            desk=given.desk,
            actor=given.actor,
            action=given.action,
            reasons=given.reasons,
            master_key=gateway.settings.master_key_bytes,
        )
    if kept is None:
        raise NotFound("No such alert for this agency, or it was not told that version.")
    answer = {
        "acknowledgement": kept.acknowledgement,
        "alert": alert,
        "agency": asking,
        "version": kept.version,
        "newest_version": kept.newest,
        "desk": given.desk,
        "actor": given.actor,
        "action": given.action,
        "at": kept.at,
        "expires_at": kept.expires_at,
    }
    return private(answer, HTTPStatus.CREATED)
