"""Who might be who, for staff trained to decide it: the queue, one item side by side, and decisions with a second person.

An item is there for an agency that holds a record of one of the two; for any other it is 404, whether it exists or not.
"""

from http import HTTPStatus
from typing import Annotated, Literal, TypeVar
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from gateway.answers import After, For, cursor_of_ours, private, small_body
from gateway.problems import json_body
from gateway.state import Agency, Asking, UseGateway, Views
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
from services.errors import NotFound
from services.identity.review import decide
from services.identity.review.decide import Answer, Said

router = APIRouter(prefix="/v1/reviews", tags=["reviews"])

Given = TypeVar("Given", DecisionRequest, ConfirmationRequest, WithdrawalRequest)

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
    after: After = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50,
) -> Response:
    """The open items about people of whom the agency holds a record, without names: fetch one to see who."""
    asking = _asking(caller, agency)
    async with gateway.database() as connection:
        directory = (await views.current(connection)).directory
        within = None if area is None else [name for name in directory.areas if directory.contains(area, name)]
        with cursor_of_ours():
            found, following = await reviews.page(
                connection, asking, areas=within, state=state, after=after, limit=limit
            )
    return private({"reviews": found, "next": following})


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
    return private(shown)


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
    given, said = await _heard(DecisionRequest, request, caller, agency)
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
    given, said = await _heard(ConfirmationRequest, request, caller, agency)
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
    _, said = await _heard(WithdrawalRequest, request, caller, agency)
    async with gateway.database() as connection:
        answer = await decide.withdraw(connection, review, decision, said, master_key=gateway.settings.master_key_bytes)
    return _answered(answer)


def _asking(caller: Caller, agency: str | None) -> reviews.Asking:
    caller.require(Scope.READ_REVIEWS)
    return reviews.Asking(caller.acting_agency(agency), caller.client, protected=Scope.PROTECTED in caller.scopes)


async def _heard(model: type[Given], request: Request, caller: Caller, agency: str | None) -> tuple[Given, Said]:
    caller.require(Scope.DECIDE_REVIEWS)
    acting = caller.acting_agency(agency)
    given = await small_body(model, request)
    return given, _said(caller, acting, given)


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
    return private(reviews.decision(answer.made), HTTPStatus.CREATED if answer.new else HTTPStatus.OK)
