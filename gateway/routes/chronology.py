"""GET /v1/people/{person}/chronology: one person's history as this agency may see it, as JSON, CSV or a page to print."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Request, Response

from gateway.answers import NO_STORE, For, private
from gateway.problems import InvalidRequest
from gateway.state import Agency, Asking, UseGateway, Views
from schemas.chronology import Chronology
from schemas.clocks import TimeRefused, instant
from services.access import Scope
from services.audit.record import client_named
from services.disclosure.chronology.export import Shape, csv_text, html_text
from services.disclosure.chronology.store import REVIEW, Asked, Moved, read_chronology
from services.errors import Fault, NotFound

router = APIRouter(prefix="/v1/people", tags=["people"])

Form = Literal["json", "csv", "html"]


@router.get(
    "/{person}/chronology",
    response_model=Chronology,
    responses={
        HTTPStatus.OK: {"content": {"text/csv": {}, "text/html": {}}},
        HTTPStatus.MULTIPLE_CHOICES: {"description": "The id is several people now: `became` names them."},
        HTTPStatus.MOVED_PERMANENTLY: {
            "description": "The id is another person now: `became` names it.",
            "headers": {"Location": {"description": "Where that one is.", "schema": {"type": "string"}}},
        },
    },
)
async def chronology_of(
    person: UUID,
    request: Request,
    caller: Asking,
    gateway: UseGateway,
    views: Views,
    agency: Agency = None,
    purpose: For = "safeguarding",
    as_known_at: Annotated[
        str | None,
        Query(max_length=40, description="An instant with an offset: as the bus knew it then. Left out: now."),
    ] = None,
    form: Annotated[
        Form, Query(alias="format", description="csv and html are for reviews, in the shape asked for.")
    ] = "json",
    shape: Annotated[
        Shape,
        Query(
            description="Of csv and html (times in London time): individual (a management review: the agency's own "
            "entries, with empty columns for the author's analysis), integrated (all that is shown), discrepancies (csv: where sources differ)."
        ),
    ] = "integrated",
) -> Response:
    """What this agency said itself and was told; for a statutory review, what agreements for it grant."""
    caller.require(Scope.READ_ALERTS)
    if purpose == REVIEW:
        caller.require(Scope.REVIEW_DEATHS)
    asked = Asked(
        person,
        caller.acting_agency(agency),
        purpose,
        client_named(caller.client),
        _instant(as_known_at),
        privileged=Scope.PROTECTED in caller.scopes,
    )
    async with gateway.database() as connection:
        found = await read_chronology(connection, await views.current(connection), asked)
    if found is None:
        raise NotFound("No such person for this agency.")
    if isinstance(found, Moved):
        return _moved(found, request.url.query)
    return _rendered(found, form, shape)


def _instant(written: str | None) -> datetime | None:
    if written is None:
        return None
    try:
        return instant(written)
    except TimeRefused as refused:
        fault = Fault("/as_known_at", refused.code, f"{refused.fix} In a URL a + is written %2B.")
        raise InvalidRequest("as_known_at is no instant.", faults=[fault]) from None


def _moved(found: Moved, query: str) -> Response:
    headers = dict(NO_STORE)
    status = HTTPStatus.MULTIPLE_CHOICES
    if len(found.became) == 1:
        status = HTTPStatus.MOVED_PERMANENTLY
        headers["location"] = f"/v1/people/{found.became[0]}/chronology" + (f"?{query}" if query else "")
    body = orjson.dumps({"became": [str(one) for one in found.became]})
    return Response(body, status, headers, "application/json")


def _rendered(found: dict[str, Any], form: Form, shape: Shape) -> Response:
    if form == "json":
        return private(found)
    text, kind = (csv_text(found, shape), "text/csv") if form == "csv" else (html_text(found, shape), "text/html")
    named = f'attachment; filename="{shape}-chronology-{found["person"]}.{form}"'
    headers = {**NO_STORE, "content-disposition": named}
    return Response(text, HTTPStatus.OK, headers, f"{kind}; charset=utf-8")
