"""Who might be who, for staff trained to decide it: the queue, one item side by side, and decisions with a second person.

An item is there for an agency that holds a record of one of the two; for any other it is 404, whether it exists or not.
"""

from http import HTTPStatus
from typing import Annotated, Final, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Request, Response

from gateway.limits import SMALL_BODY_BYTES, read_body
from gateway.problems import InvalidRequest, json_body, parse
from gateway.state import Agency, Asking, UseGateway, Views
from schemas.handling import Purpose
from schemas.reviews import (
    MAX_PAGE,
    ConfirmationRequest,
    DecisionRequest,
    ReviewDecision,
    ReviewPage,
    ReviewView,
    WithdrawalRequest,
)
from services.access import Caller, Scope
from services.disclosure import reviews_store as reviews
from services.errors import Fault, NotFound
from services.identity.review import decide
from services.identity.review.decide import Answer, Said

router = APIRouter(prefix="/v1/reviews", tags=["reviews"])

LONGEST_CURSOR: Final = 200  # characters; ours have some eighty

For = Annotated[Purpose, Query(description="What the answer is for, and for nothing else.")]
Listed = Annotated[
    Literal["open", "proposed", "aside"] | None,
    Query(description="Only items in this state; left out: those to be decided or confirmed."),
]
Area = Annotated[
    str | None, Query(max_length=60, description="Only items that the agency's own records put in this area.")
]


@router.get("", response_model=ReviewPage, responses={200: {"description": "A page, the most urgent risk first."}})
async def list_reviews(
    caller: Asking,
    gateway: UseGateway,
    views: Views,
    agency: Agency = None,
    area: Area = None,
    state: Listed = None,
    after: Annotated[str | None, Query(max_length=LONGEST_CURSOR, description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50,
) -> Response:
    """The open items about people of whom the agency holds a record, without names: fetch one to see who."""
    asking = _asking(caller, agency)
    async with gateway.database() as connection:
        directory = (await views.current(connection)).directory
        within = None if area is None else [name for name in directory.areas if directory.contains(area, name)]
        try:
            found, following = await reviews.page(
                connection, asking, areas=within, state=state, after=after, limit=limit
            )
        except ValueError:
            fault = Fault("/after", "not-a-cursor", "Send `next` of the page before, as it was.")
            raise InvalidRequest("The cursor is not one of ours.", faults=[fault]) from None
    return _private({"reviews": found, "next": following})


@router.get("/{review}", response_model=ReviewView)
async def one_review(
    review: UUID,
    caller: Asking,
    gateway: UseGateway,
    views: Views,
    agency: Agency = None,
    purpose: For = "safeguarding",
) -> Response:
    """One item side by side: what agrees, what differs, and who said what when, as far as this agency may see it."""
    asking = _asking(caller, agency)
    async with gateway.database() as connection:
        context = await views.current(connection)
        shown = await reviews.read(connection, context, asking, review, purpose=purpose)
    if shown is None:
        raise NotFound("No such item for this agency.")
    return _private(shown)


@router.post(
    "/{review}/decisions",
    response_model=ReviewDecision,
    status_code=HTTPStatus.CREATED,
    responses={200: {"description": "It was decided so by the same person before."}},
    openapi_extra=json_body(DecisionRequest),
)
async def decide_review(
    review: UUID, request: Request, caller: Asking, gateway: UseGateway, agency: Agency = None
) -> Response:
    """Decide an item. The machine never overrides it.

    A "same" that would ring a U1 is `proposed` until somebody else confirms it; `held` as long as that is worked out.
    "cannot-tell" puts the item aside until there is new evidence.
    """
    caller.require(Scope.DECIDE_REVIEWS)
    asking = caller.acting_agency(agency)
    given = parse(DecisionRequest, await read_body(request.scope, request.receive, limit=SMALL_BODY_BYTES))
    said = _said(caller, asking, given)
    async with gateway.database() as connection:
        answer = await decide.decide(
            connection, review, given.verdict, said, master_key=gateway.settings.master_key_bytes
        )
    return _answered(answer)


@router.post(
    "/{review}/decisions/{decision}/confirmations",
    response_model=ReviewDecision,
    status_code=HTTPStatus.CREATED,
    responses={200: {"description": "The same person said so before."}},
    openapi_extra=json_body(ConfirmationRequest),
)
async def confirm_decision(
    review: UUID, decision: UUID, request: Request, caller: Asking, gateway: UseGateway, agency: Agency = None
) -> Response:
    """Confirm or refuse what somebody else proposed. Confirmed, it takes effect; refused, the item is open again."""
    caller.require(Scope.DECIDE_REVIEWS)
    asking = caller.acting_agency(agency)
    given = parse(ConfirmationRequest, await read_body(request.scope, request.receive, limit=SMALL_BODY_BYTES))
    said = _said(caller, asking, given)
    async with gateway.database() as connection:
        answer = await decide.confirm(
            connection, review, decision, said, agrees=given.agrees, master_key=gateway.settings.master_key_bytes
        )
    return _answered(answer)


@router.post(
    "/{review}/decisions/{decision}/withdrawals",
    response_model=ReviewDecision,
    status_code=HTTPStatus.CREATED,
    responses={200: {"description": "The same person took it back before."}},
    openapi_extra=json_body(WithdrawalRequest),
)
async def withdraw_decision(
    review: UUID, decision: UUID, request: Request, caller: Asking, gateway: UseGateway, agency: Agency = None
) -> Response:
    """Take a decision back: one's own, or with `reviews:supervise` anybody's. What rang because of it is withdrawn."""
    caller.require(Scope.DECIDE_REVIEWS)
    asking = caller.acting_agency(agency)
    given = parse(WithdrawalRequest, await read_body(request.scope, request.receive, limit=SMALL_BODY_BYTES))
    said = _said(caller, asking, given)
    async with gateway.database() as connection:
        answer = await decide.withdraw(connection, review, decision, said, master_key=gateway.settings.master_key_bytes)
    return _answered(answer)


def _asking(caller: Caller, agency: str | None) -> reviews.Asking:
    caller.require(Scope.READ_REVIEWS)
    return reviews.Asking(caller.acting_agency(agency), caller.client, protected=Scope.PROTECTED in caller.scopes)


def _said(caller: Caller, agency: str, given: DecisionRequest | ConfirmationRequest | WithdrawalRequest) -> Said:
    return Said(
        agency=agency,
        actor=given.actor,
        reason=given.reason,
        client=caller.client,
        version=None if isinstance(given, WithdrawalRequest) else given.version,
        note=given.note,
        protected=Scope.PROTECTED in caller.scopes,
        supervises=Scope.SUPERVISE_REVIEWS in caller.scopes,
    )


def _answered(answer: Answer) -> Response:
    return _private(reviews.decision(answer.made), HTTPStatus.CREATED if answer.new else HTTPStatus.OK)


def _private(body: object, status: HTTPStatus = HTTPStatus.OK) -> Response:
    # What one agency may see must lie in no cache on the way.
    return Response(orjson.dumps(body), status, {"cache-control": "no-store"}, "application/json")
