"""`python -m tests.bench.year`: the load of alerts of a year in a city of a million, by rule, urgency and desk.

Ordinary families are written of as well-run agencies do (see families.py and rates.py); a share of them is played through the
engine in memory and counted up. Noise is what rings about a family in which nothing was wrong and nobody was late; what rings
where domestic abuse came again is told apart, since that it came again is what some rules are for.
"""

import argparse
from collections import Counter
from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

from services.clock import monotonic
from tests.bench.year.play import Call, Year, play


def main() -> None:
    """Play a share of the year and print two tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.year", description=__doc__)
    parser.add_argument("--share", type=float, default=0.02, help="of the city's families to play; 1 is all of them")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    began = monotonic()
    year = play(chosen.share, chosen.seed)
    console = Console(highlight=False, width=140)
    console.print(_table(year, "rule", lambda call: call.rule))
    console.print(_table(year, "desk", lambda call: call.desk))
    rang = year.dangers[True]
    console.print(
        f"{year.families:,} families, {year.events:,} events ({year.events / chosen.share:,.0f} a year in the city), "
        f"{year.evaluations:,} evaluations, {year.incomplete} incomplete, {monotonic() - began:.0f} s. "
        f"Dangerous families: {rang} of {rang + year.dangers[False]} rang."
    )


def _table(year: Year, by: str, key: object) -> Table:
    assert callable(key)
    table = Table(title=f"Calls a day by {by} (a city of a million; a {year.share:.0%} sample)")
    for column in (by, "U1", "U2", "U3", "U4", "all", "about a danger", "about a lapse", "about a repeat", "noise"):
        table.add_column(column, justify="left" if column == by else "right")
    for name in sorted({str(key(call)) for call in year.calls}):
        table.add_row(name, *_cells(year, [call for call in year.calls if key(call) == name]))
    table.add_section()
    table.add_row("all", *_cells(year, year.calls))
    return table


def _cells(year: Year, calls: Iterable[Call]) -> list[str]:
    calls = list(calls)
    urgency, truth = Counter(call.urgency for call in calls), Counter(call.truth for call in calls)
    per_day = [f"{year.per_day(urgency[level]):.2f}" if urgency[level] else "" for level in ("U1", "U2", "U3", "U4")]
    shares = [f"{truth[name] / len(calls):.0%}" for name in ("danger", "lapse", "repeat", "noise")]
    return [*per_day, f"{year.per_day(len(calls)):.2f}", *shares]


if __name__ == "__main__":
    main()
