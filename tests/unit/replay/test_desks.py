"""The desks of a replay: they check signatures as receivers should, and follow their script."""

import base64
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from standardwebhooks import Webhook

from deploy.cases import load
from deploy.replay.desks import Script
from deploy.replay.outcome import AnchorPart
from deploy.replay.receiver import fault_of
from services.clock import real_now

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
BODY = b'{"data": {}}'


def _headers(at: datetime, *, body: bytes = BODY, secret: str = SECRET) -> dict[str, str]:
    signature = Webhook(secret).sign("call-1", at, body.decode())
    return {"Webhook-Id": "call-1", "Webhook-Timestamp": str(int(at.timestamp())), "Webhook-Signature": signature}


def test_call_signed_by_the_reference_library_is_taken() -> None:
    assert fault_of(_headers(real_now()), BODY, SECRET) is None


def test_several_signatures_are_read() -> None:
    headers = _headers(real_now())
    headers["Webhook-Signature"] = "v1,AAAA " + headers["Webhook-Signature"]
    assert fault_of(headers, BODY, SECRET) is None


@pytest.mark.parametrize("header", ["Webhook-Id", "Webhook-Timestamp", "Webhook-Signature"])
def test_call_without_a_header_is_refused(header: str) -> None:
    headers = _headers(real_now())
    del headers[header]
    assert fault_of(headers, BODY, SECRET) == f"no {header.lower()} header"


def test_call_of_another_body_secret_or_time_is_refused() -> None:
    now = real_now()
    other = "whsec_" + base64.b64encode(bytes(32)).decode()
    assert fault_of(_headers(now), BODY + b" ", SECRET) == "its signature does not hold"
    assert fault_of(_headers(now), BODY, other) == "its signature does not hold"
    assert fault_of(_headers(now - timedelta(minutes=6)), BODY, SECRET) == "its time is too far from now"


CASE = load.load("birmingham")
ALERT = "0b5f7c52-3f0a-4c1e-9d6a-6a3c1c0f2b11"
ANCHOR = (AnchorPart("person", frozenset({"EC"})), AnchorPart("person", frozenset({"PP"})))
NOW = datetime.fromisoformat("2013-04-02T10:00:00+01:00")


def _told(urgency: str, rung: int | None, told: str = "raised") -> dict[str, object]:
    ring = {} if rung is None else {"ring": {"rung": rung, "desk": "duty-team"}}
    return {"alert": ALERT, "version": 3, "urgency": urgency, "told": told, **ring}


def test_desk_acknowledges_after_its_time_naming_the_version() -> None:
    script = Script(CASE, "K+")
    script.rung("police-west-midlands", _told("U1", 1), NOW, "R26", ANCHOR)
    assert script.next_at() == NOW + timedelta(minutes=5)
    assert script.due(NOW) == []
    (one,) = script.due(NOW + timedelta(minutes=5))
    assert one.alert == UUID(ALERT)
    assert one.body()["version"] == 3
    assert script.next_at() is None


def test_silent_desk_leaves_it_to_the_next_rung() -> None:
    script = Script(CASE, "K+")
    script.rung("csc-birmingham", _told("U1", 1), NOW, "R26", ANCHOR)
    assert script.next_at() is None
    later = NOW + timedelta(minutes=15)
    script.rung("csc-birmingham", _told("U1", 2), later, "R26", ANCHOR)
    assert script.next_at() == later + timedelta(minutes=5)


def test_nobody_acknowledges_what_has_ended_or_does_not_ring() -> None:
    script = Script(CASE, "K+")
    script.rung("police-west-midlands", _told("U3", None), NOW, "R26", ANCHOR)
    assert script.next_at() is None
    script.rung("police-west-midlands", _told("U2", 1), NOW, "R26", ANCHOR)
    script.rung("police-west-midlands", _told("U2", None, "ended"), NOW, "R26", ANCHOR)
    assert script.next_at() is None
