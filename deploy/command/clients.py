"""`tocsin clients`: who may ask the development issuer for a token."""

import asyncio
import re
from collections.abc import Iterable
from typing import Annotated, Final, NoReturn

import typer

from deploy.command.console import fail, out

ID: Final = re.compile(r"[a-z0-9][a-z0-9.-]{0,79}")
"""As the table of clients wants it: checked before a secret is made that a refusal would show."""

app: Final = typer.Typer(help="Clients of the development token issuer.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Clients of the development token issuer."""


@app.command()
def add(
    client: Annotated[str, typer.Argument(help="Its id, such as westmids-records.")],
    agency: Annotated[list[str], typer.Option(help="An agency it speaks for; may be given several times.")],
    types: Annotated[
        list[str] | None,
        typer.Option(help="Event types it may publish, such as police.* (default: all of its sector)."),
    ] = None,
    scope: Annotated[
        list[str] | None, typer.Option(help="What its tokens allow (default: events, alerts and webhooks).")
    ] = None,
) -> None:
    """Register a client, and print its secret: it is shown only once. One that is there already keeps its own."""
    from services.access import TRAINED, Scope

    if not ID.fullmatch(client):
        fail(
            "A client's id is of lower-case letters, digits, dots and hyphens, 80 at most, such as westmids-records.",
            code=2,
        )
    _check_types(types or ())
    known = {scope.value for scope in Scope}
    wanted = scope or sorted(known - TRAINED - {Scope.REPLAY, Scope.BACKFILL})
    if unknown := sorted(set(wanted) - known):
        fail(f"There is no scope {unknown[0]}; there are {', '.join(sorted(known))}.", code=2)
    # Plain, for scripts: SECRET=$(tocsin clients add ...)
    out.print(asyncio.run(_add(client, agency, types, wanted)), soft_wrap=True)


def _check_types(patterns: Iterable[str]) -> None:
    from schemas.registry import EVENT_TYPES
    from services.access import covers

    for pattern in patterns:
        if not any(covers(pattern, name) for name, _ in EVENT_TYPES):
            fail(
                f"{pattern} is no event type; write police.*, or a type without its version: police.concern.reported",
                code=2,
            )


async def _add(client: str, agencies: list[str], types: list[str] | None, scopes: list[str]) -> str:
    from deploy.command import here
    from deploy.command.loading import sectors
    from services.access import default_sources
    from services.issuer.store import Client, ClientKnown, put_client

    async with here.transaction() as connection:
        sector = await sectors(connection)
        for agency in agencies:
            if agency not in sector and not types:
                fail(f"The directory has no agency {agency}: load one first, or say --types.", code=2)
        publishes = {agency: types or [f"{sector[agency]}.*"] for agency in agencies}
        try:
            return await put_client(connection, Client(client, publishes, default_sources(agencies), scopes))
        except ClientKnown:
            fail(
                f"There is a client {client} already, and it keeps its secret. `tocsin clients rotate {client}` gives it"
                " another; `tocsin clients remove` it first to register it for other agencies, types or scopes."
            )


@app.command()
def rotate(client: Annotated[str, typer.Argument(help="Its id.")]) -> None:
    """Give a client another secret, and print it. The old one gets no more tokens; those it got hold until they run out."""
    out.print(asyncio.run(_rotated(client)), soft_wrap=True)


async def _rotated(client: str) -> str:
    from deploy.command import here
    from services.issuer.store import rotate_secret

    async with here.transaction() as connection:
        secret = await rotate_secret(connection, client)
    return secret or _unknown(client)


@app.command()
def remove(client: Annotated[str, typer.Argument(help="Its id.")]) -> None:
    """Remove a client: it gets no more tokens; those it got hold until they run out."""
    asyncio.run(_removed(client))
    out.print(f"Removed {client}.", markup=False)


async def _removed(client: str) -> None:
    from deploy.command import here
    from services.issuer.store import remove_client

    async with here.transaction() as connection:
        if not await remove_client(connection, client):
            _unknown(client)


def _unknown(client: str) -> NoReturn:
    fail(f"There is no client {client}: `tocsin clients add` registers one.")
