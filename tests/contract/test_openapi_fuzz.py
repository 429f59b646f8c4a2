"""Schemathesis over the gateway's own OpenAPI document, on real servers: whatever is sent, nothing answers 5xx.

Bounded: a fixed number of examples for each operation, from a fixed seed. What is refused must be refused as documented.
"""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pydantic import SecretBytes
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance

from gateway.app import create_app
from schemas.registry import EVENT_TYPES
from services.db import open_pool
from services.settings import Settings
from tests.contract.wrong_inputs import AGENCIES, valid_event
from tests.integration.gateway.running import BATCH, Answer, Caller, running

EXAMPLES = 20  # of each operation: a minute in all on two busy cores
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance]
NEVER = [
    HealthCheck.too_slow,
    HealthCheck.filter_too_much,
    HealthCheck.data_too_large,
    HealthCheck.function_scoped_fixture,
]
PHASES = (Phase.explicit, Phase.generate)  # a failure is read as it came: shrinking takes minutes over HTTP

schema = schemathesis.openapi.from_dict(create_app(Settings(master_key=SecretBytes(bytes(32)))).openapi())


@dataclass(frozen=True)
class Target:
    """A gateway, and a token that may do everything."""

    caller: Caller
    loop: asyncio.AbstractEventLoop

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.caller.token}"}

    def batch(self, path: str, events: list[Any]) -> Answer:
        # By hand: orjson writes no whole numbers beyond 64 bits, and somebody will send one.
        posting = self.caller.post(path, json.dumps(events).encode(), BATCH)
        return asyncio.run_coroutine_threadsafe(posting, self.loop).result(30)


@pytest.fixture
def target(live_settings: Settings) -> Iterator[Target]:
    """Serves in a thread of its own: schemathesis and requests block."""
    loose = live_settings.model_copy(update={"rate_limit_events_per_second": 1e6})
    with in_thread(loose) as found:
        yield found


@contextmanager
def in_thread(chosen: Settings) -> Iterator[Target]:
    started: list[Target | BaseException] = []
    changed, stop = threading.Event(), threading.Event()

    async def serve() -> None:
        pool = await open_pool(chosen)
        try:
            async with running(chosen, pool) as gateway:
                publishes = {agency: [f"{sector}.*"] for sector, agency in AGENCIES.items()}
                caller = await gateway.caller(publishes)
                started.append(Target(caller, asyncio.get_running_loop()))
                changed.set()
                await asyncio.to_thread(stop.wait)
        finally:
            await pool.close()

    def work() -> None:
        try:
            asyncio.run(serve())
        except BaseException as error:  # noqa: BLE001 - told to the test, which waits
            started.append(error)
            changed.set()

    thread = threading.Thread(target=work)
    thread.start()
    changed.wait(60)
    try:
        assert isinstance(started[0], Target), started
        yield started[0]
    finally:
        stop.set()
        thread.join(30)


@schema.parametrize()
@settings(
    max_examples=EXAMPLES, derandomize=True, deadline=None, database=None, suppress_health_check=NEVER, phases=PHASES
)
def test_nothing_that_is_sent_is_a_server_error(case: schemathesis.Case[Any], target: Target) -> None:
    case.call_and_validate(base_url=target.caller.url, headers=target.headers, checks=CHECKS)


SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=20)
)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)
MODELS = sorted(EVENT_TYPES.values(), key=lambda model: model.wire_type)


@st.composite
def spoilt_events(draw: st.DrawFn) -> Any:
    """A valid event with some of its parts, at any depth, replaced by anything, or taken away."""
    event: dict[str, Any] = valid_event(draw(st.sampled_from(MODELS)), id=f"e{draw(st.integers(0, 9))}")
    for _ in range(draw(st.integers(0, 3))):
        place: Any = event
        while True:
            key = draw(st.sampled_from(sorted(place)) if isinstance(place, dict) else st.integers(0, len(place) - 1))
            inner = place[key]
            if not (isinstance(inner, dict | list) and inner) or draw(st.booleans()):
                break
            place = inner
        if draw(st.booleans()):
            place[key] = draw(ANYTHING)
        else:
            del place[key]
        if not event:
            break
    return event


def test_spoilt_events_are_refused_and_never_a_server_error(target: Target) -> None:
    @settings(max_examples=EXAMPLES, derandomize=True, deadline=None, database=None, suppress_health_check=NEVER)
    @given(st.lists(spoilt_events(), min_size=1, max_size=20))
    def post(events: list[Any]) -> None:
        for path in ("/v1/events", "/v1/backfill"):
            answer = target.batch(path, events)
            assert answer.status in {202, 207}, answer.body
            for result in answer.body["results"]:
                assert result["status"] == 202 or 400 <= result["status"] < 500, result

    post()
