"""What all commands say, and how: results on standard output, progress and problems on standard error."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NoReturn

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

PIPED_COLUMNS: Final = 200
"""Width where nobody looks at a terminal: what is piped or searched shall not be broken over lines."""

out: Final = Console(
    highlight=False, emoji=False, soft_wrap=False, width=None if sys.stdout.isatty() else PIPED_COLUMNS
)
err: Final = Console(stderr=True, highlight=False, emoji=False)


def fail(message: str, *, code: int = 1) -> NoReturn:
    """Say what is wrong and leave with this code."""
    err.print(f"[red]{escape(message)}[/red]", soft_wrap=True)
    sys.exit(code)


class Steps:
    """Steps of a start as they happen: bars on a terminal, one line each elsewhere. Fits deploy.embedded's Report."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._bars: dict[str, TaskID] = {}

    def __call__(self, step: str, *, done: int = 0, total: int = 0, item: str = "") -> None:
        """Show a step, or how far it is."""
        if self._progress is None:
            if not total or done in (0, total):
                err.print(escape(f"{step} {done}/{total}" if total else step))
            return
        if step not in self._bars:
            self._bars[step] = self._progress.add_task(escape(step), total=total or 1, item="")
        self._progress.update(self._bars[step], completed=done if total else 1, item=escape(item))


@contextmanager
def steps() -> Iterator[Steps]:
    """Show steps while the block runs; what is printed to `out` meanwhile stands above them."""
    if not err.is_terminal:
        yield Steps(None)
        return
    # One console for both where both are the same terminal: two would write over each other.
    console = out if out.is_terminal else err
    columns = (
        SpinnerColumn(finished_text="[green]✓[/green]"),
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        TextColumn("[dim]{task.fields[item]}[/dim]"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=False) as progress:
        yield Steps(progress)
