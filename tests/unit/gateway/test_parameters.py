"""A query parameter that a route does not have is refused: what was meant by it would be passed over in silence."""

from typing import Annotated, Final

import pytest
from fastapi import APIRouter, Depends, Query, Request

from gateway.parameters import refuse_unknown
from gateway.problems import InvalidRequest


def paged(limit: int = 10) -> int:
    return limit


ROUTER: Final = APIRouter()


@ROUTER.get("/some")
def some(limit: Annotated[int, Depends(paged)], form: Annotated[str, Query(alias="format")] = "json") -> str:
    return f"{limit} {form}"


@ROUTER.get("/none")
def none() -> str:
    return ""


def ask(path: str, query: str) -> None:
    route = next(each for each in ROUTER.routes if getattr(each, "path", "") == path)
    refuse_unknown(Request({"type": "http", "query_string": query.encode(), "route": route}))


@pytest.mark.parametrize(
    ("path", "query", "code", "fix"),
    [
        ("/some", "fromat=csv", "unknown-parameter", "Send only: format, limit."),
        ("/some", "form=csv", "unknown-parameter", "Send only: format, limit."),
        ("/some", "limit=1&limit=2", "repeated-parameter", "Send each parameter once."),
        ("/none", "a=1", "unknown-parameter", "Send none."),
    ],
)
def test_what_is_not_known_is_refused_and_not_repeated(path: str, query: str, code: str, fix: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        ask(path, query)
    assert [(fault.path, fault.code, fault.fix) for fault in refused.value.faults] == [("query", code, fix)]


def test_parameters_of_the_route_and_of_what_it_depends_on_are_known() -> None:
    ask("/some", "limit=3&format=csv")
    ask("/none", "")
