"""What Tocsin says: alerts, webhooks, topics. A notification holds a reference and no person."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from schemas.alerts import AcknowledgementRequest, AlertPage, AlertView, TopicAlert
from schemas.identity import IdentityChange
from schemas.notices import ConflictNotice
from schemas.topics import BACKFILL, TOPICS, alerts_topic, events_topic, notices_topic
from schemas.webhooks import WebhookBody

WITH_EXAMPLES = (TopicAlert, AcknowledgementRequest, WebhookBody, IdentityChange, ConflictNotice)
OF_A_PERSON = {
    "people",
    "names",
    "given",
    "family",
    "born",
    "sex",
    "identifiers",
    "phones",
    "addresses",
    "postcode",
    "lines",
    "text",
    "why",
    "area",
    "own_id",
}


def _field_names(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for value in schema.values():
            yield from _field_names(value)
    elif isinstance(schema, list):
        for item in schema:
            yield from _field_names(item)


def _example(model: type[BaseModel]) -> Any:
    return model.model_json_schema()["examples"][0]


@pytest.mark.parametrize("model", WITH_EXAMPLES)
def test_examples_are_valid(model: type[BaseModel]) -> None:
    model.model_validate_json(json.dumps(_example(model)))


def test_a_webhook_has_no_field_for_a_person() -> None:
    assert not set(_field_names(WebhookBody.model_json_schema())) & OF_A_PERSON


def test_a_webhook_refuses_a_person() -> None:
    body = _example(WebhookBody)
    body["data"]["alerts"][0]["subject"] = "Alban Thornquist"
    with pytest.raises(ValidationError):
        WebhookBody.model_validate_json(json.dumps(body))


def test_a_link_carries_nothing_but_the_reference() -> None:
    body = _example(WebhookBody)
    body["data"]["alerts"][0]["link"] += "?subject=Alban"
    with pytest.raises(ValidationError):
        WebhookBody.model_validate_json(json.dumps(body))


@pytest.mark.parametrize("model", [TopicAlert, AlertPage])
def test_the_topic_and_lists_hold_own_identifiers_and_no_name(model: type[BaseModel]) -> None:
    assert set(_field_names(model.model_json_schema())) & OF_A_PERSON == {"identifiers"}


@pytest.mark.parametrize("model", [AlertView, TopicAlert, WebhookBody])
def test_no_view_has_a_field_for_what_is_sealed(model: type[BaseModel]) -> None:
    assert not set(_field_names(model.model_json_schema())) & {"phones", "addresses", "lines", "postcode", "text"}


def test_every_topic_has_an_owner_readers_and_an_end() -> None:
    for topic in (*TOPICS, alerts_topic("police-west-midlands"), notices_topic("police-west-midlands")):
        assert topic.owner
        assert topic.readers
        assert topic.partitions >= 1
        assert topic.compacted or int(topic.config["retention.ms"]) > 0
    assert len({topic.name for topic in TOPICS}) == len(TOPICS)


def test_events_are_sealed_on_their_topics() -> None:
    assert events_topic("police").sealed
    assert BACKFILL.sealed
    with pytest.raises(KeyError):
        events_topic("weather")
