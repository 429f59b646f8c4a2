"""`tocsin corrections`: disclosures that rested on taking several people for one."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.table import Table

from deploy.command.console import fail, out

if TYPE_CHECKING:
    from services.corrections.store import Wrong

OUTCOME_CHARS: Final = 500

app: Final = typer.Typer(help="Disclosures that rested on taking several people for one.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Disclosures that rested on taking several people for one."""


@app.command("list")
def show(
    *,
    settled: Annotated[bool, typer.Option("--all", help="Those that are settled too.")] = False,
    after: Annotated[int, typer.Option(min=0, help="Behind the one with this number.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 100,
) -> None:
    """List them for the data protection officer: who was told what, when, and which people it took for one."""
    table = Table("Number", "Agency", "Was told", "At", "Took for one", "Noticed", "Settled")
    found = asyncio.run(_listed(settled=settled, after=after, limit=limit))
    for wrong in found:
        table.add_row(
            str(wrong.number),
            wrong.agency,
            f"alert {wrong.alert} version {wrong.version}" if wrong.kind == "alert" else "a person, by id",
            f"{wrong.told_at:%Y-%m-%d %H:%M}Z",
            ", ".join(map(str, wrong.people)),
            f"{wrong.noticed_at:%Y-%m-%d %H:%M}Z",
            f"{wrong.settled_by}: {wrong.outcome}" if wrong.settled_at else "",
        )
    out.print(table if found else "There are none.")


@app.command()
def settle(
    numbers: Annotated[list[int], typer.Argument(help="Numbers as `tocsin corrections list` shows them.")],
    actor: Annotated[str, typer.Option(help="Who settles them, for the audit.")],
    outcome: Annotated[str, typer.Option(help="What came of it, such as: reported to the ICO. No names.")],
) -> None:
    """Note what came of them. They leave the list, and stay on record."""
    if not outcome.strip() or len(outcome) > OUTCOME_CHARS:
        fail(f"Say in 1 to {OUTCOME_CHARS} characters what came of it.", code=2)
    done = asyncio.run(_settled(numbers, actor, outcome.strip()))
    if done < len(set(numbers)):
        fail(f"{done} settled; the others are not on the list.")
    out.print(f"{done} settled.")


async def _listed(*, settled: bool, after: int, limit: int) -> "Sequence[Wrong]":
    from deploy.command import here
    from services.corrections import store

    async with here.transaction() as connection:
        return await store.listed(connection, settled=settled, after=after, limit=limit)


async def _settled(numbers: Sequence[int], actor: str, outcome: str) -> int:
    from deploy.command import here
    from services.corrections import store

    async with here.transaction() as connection:
        return await store.settle(connection, numbers, actor=actor, outcome=outcome)
