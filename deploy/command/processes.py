"""`tocsin up` and `tocsin run`: the processes, together or one at a time."""

import asyncio
import faulthandler
import os
import sys
from contextlib import AsyncExitStack
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.markup import escape
from rich.panel import Panel

from deploy.command.console import err, fail, steps

if TYPE_CHECKING:
    from services.settings import Settings

BOTH_SERVERS: Final = ("DATABASE_URL", "KAFKA_BOOTSTRAP_SERVERS")


class Process(StrEnum):
    """What `tocsin run` can run."""

    GATEWAY = "gateway"
    CORRELATOR = "correlator"
    EVALUATOR = "evaluator"
    NOTIFIER = "notifier"


class Part(StrEnum):
    """The tasks of the notifier, each with a pool of its own, so that one that is stuck cannot stop the others."""

    COURIER = "courier"
    ESCALATOR = "escalator"
    SEALER = "sealer"


def wants_embedded() -> bool:
    """Say whether the embedded servers are to be used. Leaves with a message if only one real server is named."""
    given = [name for name in BOTH_SERVERS if os.environ.get(name)]
    if len(given) == 1:
        fail(f"{given[0]} is set, but not the other: set both {' and '.join(BOTH_SERVERS)}, or neither.", code=2)
    return not given


def run(
    process: Annotated[Process, typer.Argument(help="Which of the four processes.")],
    only: Annotated[
        Part | None, typer.Option("--only", help="Of the notifier: one task, to run the others elsewhere.")
    ] = None,
) -> None:
    """Run one process in the foreground until SIGTERM, then finish what is in hand and leave.

    Servers and everything else come from the environment (DATABASE_URL, KAFKA_BOOTSTRAP_SERVERS, TOCSIN_...).
    """
    import uvloop

    from deploy.command import roles
    from services import telemetry
    from services.settings import Settings

    if only is not None and process is not Process.NOTIFIER:
        fail("--only is for the notifier.", code=2)
    settings = Settings().with_keys()
    telemetry.set_up(settings.log_format, settings.log_level)
    faulthandler.enable()  # a crash in a library's C code says where, and nothing of what it had in hand
    sys.exit(uvloop.run(roles.run(process.value, settings, only=only.value if only else None)))


def up(
    state: Annotated[
        Path | None, typer.Option(help="Folder of the embedded servers and development keys (default: .state).")
    ] = None,
) -> None:
    """Run the whole product until Ctrl-C: servers (embedded unless both are named), migrations, topics, four processes.

    With DATABASE_URL and KAFKA_BOOTSTRAP_SERVERS set, your own servers are used.
    """
    from services.settings import Settings

    settings = Settings()
    if state is not None:
        settings = settings.model_copy(update={"state": state})
    asyncio.run(_up(settings, embedded=wants_embedded()))


async def _up(settings: "Settings", *, embedded: bool) -> None:
    from deploy.command.here import leave_note
    from deploy.command.installation import Processes, environment, prepare, servers
    from deploy.command.stopping import stop_on_signals
    from deploy.embedded.process import ServerFailed
    from deploy.embedded.servers import StateInUse

    stop = stop_on_signals()
    try:
        async with AsyncExitStack() as stack:
            with steps() as report:
                running = await stack.enter_async_context(servers(settings, report, embedded=embedded))
                await prepare(running, report)
                processes = Processes(running)
                stack.push_async_callback(processes.drain)
                stack.callback(leave_note(running, environment(running)).unlink, missing_ok=True)
                await processes.start(report)
            _say_where(processes.url, running.state.resolve())
            await processes.supervise(stop, _say)
            _say("Draining")
    except (ServerFailed, StateInUse) as error:
        fail(str(error))


def _say(step: str, *, done: int = 0, total: int = 0, item: str = "") -> None:
    del done, total, item
    err.print(escape(step))


def _say_where(url: str, state: Path) -> None:
    lines = (
        f"Gateway      {url}",
        f"Description  {url}/openapi.json",
        f"Ready?       {url}/health/ready",
        f"Logs         {state}/processes/*.log",
        "",
        "A token: `tocsin clients add --help`.  Stop: Ctrl-C.",
    )
    err.print(Panel("\n".join(lines), title="Tocsin is up", expand=False))
