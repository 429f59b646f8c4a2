"""The only HTTP client that calls out. It decides at connect time, address by address, whether a call may be made.

The socket factory sees the concrete address after name resolution and just before connecting, so neither a name nor a
redirect nor a second resolution gets round it. Redirects are not followed; answers are read to a small limit only.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import SimpleNamespace
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp

from services.clock import monotonic, real_now
from services.settings import Settings
from services.webhooks import addresses
from services.webhooks.schedule import retry_after

ANSWER_BYTES: Final = 1024
"""Of an answer's body that are read: enough for the connection to be used again after a usual one."""
CONNECTIONS: Final = 200
GET_SECONDS: Final = 10.0
PRIVATE: Final = ("127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
"""What `webhook_private_addresses` lets through: for demonstrations and tests."""
THROTTLED: Final = frozenset({429, 502, 503, 504})
OK: Final = range(200, 300)


class Outcome(StrEnum):
    """How a call went."""

    TOLD = "told"
    TIMEOUT = "timeout"
    """No answer in time. It may have been heard."""
    REFUSED = "refused"
    """Answered, but not with 2xx."""
    THROTTLED = "throttled"
    UNREACHABLE = "unreachable"
    BLOCKED = "blocked"
    """It leads to an address that webhooks may not reach."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a call."""

    outcome: Outcome
    status: int | None
    milliseconds: int
    address: str | None
    retry_after: timedelta | None = None


class Barred(OSError):
    """An address that webhooks may not reach."""


@dataclass(slots=True)
class _Attempt:
    allowed: Sequence[str]
    address: str | None = None
    barred: bool = False
    sent: bool = False
    """The request went out, so it may have been heard even if no answer came."""


_ATTEMPT: ContextVar[_Attempt | None] = ContextVar("attempt", default=None)


def _guarded_socket(info: tuple[Any, ...]) -> socket.socket:
    """Make a socket for one concrete address, or refuse to."""
    family, kind, protocol, _, address = info
    attempt = _ATTEMPT.get()
    host = str(address[0])
    if attempt is None or not addresses.permitted(host, attempt.allowed):
        if attempt is not None:
            attempt.barred = True
        raise Barred("webhooks may not reach this address")
    attempt.address = host
    made = socket.socket(family=family, type=kind, proto=protocol)
    made.setblocking(False)
    return made


async def _note_sent(_session: object, context: SimpleNamespace, _params: object) -> None:
    context.trace_request_ctx.sent = True


class Outbound:
    """Calls out. Make with `open_outbound`."""

    def __init__(self, shared: aiohttp.ClientSession, single: aiohttp.ClientSession, settings: Settings) -> None:
        self._shared = shared
        self._single = single
        self._allowed = PRIVATE if settings.webhook_private_addresses else ()
        self._plain = settings.webhook_private_addresses
        self._timeout = settings.webhook_timeout_seconds

    async def post(
        self, url: str, body: bytes, headers: Mapping[str, str], *, allowed_networks: Sequence[str] = ()
    ) -> Answer:
        """Post once, without retries or redirects."""
        began = monotonic()
        scheme = urlsplit(url).scheme
        if scheme != "https" and not (self._plain and scheme == "http"):
            return Answer(Outcome.BLOCKED, None, 0, None)
        attempt = _Attempt((*self._allowed, *allowed_networks))
        # A connection that one endpoint's allow-list opened must not be found open by another endpoint.
        session = self._single if allowed_networks else self._shared
        token = _ATTEMPT.set(attempt)
        try:
            async with (
                asyncio.timeout(self._timeout),
                session.post(
                    url, data=body, headers=headers, allow_redirects=False, trace_request_ctx=attempt
                ) as response,
            ):
                attempt.address = _peer(response) or attempt.address
                await response.content.read(ANSWER_BYTES)
                wait = retry_after(response.headers.get("Retry-After"), real_now())
                return self._answer(_outcome(response.status), response.status, began, attempt, wait)
        except TimeoutError:
            return self._answer(Outcome.TIMEOUT if attempt.sent else Outcome.UNREACHABLE, None, began, attempt)
        except (aiohttp.ClientError, OSError, ValueError):
            outcome = Outcome.BLOCKED if attempt.barred else Outcome.UNREACHABLE
            return self._answer(outcome, None, began, attempt)
        finally:
            _ATTEMPT.reset(token)

    @staticmethod
    def _answer(
        outcome: Outcome, status: int | None, began: float, attempt: _Attempt, wait: timedelta | None = None
    ) -> Answer:
        return Answer(outcome, status, round(1000 * (monotonic() - began)), attempt.address, wait)


def _peer(response: aiohttp.ClientResponse) -> str | None:
    connection = response.connection
    transport = connection.transport if connection is not None else None
    peer = transport.get_extra_info("peername") if transport is not None else None
    return str(peer[0]) if peer else None


def _outcome(status: int) -> Outcome:
    if status in OK:
        return Outcome.TOLD
    return Outcome.THROTTLED if status in THROTTLED else Outcome.REFUSED


@asynccontextmanager
async def open_outbound(settings: Settings) -> AsyncIterator[Outbound]:
    """A client for as long as the block lasts."""
    async with _session(reuse=True) as shared, _session(reuse=False) as single:
        yield Outbound(shared, single, settings)


def _session(*, reuse: bool) -> aiohttp.ClientSession:
    """No cookies, no proxies from the environment, no decompression of what we throw away."""
    connector = aiohttp.TCPConnector(
        limit=CONNECTIONS,
        limit_per_host=0,  # fairness is the courier's, by endpoint; many endpoints may share a host
        socket_factory=_guarded_socket,
        ttl_dns_cache=60,
        force_close=not reuse,
    )
    trace = aiohttp.TraceConfig()
    trace.on_request_headers_sent.append(_note_sent)
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        auto_decompress=False,
        timeout=aiohttp.ClientTimeout(total=None),
        headers={"User-Agent": "tocsin"},
        trace_configs=[trace],
    )


async def get(url: str, *, limit: int) -> bytes:
    """Fetch a document whose address is in our own settings, which need no guard: an issuer stands on our own network.

    Raises:
        OSError: nobody answers there, or not with 2xx.
        ValueError: longer than `limit` bytes.
    """
    timeout = aiohttp.ClientTimeout(total=GET_SECONDS)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url) as response:
            if response.status not in OK:
                raise ConnectionError(f"answered {response.status}")
            body = await response.content.read(limit + 1)
            while len(body) <= limit and (more := await response.content.read(limit + 1 - len(body))):
                body += more
    except (aiohttp.ClientError, TimeoutError) as error:
        raise ConnectionError(type(error).__name__) from error
    if len(body) > limit:
        raise ValueError("longer than it may be")
    return body
