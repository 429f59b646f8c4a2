"""`tocsin identity`: how good "who is who" is, on files of others, by the pipeline's own code."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.markup import escape
from rich.table import Table

from deploy.command.console import fail, out, steps
from deploy.command.counting import count
from deploy.command.rejudge import rejudge

if TYPE_CHECKING:
    from deploy.evaluation.cases import SequencesFile
    from deploy.evaluation.evaluate import Plan

app: Final = typer.Typer(
    help="Who is who: how good it is, counting names, and judging everybody anew.", no_args_is_help=True
)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object, and nothing else.")]
Embedded = Annotated[
    bool | None,
    typer.Option(
        "--embedded/--own-server",
        help="A throw-away PostgreSQL, or that of DATABASE_URL (default: yours if DATABASE_URL is set). Either way in "
        "a database of its own, which is removed afterwards.",
    ),
]


@app.callback()
def _group() -> None:
    """Who is who: how good it is, counting names, and judging everybody anew."""


app.command()(count)
app.command()(rejudge)


@app.command()
def evaluate(
    file: Annotated[Path, typer.Argument(help="Labelled records, one a line: .jsonl or .jsonl.gz.")],
    register: Annotated[
        Path | None, typer.Option(help="Another population, loaded first. Its people are not scored.")
    ] = None,
    orders: Annotated[
        int,
        typer.Option(
            min=0,
            help="Further orders of arrival to try on the store, with repeats and retractions; every second with eight workers.",
        ),
    ] = 2,
    *,
    as_the_bus: Annotated[
        bool,
        typer.Option(
            "--as-the-bus",
            help="Score as the bus does, for a million people; else the files are counted first: how many people they hold, "
            "which names many of them bear, whether families live in them.",
        ),
    ] = False,
    counted: Annotated[
        bool,
        typer.Option(
            "--counted",
            help="As the bus after `tocsin identity count` of what it held: of the register if there is one.",
        ),
    ] = False,
    memory: Annotated[
        bool, typer.Option("--memory", help="Without a store: milliseconds are then of searching and comparing alone.")
    ] = False,
    embedded: Embedded = None,
    as_json: AsJson = False,
) -> None:
    """Resolve a population whose truth is known, and print how good the answer is.

    Accuracy is of the whole file, by the pipeline's own functions in memory: standardise, keys, compare, settle. The
    milliseconds are of one record by itself on PostgreSQL, the others being there already: taken in, resolved and
    committed, by one worker; records per second are the same in batches of 200. Order differences are pairs of records that the store, or another order of arrival, puts
    together otherwise; of a large file they are tried on its most entangled records.
    """
    from deploy.evaluation.evaluate import Plan
    from deploy.evaluation.labelled import FileRefused
    from services.identity.counts.count import TooFew

    try:
        plan = Plan.read(
            file, register, orders=orders, scored="counted" if counted else "bus" if as_the_bus else "closed"
        )
    except FileRefused as refused:
        fail(str(refused), code=2)
    _warn_of_unread(plan.unread)
    try:
        found = asyncio.run(_evaluate(plan, embedded=embedded, memory=memory))
    except TooFew as few:
        fail(f"--counted: {few} Leave it out.", code=2)
    _print(found, as_json=as_json)


@app.command()
def pairs(
    file: Annotated[Path, typer.Argument(help="Cases of two records and the verdict wanted (JSON or YAML).")],
    *,
    as_json: AsJson = False,
) -> None:
    """Judge pairs of records, each pair by itself, with the reasons. Exit status 1: a verdict that must never be."""
    from deploy.evaluation.cases import PairsFile, read_cases
    from deploy.evaluation.labelled import FileRefused, unread
    from deploy.evaluation.pairs import evaluate_pairs

    try:
        cases = read_cases(file, PairsFile)
    except FileRefused as refused:
        fail(str(refused), code=2)
    _warn_of_unread({name for case in cases.cases for record in (case.a, case.b) for name in unread(record)})
    found = evaluate_pairs(cases)
    if as_json:
        _print(found, as_json=True)
    else:
        table = Table("Case", "Wanted", "Said", "Bits", "Why")
        for case in cases.cases:
            said = found["verdicts"][case.id]
            colour = (
                "red" if case.id in found["hard_failures"] else "" if said["verdict"] == case.expected else "yellow"
            )
            why = escape("\n".join(said["why"]))
            table.add_row(case.id, case.expected, said["verdict"], f"{said['weight']:+.1f}", why, style=colour)
        out.print(table)
        out.print(f"{found['cases']} cases, {found['exact']} exact, {len(found['hard_failures'])} hard failures.")
    if found["hard_failures"]:
        raise typer.Exit(1)


@app.command()
def sequences(
    file: Annotated[Path, typer.Argument(help="Records, and scenarios of what happens to them (JSON or YAML).")],
    *,
    embedded: Embedded = None,
    as_json: AsJson = False,
) -> None:
    """Play arrivals, decisions, retractions and amendments on a real PostgreSQL, in every order. Exit status 1: one failed.

    `"orders": "all"` means all permutations of up to six ops; of more ops, 720 orders at random, the same each time.
    A decision waits until the records it is about have arrived.
    """
    from deploy.evaluation.cases import SequencesFile, read_cases
    from deploy.evaluation.labelled import FileRefused

    try:
        cases = read_cases(file, SequencesFile)
    except FileRefused as refused:
        fail(str(refused), code=2)
    _warn_of_unread(cases.unread)
    found = asyncio.run(_sequences(cases, embedded=embedded))
    if as_json:
        _print(found, as_json=True)
    else:
        for one in found["failed"]:
            out.print(f"[red]{escape(one['id'])}[/red] in order {one['order']}")
            out.print(f"  got    {one['got']}\n  wanted {one['wanted']}", markup=False)
        out.print(f"{found['scenarios']} scenarios, {found['passed']} passed.")
    if found["failed"]:
        raise typer.Exit(1)


async def _sequences(cases: "SequencesFile", *, embedded: bool | None) -> dict[str, Any]:
    from deploy.embedded.process import ServerFailed
    from deploy.evaluation.sequences import evaluate_sequences
    from deploy.evaluation.stored import stored
    from services.settings import Settings

    try:
        with steps() as report:
            # Thousands of tiny transactions: what survives a power cut is not the question here.
            async with stored(Settings(), report, embedded=_wants_embedded(embedded), durable=False) as store:
                return await evaluate_sequences(cases, store, report)
    except ServerFailed as error:
        fail(str(error))


async def _evaluate(plan: "Plan", *, embedded: bool | None, memory: bool) -> dict[str, Any]:
    from deploy.embedded.process import ServerFailed
    from deploy.evaluation.evaluate import evaluate as run
    from deploy.evaluation.stored import stored
    from services.settings import Settings

    try:
        with steps() as report:
            if memory:
                return await run(plan, None, report)
            async with stored(Settings(), report, embedded=_wants_embedded(embedded)) as store:
                return await run(plan, store, report)
    except ServerFailed as error:
        fail(str(error))


def _wants_embedded(chosen: bool | None) -> bool:
    return not os.environ.get("DATABASE_URL") if chosen is None else chosen


def _warn_of_unread(names: set[str]) -> None:
    from deploy.command.console import err

    if names:
        err.print(f"[yellow]Nobody reads these fields: {escape(', '.join(sorted(names)))}.[/yellow]")


def _print(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(found) + "\n")
        return
    table = Table(show_header=False)
    for name, value in found.items():
        if name != "groups":
            parts = value.items() if isinstance(value, dict) else [("", value)]
            table.add_row(name, "  ".join(f"{part} {_figure(number)}".strip() for part, number in parts))
    out.print(table)
    groups = Table("Group", "Precision", "Recall")
    for name, fit in found["groups"].items():
        groups.add_row(escape(name), _figure(fit["precision"]), _figure(fit["recall"]))
    out.print(groups)


def _figure(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:.4f}"
