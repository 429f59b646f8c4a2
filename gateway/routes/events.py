"""POST /v1/events and /v1/backfill: from bytes to a receipt, without a database on the way.

Plain ASGI rather than FastAPI endpoints: solving dependencies would cost as much as everything that is done here.
Documented in gateway.openapi.
"""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final, NamedTuple

import orjson
from fastapi import FastAPI
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from gateway import problems
from gateway.accept import is_surely_right
from gateway.limits import body_too_large, read_body
from gateway.read import events_in, sent_as
from gateway.state import Gateway
from schemas import problems as schema_problems
from schemas.clocks import instant
from schemas.events.declared import SECTORS
from schemas.registry import parse, parse_envelope
from schemas.topics import BACKFILL, events_topic
from schemas.warned import ahead, field_of, unlisted
from services import access
from services.access import Caller
from services.bus.message import Message, Position
from services.bus.sealed import DayKey, partition_key, seal_event
from services.clock import real_now
from services.db.clock_store import read_clock
from services.errors import BusUnavailable, Fault, InvalidEvent, NotPermitted, TocsinError
from services.receipts.sign import make_receipt
from services.settings import Settings

EVENTS_PATH: Final = "/v1/events"
BACKFILL_PATH: Final = "/v1/backfill"
SEALING_BYTES: Final = 256  # more in the sealed event than in the one sent: receivedat, nonce, tag
RECEIPTS_PATH: Final = "/v1/receipts/"


def routes(app: FastAPI, settings: Settings) -> list[Route]:
    """The two routes that take events."""
    return [
        Route(path, _Endpoint(app, settings, path), methods=["POST"], name=path.rpartition("/")[2])
        for path in (EVENTS_PATH, BACKFILL_PATH)
    ]


class _Ready(NamedTuple):
    """An event that may go out."""

    agency: str
    message: Message
    warnings: tuple[schema_problems.Problem, ...]
    """What is taken in all the same."""


class _Endpoint:
    """One of the two routes, as an ASGI app."""

    def __init__(self, app: FastAPI, settings: Settings, path: str) -> None:
        self._app = app
        self.path = path
        self._history = path == BACKFILL_PATH
        self._scope = access.Scope.BACKFILL if self._history else access.Scope.WRITE_EVENTS
        self._event_bytes, self._batch_bytes = settings.event_limit_bytes, settings.batch_limit_bytes
        self._batch_events = settings.batch_limit_events
        self._topics = {
            sector: settings.topic_prefix + (BACKFILL if self._history else events_topic(sector)).name
            for sector in SECTORS
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take one request."""
        scope["route"] = self  # for the access log, which asks it for its path
        gateway: Gateway = self._app.state.gateway
        caller = await gateway.verifier.caller(scope)
        caller.require(self._scope)
        sent = sent_as(scope["headers"])
        is_batch = sent.mode == "batch"
        body = await read_body(scope, receive, limit=self._batch_bytes if is_batch else self._event_bytes)
        events = events_in(sent, body, most=self._batch_events)
        gateway.rate.charge(caller.client, len(events))
        now = await _received_at(gateway)
        if is_batch:
            status, answer = await self._take_batch(gateway, caller, events, now)
            await _answer(send, status, answer)
        else:
            ready = self._prepare(gateway, caller, events[0], now, gateway.keys.today())
            position = await gateway.bus.publish(ready.message)
            accepted = _accepted(gateway, ready, position)
            await _answer(send, HTTPStatus.ACCEPTED, accepted, location=RECEIPTS_PATH + accepted["receipt"])

    async def _take_batch(
        self, gateway: Gateway, caller: Caller, events: Sequence[Any], now: str
    ) -> tuple[HTTPStatus, dict[str, Any]]:
        """Take what can be taken; say for each event what became of it."""
        day_key = gateway.keys.today()
        prepared: list[_Ready | TocsinError] = []
        for event in events:
            try:
                prepared.append(self._prepare(gateway, caller, event, now, day_key))
            except TocsinError as error:
                prepared.append(error)
        ready = [item for item in prepared if isinstance(item, _Ready)]
        outcomes = iter(await gateway.bus.publish_batch([item.message for item in ready]) if ready else ())
        results: list[dict[str, Any]] = []
        for item in prepared:
            outcome = next(outcomes) if isinstance(item, _Ready) else item
            if isinstance(item, _Ready) and isinstance(outcome, Position):
                results.append({"status": 202, **_accepted(gateway, item, outcome)})
            elif isinstance(outcome, TocsinError):
                problem = problems.problem_of(outcome)
                results.append({"status": int(problem.status), "problem": problem.body()})
        accepted = sum(result["status"] == HTTPStatus.ACCEPTED for result in results)
        if all(result["status"] == HTTPStatus.SERVICE_UNAVAILABLE for result in results):
            raise BusUnavailable("the broker took none of them")
        status = HTTPStatus.ACCEPTED if accepted == len(results) else HTTPStatus.MULTI_STATUS
        return status, {"accepted": accepted, "refused": len(results) - accepted, "results": results}

    def _prepare(self, gateway: Gateway, caller: Caller, event: Any, now: str, day_key: DayKey) -> _Ready:  # noqa: ANN401 - whatever was sent, until the first line has checked it
        """Check one event against everything, and seal it. Raises InvalidEvent or NotPermitted."""
        if not is_surely_right(event, history=self._history):
            _judge(caller, event, history=self._history)
        source, event_type, data = event["source"], event["type"], event["data"]
        agency = caller.publisher(source, event_type)
        if any(person.get("protected") for person in data.get("people") or ()):
            caller.require(access.Scope.PROTECTED)
        if event.get("receivedat") is not None:
            _check_replay(gateway, caller)
            now = instant(event["receivedat"]).isoformat()
        message = seal_event(
            event,
            topic=self._topics[event_type.partition(".")[0]],
            key=partition_key(gateway.partition_secret, agency, event["id"], data.get("people") or ()),
            day_key=day_key,
            received_at=now,
        )
        if len(message.value) > self._event_bytes + SEALING_BYTES:
            raise body_too_large(self._event_bytes)  # inside a batch, where the body may be larger
        words = unlisted(event_type, data)
        for field in map(field_of, words):
            gateway.unlisted.add(caller.client, event_type, field)
        return _Ready(agency, message, words + ahead(data, instant(now)))


def _judge(caller: Caller, event: object, *, history: bool) -> None:
    """Say what is wrong with an event, permission before content; return where it is right after all."""
    try:
        envelope = parse_envelope(event)
        caller.publisher(envelope.source, envelope.type)
        parse(envelope.type, envelope.data, history=history)
    except schema_problems.Refused as refused:
        raise problems.refused(refused) from None


async def _received_at(gateway: Gateway) -> str:
    """When the request is received: system time, or with a manual clock what the clock row says."""
    if gateway.clock_mode == "real":
        return real_now().isoformat()
    async with gateway.database() as connection:
        return (await read_clock(connection)).now.isoformat()


def _check_replay(gateway: Gateway, caller: Caller) -> None:
    if gateway.clock_mode == "real":
        fix = "Leave it out: with a real clock the gateway stamps it."
        raise InvalidEvent("This attribute is not accepted.", faults=[Fault("/receivedat", "not-accepted", fix)])
    if access.Scope.REPLAY not in caller.scopes:
        fix = f"Leave it out, or use a token with the scope {access.Scope.REPLAY}."
        raise NotPermitted("This attribute needs a scope.", faults=[Fault("/receivedat", "scope-missing", fix)])


def _accepted(gateway: Gateway, ready: _Ready, position: Position) -> dict[str, Any]:
    """What the sender of an event that is on the bus is told."""
    receipt = make_receipt(gateway.receipt_key, gateway.bus.cluster_id, ready.agency, position)
    return {"receipt": receipt, **({"warnings": problems.errors_of(ready.warnings)} if ready.warnings else {})}


async def _answer(send: Send, status: HTTPStatus, body: dict[str, Any], *, location: str = "") -> None:
    content = orjson.dumps(body)
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
    if location:
        headers.append((b"location", location.encode()))
    await send({"type": "http.response.start", "status": status.value, "headers": headers})
    await send({"type": "http.response.body", "body": content})
