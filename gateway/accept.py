"""Saying yes quickly: whether an event fits its model, at a third of the cost of building the model.

The gateway needs no model, only the answer; and nearly every answer is yes. So each model's own compiled schema is turned
into one that checks plain dicts in place, without making objects, and reads the usual form of a time without a call into
Python. What that does not accept goes to `schemas.registry`, which decides, and says what is wrong. The turned schema
never accepts what the model refuses (tests/contract holds it to that with every type's wrong inputs).
"""

from collections.abc import Callable
from functools import cache
from typing import Any, Final

from pydantic_core import PydanticCustomError, SchemaValidator, ValidationError, core_schema

from schemas import registry
from schemas.consistency import inconsistencies
from schemas.envelope import CloudEvent
from schemas.problems import Refused

# Of the years that schemas.clocks accepts all but the first and last ten, so that no offset leads out of them.
_INSTANT: Final = (
    r"^(?:19[1-9]|20[0-9]|21[0-8])[0-9]-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?"
    r"(?:Z|[+-][0-9]{2}:[0-9]{2})$"
)
_DAY: Final = r"^(?:19[1-9]|20[0-9]|21[0-8])[0-9]-[0-9]{2}-[0-9]{2}$"

_QUICK_FORMS: Final[tuple[tuple[str, core_schema.CoreSchema], ...]] = (
    (
        "2024-03-04T09:30:00Z",
        core_schema.chain_schema(
            [
                core_schema.str_schema(pattern=_INSTANT, strict=True),
                core_schema.datetime_schema(tz_constraint="aware", strict=False),
            ]
        ),
    ),
    (
        "2024-03-04",
        core_schema.chain_schema(
            [core_schema.str_schema(pattern=_DAY, strict=True), core_schema.date_schema(strict=False)]
        ),
    ),
)
"""An example of a form, and what reads that form without Python: taken where the field's own reader takes the example."""


def is_surely_right(event: object, *, history: bool) -> bool:
    """Whether this is an event as it should be, envelope and data. If not, `registry` decides, and says what is wrong."""
    if not isinstance(event, dict) or not isinstance(wire_type := event.get("type"), str):
        return False
    try:
        _quick(wire_type).validate_python(event)
    except (ValidationError, Refused):
        return False
    return not inconsistencies(registry.model_of(wire_type), event["data"], history=history)


@cache
def _quick(wire_type: str) -> SchemaValidator:
    """The reader of one type, made when its first event comes: some 10 ms, and all of them would be seconds at start.

    Raises Refused where there is no such type, which is not remembered.
    """
    model = registry.model_of(wire_type)
    for each in (CloudEvent, model):
        each.model_rebuild()
    whole = _turned(CloudEvent.__pydantic_core_schema__)
    whole["fields"]["data"] = core_schema.typed_dict_field(_turned(model.__pydantic_core_schema__), required=True)
    return SchemaValidator(whole)


def _turned(schema: Any) -> Any:  # noqa: ANN401 - a core schema is dicts in dicts, and lists of them
    """The same schema with dicts for models and quick forms of times."""
    if isinstance(schema, list):
        return [_turned(part) for part in schema]
    if isinstance(schema, tuple):
        return tuple(_turned(part) for part in schema)
    if not isinstance(schema, dict):
        return schema
    kind = schema.get("type")
    if kind == "model":
        return _dict_of(schema)
    if kind == "function-plain":
        return _with_quick_form(schema)
    return {name: part if name in {"metadata", "function"} else _turned(part) for name, part in schema.items()}


def _dict_of(schema: dict[str, Any]) -> dict[str, Any]:
    """A model's fields as those of a dict. A model that checks more than its fields is left as it is."""
    inner = schema["schema"]
    if inner["type"] != "model-fields" or schema.get("custom_init") or schema.get("post_init"):
        return schema
    fields = {}
    for name, field in inner["fields"].items():
        value, required = field["schema"], True
        if value["type"] == "default":
            value, required = value["schema"], False
        fields[field.get("validation_alias", name)] = core_schema.typed_dict_field(_turned(value), required=required)
    turned: dict[str, Any] = dict(core_schema.typed_dict_schema(fields, config=schema["config"]))
    if "ref" in schema:
        turned["ref"] = schema["ref"]
    return turned


def _with_quick_form(schema: dict[str, Any]) -> dict[str, Any]:
    read: Callable[[object], object] = schema["function"]["function"]
    for example, quick in _QUICK_FORMS:
        try:
            read(example)
        except PydanticCustomError:
            continue
        return dict(core_schema.union_schema([quick, schema], mode="left_to_right"))
    return schema
