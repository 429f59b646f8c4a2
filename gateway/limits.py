"""Limits on what one request and one caller may ask of us. Sizes and rates are settings; the reasons stand here."""

import math
from typing import Final

from starlette.types import Receive
from starlette.types import Scope as AsgiScope

from services.clock import monotonic
from services.errors import Fault, RateLimited, Refused, TooLarge

SMALL_BODY_BYTES: Final = 16_384  # acknowledgements, endpoints, token requests: reasons of a page, and no more
LONGEST_WAIT_SECONDS: Final = 60  # what Retry-After says at most


class BodyGone(Refused):
    """The caller went away in the middle of its request."""

    code = "body-incomplete"


async def read_body(scope: AsgiScope, receive: Receive, *, limit: int) -> bytes:
    """The whole body. Raises TooLarge as soon as it is known to be, declared or not."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and int(value) > limit:
            raise body_too_large(limit)
    message = await receive()
    body: bytes = message.get("body", b"")
    if message.get("more_body", False):
        body = await _read_rest(body, receive, limit)
    elif message["type"] == "http.disconnect":
        raise BodyGone("The request ended before its body did.")
    if len(body) > limit:
        raise body_too_large(limit)
    return body


async def _read_rest(first: bytes, receive: Receive, limit: int) -> bytes:
    parts, size = [first], len(first)
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise BodyGone("The request ended before its body did.")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > limit:
            raise body_too_large(limit)
        if not message.get("more_body", False):
            return b"".join(parts)


def body_too_large(limit: int) -> TooLarge:
    """What is said of a body, or of one event of a batch, over the limit."""
    fix = f"Send at most {limit} bytes. Split a batch; keep long texts in your own system, with a reference here."
    return TooLarge(f"Larger than {limit} bytes.", faults=[Fault("", "body-too-large", fix)])


class RateLimit:
    """So many events a second for each caller, with a burst: one runaway system must not drown a neighbour's report.

    For each caller one number, the moment at which all it has sent would have been sent at the permitted rate (GCRA).
    """

    def __init__(self, *, events_per_second: float, burst_seconds: float) -> None:
        self._seconds_per_event = 1 / events_per_second
        self._burst_seconds = burst_seconds
        self._paid_until: dict[str, float] = {}  # as many entries as there are clients of the issuer

    def charge(self, client: str, events: int) -> None:
        """Take note of `events` more. Raises RateLimited with the seconds to wait."""
        now = monotonic()
        # From what is owed, not from the clock's large number: or rounding refuses a burst that is just permitted.
        owed = max(self._paid_until.get(client, now) - now, 0.0) + events * self._seconds_per_event
        ahead = owed - self._burst_seconds
        if ahead > 0:
            raise RateLimited(
                "Too many events at once for this caller.",
                retry_after_seconds=min(math.ceil(ahead), LONGEST_WAIT_SECONDS),
            )
        self._paid_until[client] = now + owed
