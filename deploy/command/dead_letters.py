"""`tocsin dead-letters`: what could not be taken in."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.table import Table

from deploy.command.console import fail, out, steps

if TYPE_CHECKING:
    from services.intake.dead_letters.store import DeadLetter

app: Final = typer.Typer(help="Messages that could not be taken in.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Messages that could not be taken in."""


@app.command("list")
def show(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 100,
    after: Annotated[int, typer.Option(min=0, help="Behind the one with this number.")] = 0,
) -> None:
    """List dead letters: where they stood, why, and how often they were sent again. Their contents stay sealed."""
    table = Table("Number", "Topic", "Partition", "Offset", "Reason", "Detail", "Taken", "Sent again")
    letters = asyncio.run(_listed(limit, after))
    for letter in letters:
        table.add_row(
            str(letter.dead_letter_id),
            letter.topic,
            str(letter.partition),
            str(letter.offset),
            letter.reason,
            letter.detail,
            f"{letter.taken_at:%Y-%m-%d %H:%M:%S}Z",
            str(letter.redrives),
        )
    out.print(table if letters else "There are no dead letters.")


@app.command()
def redrive(
    numbers: Annotated[list[int], typer.Argument(help="Numbers as `tocsin dead-letters list` shows them.")],
    actor: Annotated[str, typer.Option(help="Who sends them again, for the audit.")] = "operator",
) -> None:
    """Put dead letters back on the bus as they were, where they came from, and count it. Mend the cause first."""
    with steps() as report:
        report("Sending again")
        done = asyncio.run(_redriven(numbers, actor))
    if done < len(set(numbers)):
        fail(f"{done} sent again; the others are no dead letters.")
    out.print(f"{done} sent again.")


async def _listed(limit: int, after: int) -> "Sequence[DeadLetter]":
    from deploy.command import here
    from services.intake.dead_letters import redrive as letters

    async with here.pool() as pool:
        return await letters.listed(pool, limit, after)


async def _redriven(numbers: Sequence[int], actor: str) -> int:
    from deploy.command import here
    from services.bus.producer import Bus
    from services.intake.dead_letters import redrive as letters

    async with here.pool() as pool:
        bus = Bus(here.settings(), client_id="tocsin-command")
        await bus.start()
        try:
            return await letters.redrive(pool, bus, numbers, actor=actor)
        finally:
            await bus.stop()
