"""Measures of "who is who". `python -m tests.bench.identity quick FILE` is the loop of whoever works on matching."""

from pathlib import Path
from typing import Annotated

import typer
import uvloop
from rich.console import Console
from rich.table import Table

from deploy.command.console import steps
from deploy.evaluation.labelled import read_population
from tests.bench.identity import estimate as estimation
from tests.bench.identity import merge as merging
from tests.bench.identity import scale
from tests.bench.identity.candidates import candidates as run_candidates
from tests.bench.identity.quick import quick as run_quick

app = typer.Typer(help=__doc__, no_args_is_help=True, pretty_exceptions_enable=False)
File = Annotated[Path, typer.Argument(help="Labelled records: .jsonl or .jsonl.gz", exists=True, dir_okay=False)]


@app.callback()
def _group() -> None:
    pass


@app.command()
def quick(
    file: File,
    limit: Annotated[int | None, typer.Option(help="Only the first so many records.")] = None,
    errors: Annotated[int, typer.Option(help="Print so many missed and so many false pairs.")] = 0,
) -> None:
    """Evaluate in memory by the pipeline's own functions, in seconds; misses and false links by how they were spoilt."""
    run_quick(file, limit=limit, errors=errors)


@app.command()
def compare(
    files: Annotated[list[Path], typer.Argument(help="Labelled records.", exists=True, dir_okay=False)],
    febrl: Annotated[bool, typer.Option(help="FEBRL 3 and 4 as well.")] = True,
) -> None:
    """Print ours beside Splink on these files and on FEBRL. Needs the packages of `make bench-identity`."""
    from tests.bench.identity import against  # noqa: PLC0415 - needs Splink, which most environments are without

    with steps() as report:
        for file in files:
            against.population(file.name, list(read_population(file)), report)
        if febrl:
            against.floor(report)


@app.command()
def everything(
    people: Annotated[int, typer.Option(help="People of the population that is scored.")] = 5_000,
    seed: Annotated[int, typer.Option(help="Of the invented people: none that the model was estimated on.")] = 20_261,
    orders: Annotated[int, typer.Option(help="Orders of arrival on the store.")] = 10,
    scales: Annotated[list[int], typer.Option("--scale", help="Registers to measure speed at, in people.")] = [100_000],  # noqa: B006 - typer copies it
) -> None:
    """Print all of it: against Splink, in other orders, against a register, at scale. `make bench-identity` runs this."""
    from tests.bench.identity import everything as all_of_it  # noqa: PLC0415 - needs Splink, which most environments are without

    with steps() as report:
        all_of_it.everything(people, seed, orders, scales, report)


@app.command()
def speed(
    people: Annotated[int, typer.Option(help="People of the register.")] = 1_000_000,
    seed: Annotated[int, typer.Option(help="Of the invented people.")] = 20_261,
    keep: Annotated[Path | None, typer.Option(help="Folder where the register stays for the next run.")] = None,
) -> None:
    """Resolve on PostgreSQL at scale: one alone, and in the pipeline's batches. Loading a million takes some minutes."""
    with steps() as report:
        found = uvloop.run(scale.at_scale(people, seed, report, keep))
    shown = Table("", "measured", "aim")
    for row in scale.speed(found):
        shown.add_row(*row)
    Console().print(shown)


@app.command()
def merge(pairs: Annotated[int, typer.Option(help="Pairs of people that are merged.")] = 20) -> None:
    """Merge two people of 500 events each, with their alerts."""
    with steps() as report:
        found = uvloop.run(merging.merges(pairs, report))
    shown = Table("", "measured", "aim")
    for row in merging.rows(found):
        shown.add_row(*row)
    Console().print(shown)


@app.command()
def names(file: File) -> None:
    """Write the frequencies of names that the scores use, from a base for the country and this population."""
    estimation.names(file)


@app.command()
def estimate(file: File) -> None:
    """Write the model that the scores use, from labelled records. The same file and names give the same model."""
    estimation.estimate(file)


@app.command()
def candidates(
    file: File,
    people: Annotated[int, typer.Option(help="Size of the invented crowd; 0 counts no crowd.")] = 1_000_000,
) -> None:
    """Count which true pairs meet at a key, and how many a record meets among a million people; no server, minutes."""
    run_candidates(file, people)


if __name__ == "__main__":
    app()
