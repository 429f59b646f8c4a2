"""The gateway's OpenAPI document against the official schema of OpenAPI 3.1."""

from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from deploy.published import OPENAPI, stored
from gateway.app import create_app
from services.settings import Settings

METHODS = {"get", "post", "put", "patch", "delete"}

PROMISED = {
    ("post", "/v1/events"),
    ("post", "/v1/backfill"),
    ("get", "/v1/receipts/{receipt}"),
    ("get", "/v1/alerts"),
    ("get", "/v1/alerts/{alert}"),
    ("post", "/v1/alerts/{alert}/acknowledgements"),
}


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    state: Path = tmp_path_factory.mktemp("state")
    return create_app(Settings(state=state)).openapi()


def _operations(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method, path): operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    }


def test_it_is_valid_by_the_official_schema(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(document).validate()


def test_it_holds_what_agencies_were_promised(document: dict[str, Any]) -> None:
    def shape(path: str) -> str:
        return "/".join("{}" if part.startswith("{") else part for part in path.split("/"))

    there = {(method, shape(path)) for method, path in _operations(document)}
    assert {(method, shape(path)) for method, path in PROMISED} <= there


def test_every_refusal_is_a_problem(document: dict[str, Any]) -> None:
    for (method, path), operation in _operations(document).items():
        for status, response in operation["responses"].items():
            if status.startswith(("4", "5")) and "content" in response:
                assert set(response["content"]) == {"application/problem+json"}, f"{method} {path} {status}"


def test_what_is_published_is_current(document: dict[str, Any]) -> None:
    assert stored().get(OPENAPI) == document, "run `make schemas`"
