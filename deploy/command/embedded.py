"""`tocsin embedded`: the servers that come with Tocsin."""

from typing import Final

import typer

from deploy.command.console import out, steps

app: Final = typer.Typer(help="The servers that come with Tocsin.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """The servers that come with Tocsin."""


@app.command()
def fetch() -> None:
    """Fetch Kafka's jars into the user's cache and check them, so that later starts need no network."""
    from deploy.embedded.jars import class_path

    with steps() as report:
        class_path(report)
    out.print("The jars are there and are the ones that were reviewed.")
