"""The one pair of functions that seals events for the bus and opens them, and the key that keeps an agency's story in one partition. Pure.

On Kafka an event is ciphertext: AES-256-GCM under the random key of its day, so that Kafka, its disks and its backups
never hold a name. The nonce is the first 12 bytes of the value; the associated data bind the ciphertext to the event's
source, id and type, which travel in the headers.
"""

import os
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any, Final, NamedTuple

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.bus.message import Headers, Message
from services.errors import Poison

NONCE_BYTES: Final = 12  # what AES-GCM is specified for; random, and a day's key sees far fewer than 2^32 messages
KEY_BYTES: Final = 16  # of a partition key: no two people of ours will share one


class DayKey(NamedTuple):
    """The key of one day (of real time, UTC), under which that day's events are sealed."""

    id: str
    cipher: AESGCM


def partition_key(secret: bytes, agency: str, event_id: str, people: Iterable[Mapping[str, Any]]) -> bytes:
    """What keeps one agency's events about one person, and all duplicates of an event, in one partition.

    A keyed hash, so that the key in clear on Kafka names nobody: of the agency with its own id of the subject, else with
    an identifier of the subject, else with the event id. BLAKE2b in its keyed mode serves as HMAC at a third of the cost.
    """
    about = f"{agency}|event|{event_id}"
    for person in people:
        if person["role"] == "subject":
            if own_id := person.get("own_id"):
                about = f"{agency}|own|{own_id}"
            elif identifiers := person.get("identifiers"):
                # The least one, so that the order in which a system lists them does not matter.
                about = "|".join((agency, "id", *min((i["system"], i["value"]) for i in identifiers)))
            break
    return blake2b(about.encode(), key=secret, digest_size=KEY_BYTES).digest()


def seal_event(event: Mapping[str, Any], *, topic: str, key: bytes, day_key: DayKey, received_at: str) -> Message:
    """Make the Kafka message of a whole structured CloudEvent. `received_at` is an ISO instant in UTC.

    It is sealed as `receivedat`, and only that is believed; the header is for people who look at a topic.
    """
    source, event_id, event_type = event["source"].encode(), event["id"].encode(), event["type"].encode()
    nonce = os.urandom(NONCE_BYTES)
    sealed = day_key.cipher.encrypt(
        nonce, orjson.dumps({**event, "receivedat": received_at}), b"|".join((source, event_id, event_type))
    )
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_type", event_type),
        ("ce_source", source),
        ("ce_id", event_id),
        ("receivedat", received_at.encode()),
        ("key_id", day_key.id.encode()),
        ("content-type", b"application/cloudevents+json"),
    ]
    return Message(topic, key, nonce + sealed, headers)


def open_event(value: bytes | None, headers: Headers, keys: Mapping[str, AESGCM]) -> dict[str, Any]:
    """The whole CloudEvent of a message, `receivedat` included as it was sealed; `keys` by key id.

    Raises Poison: header-missing, no-content, key-unknown (destroyed after retention, or never ours), seal-broken
    (it was altered, or its headers were), not-json or no-event.
    """
    named = dict(headers)
    try:
        bound = b"|".join((named["ce_source"], named["ce_id"], named["ce_type"]))
        key_id = named["key_id"].decode()
    except (KeyError, UnicodeDecodeError):
        raise Poison("header-missing") from None
    if value is None or len(value) <= NONCE_BYTES:
        raise Poison("no-content")
    cipher = keys.get(key_id)
    if cipher is None:
        raise Poison("key-unknown")
    try:
        event = orjson.loads(cipher.decrypt(value[:NONCE_BYTES], value[NONCE_BYTES:], bound))
    except InvalidTag:
        raise Poison("seal-broken") from None
    except orjson.JSONDecodeError:
        raise Poison("not-json") from None
    if not isinstance(event, dict) or not isinstance(event.get("receivedat"), str):
        raise Poison("no-event")
    return event
