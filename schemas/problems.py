"""What is wrong with something sent, said so that the sender can put it right and nobody else learns anything.

A problem is a JSON pointer to a field we define, a code and what to do instead. It is made from our own words only:
neither values nor field names that we do not know are ever repeated.
"""

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from schemas.closed import FORMS

MAX_PROBLEMS: Final = 20
"""Problems listed for one event: enough to mend it, too few to flood a log."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to put right."""

    path: str
    """JSON pointer from the root of the event, such as /data/people/0/born."""
    code: str
    """Stable word for programs: missing, unknown-field, check-digit, time-naive ..."""
    fix: str
    """What to do, in English for people."""


class Refused(ValueError):
    """What was sent is not taken, for these reasons."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(f"{problem.path}: {problem.code}" for problem in problems))
        self.problems = problems


_Context = dict[str, Any]
_SEE: Final = "See the published schema of this type for what may stand here."
_Saying = tuple[str, Callable[[_Context], str]]
_OTHERWISE: Final[_Saying] = ("invalid", lambda _: _SEE)
_ID: Final[_Saying] = (
    "not-an-id",
    lambda _: "Send an id as an answer gave it: 32 hexadecimal digits with four hyphens.",
)
_FIXES: Final[dict[str, _Saying]] = {
    "uuid_parsing": _ID,
    "uuid_type": _ID,
    "missing": ("missing", lambda _: "Send this field."),
    "string_type": ("wrong-type", lambda _: "Send text."),
    "int_type": ("wrong-type", lambda _: "Send a whole number."),
    "int_parsing": ("wrong-type", lambda _: "Send a whole number."),
    "int_from_float": ("wrong-type", lambda _: "Send a whole number."),
    "bool_type": ("wrong-type", lambda _: "Send true or false."),
    "tuple_type": ("wrong-type", lambda _: "Send a list."),
    "list_type": ("wrong-type", lambda _: "Send a list."),
    "model_type": ("wrong-type", lambda _: "Send an object."),
    "model_attributes_type": ("wrong-type", lambda _: "Send an object."),
    "dict_type": ("wrong-type", lambda _: "Send an object."),
    "enum": ("not-allowed", lambda c: f"Send one of: {c['expected']}."),
    "literal_error": ("not-allowed", lambda c: f"Send one of: {c['expected']}."),
    "string_pattern_mismatch": ("form", lambda c: FORMS.get(c["pattern"], _SEE)),
    "string_too_long": ("too-long", lambda c: f"Send at most {c['max_length']} characters."),
    "string_too_short": ("too-short", lambda c: f"Send at least {c['min_length']} characters."),
    "too_long": ("too-many", lambda c: f"Send at most {c['max_length']}."),
    "too_short": ("too-few", lambda c: f"Send at least {c['min_length']}."),
    "greater_than_equal": ("out-of-range", lambda c: f"Send {c['ge']} or more."),
    "less_than_equal": ("out-of-range", lambda c: f"Send {c['le']} or less."),
}


def problems_of(error: ValidationError, model: type[BaseModel], root: str = "") -> tuple[Problem, ...]:
    """Put a validation error into our own words. `root` is the pointer to what was validated."""
    details = error.errors(include_url=False, include_input=False)
    found: dict[Problem, None] = {}  # a dict keeps order and drops what several unknown fields say alike
    for detail in details:
        # A list one of whose items is wrong counts as too short as well: only the item is the sender's mistake.
        if detail["type"] == "too_short" and _has_fault_below(details, detail["loc"]):
            continue
        found[_problem(detail, model, root)] = None
    return tuple(found)[:MAX_PROBLEMS]


def _has_fault_below(details: list[ErrorDetails], loc: tuple[int | str, ...]) -> bool:
    return any(len(other["loc"]) > len(loc) and other["loc"][: len(loc)] == loc for other in details)


def _problem(detail: ErrorDetails, model: type[BaseModel], root: str) -> Problem:
    loc, context = detail["loc"], detail.get("ctx", {})
    if detail["type"] == "extra_forbidden":
        return Problem(pointer(root, loc[:-1]), "unknown-field", _fix_of_unknown(model, loc))
    if detail["type"] == "refused":
        within = (context["within"],) if context.get("within") else ()
        return Problem(pointer(root, (*loc, *within)), context["code"], context["fix"])
    return Problem(pointer(root, loc), *code_and_fix(detail))


def code_and_fix(detail: Mapping[str, Any]) -> tuple[str, str]:
    """The code of one of pydantic's errors, and what to do instead."""
    code, fix = _FIXES.get(detail["type"], _OTHERWISE)
    return code, fix(detail.get("ctx", {}))


def pointer(root: str, loc: tuple[int | str, ...]) -> str:
    """A JSON pointer. Names in `loc` are ours, so none needs escaping."""
    return root + "".join(f"/{part}" for part in loc)


def _fix_of_unknown(model: type[BaseModel], loc: tuple[int | str, ...]) -> str:
    """Name the known field it most resembles, or all that may stand there; never the field itself."""
    names = sorted(field.alias or name for name, field in _model_at(model, loc[:-1]).model_fields.items())
    near = difflib.get_close_matches(str(loc[-1])[:40], names, n=1)
    if near:
        return f"Remove the field this type does not have; you may have meant {near[0]}."
    return f"Remove the field this type does not have; it has: {', '.join(names)}."


def _model_at(model: type[BaseModel], loc: tuple[int | str, ...]) -> type[BaseModel]:
    """The model that describes the object at this place."""
    for part in loc:
        if isinstance(part, int):
            continue
        field = next(field for name, field in model.model_fields.items() if part in {name, field.alias})
        model = next(_models_in(field.annotation), model)
    return model


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:  # noqa: ANN401 - a type hint
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    inner = get_args(annotation)
    for part in inner[:1] if get_origin(annotation) is Annotated else inner:
        yield from _models_in(part)
