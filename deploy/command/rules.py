"""`tocsin rules`: the catalogue, its tests, and what a rule says of itself."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.markdown import Markdown
from rich.progress import track
from rich.table import Table

from deploy.command import backtest, parameters, shadows
from deploy.command.console import err, fail, out

if TYPE_CHECKING:
    from services.rules.model import RuleFile

app: Final = typer.Typer(help="The rules: what they watch for, why, and their tests.", no_args_is_help=True)
app.add_typer(parameters.app, name="parameters")
app.command("shadow")(shadows.shadow)
app.command("backtest")(backtest.backtest)  # where a board looks for it; `tocsin backtest` is the same command
Chosen = Annotated[list[str] | None, typer.Argument(help="Rules such as R15, or rule files. None: all.")]


@app.callback()
def _group() -> None:
    """The rules: what they watch for, why, and their tests."""


@app.command("list")
def show() -> None:
    """List the rules of the catalogue, and the ladder among them, which is none."""
    from services.rules import ladder_words

    table = Table("Rule", "Name", "Version", "Status", "Kind", "Subject", "Tests")
    rows = [
        (rule.id, rule.name, rule.version, rule.status, str(rule.kind or "any of"), rule.subject, str(len(rule.tests)))
        for rule in _files(None)
    ]
    rows.append((ladder_words.ID, ladder_words.NAME, "", "live", "ladder", ladder_words.SUBJECT, ""))
    for row in sorted(rows):
        table.add_row(*row)
    out.print(table)


@app.command("test")
def try_out(rules: Chosen = None) -> None:
    """Run the tests that stand in the rule files, in memory, without servers. Exit status 1: one failed."""
    from services.trial.rule_tests import check

    cases = [(rule, test) for rule in _files(rules) for test in rule.tests]
    failed = 0
    for rule, case in track(cases, "Trying rules", console=err, transient=True):
        said = check(rule, case)
        failed += bool(said)
        for text in said:
            out.print(f"[red]{rule.id}[/red] {case.name}: {text}")
    out.print(f"{len(cases)} tests, {failed} failed.")
    if failed:
        raise typer.Exit(1)


@app.command()
def explain(rule: Annotated[str, typer.Argument(help="A rule such as R15, or a rule file.")]) -> None:
    """Say in plain English what a rule watches for, whom it tells, what it holds back and what closes it."""
    from services.rules import describe, ladder_words

    if rule.upper() == ladder_words.ID:
        out.print(Markdown("\n".join(ladder_words.ladder())))
        return
    (found,) = _files([rule])
    out.print(Markdown(describe.explain(found)))


@app.command()
def publish() -> None:
    """Write the catalogue in words, from the rule files, to its place in the source tree."""
    from services.rules.describe import PAGE, page
    from services.rules.load import CATALOGUE

    path = CATALOGUE / PAGE
    path.write_text(page(_files(None)), encoding="utf-8")
    out.print(f"{path}")


@app.command()
def activate() -> None:
    """Put the rules of this installation in force, also if others replaced them: turning back is a deliberate act."""
    import asyncio

    out.print(asyncio.run(_activate()))


async def _activate() -> str:
    from deploy.command import here
    from services.judging import store
    from services.rules.load import load_catalogue

    release = load_catalogue().release
    async with here.transaction() as conn:
        changed = await store.activate(conn, release, back=True)
    return f"Rules {release} are in force{'; everybody is judged again' if changed else ' already'}."


def _files(chosen: list[str] | None) -> "list[RuleFile]":
    """Read the rules chosen by id or by file; all of the catalogue if none are."""
    from services.rules.load import CATALOGUE, RuleRefused, read

    try:
        paths = (
            [path for one in chosen for path in _paths(one, CATALOGUE)] if chosen else sorted(CATALOGUE.glob("*.yaml"))
        )
        return [read(path) for path in paths]
    except RuleRefused as refused:
        fail(str(refused), code=2)


def _paths(chosen: str, catalogue: Path) -> list[Path]:
    from services.rules import ladder_words

    if chosen.upper() == ladder_words.ID:
        fail(
            f"{chosen} is no rule file but the ladder of the directory: `tocsin rules explain {chosen}` says how it runs.",
            code=2,
        )
    given = Path(chosen)
    own_file = given.suffix or given.name != chosen
    found = [given] if own_file else sorted(catalogue.glob(f"{chosen.upper()}-*.yaml"))
    if not found or not found[0].exists():
        fail(
            f"There is no rule {chosen}: `tocsin rules list` shows them, and a file of your own is given with its ending.",
            code=2,
        )
    return found
