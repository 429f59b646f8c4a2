"""`tocsin identity rejudge`: judging everybody anew after the model has changed."""

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.markup import escape
from rich.table import Table

from deploy.command.console import fail, out, steps

if TYPE_CHECKING:
    from deploy.embedded.progress import Report
    from services.db.connection import Pool
    from services.identity.rejudge.store import Found, Rejudging
    from services.tokens import Tokens

NO_COUNTS: Final = "none"
"""Of a report: by the model in the files alone."""
WAIT_SECONDS: Final = 0.5
"""Between two looks at whether the workers have room: they do some hundred records in it."""

_SAYS: Final = {
    "merge": "several people become one",
    "split": "one person is parted",
    "review-opened": "two people are asked about",
    "review-closed": "two people are no longer asked about",
}


def rejudge(
    *,
    report: Annotated[
        bool, typer.Option("--report", help="Say what would change. Goes on where it was broken off; changes nobody.")
    ] = False,
    apply: Annotated[
        bool, typer.Option("--apply", help="Apply the last report: the correlators judge everybody anew, in batches.")
    ] = False,
    approved_by: Annotated[
        str, typer.Option(help="Who approved the report, for the audit: role or staff reference.")
    ] = "",
    counts: Annotated[
        str,
        typer.Option(
            help="Of a report: the count of names to score by, as tocsin identity count names it, or none (default: the one in force)."
        ),
    ] = "",
    anew: Annotated[bool, typer.Option("--anew", help="Begin another report although there is one.")] = False,
    show: Annotated[int, typer.Option(min=0, max=1_000, help="Changes of each kind to show, by people's ids.")] = 5,
) -> None:
    """Judge everybody anew by the model installed here: first what would change, then, approved, for good.

    Run the report with the new release before the correlators have it, and apply it once all of them do. Both may be broken off
    at any time and started again. Alerts follow as they do whenever people merge or part.
    """
    if report == apply:
        fail("Say either --report or --apply.", code=2)
    if apply and counts:
        fail("--counts is for the report: it is applied as reported.", code=2)
    if apply and not approved_by.strip():
        fail("Say who approved the report: --approved-by ROLE.", code=2)
    from services.identity.counts.load import CountUnknown
    from services.identity.standardise import StandardVersionUnknown

    try:
        asyncio.run(_report(counts, anew=anew, show=show) if report else _apply(approved_by.strip()))
    except (CountUnknown, StandardVersionUnknown) as unknown:
        fail(str(unknown))


async def _report(counts: str, *, anew: bool, show: int) -> None:
    from deploy.command import here
    from services.db.connection import hot_transaction
    from services.identity.counts.load import model_in_force, model_of
    from services.identity.rejudge import report as reporting
    from services.identity.rejudge import store
    from services.identity.scoring.model import adopt
    from services.tokens import Tokens

    async with here.pool(task="rejudge", plan_once=True) as pool:
        async with hot_transaction(pool) as conn:
            adopt(await (model_of(conn, None if counts == NO_COUNTS else counts) if counts else model_in_force(conn)))
            run = await reporting.begun(conn, anew=anew)
        with steps() as progress:
            run = await _reported(pool, Tokens(here.settings().master_key_bytes), run, progress)
        async with hot_transaction(pool) as conn:
            _print(run, await store.figures(conn, run.number))
            for kind, people, parts in await store.examples(conn, run.number, show):
                what = f"{_SAYS[kind]}{f', {parts} people' if kind == 'split' else ''}"
                out.print(f"{what}: {', '.join(map(str, people))}", markup=False)


async def _reported(pool: "Pool", tokens: "Tokens", run: "Rejudging", progress: "Report") -> "Rejudging":
    from services.db.rerun import rerun_on_conflict
    from services.identity.rejudge import report as reporting

    while run.reported_at is None:
        run = await rerun_on_conflict(partial(reporting.step, pool, tokens, run))
        progress("Keys", done=run.keyed_to, total=run.last_record)
        if run.keyed_to >= run.last_record:
            progress("Comparing", done=run.reported_to, total=run.last_record)
    return run


def _print(run: "Rejudging", found: "Found") -> None:
    table = Table(f"Report {run.number}, model {escape(run.model)}", "")
    for kind, says in _SAYS.items():
        table.add_row(says, f"{found.changes.get(kind, 0):,}")
    table.add_row("people merged or parted", f"{found.people:,}")
    table.add_row("alerts standing about them, to be judged anew", f"{found.standing:,}")
    out.print(table)


async def _apply(approved_by: str) -> None:
    from deploy.command import here
    from services.db.connection import hot_transaction
    from services.db.rerun import rerun_on_conflict
    from services.identity.compare import model_name
    from services.identity.counts.load import model_of
    from services.identity.rejudge import apply as applying
    from services.identity.rejudge import store
    from services.identity.scoring.model import adopt
    from services.tokens import Tokens

    tokens = Tokens(here.settings().master_key_bytes)
    async with here.pool(task="rejudge", plan_once=True) as pool:
        try:
            async with hot_transaction(pool) as conn:
                if reported := await store.latest(conn):
                    adopt(await model_of(conn, reported.counts))
                run = await applying.approved(conn, approved_by)
        except applying.NotReported as refused:
            fail(str(refused))
        with steps() as progress:
            while run.applied_at is None:
                run, waiting = await rerun_on_conflict(partial(applying.step, pool, tokens, run))
                progress(
                    "Queued", done=run.queued_to, total=run.last_record, item=f"{waiting} wait for the correlators"
                )
                if waiting:
                    await asyncio.sleep(WAIT_SECONDS)
        async with hot_transaction(pool) as conn:
            left = await store.of_other_models(conn, model_name())
        if left:
            fail(f"Applied, and {left} comparisons of another model are there: some correlator runs another release.")
        out.print("Applied. Every comparison kept is of this model.")
