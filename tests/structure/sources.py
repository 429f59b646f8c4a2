"""The files these tests read."""

import ast
import gzip
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("schemas", "services", "gateway", "consumers", "deploy")
MADE_HERE = {
    ".git",
    ".venv",
    ".state",
    "__pycache__",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".hypothesis",
    "dist",
}
BINARY = {".png", ".ico", ".woff2"}


@cache
def tracked_files() -> tuple[Path, ...]:
    """What git keeps, as it stands in the working tree; without git (an unpacked archive), all that was unpacked."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached"],  # noqa: S607 - whichever git made this checkout
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split("\0")
    except (FileNotFoundError, subprocess.CalledProcessError):
        return tuple(path for path in ROOT.rglob("*") if path.is_file() and not MADE_HERE & set(path.parts))
    return tuple(ROOT / name for name in listed if name and (ROOT / name).is_file())


def texts() -> Iterator[tuple[str, str]]:
    """Name and content of every tracked text file."""
    for path in tracked_files():
        if path.suffix == ".gz":
            yield str(path.relative_to(ROOT)), gzip.decompress(path.read_bytes()).decode()
        elif path.suffix not in BINARY:
            yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")


def modules(*folders: str) -> Iterator[Path]:
    """Every tracked Python file under these folders of the root."""
    for path in tracked_files():
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in folders:
            yield path


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method of a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def said(path: Path, line: int, what: str) -> str:
    """A finding as people and editors read it."""
    return f"{path.relative_to(ROOT)}:{line}: {what}"
