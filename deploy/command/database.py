"""`tocsin db`: the schema of the database."""

import asyncio
from typing import Final

import typer

from deploy.command.console import out

app: Final = typer.Typer(help="The schema of the database.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """The schema of the database."""


@app.command()
def migrate() -> None:
    """Bring the database (DATABASE_URL) to the newest revision. Safe to run beside the previous release."""
    from deploy.command import here
    from services.db.migrate import migrate as upgrade

    with here.database_wanted():
        asyncio.run(upgrade(here.settings().database_url))
    out.print("The database is at the newest revision.")
