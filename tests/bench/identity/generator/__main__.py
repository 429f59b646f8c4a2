"""`python -m tests.bench.identity.generator FILE --people N --seed S`: invent a population."""

from pathlib import Path
from typing import Annotated

import typer

from deploy.command.console import steps
from tests.bench.identity.generator.write import write


def main(
    file: Annotated[Path, typer.Argument(help="Where to: .jsonl, or .jsonl.gz to pack it.")],
    people: Annotated[int, typer.Option(min=1, help="How many people.")] = 5_000,
    seed: Annotated[int, typer.Option(help="Another seed, other people.")] = 1,
    records: Annotated[float, typer.Option(min=1, help="Records of each, on average.")] = 2.6,
) -> None:
    """Write a population of invented people whose truth is known."""
    with steps() as report:
        count = write(file, seed, people, records, report)
    typer.echo(f"{count:,} records of about {people:,} people in {file}")


if __name__ == "__main__":
    typer.run(main)
