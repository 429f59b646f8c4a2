"""The Birmingham review through the real gateway, Kafka and PostgreSQL, to the minute.

The case file holds what is expected: rules, anchors, minutes, urgencies, recipients with their classes, re-addressing,
endings, second rungs, who is who, what must not ring, what must never be said. `differences` is everything that was otherwise;
the comparison is itself tested in tests/unit/cases and tests/unit/replay. What stands here is asserted once more by itself.
"""

from typing import Any

import asyncpg
import pytest

from tests.e2e.replays import Replayed, replay
from tests.servers import url_of

pytestmark = pytest.mark.timeout(1_000)


async def _birmingham(*arguments: str, postgres: str, kafka: str) -> Replayed:
    found = await replay("birmingham", *arguments, database=postgres, kafka=kafka)
    assert found.outcome, found.errors
    assert found.outcome["differences"] == []
    assert found.status == 0, found.errors
    return found


def _rang(outcome: dict[str, Any]) -> set[tuple[str, str]]:
    return {(alert["rule"], alert["rang"]) for alert in outcome["alerts"] if alert["rang"]}


async def _nothing_is_left(postgres: str) -> bool:
    connection = await asyncpg.connect(url_of(postgres, "postgres"))
    try:
        left = await connection.fetchval("SELECT count(*) FROM pg_database WHERE datname LIKE 'replay_%'")
    finally:
        await connection.close()
    return bool(left == 0)


async def test_as_known_with_employer_and_housing(postgres_server: str, kafka_server: str) -> None:
    found = await _birmingham("--employer-housing", "on", postgres=postgres_server, kafka=kafka_server)
    rang = _rang(found.outcome)
    assert ("R04", "2012-12-03 10:00") in rang, "six weeks before the licence ends nobody has decided on an order"
    assert ("R01", "2013-03-27 07:20") in rang, "65 days before the deaths: they are living together"
    assert ("R09", "2013-04-08 12:00") in rang, "seven weeks before the sister named her"
    assert ("R15", "2013-05-31 23:18") in rang, "a message nobody has read"
    second = [ring for ring in found.outcome["rings"] if ring["rung"] == 2]
    assert len(second) == 6
    assert all(ring["closed_why"] == "acknowledged" for ring in second)
    assert await _nothing_is_left(postgres_server)


async def test_as_known_without_them_and_in_any_order(postgres_server: str, kafka_server: str) -> None:
    ordered = await _birmingham("--employer-housing", "off", postgres=postgres_server, kafka=kafka_server)
    rang = _rang(ordered.outcome)
    assert ("R01", "2013-04-02 10:00") in rang
    assert ("R09", "2013-05-27 16:00") in rang
    scrambled = await _birmingham(
        "--employer-housing", "off", "--scramble", "7", "--twice", postgres=postgres_server, kafka=kafka_server
    )
    assert scrambled.outcome["final"] == ordered.outcome["final"], "what stands and was answered depends on no order"
    assert await _nothing_is_left(postgres_server)


async def test_small_case_that_comes_with_tocsin(postgres_server: str, kafka_server: str) -> None:
    found = await replay("unread-message", database=postgres_server, kafka=kafka_server)
    assert found.outcome["differences"] == [], found.errors
    assert _rang(found.outcome) == {("R15", "2024-03-01 22:55")}


async def test_wrong_case_is_refused_before_anything_starts(postgres_server: str, kafka_server: str) -> None:
    found = await replay("README.md", database=postgres_server, kafka=kafka_server)
    assert found.status == 2
    assert "README.md:" in found.errors
    assert all(fault["line"] >= 1 and fault["reason"] for fault in found.outcome["refused"])
