"""The AsyncAPI document against the official schema of AsyncAPI 3.0.0 (Apache-2.0, as published; see asyncapi/)."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from deploy.published import stored
from schemas.registry import EVENT_TYPES, wire_name
from schemas.topics import TOPICS

OFFICIAL = Path(__file__).parent / "asyncapi" / "3.0.0.json"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return stored()["asyncapi.json"]


def test_it_is_valid_by_the_official_schema(document: dict[str, Any]) -> None:
    schema = json.loads(OFFICIAL.read_text(encoding="utf-8"))
    errors = [f"{error.json_path}: {error.message[:200]}" for error in Draft7Validator(schema).iter_errors(document)]
    assert errors == []


def test_the_official_schema_refuses_what_is_no_asyncapi(document: dict[str, Any]) -> None:
    schema = json.loads(OFFICIAL.read_text(encoding="utf-8"))
    assert not Draft7Validator(schema).is_valid({**document, "channels": {"police": {"topics": []}}})


def test_every_topic_is_a_channel_and_every_type_a_message(document: dict[str, Any]) -> None:
    addresses = {channel["address"] for channel in document["channels"].values()}
    assert {topic.name for topic in TOPICS} <= addresses
    assert {wire_name(*key) for key in EVENT_TYPES} <= document["components"]["messages"].keys()


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    published = stored()
    for name, message in document["components"]["messages"].items():
        payload = message["payload"].get("$ref")
        assert payload is None or payload.removeprefix("./") in published, name
    for operation in document["operations"].values():
        assert operation["channel"]["$ref"].rpartition("/")[2] in document["channels"]
    for channel in document["channels"].values():
        for reference in channel["messages"].values():
            assert reference["$ref"].removeprefix("#/components/messages/") in document["components"]["messages"]
