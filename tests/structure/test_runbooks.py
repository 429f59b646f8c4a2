"""Every alarm has a runbook whose commands, statements, routes and names are real; decisions are numbered and complete."""

import ast
import importlib.util
import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import asyncpg
import pytest
import yaml

from gateway.app import create_app
from services.settings import Settings
from services.telemetry import Log
from tests.structure.commands import parse_command
from tests.structure.sources import PACKAGES, ROOT, modules

DECISIONS = sorted((ROOT / "deploy/decisions").glob("*.md"))
RUNBOOKS = sorted(path for path in (ROOT / "deploy/runbooks").glob("*.md") if path.name != "README.md")
INDEX = ROOT / "deploy/runbooks/README.md"
PAGES = [*RUNBOOKS, INDEX]
PAGE_LINES = 120  # of one runbook or decision: what a person reads standing
QUIET = {"logging.DEBUG", "logging.INFO"}
DECISION_PARTS = ("Context", "Options", "Decision", "Consequences", "Measured")
RUNBOOK_PARTS = (
    "What it means for people at risk",
    "How to see it",
    "What to do now",
    "How to know it is over",
)


def calls(function: str) -> Iterator[ast.Call]:
    """Every call of a function of this name, `note` or `page`, in the code that ships."""
    for path in modules(*PACKAGES):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == function:
                yield node


def alarms() -> set[str]:
    """Names of log lines that are written as a warning or worse, or at a level decided on the spot."""
    found: set[str] = set()
    for call in calls("note"):
        levels = [ast.unparse(word.value) for word in call.keywords if word.arg == "level"]
        if levels and levels[0] not in QUIET:
            found |= {Log[name].value for name in re.findall(r"Log\.([A-Z_]+)", ast.unparse(call.args[0]))}
    return found


def kinds_of_pages() -> set[str]:
    """Kinds of page an operator can get."""
    found = set()
    for call in calls("page"):
        if ast.unparse(call.func) == "operators.page":
            kind = call.args[1]
            assert isinstance(kind, ast.Constant), f"not a plain text: {ast.unparse(call)}"
            found.add(str(kind.value))
    return found


@cache
def front(path: Path) -> dict[str, Any]:
    """What stands between the dashes at the top of a runbook."""
    _, text, _ = path.read_text(encoding="utf-8").split("---\n", 2)
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def named(field: str) -> set[str]:
    return {name for path in RUNBOOKS for name in front(path).get(field, ())}


def blocks(path: Path, language: str) -> list[str]:
    """The fenced blocks of a page in this language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def in_blocks(language: str) -> dict[str, str]:
    """Every block of all pages, by page and number."""
    return {f"{path.stem}-{n}": text for path in PAGES for n, text in enumerate(blocks(path, language), 1)}


def commands() -> dict[str, list[str]]:
    lines = [(path.stem, line) for path in PAGES for text in blocks(path, "sh") for line in text.splitlines()]
    return {f"{page}: {line}": shlex.split(line)[1:] for page, line in lines if line.startswith("tocsin ")}


COMMANDS = commands()
STATEMENTS = in_blocks("sql")
SCRIPTS = in_blocks("python")


def headings(path: Path) -> list[str]:
    return re.findall(r"^## (.*)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)


def test_every_alarm_has_a_runbook() -> None:
    assert not alarms() - named("logs"), "log lines that somebody is woken by, with no page that says what to do"


def test_every_kind_of_page_has_a_runbook() -> None:
    assert kinds_of_pages() == named("pages")


def test_the_index_says_which_pages_close_by_themselves() -> None:
    closing = {arg.value for call in calls("close_pages") for arg in call.args[1:2] if isinstance(arg, ast.Constant)}
    text = INDEX.read_text(encoding="utf-8")
    said = text[text.index("These close") : text.index("The others")]
    assert set(re.findall(r"`([a-z-]+)`", said)) == closing | {"review-overdue", "review-unconfirmed"}


@pytest.mark.parametrize("path", RUNBOOKS, ids=lambda path: path.stem)
def test_a_runbook_is_complete(path: Path) -> None:
    said = front(path)
    assert set(said) <= {"logs", "pages", "chore"}
    assert set(said["logs"]) <= set(Log)
    assert path.stem.startswith("chore-") == said.get("chore", False)
    assert headings(path) == list(RUNBOOK_PARTS)
    assert len(path.read_text(encoding="utf-8").splitlines()) <= PAGE_LINES


def test_the_index_lists_every_runbook_and_no_other() -> None:
    listed = re.findall(r"\]\(([a-z-]+\.md)\)", INDEX.read_text(encoding="utf-8"))
    assert sorted(listed) == sorted(path.name for path in RUNBOOKS)


@pytest.mark.parametrize("path", [*PAGES, *DECISIONS], ids=lambda path: path.stem)
def test_what_a_page_names_is_there(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    links = [name for name in re.findall(r"\]\(([\w./-]+)\)", text) if not (path.parent / name).exists()]
    quoted = re.findall(r"`([^`\n]+)`", text)
    files = [
        name for name in quoted if re.match(rf"({'|'.join(PACKAGES)}|tests)/", name) and not (ROOT / name).exists()
    ]
    logs = [name for name in quoted if re.fullmatch(r"[a-z]+\.[a-z-]+", name) and name.split(".")[0] in PREFIXES]
    settings = [name for name in re.findall(r"\bTOCSIN_[A-Z_]+", text) if name not in VARIABLES]
    paths = [route for route in re.findall(r"(?<![\w.])(/(?:v1|health)/[\w/$-]*)", text) if not is_route(route)]
    wrong = [*links, *files, *(name for name in logs if name not in set(Log)), *settings, *paths]
    assert not wrong, f"{path.name} names what is not there: {wrong}"


PREFIXES = {log.value.split(".")[0] for log in Log}
VARIABLES = {f"TOCSIN_{name.upper()}" for name in Settings.model_fields}


def is_route(written: str) -> bool:
    """Whether the gateway has this route; `$NAME` stands for any parameter."""
    shape = re.sub(r"\$\w+", "{}", written).rstrip("/")
    return shape in {re.sub(r"\{\w+\}", "{}", route) for route in routes()}


@cache
def routes() -> frozenset[str]:
    return frozenset(create_app(Settings()).openapi()["paths"])


@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
def test_every_command_exists(arguments: list[str]) -> None:
    parse_command(arguments)


async def test_every_statement_runs(database: str) -> None:
    """On the tables as migrated. Only a block headed Change may write; its writing is taken back."""
    changes = {text for path in PAGES for text in changing(path)}
    connection = await asyncpg.connect(database)
    failed = []
    try:
        for where, statement in STATEMENTS.items():
            transaction = connection.transaction(readonly=statement not in changes)
            await transaction.start()
            try:
                await connection.execute(statement)
            except asyncpg.PostgresError as error:
                failed.append(f"{where}: {error}")
            finally:
                await transaction.rollback()
    finally:
        await connection.close()
    assert not failed, "\n".join(failed)


def changing(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8")
    return re.findall(r"^\*Change\*\n\n```sql\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_every_script_imports_what_there_is(script: str) -> None:
    for node in ast.walk(ast.parse(script)):
        if isinstance(node, ast.ImportFrom):
            module = importlib.import_module(node.module or "")
            missing = [name.name for name in node.names if not is_in(module, name.name)]
            assert not missing, f"{node.module} has no {missing}"


def is_in(module: ModuleType, name: str) -> bool:
    """Whether a module has this name, or a package this module."""
    return hasattr(module, name) or importlib.util.find_spec(f"{module.__name__}.{name}") is not None


def test_decisions_are_numbered_without_gaps() -> None:
    assert [path.name[:5] for path in DECISIONS] == [f"{n:04}-" for n in range(1, len(DECISIONS) + 1)]


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_is_complete(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f"# ADR {path.name[:4]}: ")
    assert [part for part in headings(path) if part in DECISION_PARTS] in (
        list(DECISION_PARTS),
        [part for part in DECISION_PARTS if part != "Options"],  # said in parts: Options for the form, for the answer
    )
    assert any(part.startswith("Options") for part in headings(path))
    assert "For:" in text
    assert "Against:" in text
    assert len(text.splitlines()) <= PAGE_LINES
    known = {path.name[:4] for path in DECISIONS}
    assert set(re.findall(r"ADR (\d{4})", text)) <= known
