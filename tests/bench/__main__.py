"""`make bench`: everything measured in one run on the same servers, and one table of it.

`python -m tests.bench [PART ...]` with the parts `ingest`, `engine`, `steady` and `webhook` runs some of it.
"""

import argparse
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import psutil
import uvloop
from rich.console import Console
from rich.table import Table

from deploy.command.console import steps
from deploy.embedded.progress import Report
from deploy.embedded.servers import Servers, embedded_servers
from services.db.migrate import migrate
from services.replay.corner import of_servers
from services.settings import Settings
from tests.bench import engine, ingest, pipeline
from tests.bench.pipeline_stage import staged
from tests.bench.pipeline_waits import KEEP_COMMIT_TIMES, Waits

PARTS: Final = ("ingest", "engine", "steady", "webhook")
AIM_SINGLE: Final = 0.9  # of bare
AIM_BATCH: Final = 0.8  # of bare
AIM_PER_SECOND: Final = 1_000
AIM_RECORDS: Final = 0.3
AIM_EVALUATIONS: Final = 1.5
AIM_MILLISECONDS: Final = 300
AIM_JUDGED: Final = 1.0  # seconds, the 99th percentile
SHARES: Final = (0.5, 0.99)
RATES: Final = (500, 700)
"""Events a second at which it is measured how soon people are judged: below what two cores can do."""
RATE: Final = 100

Row = tuple[str, str, str, str]
"""What, measured, ratio to the aim or the bare endpoint, aim."""


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"any of {', '.join(PARTS)}; all if left out")
    parser.add_argument("--people", type=int, default=10_000, help="how many are known beforehand")
    parser.add_argument("--events", type=int, default=20_000, help="of steady traffic")
    parser.add_argument("--seconds", type=float, default=30, help="of each stretch at a fixed rate")
    parser.add_argument("--rates", type=int, nargs="*", default=RATES, help="events/s of steady traffic, besides full")
    chosen = parser.parse_args()
    if wrong := [part for part in chosen.parts if part not in PARTS]:
        parser.error(f"no such part: {', '.join(wrong)}")
    chosen.parts = chosen.parts or list(PARTS)
    return chosen


async def _all(options: argparse.Namespace, report: Report) -> list[list[Row]]:
    sections: list[list[Row]] = []
    if "engine" in options.parts:  # before anything else runs: it is one process by itself
        report("Engine")
        sections.append(_engine())
    if set(options.parts) == {"engine"}:
        return sections
    with tempfile.TemporaryDirectory(prefix="tocsin-") as folder:
        async with embedded_servers(Path(folder), report=report, postgres_settings=KEEP_COMMIT_TIMES) as servers:
            own = {
                "state": Path(folder),
                "database_url": servers.database_url,
                "kafka_bootstrap_servers": servers.kafka_bootstrap,
            }
            settings = Settings().model_copy(update=own).with_keys()
            if "ingest" in options.parts:
                report("Ingest")
                sections.append(await _ingest(settings))
            if {"steady", "webhook"} & set(options.parts):
                sections += await _pipeline(servers, settings, options, report)
    return sections


async def _ingest(settings: Settings) -> list[Row]:
    async with of_servers(settings) as corner:
        await migrate(corner.database_url)
        measured = await ingest.measure(corner)
    rows: list[Row] = []
    bare = 1.0
    for one in measured:
        if one.target.name.endswith("bare"):
            bare = one.events_per_second
            rows.append((f"POST, {one.target.name}", f"{bare:,.0f} events/s", "", ""))
            continue
        share = one.events_per_second / bare
        aim = AIM_SINGLE if one.target.events_per_request == 1 else AIM_BATCH
        rows.append(
            (
                f"POST, {one.target.name}",
                f"{one.events_per_second:,.0f} events/s",
                f"{share:.2f} of bare",
                f">= {aim:g} of bare",
            )
        )
    return rows


def _engine() -> list[Row]:
    return [
        (
            f"evaluate, {one.name}",
            f"{one.per_second:,.0f} /s, {1_000 / one.per_second:.2f} ms",
            "",
            f"({one.facts:.0f} facts, {one.findings:.1f} findings)",
        )
        for one in engine.measure()
    ]


async def _pipeline(
    servers: Servers, settings: Settings, options: argparse.Namespace, report: Report
) -> list[list[Row]]:
    sections: list[list[Row]] = []
    async with staged(servers, settings, options.people, report) as stage:
        if "steady" in options.parts:
            sections.append(_steady(await pipeline.steady(stage, options.events, report), options.people))
            sections += [
                _at_rate(await pipeline.at_rate(stage, rate, options.seconds, report)) for rate in options.rates
            ]
        if "webhook" in options.parts:
            sections.append(_rung(await pipeline.rung(stage, RATE, options.seconds, report)))
    return sections


def _steady(found: pipeline.Steady, people: int) -> list[Row]:
    evaluations, records = found.evaluations / found.events, found.new_records / found.events
    return [
        (
            f"POST to judged, {people:,} people",
            f"{found.per_second:,.0f} events/s",
            f"{found.per_second / AIM_PER_SECOND:.2f} of aim",
            f">= {AIM_PER_SECOND:,}",
        ),
        ("  new records for each event", f"{records:.2f}", f"{records / AIM_RECORDS:.2f} of aim", f"<= {AIM_RECORDS}"),
        (
            "  evaluations for each event",
            f"{evaluations:.2f}",
            f"{evaluations / AIM_EVALUATIONS:.2f} of aim",
            f"<= {AIM_EVALUATIONS}",
        ),
        *_waited(found.waits, "under full pressure, "),
        ("  alerts", f"{found.alerts:,}", "", f"{found.events:,} events"),
        ("  processor for each event", *_processor(found.processor, found.events)),
    ]


def _at_rate(found: pipeline.AtRate) -> list[Row]:
    rows = _waited(found.waits, f"at {found.per_second:.0f} events/s, ", AIM_JUDGED)
    name = "  posted a second; no judgement found"
    return [
        *rows,
        (name, f"{found.posted_per_second:.0f}, {found.waits.unseen}", "", ""),
        ("  processor for each event", *_processor(found.processor, found.events)),
    ]


def _waited(found: Waits, how: str, aim: float | None = None) -> list[Row]:
    rows: list[Row] = []
    for share in SHARES:
        seconds, last = found.within(share), share == SHARES[-1] and aim is not None
        ratio, wanted = (f"{seconds / AIM_JUDGED:.2f} of aim", f"<= {aim:g} s") if last else ("", "")
        rows.append((f"  POST to judged, {how}p{share * 100:.0f}", f"{1_000 * seconds:,.0f} ms", ratio, wanted))
    return rows


def _rung(found: pipeline.Rung) -> list[Row]:
    slowest = found.milliseconds(0.99)
    return [
        (
            f"POST to webhook at {found.per_second:.0f} events/s, p50",
            f"{found.milliseconds(0.5):.0f} ms",
            "",
            f"{found.alerts} alerts told",
        ),
        ("  p99", f"{slowest:.0f} ms", f"{slowest / AIM_MILLISECONDS:.2f} of aim", f"<= {AIM_MILLISECONDS} ms"),
        ("  median of each part", *_parts(found.parts)),
        ("  not told, signature refused", f"{found.missed}, {found.refused}", "", "0, 0"),
        ("  processor for each event", *_processor(found.processor, found.events)),
    ]


def _parts(parts: Mapping[str, float]) -> tuple[str, str, str]:
    said = ", ".join(f"{name} {1_000 * seconds:.0f}" for name, seconds in parts.items())
    return f"{1_000 * sum(parts.values()):.0f} ms", "", said


def _processor(spent: Mapping[str, float], events: int) -> tuple[str, str, str]:
    each = {name: 1_000 * seconds / events for name, seconds in spent.items()}
    return f"{sum(each.values()):.2f} ms", "", ", ".join(f"{name} {cost:.2f}" for name, cost in each.items())


def table(sections: Sequence[Sequence[Row]]) -> Table:
    """The one table."""
    cores, load = psutil.cpu_count() or 1, psutil.getloadavg()[0]
    shown = Table(title=f"Tocsin on {cores} cores, all processes and servers on them (load at the end {load:.1f})")
    for column, justify in (
        ("", "left"),
        ("measured", "right"),
        ("ratio", "right"),
        ("aim, or what it is made of", "left"),
    ):
        shown.add_column(column, justify="right" if justify == "right" else "left")
    for section in sections:
        for row in section:
            shown.add_row(*row)
        shown.add_section()
    return shown


async def main() -> None:
    """Measure what was asked for, and print it."""
    options = _options()
    with steps() as report:
        sections = await _all(options, report)
    Console(highlight=False).print(table(sections))


if __name__ == "__main__":
    uvloop.run(main())
