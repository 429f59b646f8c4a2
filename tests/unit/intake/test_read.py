from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.bus.sealed import DayKey, seal_event
from services.errors import Poison
from services.intake.read import Arrived, Event, Target, read
from services.tokens import Tokens

KEY = DayKey("2024-03-04", AESGCM(b"k" * 32))
TOKENS = Tokens(b"t" * 32)
HIM = {"ref": "S", "role": "subject", "names": [{"given": "Alban", "family": "Thornquist"}], "born": "1981-06-14"}
DATA = {
    "occurred": {"earliest": "2024-03-01", "latest": None},
    "known_at": "2024-03-04T09:00:00Z",
    "recorded_at": "2024-03-04T09:05:00+01:00",
    "people": [HIM],
    "handling": {"code": "P", "purpose": "safeguarding", "legal_basis": "CJA2003-s325", "regime": "part-3"},
}


def cloud_event(**more: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": "e-1",
        "source": "urn:tocsin:agency:police-kent:crime",
        "type": "police.offender-visit.made.v1",
        "data": DATA,
    } | more


def arrived(event: dict[str, Any], received_at: str = "2024-03-04T09:00:01Z") -> Arrived:
    sealed = seal_event(event, topic="tocsin.events.police", key=b"k", day_key=KEY, received_at=received_at)
    return Arrived("tocsin.events.police", 0, 7, sealed.key, sealed.value, sealed.headers)


def opened(event: dict[str, Any], **more: Any) -> Event:
    return read(arrived(event, **more), {KEY.id: KEY.cipher}, TOKENS, history=False)


def test_clocks_agency_and_people_are_read() -> None:
    event = opened(cloud_event())
    assert (event.agency, event.type, event.version, event.report) == (
        "police-kent",
        "police.offender-visit.made",
        1,
        False,
    )
    assert event.known_at.isoformat() == "2024-03-04T09:00:00+00:00"
    assert event.recorded_at.isoformat() == "2024-03-04T08:05:00+00:00"
    assert event.occurred.latest is None
    assert [named.ref for named in event.named] == ["S"]


def test_history_may_be_inexact_and_its_latest_end_counts() -> None:
    event = cloud_event(data={**DATA, "known_at": "2006", "recorded_at": "2006-05"})
    with pytest.raises(Poison):
        opened(event)
    taken = read(arrived(event), {KEY.id: KEY.cipher}, TOKENS, history=True)
    assert taken.known_at.isoformat() == "2007-01-01T00:00:00+00:00"


def test_nobody_passes_on_what_they_do_not_know_yet() -> None:
    event = opened(
        cloud_event(data={**DATA, "known_at": "2027-06-01T10:00:00Z", "recorded_at": "2027-06-01T10:00:00Z"})
    )
    assert event.known_at == event.recorded_at == event.received_at, "a slip in a clock must not put an alert off"


def test_content_is_canonical_but_for_what_it_says() -> None:
    plain = opened(cloud_event())
    reordered = cloud_event(data=dict(reversed(DATA.items())))
    assert opened(reordered).content_hash == plain.content_hash
    assert opened(cloud_event(), received_at="2025-01-01T00:00:00Z").content_hash == plain.content_hash
    assert opened(cloud_event(subject="ref-1")).content_hash != plain.content_hash
    assert opened(cloud_event(data={**DATA, "grade": "2C"})).content_hash != plain.content_hash


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (cloud_event(type="police.nothing.happened.v1"), "schema: unknown-type at /type"),
        (cloud_event(data={**DATA, "people": []}), "schema: too-few at /data/people"),
        (cloud_event(data={**DATA, "whatever": 1}), "schema: unknown-field at /data"),
        (cloud_event(source="urn:elsewhere"), "source-unknown"),
        (cloud_event(data=[]), "no-content"),
    ],
)
def test_what_is_no_event_is_poison_with_a_reason_that_repeats_nothing(event: dict[str, Any], reason: str) -> None:
    with pytest.raises(Poison) as poison:
        opened(event)
    assert poison.value.args[0] == reason


def test_a_time_that_is_none_is_poison() -> None:
    with pytest.raises(Poison, match="received-at"):
        opened(cloud_event(), received_at="yesterday")


def test_only_the_agency_itself_takes_an_event_back() -> None:
    def retraction(target: dict[str, str]) -> Event:
        data = {**DATA, "people": [], "retracts": target, "reason": "wrong-fact"}
        return opened(cloud_event(type="police.event.retracted.v1", data=data))

    assert retraction({"id": "x"}).retracts == Target("urn:tocsin:agency:police-kent:crime", "x")
    assert retraction({"id": "x", "source": "urn:tocsin:agency:police-kent"}).retracts is not None
    assert retraction({"id": "x", "source": "urn:tocsin:agency:police-essex"}).retracts is None


def test_what_stands_in_the_place_of_an_event_is_of_its_source_and_about_its_people() -> None:
    def replaced_by(reason: str, **event: str) -> str | None:
        other = {"id": "y", **event}
        data = {**DATA, "people": [], "retracts": {"id": "x"}, "reason": reason, "replaced_by": other}
        target = opened(cloud_event(type="police.event.retracted.v1", data=data)).retracts
        assert target is not None
        return target.replaced_by

    assert replaced_by("wrong-fact") == "y"
    assert replaced_by("wrong-fact", source="urn:tocsin:agency:police-kent") is None
    assert replaced_by("wrong-person") is None
