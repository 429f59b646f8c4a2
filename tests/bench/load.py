"""A load generator that costs little itself: prepared requests over kept connections, one under way on each."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import cast

from services.clock import monotonic

MakeBody = Callable[[int], bytes]
"""The body of the n-th request. All of one length, so that the head can be prepared."""


@dataclass
class Outcome:
    """What a run came to."""

    requests: int = 0
    refused: int = 0
    a_refusal: str = ""
    """The beginning of one, to see why."""
    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        """Accepted requests."""
        return (self.requests - self.refused) / self.seconds

    def percentile_milliseconds(self, share: float) -> float:
        """The latency that this share of the requests kept below."""
        ordered = sorted(self.latencies)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000


class _Connection(asyncio.Protocol):
    """Posts one request after the other until told to stop. Reads just enough of HTTP/1.1 for our two servers."""

    def __init__(self, run: "_Run") -> None:
        self._run = run
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._began = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's says so too, but does not inherit from it
        self._post()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, separator, rest = self._received.partition(b"\r\n\r\n")
        if not separator:
            return
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        if len(rest) < int(length or 0):
            return
        self._received = b""
        accepted = head[9:12] == b"202"
        if not accepted:
            self._run.outcome.a_refusal = (head[:12] + b" " + rest[:400]).decode(errors="replace")
        self._run.done(monotonic() - self._began, accepted=accepted)
        self._post()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._run.lost()

    def _post(self) -> None:
        assert self._transport is not None
        request = self._run.next_request()
        if request is None:
            self._transport.close()
            return
        self._began = monotonic()
        self._transport.write(request)


class _Run:
    def __init__(self, head: bytes, body: MakeBody, first: int, seconds: float, connections: int) -> None:
        self.outcome = Outcome()
        self.finished = asyncio.get_running_loop().create_future()
        self._head, self._body, self._number, self._open = head, body, first, connections
        self._began = monotonic()
        self._ends = self._began + seconds

    def next_request(self) -> bytes | None:
        if monotonic() >= self._ends:
            return None
        self._number += 1
        return self._head + self._body(self._number)

    def done(self, seconds: float, *, accepted: bool) -> None:
        self.outcome.requests += 1
        self.outcome.refused += not accepted
        self.outcome.latencies.append(seconds)
        self.outcome.seconds = monotonic() - self._began

    def lost(self) -> None:
        self._open -= 1
        if self._open == 0 and not self.finished.done():
            self.finished.set_result(None)


async def post_for(
    seconds: float,
    *,
    port: int,
    path: str,
    headers: Mapping[str, str],
    body: MakeBody,
    connections: int,
    first: int = 0,
) -> Outcome:
    """Post as fast as it goes for so many seconds, and say how it went."""
    lines = [f"POST {path} HTTP/1.1", "host: 127.0.0.1", f"content-length: {len(body(1))}"]
    head = "\r\n".join([*lines, *(f"{name}: {value}" for name, value in headers.items()), "", ""]).encode()
    run = _Run(head, body, first, seconds, connections)
    loop = asyncio.get_running_loop()
    for _ in range(connections):
        await loop.create_connection(lambda: _Connection(run), "127.0.0.1", port)
    await run.finished
    return run.outcome
