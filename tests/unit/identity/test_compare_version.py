"""A comparison changed under an unchanged version would leave everybody held as the release before judged them, unnoticed."""

import ast
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from pathlib import Path

import services.identity
from services.identity.compare import COMPARE_VERSION, model_name

HERE = Path(services.identity.__file__).parent
WRITTEN = {
    # version -> digest of the code and tables by which two records are compared. Another digest: raise COMPARE_VERSION and
    # write it here; if no verdict, weight or reason can have changed (a name, a module moved), write the digest only.
    1: "868c2303096891c2",
    2: "1fb1d6bad097c5db",
    3: "23c7dde98a539878",
    4: "4f2e59b8d27629da",
    5: "46c0d6aa1440805a",
    6: "0bf658673438a00d",
}


def made_of() -> Iterator[str]:
    """Code without comments and docstrings, and tables: not the model, which has a version of its own."""
    for path in (HERE / "alike.py", HERE / "compare.py", HERE / "names.py", *sorted((HERE / "scoring").glob("*.py"))):
        text = path.read_text("utf-8")
        said = {line for node in ast.walk(ast.parse(text)) if is_said(node) for line in lines(node)}
        code = (line for number, line in enumerate(text.splitlines(), 1) if number not in said)
        yield path.name
        yield from (line for line in code if line.strip() and not line.lstrip().startswith("#"))
    for path in sorted((HERE / "tables").glob("*.txt")):
        yield path.read_text("utf-8")


def is_said(node: ast.AST) -> bool:
    """Whether it is a docstring."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def lines(node: ast.AST) -> Iterable[int]:
    """Numbers of the lines it stands on."""
    return range(node.lineno, (node.end_lineno or node.lineno) + 1) if isinstance(node, ast.Expr) else ()


def digest() -> str:
    """Of all that `made_of` gives."""
    return blake2b("\n".join(made_of()).encode(), digest_size=8).hexdigest()


def test_whoever_changes_how_two_records_are_compared_raises_its_version() -> None:
    assert WRITTEN[COMPARE_VERSION] == digest()


def test_another_way_of_comparing_is_another_model_to_those_held() -> None:
    assert f".{COMPARE_VERSION}@" in model_name()
