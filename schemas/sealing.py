"""Taking the sealed values out of an event's data, in one pass over plain JSON that a model has accepted.

Runs once for each event taken in, at over a thousand a second: where to look is worked out once for each model.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from schemas.envelope import EventData
from schemas.handling import SealedAs, SealedKind
from schemas.marks import Place, marked

Tokenise = Callable[[SealedKind, Any], dict[str, Any] | None]
"""(kind, value) -> what stands in its place, e.g. {"token": ".."}; None if it says nothing ("no fixed abode", 01234567890) and
so nothing stands there. A dwelling's value is {"lines": [..], "postcode"?}."""

Sealed = dict[str, Any]
"""JSON pointer -> the value that stood there."""


@cache
def sealed_places(model: type[EventData]) -> Mapping[str, Place[SealedAs]]:
    """The sealed fields of a type and the way to them."""
    return marked(model, SealedAs)


def sealed_paths(model: type[EventData]) -> tuple[str, ...]:
    """The sealed fields of a type as JSON pointers, with * for list positions."""
    return tuple(_paths(sealed_places(model), ""))


def _paths(places: Mapping[str, Place[SealedAs]], above: str) -> list[str]:
    found: list[str] = []
    for name, place in places.items():
        path = f"{above}/{name}"
        if place.mark is not None:
            found.append(path)
        else:
            found += _paths(place.inside, f"{path}/*" if place.is_list else path)
    return found


def seal(model: type[EventData], data: Mapping[str, Any], tokenise: Tokenise) -> tuple[dict[str, Any], Sealed]:
    """Split accepted data into a body that may be kept in clear and the values to be kept sealed.

    Lines and postcode of an address become `dwelling` and `postcode` tokens; its area stays. Nothing is changed in
    place: parts without sealed values are shared with `data`.
    """
    sealed: Sealed = {}
    return _seal(data, sealed_places(model), "", tokenise, sealed), sealed


def _seal(
    node: Mapping[str, Any], places: Mapping[str, Place[SealedAs]], path: str, tokenise: Tokenise, sealed: Sealed
) -> dict[str, Any]:
    public = dict(node)
    for name, place in places.items():
        value = node.get(name)
        if not value:  # absent, null, empty
            continue
        here = f"{path}/{name}"
        if place.mark is None:
            if place.is_list:
                public[name] = [
                    _seal(item, place.inside, f"{here}/{index}", tokenise, sealed) for index, item in enumerate(value)
                ]
            else:
                public[name] = _seal(value, place.inside, here, tokenise, sealed)
            continue
        sealed[here] = value
        kind = place.mark.kind
        del public[name]
        if kind == "dwelling":
            postcode = node.get("postcode")
            whole = {"lines": value, "postcode": postcode} if postcode else {"lines": value}
            made: Any = tokenise("dwelling", whole)
        elif place.is_list:
            made = [token for item in value if (token := tokenise(kind, item)) is not None]
        else:
            made = tokenise(kind, value)
        if made:
            public["dwelling" if kind == "dwelling" else name] = made
    return public
