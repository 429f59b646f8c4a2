"""The JSON Schema of case files, for editors and for anybody who writes one with a program."""

import json
from pathlib import Path
from typing import Any, Final

from deploy.cases.model import Case

FILE: Final = Path(__file__).parent / "case.schema.json"


def schema() -> dict[str, Any]:
    """Return the schema, made from the models."""
    body = Case.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **body, "title": "Tocsin case file"}


def text() -> str:
    """Return the schema as it is committed."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def publish() -> Path:
    """Write the schema to its place and return that."""
    FILE.write_text(text(), encoding="utf-8")
    return FILE
