"""The AsyncAPI 3 document: which topics there are and what is on them, made from schemas.topics and the registry."""

from collections.abc import Mapping
from typing import Any, Final

from schemas.registry import EVENT_TYPES, wire_name
from schemas.topics import BACKFILL, DEAD_LETTERS, IDENTITY_CHANGES, TOPICS, Topic, alerts_topic, notices_topic

Json = dict[str, Any]

VERSION: Final = "1.0.0"

_EVENT_HEADERS: Final = (
    "ce_specversion",
    "ce_type",
    "ce_source",
    "ce_id",
    "receivedat",
    "key_id",
    "content-type",
)

_SEALED: Final = (
    "On the topic the value is AES-256-GCM ciphertext of the whole structured CloudEvent: the first 12 bytes are the "
    "nonce, the associated data are source|id|type, and `key_id` names the day key. What is described here is the `data`."
)


def document() -> Json:
    """The document. Payloads refer to the JSON Schemas published beside it."""
    channels: Json = {_channel_name(topic): _channel(topic) for topic in TOPICS}
    for name, topic in (("alerts", alerts_topic("{agency}")), ("notices", notices_topic("{agency}"))):
        channels[name] = _channel(topic) | {
            "parameters": {"agency": {"description": "Id of the receiving agency, such as police-west-midlands."}}
        }
    channels["webhooks"] = {
        "address": None,
        "description": "Signed HTTPS calls to the endpoints that agencies register: a pointer, never a person.",
        "messages": {"called": {"$ref": "#/components/messages/webhook-body"}},
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Tocsin",
            "version": VERSION,
            "description": "Events that agencies publish, and what they are told.",
            "license": {"name": "MIT"},
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": channels,
        "operations": _operations(),
        "components": {"messages": _messages()},
    }


def _channel_name(topic: Topic) -> str:
    return topic.name.removeprefix("tocsin.").replace(".", "-")


def _channel(topic: Topic) -> Json:
    return {
        "address": topic.name,
        "description": f"{topic.carries[0].upper()}{topic.carries[1:]}. Key: {topic.key}. "
        f"Written by: {topic.owner}. Read by: {', '.join(topic.readers)}." + (f" {_SEALED}" if topic.sealed else ""),
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in _messages_on(topic)},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": {
                    "cleanup.policy": [topic.config["cleanup.policy"]],
                    "retention.ms": int(topic.config["retention.ms"]),
                },
                "bindingVersion": "0.5.0",
            }
        },
    }


def _messages_on(topic: Topic) -> list[str]:
    if topic is IDENTITY_CHANGES:
        return ["identity-change"]
    if topic is DEAD_LETTERS:
        return ["dead-letter"]
    if topic.name.startswith("tocsin.alerts."):
        return ["topic-alert"]
    if topic.name.startswith("tocsin.notices."):
        return ["conflict-notice"]
    sector = topic.name.removeprefix("tocsin.events.")
    every = topic is BACKFILL
    return [wire_name(name, version) for name, version in EVENT_TYPES if every or name.startswith(f"{sector}.")]


def _messages() -> Json:
    headers = {
        "type": "object",
        "properties": {name: {"type": "string"} for name in _EVENT_HEADERS},
        "required": [name for name in _EVENT_HEADERS if name != "content-type"],
    }
    messages: Json = {
        wire_name(name, version): {
            "name": wire_name(name, version),
            "summary": (model.__doc__ or "").strip(),
            "headers": headers,
            "payload": {"$ref": f"./events/{wire_name(name, version)}.json"},
        }
        for (name, version), model in EVENT_TYPES.items()
    }
    plain: Mapping[str, str] = {
        "topic-alert": "An agency's view of an alert, with its own identifiers only.",
        "identity-change": "What a person id stands for now. The newest of each key is the whole present state: replay the "
        "topic from its beginning, keep for each id the message with the highest `seq`, and let ids without one stand for "
        "themselves.",
        "conflict-notice": "An event of the agency's own that was not taken in: another stands under its `source` and `id`.",
        "webhook-body": "One call, with the headers webhook-id, webhook-timestamp and webhook-signature.",
    }
    for name, summary in plain.items():
        messages[name] = {"name": name, "summary": summary, "payload": {"$ref": f"./{name}.json"}}
    messages["dead-letter"] = {
        "name": "dead-letter",
        "summary": "A message that could not be taken in: the bytes as they were, its headers, and `reason`.",
        "payload": {"type": "string", "format": "binary"},
    }
    return messages


def _operations() -> Json:
    operations: Json = {}
    for topic in TOPICS:
        name = _channel_name(topic)
        operations[f"send-{name}"] = {"action": "send", "channel": {"$ref": f"#/channels/{name}"}}
        if "correlator" in topic.readers:
            operations[f"receive-{name}"] = {"action": "receive", "channel": {"$ref": f"#/channels/{name}"}}
    for name in ("alerts", "notices", "webhooks"):
        operations[f"send-{name}"] = {"action": "send", "channel": {"$ref": f"#/channels/{name}"}}
    return operations
