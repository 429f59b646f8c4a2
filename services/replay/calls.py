"""HTTP to our own gateway: what a replay and `tocsin up` ask it. Nothing else is ever called from here."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import NamedTuple

import aiohttp

CALL_SECONDS = 30.0  # longer than the gateway's own limits, so that its answer comes first


class Reply(NamedTuple):
    """What the gateway answered."""

    status: int
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether it was a 2xx."""
        return 200 <= self.status < 300  # noqa: PLR2004 - HTTP's own number


class Caller:
    """Keeps connections to one gateway. `open_caller` makes one."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url

    async def call(
        self, method: str, path: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Call once and return the whole answer.

        Raises:
            OSError: nobody answers there.
        """
        try:
            async with self._session.request(method, self._url + path, data=body, headers=headers or {}) as answer:
                return Reply(answer.status, await answer.read())
        except aiohttp.ClientError as error:
            raise ConnectionError(f"{method} {path}: {type(error).__name__}") from error

    async def answers_ok(self, path: str) -> bool:
        """Say whether a GET is answered with 2xx now."""
        try:
            return (await self.call("GET", path)).ok
        except OSError:
            return False


@asynccontextmanager
async def open_caller(url: str) -> AsyncIterator[Caller]:
    """Open connections to the gateway at this address."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=CALL_SECONDS)) as session:
        yield Caller(session, url)
