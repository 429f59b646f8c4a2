"""Whether a schema may take the place of an older one of the same type and version.

Models are closed, so every change shows on one side. What was valid and is refused now *breaks*: yesterday's events lie
in the database and on the bus, and other agencies go on sending them. What was refused and is valid now *widens*: legal,
provided that all readers are released before the first writer.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from posixpath import dirname, join, normpath
from typing import Any, Final

Json = Mapping[str, Any]

REMOVED: Final = "removed"

MAX_DEPTH: Final = 40
"""Levels followed. Schemas here nest about ten deep and none refers to itself."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One change between two schemas of a type."""

    path: str
    what: str
    breaks: bool
    """Something valid before is refused now; otherwise something refused before is valid now."""


@dataclass(frozen=True, slots=True)
class _Schema:
    """A place in one of the documents of one edition."""

    documents: Mapping[str, Json]
    document: str
    node: Json

    def resolved(self) -> "_Schema":
        """Follow references to what they name."""
        here = self
        while "$ref" in here.node:
            file, _, inside = here.node["$ref"].partition("#")
            document = normpath(join(dirname(here.document), file)) if file else here.document
            node: Any = here.documents[document]
            for part in inside.strip("/").split("/"):
                node = node[part]
            here = _Schema(here.documents, document, node)
        return here

    def at(self, *keys: str) -> "_Schema":
        """A schema below this one."""
        node: Any = self.node
        for key in keys:
            node = node[key]
        return _Schema(self.documents, self.document, node)

    def choices(self) -> list["_Schema"]:
        """The alternatives it allows."""
        here = self.resolved()
        if "anyOf" not in here.node:
            return [here]
        return [
            inner for choice in here.node["anyOf"] for inner in _Schema(here.documents, here.document, choice).choices()
        ]


def differences(path: str, before: Mapping[str, Json], now: Mapping[str, Json]) -> Iterator[Difference]:
    """Changes of the document at `path` between two editions of all documents."""
    yield from _compare(_Schema(before, path, before[path]), _Schema(now, path, now[path]), "", 0)


def _compare(old: _Schema, new: _Schema, path: str, level: int) -> Iterator[Difference]:
    if level > MAX_DEPTH:
        raise RecursionError("schemas of events must not refer to themselves")
    olds, news = old.choices(), new.choices()
    if len(olds) == len(news) == 1:
        yield from _compare_one(olds[0], news[0], path, level)
        return
    for choice in olds:
        if not any(_takes(candidate, choice, level) for candidate in news):
            yield Difference(path, f"no longer {_kind(choice)}", breaks=True)
    for choice in news:
        if not any(_takes(candidate, choice, level) for candidate in olds):
            yield Difference(path, f"may now be {_kind(choice)}", breaks=False)


def _takes(new: _Schema, old: _Schema, level: int) -> bool:
    """Whether `new` accepts all that `old` accepts."""
    return not any(difference.breaks for difference in _compare_one(old, new, "", level))


def _kind(schema: _Schema) -> str:
    return str(schema.node.get("const", schema.node.get("type", schema.node.get("enum", "anything"))))


def _compare_one(old: _Schema, new: _Schema, path: str, level: int) -> Iterator[Difference]:
    if old.node.get("type") != new.node.get("type"):
        both = {old.node.get("type"), new.node.get("type")}
        yield Difference(path, "another type", breaks=True)
        if both != {"integer", "number"}:
            return
    yield from _values(old.node, new.node, path)
    for key in ("pattern", "format"):
        if old.node.get(key) != new.node.get(key):
            # Which of two patterns is wider cannot be computed; dropping one is.
            yield Difference(path, f"another {key}", breaks=key in new.node)
    yield from _bounds(old.node, new.node, path)
    if "items" in old.node and "items" in new.node:
        yield from _compare(old.at("items"), new.at("items"), f"{path}/*", level + 1)
    yield from _properties(old, new, path, level)


def _values(old: Json, new: Json, path: str) -> Iterator[Difference]:
    before, now = _allowed(old), _allowed(new)
    if before is None and now is None:
        return
    if now is not None and (before is None or before - now):
        yield Difference(path, "fewer values", breaks=True)
    if before is not None and (now is None or now - before):
        yield Difference(path, "more values", breaks=False)


def _allowed(node: Json) -> frozenset[Any] | None:
    if "const" in node:
        return frozenset([node["const"]])
    return frozenset(node["enum"]) if "enum" in node else None


def _bounds(old: Json, new: Json, path: str) -> Iterator[Difference]:
    for key in ("minLength", "minItems", "minimum", "minProperties"):
        before, now = old.get(key), new.get(key)
        if before != now:
            yield Difference(
                path, f"{key} {before} to {now}", breaks=now is not None and (before is None or now > before)
            )
    for key in ("maxLength", "maxItems", "maximum"):
        before, now = old.get(key), new.get(key)
        if before != now:
            yield Difference(
                path, f"{key} {before} to {now}", breaks=now is not None and (before is None or now < before)
            )


def _properties(old: _Schema, new: _Schema, path: str, level: int) -> Iterator[Difference]:
    if old.node.get("type") != "object":
        return
    before, now = old.node.get("properties", {}), new.node.get("properties", {})
    needed, needs = set(old.node.get("required", ())), set(new.node.get("required", ()))
    if old.node.get("additionalProperties") != new.node.get("additionalProperties"):
        yield Difference(path, "open or closed otherwise", breaks=True)
    for name in before.keys() - now.keys():
        yield Difference(f"{path}/{name}", REMOVED, breaks=True)
    for name in now.keys() - before.keys():
        yield Difference(f"{path}/{name}", "added", breaks=name in needs)
    for name in (needs - needed) & before.keys():
        yield Difference(f"{path}/{name}", "required now", breaks=True)
    for name in (needed - needs) & now.keys():
        yield Difference(f"{path}/{name}", "no longer required", breaks=False)
    for name in before.keys() & now.keys():
        yield from _compare(old.at("properties", name), new.at("properties", name), f"{path}/{name}", level + 1)
