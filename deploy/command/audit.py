"""`tocsin audit`: who saw what, and does the record of it still hold?"""

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final
from uuid import UUID

import typer
from rich.table import Table

from deploy.command.console import fail, out, steps

if TYPE_CHECKING:
    from services.audit.chain import Checkpoint
    from services.audit.store import Shown
    from services.audit.verify import Report

app: Final = typer.Typer(help="The record of who saw what, and why.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """The record of who saw what, and why."""


@app.command()
def shown(
    of: Annotated[UUID, typer.Argument(help="Id of a person or an alert, as answers of the gateway give it.")],
    *,
    actor: Annotated[str, typer.Option(help="Who asks, for the audit: a role or staff reference, no name.")],
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many, the newest.")] = 200,
) -> None:
    """List who was shown anything of a person, or an alert, when and for what. That you asked is written down too."""
    found = asyncio.run(_shown(of, actor, limit))
    table = Table("At", "By", "For", "What", "How", "Purpose", "Legal basis")
    for one in found:
        recipient = one.recipient or "erased"
        table.add_row(
            f"{one.written_at:%Y-%m-%d %H:%M:%S}Z", one.actor, recipient, one.thing, one.action, one.purpose, one.basis
        )
    out.print(table if found else "Nobody was shown anything of it, or there is no such id.")
    if len(found) == limit:
        out.print(f"These are the newest {limit}; there may be more: --limit.")


async def _shown(of: UUID, actor: str, limit: int) -> "list[Shown]":
    from deploy.command import here
    from services.audit import store

    async with here.transaction() as connection:
        return await store.shown_of(connection, of, actor=actor, limit=limit)


@app.command()
def verify(
    held: Annotated[
        Path | None,
        typer.Option(
            "--held", help="Checkpoints kept elsewhere, one JSON object a line: position, hash, signed_at, ..."
        ),
    ] = None,
) -> None:
    """Follow the chain from its beginning, check every signed checkpoint, and say what does not hold."""
    kept = _kept(held) if held is not None else []
    with steps() as report:
        report("Following the chain")
        found, waiting = asyncio.run(_verify(kept))
    for problem in found.problems:
        out.print(f"[red]{problem.position}[/red] {problem.kind}: {problem.says}")
    out.print(f"{found.rows} rows, {found.checkpoints} checkpoints, {waiting} rows not yet chained.")
    if not found.valid:
        fail("The chain does not hold.")
    out.print("The chain holds.")


async def _verify(held: "list[Checkpoint]") -> "tuple[Report, int]":
    from deploy.command import here
    from services.audit import chain, store

    public = chain.signing_key(here.settings().master_key_bytes).public_key()
    # No transaction over the whole: on a long chain it would be a long reader.
    async with here.pool() as pool, pool.acquire() as connection:
        found = await store.verify(connection, public, held=held)
        waiting, _ = await store.unsealed(connection)
    return found, waiting


def _kept(path: Path) -> "list[Checkpoint]":
    from datetime import datetime

    from services.audit.chain import Checkpoint

    try:
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        return [
            Checkpoint(
                position=line["position"],
                hash=bytes.fromhex(line["hash"]),
                signed_at=datetime.fromisoformat(line["signed_at"]),
                key_id=line["key_id"],
                signature=bytes.fromhex(line["signature"]),
            )
            for line in lines
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        fail(f"{path}: no checkpoints in it ({type(error).__name__})", code=2)
