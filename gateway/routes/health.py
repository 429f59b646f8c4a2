"""Health that tells the truth: live while the process answers, ready while an event would be accepted."""

from http import HTTPStatus

import orjson
from fastapi import APIRouter, Response

from gateway.state import UseGateway

router = APIRouter(prefix="/health", tags=["health"])


@router.get("/live")
async def live() -> Response:
    """The process answers. If this fails, restart it."""
    return _answer(HTTPStatus.OK, {"live": True})


@router.get(
    "/ready",
    responses={HTTPStatus.SERVICE_UNAVAILABLE.value: {"description": "An event would not be accepted at present."}},
)
async def ready(gateway: UseGateway) -> Response:
    """An event posted now would be accepted: the broker takes messages, and the keys of today and tomorrow are held.

    The database is not asked: events are accepted without it.
    """
    checks = {
        "broker": gateway.bus.healthy,
        "topics": gateway.topics_ready,
        "keys": gateway.keys.ready,
    }
    status = HTTPStatus.OK if all(checks.values()) else HTTPStatus.SERVICE_UNAVAILABLE
    return _answer(status, {"ready": all(checks.values()), "checks": checks})


def _answer(status: HTTPStatus, body: dict[str, object]) -> Response:
    return Response(orjson.dumps(body), status, {"cache-control": "no-store"}, "application/json")
