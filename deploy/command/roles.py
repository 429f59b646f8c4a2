"""What each process is made of."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeAlias

from deploy.command.stopping import stop_on_signals
from services.db import wait_for_pool
from services.memory import settle
from services.settings import Settings
from services.telemetry import Log, note

Task: TypeAlias = Callable[[Settings, asyncio.Event], Awaitable[None]]

DRAIN_SECONDS: Final = 20.0
"""For what is in hand to end: longer than a webhook call. Whoever waits for a server that is away is cut short then, and its
transaction rolled back: nothing is lost, and whoever stops us need not kill us."""

NOTIFIER: Final = ("courier", "escalator", "sealer")


async def run(process: str, settings: Settings, *, only: str | None) -> int:
    """Run a process until SIGTERM; return its exit code: 1 if one of its tasks failed."""
    shown: dict[str, Any] = settings.shown()
    note(Log.PROCESS_STARTED, process=process, **shown)
    stop = asyncio.Event() if process == "gateway" else stop_on_signals()  # the HTTP server has signals of its own
    tasks = _tasks(process, only)
    if process != "gateway":  # which settles once its app is up
        settle()
    code = await together(tasks, settings, stop)
    note(Log.PROCESS_STOPPED, process=process)
    return code


async def _serve(settings: Settings, _: asyncio.Event) -> None:
    from gateway.serve import server

    # The HTTP server would end the process if its app did not find PostgreSQL: like all others, this one waits for it.
    # SIGTERM simply ends it meanwhile, there is nothing in hand.
    pool = await wait_for_pool(settings, size=1, task="gateway")
    await pool.close()
    await server(settings).serve()


def _tasks(process: str, only: str | None) -> Sequence[Task]:
    if process == "gateway":
        return (_serve,)
    if process == "correlator":
        from consumers import correlator

        return (correlator.run,)
    if process == "evaluator":
        from consumers import evaluator, weigher

        return (evaluator.run, weigher.run)
    from consumers import courier, escalator, sealer

    parts: dict[str, Task] = {"courier": courier.run, "escalator": escalator.run, "sealer": sealer.run}
    return tuple(parts[name] for name in NOTIFIER if only in (None, name))


async def together(
    tasks: Sequence[Task], settings: Settings, stop: asyncio.Event, *, drain_seconds: float = DRAIN_SECONDS
) -> int:
    """Run tasks side by side until told to stop or one ends; return 1 if one failed.

    One that fails is noted, the others are drained, and the supervisor starts all anew. Who is not drained in time is
    cancelled.
    """
    running = [asyncio.create_task(_noted(task, settings, stop)) for task in tasks]
    await stop.wait()
    ended, late = await asyncio.wait(running, timeout=drain_seconds)
    if late:
        note(Log.PROCESS_CUT_SHORT, tasks=len(late))
        for task in late:
            task.cancel()
        await asyncio.wait(late)
    return max((task.result() for task in ended), default=0)


async def _noted(task: Task, settings: Settings, stop: asyncio.Event) -> int:
    try:
        await task(settings, stop)
    except Exception as error:  # noqa: BLE001 - the edge of a process: whatever it is, it is noted and ends it
        note(Log.PROCESS_FAILED, level=logging.ERROR, error=error, task=task.__module__)
        return 1
    finally:
        stop.set()
    return 0
