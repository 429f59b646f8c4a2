"""What pages and files tell somebody to type."""

from collections.abc import Sequence
from typing import Any

import typer.main

from deploy.command.main import app


def parse_command(arguments: Sequence[str]) -> None:
    """Parse the arguments of `tocsin` as a start would, and run nothing. Raises what a user would be told."""
    command: Any = typer.main.get_command(app)  # a group, and groups in it: typer keeps their types to itself
    path, left = ["tocsin"], list(arguments)
    while hasattr(command, "commands"):
        assert left[0] in command.commands, f"{' '.join(path)} has no command {left[0]}"
        command, path = command.commands[left[0]], [*path, left.pop(0)]
    command.make_context(path[-1], left).close()
