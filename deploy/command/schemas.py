"""`tocsin schemas`: what is published about what travels."""

from typing import Annotated, Final

import typer

from deploy.command.console import fail, out

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
    from deploy import published
    from deploy.cases import published as cases
    from deploy.replay import machine
    from gateway.app import create_app
    from services.settings import Settings

    out.print(f"Case files: {cases.publish()}, their outcome: {machine.publish()}")
    try:
        count = published.publish(create_app(Settings()).openapi(), may_break=may_break)
    except published.WouldBreak as refused:
        fail("\n".join((*refused.changes, "Published types only widen: give the changed ones a new version.")))
    out.print(f"What travels: {count} documents in {published.FOLDER}")
