"""What the routes about people ask and answer alike: a purpose, a small body, a page's cursor, and an answer nobody keeps."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Annotated, Final, Literal, TypeVar

import orjson
from fastapi import Query, Request, Response
from pydantic import BaseModel

from gateway.limits import SMALL_BODY_BYTES, read_body
from gateway.problems import InvalidRequest, parse
from schemas.handling import Purpose
from services.errors import Fault

Model = TypeVar("Model", bound=BaseModel)

LONGEST_CURSOR: Final = 200  # characters; ours have some ninety

For = Annotated[Purpose, Query(description="What the answer is for, and for nothing else.")]
After = Annotated[str | None, Query(max_length=LONGEST_CURSOR, description="`next` of the page before.")]

NO_STORE: Final = {"cache-control": "no-store"}
"""What one agency may see must lie in no cache on the way."""


def private(
    body: object, status: Literal[HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.ACCEPTED] = HTTPStatus.OK
) -> Response:
    """The body as JSON, for the asker alone."""
    return Response(orjson.dumps(body), status, NO_STORE, "application/json")


async def small_body(model: type[Model], request: Request) -> Model:
    """The request's body, read. Raises TooLarge, NotJson or InvalidRequest, which say what to change."""
    return parse(model, await read_body(request.scope, request.receive, limit=SMALL_BODY_BYTES))


@contextmanager
def cursor_of_ours() -> Iterator[None]:
    """Around the reading of a page: a cursor that none of our pages gave is the asker's mistake, and said so."""
    try:
        yield
    except ValueError:
        fault = Fault("/after", "not-a-cursor", "Send `next` of the page before, as it was.")
        raise InvalidRequest("The cursor is not one of ours.", faults=[fault]) from None
