"""The published schemas are those of the models, say what the models say, and only ever widen."""

import copy
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from deploy.published import FOLDER, WouldBreak, current, publish, stored
from schemas import catalogue
from schemas.envelope import EventData
from schemas.events.counterparts import COUNTERPARTS
from schemas.publish import breaking, rendered
from schemas.registry import EVENT_TYPES, parse, parse_envelope, wire_name
from tests.contract.wrong_inputs import one_of_each, wrong_inputs

Json = dict[str, Any]

BASE = "https://tocsin.example/schemas/"
MODELS = pytest.mark.parametrize("model", one_of_each().values(), ids=one_of_each())

SAID_BY_THE_SCHEMA = frozenset(
    {"missing", "unknown-field", "wrong-type", "not-allowed", "form", "too-long", "too-many", "too-few"}
)
"""Codes of faults that a JSON Schema can express. The others are between fields, or need a calendar or arithmetic."""

MESSAGE = "events/police.message.reported.v1.json"


@pytest.fixture(scope="module")
def published() -> dict[str, Json]:
    return stored()


@pytest.fixture(scope="module")
def now() -> dict[str, Json]:
    return current()


@pytest.fixture(scope="module")
def one_type(published: dict[str, Json]) -> dict[str, Json]:
    """As if this were all that is published."""
    return {path: published[path] for path in (MESSAGE, "common.json", "webhook-body.json")}


@pytest.fixture(scope="module")
def registry(published: dict[str, Json]) -> Registry[Any]:
    return Registry().with_resources(
        (BASE + path, Resource.from_contents(content)) for path, content in published.items() if "$schema" in content
    )


def _validator(registry: Registry[Any], path: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": BASE + path}, registry=registry)


def _file(model: type[EventData]) -> str:
    return f"events/{wire_name(model.wire_type, model.wire_version)}.json"


def test_what_is_published_is_current(now: dict[str, Json]) -> None:
    for path, content in now.items():
        assert (FOLDER / path).read_text(encoding="utf-8") == rendered(content), f"{path}: run `make schemas`"


def test_nothing_else_is_published(published: dict[str, Json], now: dict[str, Json]) -> None:
    assert published.keys() - now.keys() <= {"openapi.json"}


def test_every_published_schema_is_a_schema(published: dict[str, Json]) -> None:
    for content in published.values():
        if "$schema" in content:
            Draft202012Validator.check_schema(content)


@MODELS
def test_examples_are_valid_by_the_published_schema(model: type[EventData], registry: Registry[Any]) -> None:
    validator = _validator(registry, _file(model))
    for example in model.examples:
        validator.validate(example)


@MODELS
def test_the_published_schema_refuses_what_the_model_refuses(model: type[EventData], registry: Registry[Any]) -> None:
    validator = _validator(registry, _file(model))
    for wrong in wrong_inputs(model):
        if wrong.code in SAID_BY_THE_SCHEMA and _is_own(wrong.path, model):
            assert not validator.is_valid(wrong.event["data"]), wrong.about


def _is_own(path: str, model: type[EventData]) -> bool:
    """A fault in the type's own fields; those shared by all types are tried with one of them."""
    parts = path.split("/")[2:]
    if not path.startswith("/data/") or parts[-1:] == ["0"]:  # that a name has a part is said between fields
        return False
    return model.wire_type == "police.message.reported" or parts[0] not in EventData.model_fields


def _edited(published: dict[str, Json], path: str, *keys: str) -> tuple[dict[str, Json], Json]:
    edition = copy.deepcopy(published)
    node = edition[path]
    for key in keys:
        node = node[key]
    return edition, node


def test_a_schema_breaks_nothing_of_its_own(published: dict[str, Json]) -> None:
    assert list(breaking(published, published)) == []


def _breaking_changes(published: dict[str, Json]) -> Iterator[tuple[str, dict[str, Json]]]:
    edition, node = _edited(published, MESSAGE, "properties")
    del node["channel"]
    yield "/channel", edition
    edition, node = _edited(published, MESSAGE)
    node["required"].append("classes")
    yield "/classes", edition
    edition, node = _edited(published, MESSAGE)
    node["properties"]["severity"] = {"type": "string"}
    node["required"].append("severity")
    yield "/severity", edition
    edition, node = _edited(published, MESSAGE, "properties", "means")
    node["enum"].remove("letter")
    yield "/means", edition
    edition, node = _edited(published, MESSAGE, "properties", "classes")
    node["maxItems"] = 1
    yield "/classes", edition
    edition, node = _edited(published, MESSAGE, "properties", "classes", "items")
    node["pattern"] = "^a"
    yield "/classes/*", edition
    edition, node = _edited(published, MESSAGE, "properties", "answered")
    node["anyOf"] = [{"type": "string"}, {"type": "null"}]
    yield "/answered", edition
    edition, node = _edited(published, MESSAGE, "properties", "answered")
    node["anyOf"] = [{"type": "boolean"}]
    yield "/answered", edition
    edition, node = _edited(published, "common.json", "$defs", "PersonMention", "properties")
    del node["workplace"]
    yield "/people/*/workplace", edition
    edition, node = _edited(published, "common.json", "$defs", "PersonMention")
    node["required"].append("born")
    yield "/people/*/born", edition
    edition, node = _edited(published, "common.json", "$defs", "When")
    node["anyOf"].pop()
    yield "/occurred", edition
    edition = copy.deepcopy(published)
    del edition[MESSAGE]
    yield "", edition


def test_a_breaking_change_is_found_where_it_is(one_type: dict[str, Json]) -> None:
    for path, edition in _breaking_changes(one_type):
        found = {difference.path for document, difference in breaking(one_type, edition) if document == MESSAGE}
        assert path in found


def test_a_change_that_widens_breaks_nothing(one_type: dict[str, Json]) -> None:
    edition, node = _edited(one_type, MESSAGE, "properties")
    node["severity"] = {"type": "string"}
    node["means"]["enum"].append("pigeon")
    node["classes"]["maxItems"] = 99
    edition[MESSAGE]["required"].remove("people")
    edition["events/police.message.reported.v2.json"] = edition[MESSAGE]
    assert list(breaking(one_type, edition)) == []


def test_of_what_we_send_more_fields_are_no_break_but_fewer_are(one_type: dict[str, Json]) -> None:
    more, node = _edited(one_type, "webhook-body.json", "properties")
    node["traceparent"] = {"type": "string"}
    more["webhook-body.json"]["required"].append("traceparent")
    assert list(breaking(one_type, more)) == []
    fewer, node = _edited(one_type, "webhook-body.json", "properties")
    del node["time"]
    fewer["webhook-body.json"]["required"].remove("time")
    assert {path for path, _ in breaking(one_type, fewer)} == {"webhook-body.json"}


def test_publishing_refuses_to_break_a_published_type(tmp_path: Path, now: dict[str, Json]) -> None:
    shutil.copytree(FOLDER, tmp_path, dirs_exist_ok=True)
    path = tmp_path / MESSAGE
    older = json.loads(path.read_text(encoding="utf-8"))
    older["properties"]["means"]["enum"].append("telegram")
    path.write_text(rendered(older), encoding="utf-8")
    with pytest.raises(WouldBreak) as refused:
        publish(folder=tmp_path)
    assert refused.value.changes == (f"{MESSAGE}/means: fewer values",)
    assert publish(folder=tmp_path, may_break=True) == len(now)
    assert json.loads(path.read_text(encoding="utf-8")) == now[MESSAGE]


def test_the_catalogue_that_people_read_is_current_and_names_every_type(now: dict[str, Json]) -> None:
    page = (FOLDER / catalogue.PAGE).read_text(encoding="utf-8")
    assert page == catalogue.page(now), "make schemas"
    titles = set(re.findall(r"^## ([a-z0-9.-]+)$", page, re.MULTILINE))
    for name, _ in EVENT_TYPES:
        assert {name, name.partition(".")[2]} & titles, f"{name} has no entry"
    assert set(re.findall(r"^\* \[([a-z0-9.-]+)\]", page, re.MULTILINE)) == titles


def test_what_a_command_of_the_catalogue_sends_is_an_event(now: dict[str, Json]) -> None:
    commands = re.findall(r"/v1/events -d '(.*?)'\n```", catalogue.page(now), re.DOTALL)
    assert len(commands) > 150
    for command in commands:
        event = json.loads(command.replace("'\\''", "'"))
        parse_envelope(event)
        parse(event["type"], event["data"])


def test_counterparts_are_of_types_there_are() -> None:
    known = {name for name, _ in EVENT_TYPES} | {name.partition(".")[2] for name, _ in EVENT_TYPES}
    assert set(COUNTERPARTS) <= known


def _parts_below(node: Any) -> Iterator[str]:
    """Names of the parts of common.json that a schema refers to."""
    if isinstance(node, list):
        for each in node:
            yield from _parts_below(each)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value.partition("$defs/")[2].partition("/")[0]
            else:
                yield from _parts_below(value)


def test_every_field_of_an_event_says_what_it_means(published: dict[str, Json]) -> None:
    common = published["common.json"]["$defs"]
    waiting = {path: content for path, content in published.items() if path.startswith("events/")}
    told: dict[str, Json] = {}
    while waiting:
        told |= waiting
        waiting = {
            part: common[part] for content in waiting.values() for part in _parts_below(content) if part not in told
        }
    silent = [
        f"{name}: {field}"
        for name, content in told.items()
        for field, said in content.get("properties", {}).items()
        if "EventData/properties" not in said.get("$ref", "") and not said.get("description", "").strip()
    ]
    assert silent == []
    assert {"PersonMention", "Condition", "Interval"} <= told.keys(), "the walk has lost the parts"
