"""`tocsin rules shadow`: what shadow rules, which run live and tell nobody, would have told."""

import asyncio
import sys
from collections import Counter
from typing import TYPE_CHECKING, Annotated

import orjson
import typer
from rich.table import Table

from deploy.command.console import fail, out
from deploy.command.times import window

if TYPE_CHECKING:
    from datetime import datetime

    from services.backtest.shadows import Shadows


def shadow(
    actor: Annotated[str, typer.Option(help="Who asks, for the audit.")],
    purpose: Annotated[str, typer.Option(help="Why, for the audit, such as: whether to adopt R45. No names.")],
    rules: Annotated[list[str] | None, typer.Argument(help="Rules such as R45. None: all shadow rules.")] = None,
    since: Annotated[str | None, typer.Option("--from", metavar="TIME", help="From here on. ISO 8601.")] = None,
    until: Annotated[str | None, typer.Option("--to", metavar="TIME", help="Up to here. Default: now.")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report for machines, and nothing else.")] = False,
) -> None:
    """Say what shadow rules would have raised, and what each desk would have had to do."""
    from services.rules.load import load_catalogue

    known = set(load_catalogue().shadow)
    wanted = {rule.upper() for rule in rules} if rules else known
    if unknown := wanted - known:
        fail(f"No shadow rule: {', '.join(sorted(unknown))}; there are {', '.join(sorted(known)) or 'none'}.", code=2)
    if not actor.strip() or not purpose.strip():
        fail("Say who asks, and why.", code=2)
    report = asyncio.run(_report(wanted, actor.strip(), purpose.strip(), *window(since, until)))
    if as_json:
        sys.stdout.write(orjson.dumps(_document(report, wanted), option=orjson.OPT_INDENT_2).decode() + "\n")
        return
    table = Table("Rule", "Agency", "Desk", "", "In all", "A day", "p95", "Worst day", title="Would have come to desks")
    for rule in sorted(wanted):
        for desk, load in report.loads(rule).items():
            figures = str(load.total), f"{load.mean:.2f}", str(load.p95), str(load.most)
            table.add_row(rule, desk.agency, desk.desk, desk.urgency.name, *figures)
    out.print(table if table.row_count else "Nothing would have come to any desk.")
    for rule in sorted(wanted):
        raised = report.raised.get(rule, Counter())
        said = ", ".join(f"{number} {urgency.name}" for urgency, number in sorted(raised.items()))
        out.print(f"{rule} would have raised: {said or 'nothing'}.")


async def _report(
    rules: set[str], actor: str, purpose: str, since: "datetime | None", until: "datetime | None"
) -> "Shadows":
    from deploy.command import here
    from services.backtest.shadows import shadows

    async with here.pool(task="backtest") as pool:
        return await shadows(pool, rules, actor=f"operator:{actor}", purpose=purpose, since=since, until=until)


def _document(report: "Shadows", rules: set[str]) -> object:
    return {
        "since": report.since,
        "until": report.until,
        "rules": {
            rule: {
                "raised": {urgency.name: number for urgency, number in report.raised.get(rule, {}).items()},
                "desks": [
                    {"agency": desk.agency, "desk": desk.desk, "urgency": desk.urgency.name, **load._asdict()}
                    for desk, load in report.loads(rule).items()
                ],
            }
            for rule in sorted(rules)
        },
    }
