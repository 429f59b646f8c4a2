"""Where in a model the marked fields are: worked out once for each model, then walked over plain JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar, get_args, get_origin, get_type_hints

from pydantic import BaseModel

M = TypeVar("M")


@dataclass(frozen=True, slots=True)
class Place(Generic[M]):
    """One field on the way to a marked value: the mark itself, or the marked fields of the object it holds."""

    mark: M | None
    inside: Mapping[str, "Place[M]"]
    is_list: bool


def marked(model: type[BaseModel], mark: type[M]) -> Mapping[str, Place[M]]:
    """The fields of `model`, by their name on the wire, that are marked or lead to a marked one."""
    hints = get_type_hints(model, include_extras=True)
    found: dict[str, Place[M]] = {}
    for name, field in model.model_fields.items():
        place = _place(hints[name], mark)
        if place is not None:
            found[field.alias or name] = place
    return found


def _place(hint: Any, mark: type[M], *, is_list: bool = False, own: M | None = None) -> Place[M] | None:  # noqa: ANN401 - a type hint
    """Look through Annotated, unions and tuples for the mark or for a model that leads to it."""
    if get_origin(hint) is Annotated:
        hint, *extras = get_args(hint)
        own = next((extra for extra in extras if isinstance(extra, mark)), own)
    if own is not None:
        return Place(own, {}, is_list or get_origin(hint) is tuple)
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        inside = marked(hint, mark)
        return Place(None, inside, is_list) if inside else None
    in_list = is_list or get_origin(hint) is tuple
    for part in get_args(hint):
        place = _place(part, mark, is_list=in_list)
        if place is not None:
            return place
    return None
