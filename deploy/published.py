"""schemas/published on disk: what other agencies build against, written from the models and never by hand."""

import json
from pathlib import Path
from typing import Any, Final

from schemas import catalogue
from schemas.publish import breaking, documents, rendered

FOLDER: Final = Path(__file__).parent.parent / "schemas" / "published"
OPENAPI: Final = "openapi.json"


class WouldBreak(Exception):
    """A published type would refuse what was valid: it needs a new version. `changes` says where."""

    def __init__(self, changes: tuple[str, ...]) -> None:
        super().__init__("\n".join(changes))
        self.changes = changes


def stored(folder: Path = FOLDER) -> dict[str, dict[str, Any]]:
    """What is published now, by path below the folder."""
    return {
        path.relative_to(folder).as_posix(): json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(folder.rglob("*.json"))
    }


def current(openapi: dict[str, Any] | None = None) -> dict[str, dict[str, Any]]:
    """What the models say today, and the gateway's OpenAPI document if it is given."""
    return documents() | ({OPENAPI: openapi} if openapi else {})


def publish(openapi: dict[str, Any] | None = None, *, may_break: bool = False, folder: Path = FOLDER) -> int:
    """Write what is current, and take away what is gone; return how many documents there are.

    Without `openapi` that document is left as it is. `may_break`: nobody uses the types that change yet.

    Raises:
        WouldBreak: a published type would no longer take what it took.
    """
    now, before = current(openapi), stored(folder)
    changes = tuple(f"{path}{difference.path}: {difference.what}" for path, difference in breaking(before, now))
    if changes and not may_break:
        raise WouldBreak(changes)
    for path in before.keys() - now.keys() - {OPENAPI}:
        (folder / path).unlink()
    for path, content in now.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(rendered(content), encoding="utf-8")
    (folder / catalogue.PAGE).write_text(catalogue.page(now), encoding="utf-8")
    return len(now)
