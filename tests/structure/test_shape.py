"""Sizes, names and habits that no linter holds for us."""

import ast
import re

import pytest

from tests.structure.sources import PACKAGES, ROOT, functions, modules, said

MODULE_LINES = 500
FUNCTION_LINES = 70
# Folders of more than fifteen modules that do not stand side by side: their package says what each is for.
WITH_A_MAP = ("services/identity", "services/rules")
# Names that say nothing about what is inside, so that everything ends up inside.
SAYING_NOTHING = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "base", "misc", "core", "lib"}
# What silences a check, and after it the reason: never another line's, which may move away.
SILENCED = re.compile(r"(?<!`)#\s(noqa|type: ignore|pragma)\b")
SAYS_WHY = re.compile(
    r"(noqa: [A-Z\d, ]+\d|type: ignore\[[a-z, -]+\]|pragma: [a-z ]+)\s*[#-]+\s*(?!as (above|below)\b)[\w`]"
)
SAYS_WHY_ITSELF = re.compile(r"assert .*, \"\w+\W+\w.*#\snoqa: S101$")
SLEEPS = {"asyncio.sleep", "time.sleep"}
# The one loop that waits for a condition; benches, which keep a pace; chaos, whose random moments are the point.
ALLOWED_TO_SLEEP = ("tests/polling.py", "tests/bench/", "tests/chaos/")
BROAD = {"Exception", "BaseException"}
SUPPRESSES_ALL = r"(contextlib\.)?suppress\(.*\b(Base)?Exception\b.*\)"
SQL = re.compile(r"\b(SELECT\s|INSERT INTO|DELETE FROM|UPDATE \w+ SET|CREATE TABLE|FOR UPDATE|FOR NO KEY UPDATE)")
SQL_LIVES_IN = re.compile(r"^(services/([a-z_]+/)*[a-z_]*store\.py|services/db/.*|deploy/embedded/postgres\.py)$")


def test_no_module_is_longer_than_one_can_read() -> None:
    found = [
        said(path, lines, f"has {lines} lines; {MODULE_LINES} is the limit")
        for path in modules(*PACKAGES, "tests")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > MODULE_LINES
    ]
    assert not found, "\n".join(found)


def test_no_function_is_longer_than_a_screen() -> None:
    found = [
        said(path, function.lineno, f"{function.name} has {lines} lines; {FUNCTION_LINES} is the limit")
        for path in modules(*PACKAGES, "tests")
        for function in functions(path)
        if (lines := (function.end_lineno or 0) - function.lineno + 1) > FUNCTION_LINES
    ]
    assert not found, "\n".join(found)


def test_every_module_is_named_for_what_it_does() -> None:
    found = [
        said(path, 1, "says nothing about what is inside")
        for path in modules(*PACKAGES, "tests")
        if SAYING_NOTHING & {path.stem, *path.relative_to(ROOT).parts}
    ]
    assert not found, "\n".join(found)


def test_every_folder_of_code_is_a_package() -> None:
    """A folder without __init__.py ships and imports, but the import contracts do not look inside."""
    found = {
        str(path.parent.relative_to(ROOT))
        for path in modules(*PACKAGES, "tests")
        if not (path.parent / "__init__.py").exists() and "migrations" not in path.parts
    }
    assert not found, f"no __init__.py in {sorted(found)}"


@pytest.mark.parametrize("folder", WITH_A_MAP)
def test_a_large_folder_says_what_each_of_its_modules_is_for(folder: str) -> None:
    package = ast.get_docstring(ast.parse((ROOT / folder / "__init__.py").read_text(encoding="utf-8"))) or ""
    there = {path.stem for path in (ROOT / folder).iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    named = {name.partition(".")[0] for name in re.findall(r"`(\w+)[`.]", package)}
    assert there - {"__init__"} <= named


def test_no_test_folder_shadows_a_package() -> None:
    """`tests/gateway` would make `import gateway` find the tests, in every import mode of pytest."""
    assert not {path.name for path in (ROOT / "tests").iterdir()} & set(PACKAGES)


def test_tests_wait_for_conditions_not_for_seconds() -> None:
    found = [
        said(path, node.lineno, "sleeps: use tests.polling.until")
        for path in modules("tests")
        if not str(path.relative_to(ROOT)).startswith(ALLOWED_TO_SLEEP)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in SLEEPS
    ]
    assert not found, "\n".join(found)


def test_every_broad_except_says_why() -> None:
    found = []
    for path in modules(*PACKAGES, "tests"):
        lines = path.read_text(encoding="utf-8").splitlines()
        for node in ast.walk(ast.parse("\n".join(lines))):
            if isinstance(node, ast.Call) and re.fullmatch(SUPPRESSES_ALL, ast.unparse(node)):
                found.append(said(path, node.lineno, "suppresses whatever goes wrong: name what may be passed over"))
            if not isinstance(node, ast.ExceptHandler):
                continue
            caught = ast.unparse(node.type) if node.type else "everything"
            ends_in_raise = isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None
            said_why = re.search(r"BLE001\b\s*[#-]\s*\w", lines[node.lineno - 1])
            if (node.type is None or BROAD & set(re.findall(r"\w+", caught))) and not ends_in_raise and not said_why:
                found.append(said(path, node.lineno, f"catches {caught}: add `# noqa: BLE001 - the reason`"))
    assert not found, "\n".join(found)


def test_every_silenced_check_says_why() -> None:
    found = [
        said(path, number, "silences a check: say why on this line")
        for path in modules(*PACKAGES, "tests")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if SILENCED.search(line) and not SAYS_WHY.search(line) and not SAYS_WHY_ITSELF.search(line)
    ]
    assert not found, "\n".join(found)


def test_sql_lives_in_stores() -> None:
    found = []
    for path in modules(*PACKAGES):
        name = str(path.relative_to(ROOT))
        if SQL_LIVES_IN.match(name):
            continue
        found += [
            said(path, node.lineno, "SQL outside a store.py")
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.search(node.value)
        ]
    assert not found, "\n".join(found)
