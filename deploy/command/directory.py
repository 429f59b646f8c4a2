"""`tocsin directory`: agencies, areas, desks, coverage and agreements."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from deploy.command.console import err, fail, out

if TYPE_CHECKING:
    from services.directory.form import DirectoryForm
    from services.directory.store import Changed

ENDED_SHOWN: Final = 10
"""Agencies named in a refusal: enough to see which file it is."""

app: Final = typer.Typer(help="Agencies, areas, desks, coverage and agreements.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Agencies, areas, desks, coverage and agreements."""


@app.command()
def load(
    file: Annotated[Path, typer.Argument(help="A directory file; its format stands in services/directory/form.py.")],
    agreements: Annotated[
        Path | None,
        typer.Option(help="Sharing agreements, if FILE holds none: without any, nobody is shown more than a pointer."),
    ] = None,
    actor: Annotated[str, typer.Option(help="Who loads it, for the audit.")] = "operator",
    *,
    ends_agencies: Annotated[
        bool, typer.Option("--ends-agencies", help="Agencies that stand now and are not in FILE are meant to end.")
    ] = False,
    check: Annotated[bool, typer.Option("--check", help="Only check the file.")] = False,
) -> None:
    """Make FILE the directory: what it no longer holds ends now, and what was known before stays readable."""
    from services.directory.file import FileRefused, read

    try:
        parsed = read(file)
        if agreements is not None and not parsed.agreements:
            parsed = parsed.model_copy(update={"agreements": read(agreements).agreements})
    except FileRefused as refused:
        fail(str(refused), code=2)
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}", code=2)
    if not parsed.agencies:
        fail(
            f"{file} names no agency, so nobody would be told anything. Agreements alone go with --agreements, beside the "
            "directory they are for.",
            code=2,
        )
    if check:
        out.print(f"{file} is right: {len(parsed.agencies)} agencies, {len(parsed.areas)} areas.")
        return
    changed = asyncio.run(_load(parsed, actor, ends_agencies=ends_agencies))
    out.print(f"Directory {changed.revision}: {changed.begun} entries begun, {changed.ended} ended.")
    if not parsed.agreements:
        err.print("It holds no sharing agreements, so nobody is shown more than a pointer.")


async def _load(parsed: "DirectoryForm", actor: str, *, ends_agencies: bool) -> "Changed":
    from deploy.command import here
    from deploy.command.loading import load_directory, sectors
    from services.db.connection import hot_transaction

    async with here.pool() as pool:
        async with hot_transaction(pool) as connection:
            ended = sorted((await sectors(connection)).keys() - parsed.agencies.keys())
        if ended and not ends_agencies:
            # The file of another county, or of a trial, would silence everybody who is told now.
            fail(
                f"Nothing is loaded: it would end {len(ended)} agencies that stand now, and tell them nothing more: "
                f"{', '.join(ended[:ENDED_SHOWN])}{', ...' if ended[ENDED_SHOWN:] else ''}. If that is meant, add --ends-agencies.",
                code=2,
            )
        return await load_directory(pool, here.settings(), parsed, actor=actor)
