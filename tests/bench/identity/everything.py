"""All measures of "who is who" in one run: against Splink, in any order, against a register, at scale."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from deploy.embedded.progress import Report
from deploy.evaluation.evaluate import Plan, evaluate
from deploy.evaluation.labelled import Labelled
from deploy.evaluation.stored import stored
from services.settings import Settings
from tests.bench.identity import against
from tests.bench.identity.generator.write import lines, write
from tests.bench.identity.overlap import known
from tests.bench.identity.scale import at_scale, speed

MEAN: Final = 2.6
"""Records of each person."""
REGISTER: Final = 100_000
HELD_OUT: Final = 20
"""One person in so many is not in the register. Their households are."""

# The target of the design's identity page, section 5.
AIM_NEW: Final = 0.0005

out: Final = Console(highlight=False, width=160)


def everything(people: int, seed: int, orders: int, scales: list[int], report: Report) -> None:
    """Run it all, and print it part by part."""
    tables = known()
    out.print(
        f"The generator's own lists: {tables.short_forms:.0%} of its short forms and {tables.spellings:.0%} of its "
        "spellings stand in our tables as well."
    )
    records = [Labelled.model_validate_json(line) for line in lines(seed, people, MEAN, report)]
    against.population(f"invented, seed {seed}", records, report)
    against.floor(report)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "population.jsonl"
        write(path, seed, people, MEAN)
        found = asyncio.run(_on_the_store(Plan.read(path, None, orders=orders), report))
    shown = Table("", "measured", "aim", title="on PostgreSQL and against a register")
    shown.add_row(f"pairs that differ over {orders} orders and the store", f"{found['order_differences']}", "0")
    new = asyncio.run(evaluate(_register(seed, report), None, report))["new_person_wrongly_linked"]
    shown.add_row(f"new people put to somebody of {REGISTER:,}", f"{new:.3%}", f"<= {AIM_NEW:.2%}")
    rows = [at_scale(scale, seed, report) for scale in scales]
    for found_at in map(asyncio.run, rows):
        for row in speed(found_at):
            shown.add_row(*row)
    out.print(shown)


async def _on_the_store(plan: Plan, report: Report) -> dict[str, Any]:
    async with stored(Settings(), report, embedded=True) as store:
        return await evaluate(plan, store, report)


def _register(seed: int, report: Report) -> Plan:
    """A register of one record for each, and people of the same households who are not in it."""
    everybody = [Labelled.model_validate_json(line) for line in lines(seed + 1, REGISTER, 1, report)]
    new = [record for record in everybody if int(record.rid[1:].partition("-")[0]) % HELD_OUT == 0]
    kept = {record.rid for record in new}
    return Plan(new, [record for record in everybody if record.rid not in kept], 0, set())
