"""A second correlator's resolve workers, as a process of its own: `python -m tests.bench.identity.second URL`.

One process of ours fills one core. Says "ready" when it is, and resolves until its standard input ends.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import uvloop

from consumers.queue import work
from deploy.evaluation.labelled import DEVELOPMENT_KEY
from services.db import open_pool
from services.identity.resolve import resolve
from services.memory import settle
from services.settings import Settings
from services.tokens import Tokens

WORKERS: Final = 2
"""As many as a correlator has by default."""
RESOLVE_ROWS: Final = 100
"""As the correlator's workers claim them."""
POLL_SECONDS: Final = 0.005
READY: Final = b"ready\n"


@asynccontextmanager
async def second_correlator(url: str) -> AsyncIterator[None]:
    """Another process resolves while the block runs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__, url, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdin is not None, "asked for above"
    assert process.stdout is not None, "asked for above"
    try:
        if await process.stdout.readline() != READY:
            raise RuntimeError("the second correlator did not start")
        yield
    finally:
        process.stdin.close()
        await process.wait()


async def _run(url: str) -> None:
    tokens = Tokens(DEVELOPMENT_KEY)
    pool = await open_pool(Settings(database_url=url), size=WORKERS, task="bench", plan_once=True)

    async def step() -> int:
        return (await resolve(pool, tokens, RESOLVE_ROWS)).rows

    stop = asyncio.Event()
    async with pool, asyncio.TaskGroup() as group:
        await step()
        settle()  # as a correlator does at its start
        for _ in range(WORKERS):
            group.create_task(work("unresolved", step, stop=stop, poll_seconds=POLL_SECONDS))
        sys.stdout.buffer.write(READY)
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)
        stop.set()


if __name__ == "__main__":
    uvloop.run(_run(sys.argv[1]))
