"""`python -m tests.bench.chronology`: the benchmark "one chronology" of the engine alone, beside its oracle.

What is printed: events and evaluations a second of one process, processor seconds for a thousand events, precision and recall
against the oracle at ten moments and at the end, how many shuffled orders of arrival end in the same alerts, and how many
absences fired in the idle hour, when no event came. Alerts lost or doubled by kills are what `make chaos` counts; the way over
HTTP, bus and database is `python -m tests.bench steady`.
"""

import argparse
import random
import time

import psutil
from rich.console import Console
from rich.table import Table

from services.trial.rule_tests import default_directory
from tests.bench.chronology import oracle
from tests.bench.chronology.play import play, shuffled
from tests.bench.chronology.population import IDLE, LASTS, START, population

LOOKS = 10
SMALL = 20
"""The shuffled orders are of a population so many times smaller: each takes as long as a run in order."""


def main() -> None:
    """Play it and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.chronology", description=__doc__)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--people", type=int, default=2_000)
    parser.add_argument("--orders", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    made = population(chosen.events, chosen.people, chosen.seed)
    looks = [START + LASTS * (n + 1) / (LOOKS + 1) for n in range(LOOKS)]
    began = time.process_time()
    played, stood = play(made, default_directory(), looks)
    spent = time.process_time() - began
    table = Table(title=f'"One chronology": {len(made.said):,} arrivals, {made.ids:,} ids of {chosen.people:,} people')
    table.add_column("")
    table.add_column("measured", justify="right")
    table.add_row("events a second of processor", f"{len(made.said) / spent:,.0f}")
    table.add_row("evaluations a second", f"{played.evaluations / spent:,.0f}")
    table.add_row("processor seconds for 1,000 events", f"{1_000 * spent / len(made.said):.2f}")
    pairs = [(oracle.standing(made, at), found) for at, found in zip(looks, stood, strict=True)]
    pairs.append((oracle.standing(made, made.ends), played.standing()))
    right = sum(len(set(wanted) & set(found)) for wanted, found in pairs)
    table.add_row(f"precision at {LOOKS} moments and the end", f"{right / sum(len(found) for _, found in pairs):.4f}")
    table.add_row("recall", f"{right / sum(len(wanted) for wanted, _ in pairs):.4f}")
    table.add_row("standing at the end", f"{len(played.standing()):,}")
    idle = [at for at in played.fired if START + LASTS < at <= START + LASTS + IDLE]
    table.add_row("absences looked at in the idle hour", f"{len(idle):,}")
    table.add_row("orders of arrival that end alike", _orders(chosen.events, chosen.people, chosen.orders, chosen.seed))
    table.add_row("memory, MB", f"{psutil.Process().memory_info().rss / 1e6:,.0f}")
    Console(highlight=False).print(table)


def _orders(events: int, people: int, orders: int, seed: int) -> str:
    made = population(events // SMALL, people // SMALL, seed)
    wanted, alike = set(oracle.standing(made, made.ends)), 0
    for n in range(orders):
        order = list(made.said)
        random.Random(n).shuffle(order)
        alike += shuffled(made, default_directory(), order) == wanted
    return f"{alike} of {orders}"


if __name__ == "__main__":
    main()
