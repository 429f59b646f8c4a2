"""`tocsin schemas`: what is published about what travels."""

import sys
from typing import Annotated, Final

import typer

from deploy.command.console import out

app: Final = typer.Typer(help="Published schemas.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Published schemas."""


@app.command()
def publish(
    *,
    may_break: Annotated[bool, typer.Option("--break", help="Nobody uses the changed types yet.")] = False,
) -> None:
    """Write JSON Schema, AsyncAPI and OpenAPI from the models to their places in the source tree.

    Published types only widen: a change that would refuse yesterday's events needs a new version of its type.
    """
    from deploy.cases import published
    from schemas import publish as wire

    out.print(f"Case files: {published.publish()}")
    sys.exit(wire.main(["--break"] if may_break else []))
