"""Errors as RFC 9457 problems: the only place that knows status codes.

Every text is built from codes and field paths of ours, never from what was sent: a problem is logged by clients, shown
on screens and mailed about, and must not carry a name there. `errors` says for each fault where it is (a JSON pointer),
its code, and what would be right.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, TypeVar

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException

from gateway.identify import Unauthenticated
from gateway.limits import BodyGone
from gateway.refused import note_refused
from schemas import problems as schema_problems
from schemas.envelope import MAX_DEPTH
from services.errors import (
    Conflict,
    Fault,
    InvalidEvent,
    NotFound,
    NotPermitted,
    RateLimited,
    Refused,
    TocsinError,
    TooLarge,
    Unavailable,
)
from services.telemetry import Log, note

Model = TypeVar("Model", bound=BaseModel)

MEDIA_TYPE: Final = "application/problem+json"
TYPE_PREFIX: Final = "urn:tocsin:problem:"


class NotJson(Refused):
    """The body is not one JSON value in UTF-8, or nests too deep."""

    code = "not-json"


class InvalidRequest(Refused):
    """A body or parameter that is no event and does not fit."""

    code = "invalid-request"


class UnsupportedMedia(Refused):
    """Not a content type this route reads."""

    code = "unsupported-media-type"


def read_json(body: bytes) -> Any:  # noqa: ANN401 - JSON is anything until a model has read it
    """Parse strict JSON. Raises NotJson, which says whether it was too deep."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        if "depth" in error.msg or "recursion" in error.msg.lower():
            fix = f"Nest at most {MAX_DEPTH} levels."
            raise NotJson("The body nests too deep.", faults=[Fault("", "too-deep", fix)]) from None
        fix = f"Send one JSON value in UTF-8; reading stopped at character {error.pos}."
        raise NotJson("The body is not JSON.", faults=[Fault("", "not-json", fix)]) from None


STATUS: Final[Mapping[type[TocsinError], HTTPStatus]] = {
    NotJson: HTTPStatus.BAD_REQUEST,
    BodyGone: HTTPStatus.BAD_REQUEST,
    Unauthenticated: HTTPStatus.UNAUTHORIZED,
    NotPermitted: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    UnsupportedMedia: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    InvalidRequest: HTTPStatus.UNPROCESSABLE_ENTITY,
    InvalidEvent: HTTPStatus.UNPROCESSABLE_ENTITY,
    RateLimited: HTTPStatus.TOO_MANY_REQUESTS,
    Refused: HTTPStatus.BAD_REQUEST,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    TocsinError: HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""By the nearest class in the error's line."""

TITLES: Final = {
    "not-json": "The body is not JSON that we read",
    "body-incomplete": "The body did not arrive",
    "not-authenticated": "Who calls is not known",
    "not-permitted": "Not permitted",
    "not-found": "Not found",
    "method-not-allowed": "Not by this method",
    "conflict": "Contradicts what stands",
    "too-large": "Over a limit",
    "unsupported-media-type": "Content type not supported",
    "invalid-event": "The event does not fit its type",
    "invalid-request": "The request is not valid",
    "rate-limited": "Too many at once",
    "unavailable": "Not available at present",
    "refused": "Refused",
    "failed": "Our fault",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem, ready to be sent by itself or as an item of a batch's answer."""

    status: HTTPStatus
    code: str
    detail: str
    faults: tuple[Fault, ...] = ()
    retry_after_seconds: int | None = None

    def body(self) -> dict[str, Any]:
        """The problem as RFC 9457 has it."""
        body: dict[str, Any] = {
            "type": TYPE_PREFIX + self.code,
            "title": TITLES.get(self.code, HTTPStatus(self.status).phrase),
            "status": int(self.status),
            "detail": self.detail,
        }
        if self.faults:
            body["errors"] = errors_of(self.faults)
        return body

    def headers(self) -> dict[str, str]:
        """What has to be said outside the body."""
        if self.retry_after_seconds is not None:
            return {"retry-after": str(self.retry_after_seconds)}
        if self.status == HTTPStatus.UNAUTHORIZED:
            missing = any(fault.code == "token-missing" for fault in self.faults)
            return {"www-authenticate": "Bearer" if missing else 'Bearer error="invalid_token"'}
        return {}


def errors_of(faults: Iterable[Fault | schema_problems.Problem]) -> list[dict[str, str]]:
    """Faults as callers read them: where, a code for programs, what to do."""
    return [{"pointer": fault.path, "code": fault.code, "detail": fault.fix} for fault in faults]


def problem_of(error: TocsinError) -> Problem:
    """The problem that tells a caller of this error."""
    status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    if isinstance(error, Refused):
        wait = error.retry_after_seconds if isinstance(error, RateLimited) else None
        return Problem(status, error.code, error.message, error.faults, wait)
    if isinstance(error, Unavailable):
        return Problem(status, "unavailable", "Nothing was lost: repeat the request.", (), error.retry_after_seconds)
    return failure()


def failure() -> Problem:
    """What a caller is told of a fault of ours: nothing but that it is ours."""
    return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "failed", "Something went wrong here. Repeating is safe.")


def response_of(problem: Problem) -> Response:
    """The problem as an answer."""
    return Response(orjson.dumps(problem.body()), problem.status, problem.headers(), MEDIA_TYPE)


def refused(error: schema_problems.Refused) -> InvalidEvent:
    """The same refusal, as an error of ours."""
    return InvalidEvent(
        "The event does not fit its type.",
        faults=[Fault(fault.path, fault.code, fault.fix) for fault in error.problems],
    )


def parse(model: type[Model], body: bytes) -> Model:
    """Read a small JSON body. Raises NotJson, or InvalidRequest that says what to change."""
    try:
        return model.model_validate(read_json(body))
    except ValidationError as error:
        faults = [Fault(fault.path, fault.code, fault.fix) for fault in schema_problems.problems_of(error, model)]
        raise InvalidRequest("See errors for what to change.", faults=faults) from None


def json_body(model: type[BaseModel]) -> dict[str, Any]:
    """How OpenAPI tells of a body that is read with `parse`. For models without others inside."""
    schema = model.model_json_schema()
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _faults_of_parameters(errors: Iterable[Mapping[str, Any]]) -> tuple[Fault, ...]:
    """Faults of path, query and header parameters, whose names are ours."""
    return tuple(
        Fault("/".join(str(part) for part in error["loc"]), *schema_problems.code_and_fix(error)) for error in errors
    )


_WHAT_TO_DO: Final = {
    HTTPStatus.NOT_FOUND: "There is no such path. /openapi.json lists all of them.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This path takes other methods: the header `Allow` names them.",
}
"""Where no route of ours was reached."""


def install(app: FastAPI) -> None:
    """Make every error of the app a problem."""

    async def tocsin(request: Request, error: Exception) -> Response:
        assert isinstance(error, TocsinError)  # noqa: S101 - it is registered for these below
        note_refused(request, error)
        return response_of(problem_of(error))

    async def invalid(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101 - it is registered for these below
        faults = _faults_of_parameters(error.errors())
        return response_of(problem_of(InvalidRequest("A parameter is not valid.", faults=faults)))

    async def http(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - it is registered for these below
        status = HTTPStatus(error.status_code)
        code = status.phrase.lower().replace(" ", "-")
        answer = response_of(Problem(status, code, _WHAT_TO_DO.get(status, f"{status.phrase}.")))
        answer.headers.update(error.headers or {})  # Allow, with 405
        return answer

    async def unexpected(_request: Request, _error: Exception) -> Response:
        return response_of(failure())  # and starlette raises it on, for gateway.front to log

    app.add_exception_handler(Exception, unexpected)
    app.add_exception_handler(TocsinError, tocsin)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)


def note_failure(error: Exception, route: str) -> Problem:
    """Log an error nobody expected, without its text, and give what the caller is told."""
    note(Log.GATEWAY_FAILED, level=logging.ERROR, error=error, route=route)
    return failure()
