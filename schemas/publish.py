"""The published schemas as documents: JSON Schema for each event type and version, AsyncAPI, a catalogue to read.

Pure: deploy.published writes them to schemas/published (`tocsin schemas publish`). A type and version, once published,
may only widen: what would refuse yesterday's events needs a new version of the type.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from schemas.alerts import AcknowledgementRequest, AlertPage, AlertView, TopicAlert
from schemas.asyncapi import document
from schemas.chronology import Chronology
from schemas.clocks import BARE_JSON, INSTANT_JSON, KNOWN_WHEN_JSON, SPAN_JSON, WHEN_JSON
from schemas.codes import described
from schemas.compatibility import REMOVED, Difference, differences
from schemas.envelope import CloudEvent, EventData
from schemas.identity import IdentityChange
from schemas.notices import ConflictNotice
from schemas.registry import EVENT_TYPES, wire_name
from schemas.reviews import (
    ConfirmationRequest,
    DecisionRequest,
    ReviewDecision,
    ReviewPage,
    ReviewView,
    WithdrawalRequest,
)
from schemas.sealing import sealed_paths
from schemas.webhooks import WebhookBody

Json = dict[str, Any]

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
COMMON: Final = "common.json"
NOT_BINDING: Final = frozenset({COMMON, "catalogue.json", "asyncapi.json", "openapi.json"})
"""Read by people and tools. What binds are the schemas of the types, compared with their parts of common.json."""

OTHERS: Final[Mapping[str, type[BaseModel]]] = {
    "cloud-event": CloudEvent,
    "alert-view": AlertView,
    "alert-page": AlertPage,
    "topic-alert": TopicAlert,
    "acknowledgement-request": AcknowledgementRequest,
    "review-page": ReviewPage,
    "review-view": ReviewView,
    "review-decision": ReviewDecision,
    "review-decision-request": DecisionRequest,
    "review-confirmation-request": ConfirmationRequest,
    "review-withdrawal-request": WithdrawalRequest,
    "webhook-body": WebhookBody,
    "identity-change": IdentityChange,
    "conflict-notice": ConflictNotice,
    "chronology": Chronology,
}

WE_SEND: Final = frozenset(
    {
        "alert-view.json",
        "alert-page.json",
        "topic-alert.json",
        "review-page.json",
        "review-view.json",
        "review-decision.json",
        "webhook-body.json",
        "identity-change.json",
        "conflict-notice.json",
        "chronology.json",
    }
)
"""Documents about what Tocsin says; all others are about what it takes."""

_NAMED: Final[Mapping[str, Json]] = {
    "Instant": INSTANT_JSON,
    "Bare": BARE_JSON,
    "Interval": SPAN_JSON,
    "KnownWhen": KNOWN_WHEN_JSON,
    "When": WHEN_JSON,
}
"""Forms without a model of their own that would otherwise be written out a thousand times."""

_SAID_BESIDE: Final = ("title", "description", "default")


def documents() -> dict[str, Json]:
    """Every published document by its path below schemas/published."""
    models: list[type[BaseModel]] = [EventData, *EVENT_TYPES.values(), *OTHERS.values()]
    names, bundle = models_json_schema(
        [(model, "validation") for model in models], ref_template="#/$defs/{model}", by_alias=True
    )
    parts: Json = bundle["$defs"]
    own = {model: names[model, "validation"]["$ref"].rpartition("/")[2] for model in models}
    whole = {own[model] for model in [*EVENT_TYPES.values(), *OTHERS.values()]}
    whole -= {own[TopicAlert], own[ReviewDecision]}  # in alert-page and review-view too
    common = {name: _tidy(part) for name, part in parts.items() if name not in whole}
    found: dict[str, Json] = {COMMON: {"$schema": DRAFT, "$defs": {**_NAMED_PARTS, **_refer(common, "#")}}}
    for (name, version), model in EVENT_TYPES.items():
        wire = wire_name(name, version)
        shared = common[own[EventData]]["properties"]
        part = parts[own[model]]
        part["properties"] = {name: described(name, said) for name, said in part["properties"].items()}
        found[f"events/{wire}.json"] = _document(wire, part, f"../{COMMON}#", shared)
    for name, other in OTHERS.items():
        found[f"{name}.json"] = _document(name, parts[own[other]], f"{COMMON}#", {})
    found["catalogue.json"] = {
        "types": [_entry(name, version, model) for (name, version), model in EVENT_TYPES.items()]
    }
    found["asyncapi.json"] = document()
    return found


def _document(title: str, part: Json, common: str, shared: Json) -> Json:
    """One schema file: what it shares with all others is referred to, what is its own is written out."""
    tidy = _tidy(part)
    examples = tidy.pop("examples", None)
    properties = {
        name: {"$ref": f"{common}/$defs/EventData/properties/{name}"} if shared.get(name) == said else said
        for name, said in tidy.pop("properties").items()
    }
    schema = _refer({**tidy, "title": title, "properties": properties}, common)
    return {"$schema": DRAFT, **schema, **({"examples": examples} if examples else {})}


def _tidy(node: Any) -> Any:  # noqa: ANN401 - any part of a JSON document: what comes as a dict goes as a dict
    """Drop the titles pydantic makes up from field names, and name the forms that recur."""
    if isinstance(node, list):
        return [_tidy(item) for item in node]
    if not isinstance(node, dict):
        return node
    bare = {key: value for key, value in node.items() if key not in _SAID_BESIDE}
    for name, form in _NAMED.items():
        if bare == {key: value for key, value in form.items() if key not in _SAID_BESIDE}:
            return {"$ref": f"#/$defs/{name}", **_beside(node, form)}
    return {
        key: value if key == "examples" else _tidy(value) for key, value in node.items() if not _is_title(key, value)
    }


def _beside(node: Json, form: Json) -> Json:
    """What a use of a named form says beyond the form itself. The default of a span is unknown, null on the wire."""
    said = ("description", "default")
    beside: Json = {key: node[key] for key in said if key in node and node[key] != form.get(key)}
    return beside | {"default": None} if beside.get("default") == [None, None] else beside


def _is_title(key: str, value: object) -> bool:
    return key == "title" and isinstance(value, str)


def _refer(node: Any, common: str) -> Any:  # noqa: ANN401 - any part of a JSON document: what comes as a dict goes as a dict
    """Point references of the bundle at the common file."""
    if isinstance(node, list):
        return [_refer(item, common) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: common + value.removeprefix("#") if key == "$ref" and value.startswith("#") else _refer(value, common)
        for key, value in node.items()
    }


_NAMED_PARTS: Final = {
    name: form if name in {"Instant", "Bare"} else {key: _tidy(value) for key, value in form.items()}
    for name, form in _NAMED.items()
}


def _entry(name: str, version: int, model: type[EventData]) -> Json:
    return {
        "type": wire_name(name, version),
        "send": (model.__doc__ or "").strip(),
        "report": model.is_report,
        "answers": sorted(model.answers),
        "carries_flags": model.carries_flags,
        "sealed": list(sealed_paths(model)),
    }


def rendered(content: Json) -> str:
    """A document as text: stable, readable, one newline at the end."""
    return json.dumps(content, indent=1, ensure_ascii=False, sort_keys=False) + "\n"


def breaking(before: Mapping[str, Json], now: Mapping[str, Json]) -> Iterator[tuple[str, Difference]]:
    """Where a published schema stops keeping its word: (path of the document, difference).

    Of what others send us: something valid by `before` would be refused now. Of what we send: something `now` may say
    was not to be expected by `before`; a field more is, for readers must pass over what they do not know.
    """
    for path in sorted(before.keys() - NOT_BINDING):
        if path not in now:
            yield path, Difference("", REMOVED, breaks=True)
            continue
        ours = path in WE_SEND
        for difference in differences(path, now, before) if ours else differences(path, before, now):
            if difference.breaks and not (ours and difference.what == REMOVED):
                yield path, difference
