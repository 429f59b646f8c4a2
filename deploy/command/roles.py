"""What each process is made of."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeAlias

from deploy.command.stopping import stop_on_signals
from services.settings import Settings
from services.telemetry import Log, note

Task: TypeAlias = Callable[[Settings, asyncio.Event], Awaitable[None]]

NOTIFIER: Final = ("courier", "escalator", "sealer")


async def run(process: str, settings: Settings, *, only: str | None) -> int:
    """Run a process until SIGTERM; return its exit code: 1 if one of its tasks failed."""
    shown: dict[str, Any] = settings.shown()
    note(Log.PROCESS_STARTED, process=process, **shown)
    stop = asyncio.Event() if process == "gateway" else stop_on_signals()  # the HTTP server has signals of its own
    code = await _together(_tasks(process, only), settings, stop)
    note(Log.PROCESS_STOPPED, process=process)
    return code


async def _serve(settings: Settings, _: asyncio.Event) -> None:
    from gateway.serve import server

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


async def _together(tasks: Sequence[Task], settings: Settings, stop: asyncio.Event) -> int:
    """Run tasks side by side. One that fails is noted, the others are drained, and the supervisor starts all anew."""
    running = [asyncio.create_task(_noted(task, settings, stop)) for task in tasks]
    codes = await asyncio.gather(*running)
    return max(codes)


async def _noted(task: Task, settings: Settings, stop: asyncio.Event) -> int:
    try:
        await task(settings, stop)
    except Exception as error:  # noqa: BLE001 - the edge of a process: whatever it is, it is noted and ends it
        note(Log.PROCESS_FAILED, level=logging.ERROR, error=error, task=task.__module__)
        return 1
    finally:
        stop.set()
    return 0
