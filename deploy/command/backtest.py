"""`tocsin backtest`: what other rules would have raised over the history that is stored, and at which desks."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.table import Table

from deploy.command.console import fail, out, steps
from deploy.command.times import window

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from services.backtest.backtest import Ask, Report
    from services.backtest.desks import Desk, Load
    from services.rules.load import Rules
    from services.rules.parameters import Setting

SHOWN: Final = 50
"""Alerts listed on a terminal; --json lists up to the report's own limit."""
PURPOSE_CHARS: Final = 200


def backtest(
    actor: Annotated[str, typer.Option(help="Who asks, for the audit: it reads what is known of everybody.")],
    purpose: Annotated[str, typer.Option(help="Why, for the audit, such as: board review of R15. No names.")],
    rules: Annotated[
        Path | None,
        typer.Option("--rules", help="A rule file, or a folder of them. Installed rules of other ids stay."),
    ] = None,
    tried: Annotated[
        list[str] | None,
        typer.Option(
            "--set", help='A parameter of an area as if it had always been so: "R15 window exford=10 minutes".'
        ),
    ] = None,
    since: Annotated[str | None, typer.Option("--from", metavar="TIME", help="Compare from here on. ISO 8601.")] = None,
    until: Annotated[str | None, typer.Option("--to", metavar="TIME", help="Judge up to here. Default: now.")] = None,
    against: Annotated[
        str, typer.Option(help="live: what was raised then. installed: the installed rules, run the same way.")
    ] = "live",
    *,
    desks: Annotated[bool, typer.Option("--desks", help="Also what each desk would have had to do.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report for machines, and nothing else.")] = False,
) -> None:
    """Judge stored history again by candidate rules, as it was known at each moment, and compare the alerts.

    It changes nothing and tells nobody; the product may run meanwhile. Draft and shadow rules that are given are judged as
    if they were live. Interrupted, it can be started again.
    """
    if against not in ("live", "installed"):
        fail("--against is live or installed.", code=2)
    if not actor.strip() or not 1 <= len(purpose.strip()) <= PURPOSE_CHARS:
        fail(f"Say who asks, and why in 1 to {PURPOSE_CHARS} characters.", code=2)
    if rules is None and not tried:
        fail("Say what is to be tried: --rules, --set, or both.", code=2)
    start, end = window(since, until)
    candidate, installed = _rules(rules)
    from services.backtest.backtest import Ask

    ask = Ask(
        rules=candidate,
        against=installed if against == "installed" else None,
        actor=f"operator:{actor.strip()}",
        purpose=purpose.strip(),
        since=start,
        until=end,
        tried=tuple(_setting(number, one, candidate) for number, one in enumerate(tried or ())),
    )
    report = asyncio.run(_backtest(ask))
    if as_json:
        from services.backtest.document import document

        sys.stdout.write(document(report).decode() + "\n")
        return
    _say(report, desks=desks)


def _setting(number: int, written: str, rules: "Rules") -> "Setting":
    from services.rules import parameters
    from services.rules.words.times import LONG_AGO

    place, _, value = written.partition("=")
    words = place.split()
    if len(words) != len(("rule", "name", "area")) or not value.strip():
        fail(
            f'--set {written!r}: write rule, parameter and area, then = and the value: "R15 window exford=10 minutes".',
            code=2,
        )
    rule, name, area = words[0].upper(), *words[1:]
    file = next((one.file for one in (*rules.live, *rules.others) if one.id == rule), None)
    try:
        read = parameters.read(parameters.declared(file, rule), rule, name, value.strip())
    except parameters.ParameterRefused as refused:
        fail(str(refused), code=2)
    return parameters.Setting(number, rule, name, area, read, since=LONG_AGO, known=LONG_AGO)


def _rules(path: Path | None) -> "tuple[Rules, Rules]":
    """The candidate release, and the installed one: the same where no file is given."""
    from services.rules.load import CATALOGUE, RuleRefused, load_catalogue, read, release

    if path is None:
        return load_catalogue(), load_catalogue()
    files = [path] if path.is_file() else sorted(path.glob("*.yaml"))
    if not files:
        fail(f"{path}: no rule file there.", code=2)
    try:
        given = {file.id: file for file in map(read, files)}
        installed = {file.id: file for file in map(read, sorted(CATALOGUE.glob("*.yaml")))}
    except RuleRefused as refused:
        fail(str(refused), code=2)
    tried = {
        rule: file.model_copy(update={"status": "live"}) if file.status in ("draft", "shadow") else file
        for rule, file in given.items()
    }
    return release((installed | tried).values()), load_catalogue()


async def _backtest(ask: "Ask") -> "Report":
    from deploy.command import here
    from services.backtest.backtest import backtest as judge_again
    from services.db.connection import hot_transaction
    from services.directory import store as directories

    async with here.pool(task="backtest") as pool:
        async with hot_transaction(pool) as conn:
            areas = (await directories.load(conn)).areas
        if unknown := {one.area for one in ask.tried} - areas.keys():
            fail(
                f"The directory has no area {', '.join(sorted(unknown))}; it has {', '.join(sorted(areas)) or 'none'}.",
                code=2,
            )
        with steps() as progress:
            return await judge_again(pool, ask, progress)


def _say(report: "Report", *, desks: bool) -> None:
    table = Table("", "Rule", "People", "Was", "Would be", "Urgency", title="Alerts that differ")
    for found in report.differences[:SHOWN]:
        was, would = found.was, found.would_be
        story = would or was
        assert story is not None  # noqa: S101 - a difference has at least one side
        table.add_row(
            found.difference.value,
            found.key.rule,
            ", ".join(str(report.people.get(person, person)) for person in story.people()),
            _moment(was.raised() if was else None),
            _moment(would.raised() if would else None),
            f"U{int(story.versions[-1].urgency)}",
        )
    if report.differences:
        out.print(table)
    if len(report.differences) > SHOWN:
        out.print(f"and {len(report.differences) - SHOWN} more: see --json.")
    if desks:
        out.print(_desks(report))
    counted = ", ".join(f"{number} {name}" for name, number in sorted(report.counted.items()))
    out.print(f"Alerts: {counted or 'none'}.")
    out.print(
        f"{report.lineages} people, {report.events} events, {report.evaluations} evaluations "
        f"({report.own} at moments of the candidate rules' own)."
    )
    for reason, number in sorted(report.incomplete.items()):
        out.print(f"[red]{number} evaluations could not be finished[/red]: {reason}")
    if report.too_large:
        out.print(f"[red]{len(report.too_large)} people were left out[/red]: their history is too large to be held.")


def _moment(at: "datetime | None") -> str:
    return f"{at:%Y-%m-%d %H:%M}Z" if at else "-"


def _desks(report: "Report") -> Table:
    was, would = report.loads()
    table = Table("Agency", "Desk", "", "Was: a day", "p95", "worst", "Would be: a day", "p95", "worst", title="Desks")
    for desk in sorted(was.keys() | would.keys()):
        table.add_row(desk.agency, desk.desk, desk.urgency.name, *_load(was, desk), *_load(would, desk))
    return table


def _load(loads: "Mapping[Desk, Load]", desk: "Desk") -> "Sequence[str]":
    load = loads.get(desk)
    return (f"{load.mean:.2f}", str(load.p95), str(load.most)) if load else ("0", "0", "0")
