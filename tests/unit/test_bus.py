"""The seal, the partition key and receipts."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from services.bus.message import Message, Position
from services.bus.sealed import NONCE_BYTES, DayKey, open_event, partition_key, seal_event
from services.errors import Poison
from services.receipts.sign import make_receipt, read_receipt

KEY = DayKey("2024-03-04", AESGCM(bytes(32)))
KEYS = {KEY.id: KEY.cipher}
EVENT: dict[str, Any] = {
    "specversion": "1.0",
    "id": "e-1",
    "source": "urn:tocsin:agency:police-west",
    "type": "police.message.reported.v1",
    "receivedat": "2024-03-04T10:00:00+00:00",
    "data": {"people": [{"names": [{"family": "Thornquist"}]}]},
}


def sealed(event: dict[str, Any] = EVENT) -> Message:
    return seal_event(event, topic="t", key=b"k", day_key=KEY, received_at=event["receivedat"])


def test_what_is_sealed_opens_with_its_key_and_headers_alone() -> None:
    message = sealed()
    assert b"Thornquist" not in message.value
    assert open_event(message.value, message.headers, KEYS) == EVENT


def test_no_two_seals_are_alike() -> None:
    nonces = {sealed().value[:NONCE_BYTES] for _ in range(100)}
    assert len(nonces) == 100


@pytest.mark.parametrize("header", ["ce_source", "ce_id", "ce_type"])
def test_a_header_that_was_changed_breaks_the_seal(header: str) -> None:
    message = sealed()
    changed = [(name, b"another" if name == header else value) for name, value in message.headers]
    with pytest.raises(Poison, match="seal-broken"):
        open_event(message.value, changed, KEYS)
    missing = [(name, value) for name, value in message.headers if name != header]
    with pytest.raises(Poison, match="header-missing"):
        open_event(message.value, missing, KEYS)


@pytest.mark.parametrize(
    ("value", "reason"),
    [(None, "no-content"), (b"", "no-content"), (b"short", "no-content"), (b"x" * 200, "seal-broken")],
)
def test_bytes_that_nobody_sealed_are_poison(value: bytes | None, reason: str) -> None:
    with pytest.raises(Poison, match=reason):
        open_event(value, sealed().headers, KEYS)


def test_a_destroyed_key_opens_nothing() -> None:
    message = sealed()
    with pytest.raises(Poison, match="key-unknown"):
        open_event(message.value, message.headers, {})


def test_sealed_bytes_that_are_no_event_are_poison() -> None:
    bound = b"|".join(EVENT[name].encode() for name in ("source", "id", "type"))
    nonce = bytes(NONCE_BYTES)
    for content, reason in (
        (b"{", "not-json"),
        (b"[1]", "no-event"),
        (b"{}", "no-event"),
        (b'{"receivedat":1}', "no-event"),
    ):
        with pytest.raises(Poison, match=reason):
            open_event(nonce + KEY.cipher.encrypt(nonce, content, bound), sealed().headers, KEYS)


def test_when_it_was_received_is_what_was_sealed_not_what_the_header_says() -> None:
    message = sealed()
    late = [(name, b"2099-01-01T00:00:00Z" if name == "receivedat" else value) for name, value in message.headers]
    assert open_event(message.value, late, KEYS)["receivedat"] == EVENT["receivedat"]


SECRET = bytes(32)


def key_of(**subject: Any) -> bytes:
    return partition_key(SECRET, "police-west", "e-1", [{"role": "at-risk"}, {"role": "subject", **subject}])


def test_a_partition_key_is_the_agencys_person_else_an_identifier_else_the_event() -> None:
    nhs, crn = {"system": "nhs", "value": "9990000018"}, {"system": "crn", "value": "X123456"}
    assert key_of(own_id="7", identifiers=[nhs]) == key_of(own_id="7")
    assert key_of(identifiers=[nhs, crn]) == key_of(identifiers=[crn, nhs])
    by_event = partition_key(SECRET, "police-west", "e-1", [])
    assert key_of() == by_event
    keys = {key_of(own_id="7"), key_of(own_id="8"), key_of(identifiers=[nhs]), by_event}
    keys |= {partition_key(SECRET, "police-west-mercia", "e-1", [])}
    assert len(keys) == 5
    assert partition_key(bytes([1]) * 32, "police-west", "e-1", []) != by_event


@given(st.text(max_size=200), st.integers(0, 2**31 - 1), st.integers(0, 2**63 - 1))
def test_a_receipt_is_read_by_its_agency_on_its_cluster_alone(topic: str, partition: int, offset: int) -> None:
    position = Position(topic, partition, offset)
    receipt = make_receipt(SECRET, "cluster", "police-west", position)
    assert receipt.isascii()
    assert not set(receipt) & set("/+=?&# ")
    if len(receipt) <= 400:
        assert read_receipt(SECRET, "cluster", "police-west", receipt) == position
    assert read_receipt(SECRET, "cluster", "police-west-mercia", receipt) is None
    assert read_receipt(SECRET, "another", "police-west", receipt) is None
    assert read_receipt(bytes([1]) * 32, "cluster", "police-west", receipt) is None


@given(st.text(max_size=500) | st.binary(max_size=99).map(lambda raw: raw.decode("latin-1")))
def test_a_made_up_receipt_is_none(text: str) -> None:
    assert read_receipt(SECRET, "cluster", "police-west", text) is None
