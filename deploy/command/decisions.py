"""`tocsin decisions`: what people decided about two records, where the review queue is not the place for it."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer
from rich.markup import escape
from rich.table import Table

from deploy.command import here
from deploy.command.console import fail, out

if TYPE_CHECKING:
    from services.identity.decided_store import Decided

REASON_CHARS: Final = 200
"""Others read it: enough to say why, too little to tell a story about somebody."""

app: Final = typer.Typer(help="What people decided about two records, and taking it back.", no_args_is_help=True)

Records = Annotated[tuple[int, int], typer.Argument(help="Numbers of the two records.")]
Actor = Annotated[str, typer.Option(help="Your desk, such as desk:police-exshire/duty-inspector, for the audit.")]


@app.callback()
def _group() -> None:
    """What people decided about two records, and taking it back."""


@app.command("list")
def show(record: Annotated[int, typer.Argument(help="Number of a record.")]) -> None:
    """List the decisions in force about a record."""
    table = Table("Record", "Other", "Verdict", "By", "Reason", "At", "Review")
    found = asyncio.run(_about(record))
    for one in found:
        said = (one.verdict, one.actor, escape(one.reason), f"{one.at:%Y-%m-%d %H:%M}Z", str(one.review or ""))
        table.add_row(str(one.record), str(one.other), *said)
    out.print(table if found else "There are none.")


@app.command()
def make(
    records: Records,
    verdict: Annotated[Literal["same", "different"], typer.Option(help="`same` joins them, `different` parts them.")],
    actor: Actor,
    reason: Annotated[str, typer.Option(help="Why, in a few words. Others read it: name nobody.")],
    *,
    sealed: Annotated[
        bool, typer.Option("--sealed", help="You have the role for sealed identities, and one of the two is sealed.")
    ] = False,
) -> None:
    """Decide about two records, in place of any decision before. Everybody touched is judged anew, and who was told is told."""
    if not reason.strip() or len(reason) > REASON_CHARS:
        fail(f"Say in 1 to {REASON_CHARS} characters why.", code=2)
    asyncio.run(_make(records, verdict, actor, reason.strip(), sealed=sealed))
    out.print("Kept. The two are resolved anew.")


@app.command()
def withdraw(records: Records, actor: Actor) -> None:
    """Take back the decision about two records: the machine's view holds again. One made in a review is taken back there."""
    if not asyncio.run(_withdraw(records, actor)):
        fail("There is no decision about these two.")
    out.print("Taken back. The two are resolved anew.")


async def _about(record: int) -> "Sequence[Decided]":
    from services.identity.decided_store import about

    async with here.transaction() as connection:
        return await about(connection, record)


async def _make(
    records: tuple[int, int], verdict: Literal["same", "different"], actor: str, reason: str, *, sealed: bool
) -> None:
    from services.identity.decide import ProtectedIdentity, decide

    try:
        async with here.transaction() as connection:
            await decide(connection, *records, verdict, actor=actor, reason=reason, privileged=sealed)
    except ProtectedIdentity:
        fail("One of the two is of sealed identity: whoever has that role says --sealed.")
    except ValueError as refused:
        fail(f"Not kept: {refused}.")


async def _withdraw(records: tuple[int, int], actor: str) -> bool:
    from services.identity.decide import withdraw as take_back
    from services.identity.decided_store import about

    async with here.transaction() as connection:
        made = [one.review for one in await about(connection, records[0]) if {one.record, one.other} == set(records)]
        if review := next((review for review in made if review), None):
            fail(f"It was made in review {review}: withdraw it there, so that the review is open again.")
        return await take_back(connection, *records, actor=actor)
