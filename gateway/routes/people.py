"""GET /v1/people/{person}: what a person id stands for now, and what this agency may see of it.

An id is for ever and never given to somebody else. What was known under it may have become another's, or several people's:
301 and 300 say so. Who is not there for an agency is as unknown as a made-up id: 404.

POST /v1/people/{person}/decisions: whether a sealed identity is somebody else, for the role that may say so.
"""

from http import HTTPStatus
from uuid import UUID

import orjson
from fastapi import APIRouter, Request, Response

from gateway.answers import NO_STORE, For, private, small_body
from gateway.problems import InvalidRequest, json_body
from gateway.state import Agency, Asking, UseGateway, Views
from schemas.identity import PersonMerged, PersonSplit, PersonView, SealedDecision, SealedDecisionRequest
from services.access import Scope
from services.audit.record import client_named
from services.disclosure.people.store import Answer, known_to, read_person
from services.errors import Conflict, Fault, NotFound
from services.identity.decide import decide
from services.identity.persons.store import sealed_among

router = APIRouter(prefix="/v1/people", tags=["people"])


@router.get(
    "/{person}",
    response_model=PersonView,
    responses={
        HTTPStatus.MULTIPLE_CHOICES: {"model": PersonSplit, "description": "It is several people now."},
        HTTPStatus.MOVED_PERMANENTLY: {
            "model": PersonMerged,
            "description": "It is another person now.",
            "headers": {"Location": {"description": "Where that one is.", "schema": {"type": "string"}}},
        },
    },
)
async def one_person(
    person: UUID,
    request: Request,
    caller: Asking,
    gateway: UseGateway,
    views: Views,
    agency: Agency = None,
    purpose: For = "safeguarding",
) -> Response:
    """Somebody this agency reported itself, or was told of in an alert."""
    caller.require(Scope.READ_ALERTS)
    asking = caller.acting_agency(agency)
    async with gateway.database() as connection:
        context = await views.current(connection)
        answer = await read_person(
            connection,
            context,
            asking,
            person,
            actor=client_named(caller.client),
            purpose=purpose,
            privileged=Scope.PROTECTED in caller.scopes,
        )
    if answer is None:
        raise NotFound("No such person for this agency.")
    return _response(answer, request.url.query)


def _response(answer: Answer, query: str) -> Response:
    # What an id stands for can change again, too.
    headers = dict(NO_STORE)
    status, body = HTTPStatus.OK, answer.people[0]
    if answer.moved_to is not None:
        status, body = HTTPStatus.MOVED_PERMANENTLY, {"person": str(answer.asked), "became": answer.moved_to}
        headers["location"] = f"/v1/people/{answer.moved_to}" + (f"?{query}" if query else "")
    elif len(answer.people) > 1:
        status, body = HTTPStatus.MULTIPLE_CHOICES, {"person": str(answer.asked), "people": list(answer.people)}
    return Response(orjson.dumps(body), status, headers, "application/json")


@router.post(
    "/{person}/decisions",
    response_model=SealedDecision,
    status_code=HTTPStatus.ACCEPTED,
    openapi_extra=json_body(SealedDecisionRequest),
)
async def decide_about_sealed(
    person: UUID, request: Request, caller: Asking, gateway: UseGateway, agency: Agency = None
) -> Response:
    """Say that somebody of sealed identity is, or is not, somebody else. About anybody else the review queue decides."""
    caller.require(Scope.PROTECTED)
    asking = caller.acting_agency(agency)
    given = await small_body(SealedDecisionRequest, request)
    async with gateway.database() as connection:
        records = [await known_to(connection, asking, asked) for asked in (person, given.other)]
        one, other = records
        if one is None or other is None:
            raise NotFound("No such person for this agency.")
        if one == other:
            fault = Fault("/other", "same-id", "Name another person.")
            raise InvalidRequest("The two are one id.", faults=[fault])
        if not await sealed_among(connection, (one, other)):
            fault = Fault(
                "", "not-sealed", "Decide it in the review queue, where a second person looks at what may ring."
            )
            raise Conflict("Neither identity is sealed.", faults=[fault])
        await decide(
            connection,
            one,
            other,
            given.verdict,
            actor=f"staff:{asking}/{given.actor}",
            reason=given.reason,
            privileged=True,
        )
    body = {"person": str(person), "other": str(given.other), "verdict": given.verdict}
    return private(body, HTTPStatus.ACCEPTED)
