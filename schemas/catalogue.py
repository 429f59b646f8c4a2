"""The catalogue that engineers of agency systems read: what to send when, its fields, and a command that sends it.

Made from the published documents, so that it says what they say. Types that only differ in who sends them share an entry.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, get_args

from schemas.codes import LISTS, list_of
from schemas.events.counterparts import counterpart
from schemas.events.declared import SECTORS
from schemas.people import Role, Setting, SlotRelation
from schemas.registry import EVENT_TYPES, wire_name
from schemas.relations import RelationKind, RelationStatus

Json = dict[str, Any]

PAGE: Final = "catalogue.md"
_COMMON: Final = "common.json"
_TOLD_ELSEWHERE: Final = frozenset({"EventData"})
_SAID_OTHERWISE: Final = {
    "When": 'an instant with its offset; a day, a month or a year; `{"earliest": ..., "latest": ...}`; null: not known',
    "Bare": 'a day, a month or a year; `{"earliest": ..., "latest": ...}`; null: not known',
    "Instant": "a date and time with its offset",
}

_INTRODUCTION: Final = """# What to send, and when

Every event is one CloudEvent posted to `/v1/events` with a bearer token ([README](../../README.md#by-hand-with-curl)): `source` is
your agency's, `id` is your own name for the event, for ever. Sending it again is harmless. All times carry an offset.

Send what you know when you know it, above all what you do *not* yet understand: a contact that led to nothing, a visitor, an
answer that is missing. Leave out what you do not know; leaving out is never read as "no". Every field of `data` beside those
below is in [common.json](common.json) (`EventData`): when it happened (`occurred`), when you learned it (`known_at`) and wrote it down
(`recorded_at`); who it is about (`people`), what they are said to be to each other (`relationships`), from whom you have it
(`informant`), how sure it is (`grade`), and what may be done with it (`handling`). Addresses, telephone numbers, names of
workplaces and free text are sealed on arrival.

The commands work as they stand: `$TOCSIN` is the gateway, `$TOKEN` a bearer token for the agency in `source`, whose ids are of an
invented county (put your own in its place). For the first of the housing commands, on a gateway started with `make up`:

```sh
export TOCSIN=http://127.0.0.1:8080
SECRET=$(.venv/bin/tocsin clients add try-housing --agency housing-exshire --types 'housing.*')
TOKEN=$(curl -sS --fail-with-body -d grant_type=client_credentials -d client_id=try-housing -d client_secret="$SECRET" $TOCSIN/oauth/token | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')
```

Several fields take words that rules wait for: [the code lists](#code-lists) have them.
"""

_WORDS: Final[Mapping[str, tuple[Any, str]]] = {
    "Roles of `people`": (
        Role,
        (
            "What somebody is in this event. `alleged`: something is alleged of them, which is not a finding. `professional`: "
            "need not be checked."
        ),
    ),
    "Kinds of `relationships`": (
        RelationKind,
        "`parent` runs from the parent, `carer` from the carer, `contact` from the adult, `harmed` from whoever harmed.",
    ),
    "What a relationship is": (
        RelationStatus,
        (
            "`disclosed`: by one of the two; `confirmed`: found by an agency. An end counts where an agency claims it "
            "(`claimed_by: agency`) and says on what `grounds`."
        ),
    ),
    "Somebody unnamed": (SlotRelation, "Whose what: a `slot` stands for a person nobody has named yet."),
    "Settings of places": (Setting, ""),
}
"""Words that every event may need and that no entry of a type lists."""

_GRADE: Final = (
    "**Grade** (`grade`): the source `1` reliable, `2` untested, `3` not reliable; then the content `A` direct, `B` indirect and "
    "corroborated, `C` indirect, `D` not known, `E` suspected false. `1B` is taken as corroborated, `2C` is a single uncertain voice."
)


_CODES: Final = """## Code lists

Where a field takes words of your own, use the word below if it says what you mean: rules wait for these very words. Any other
word is kept and shown, and rings nothing by itself: the answer to the event says so (`warnings`), with the listed word it is nearest to.
"""


def page(documents: Mapping[str, Json]) -> str:
    """The catalogue as Markdown, from every published document by its path."""
    families = _families()
    index = [f"* [{happened}](#{_anchor(happened)}): {', '.join(names)}" for happened, names in families.items()]
    entries = [_entry(happened, names, documents) for happened, names in families.items()]
    words = ["## Words and parts\n", *_words(), *_parts(documents)]
    return "\n".join([_INTRODUCTION, f"## All {len(EVENT_TYPES)} types\n", *index, "", *entries, *words, *_codes()])


def _codes() -> Iterator[str]:
    yield _CODES
    for each in LISTS:
        fields = ", ".join(f"`{name}`" for name in each.fields)
        yield f'<a id="codes-{each.fields[0]}"></a>**{each.title}** ({fields}). Source: {each.source}.\n'
        yield "| Code | What it says |"
        yield "|---|---|"
        for code, says in each.codes.items():
            yield f"| `{code}` | {says} |"
        yield ""


def _words() -> Iterator[str]:
    for title, (literal, remark) in _WORDS.items():
        listed = ", ".join(f"`{word}`" for word in get_args(literal))
        yield f"**{title}**: {listed}.{' ' if remark else ''}{remark}\n"
    yield f"{_GRADE}\n"


def _parts(documents: Mapping[str, Json]) -> Iterator[str]:
    """Every part that the tables above name in their second column, in one line each."""
    common = documents[_COMMON]["$defs"]
    waiting = [part for name in documents if name.startswith("events/") for part in _parts_of(documents[name])]
    used: dict[str, str] = {}
    while waiting:
        part = waiting.pop()
        if part in common and part not in used and part not in _TOLD_ELSEWHERE:
            fields = common[part].get("properties", {})
            used[part] = ", ".join(f"`{name}` ({_listed(name, _takes(said))})" for name, said in fields.items())
            waiting += _parts_of(common[part])
    yield "| Part | Its fields |"
    yield "|---|---|"
    for part, fields in sorted(used.items()):
        yield f"| {part} | {fields or _SAID_OTHERWISE.get(part, 'see [common.json](common.json)')} |"
    yield ""


def _parts_of(schema: Json) -> list[str]:
    found = [_takes(said) for said in schema.get("properties", {}).values() if "EventData" not in str(said)]
    return [word for takes in found for word in takes.replace("list of ", "").split(" or ")]


def _families() -> dict[str, list[str]]:
    """What happened -> the sectors that send it, where their events have the same fields; else one entry for each."""
    found: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for (name, _), model in EVENT_TYPES.items():
        sector, _, happened = name.partition(".")
        found.setdefault((happened, tuple(model.model_fields)), []).append(sector)
    several = {happened for happened, _ in found if sum(other == happened for other, _ in found) > 1}
    return {
        (f"{sectors[0]}.{happened}" if happened in several else happened): sectors
        for (happened, _), sectors in sorted(found.items())
    }


def _entry(title: str, sectors: Sequence[str], documents: Mapping[str, Json]) -> str:
    name = title if title.partition(".")[0] in SECTORS else f"{sectors[0]}.{title}"
    model = EVENT_TYPES[name, 1]
    document = documents[f"events/{wire_name(name, 1)}.json"]
    who = ", ".join(SECTORS[sector][0] for sector in sectors)
    send = (
        document["description"].replace(SECTORS[sectors[0]][0], "your agency")
        if sectors[1:]
        else document["description"]
    )
    lines = [f"## {title}", "", f"**Sent by** {who}.", "", send, ""]
    if today := counterpart(name):
        lines += [f"Today: {today}.", ""]
    if model.is_report:
        lines += [
            "Counts as a *report*: exactly one person is its `subject`, and whoever takes it must check everybody named.",
            "",
        ]
    if model.answers:
        lines += [f"May answer an alert that waits for: {', '.join(sorted(model.answers))}.", ""]
    if fields := list(_fields(document)):
        lines += ["| Field | Takes | What it says |", "|---|---|---|", *fields, ""]
    return "\n".join([*lines, "```sh", _command(name, model.examples[0]), "```", ""])


def _fields(document: Json) -> Iterator[str]:
    required = document.get("required", ())
    for name, said in document["properties"].items():
        if "EventData/properties" in said.get("$ref", ""):
            continue
        what = " ".join(said["description"].split()).replace("|", "\\|")
        yield f"| `{name}`{' (required)' if name in required else ''} | {_listed(name, _takes(said))} | {what} |"


def _listed(name: str, takes: str) -> str:
    """With a link to the code list, where an open field has one."""
    codes = list_of(name)
    if codes and takes in {"text", "list of text", ", ".join(f"`{code}`" for code in codes.codes)}:
        return f"{takes}: [{codes.title}](#codes-{codes.fields[0]})"
    return takes


def _takes(said: Json) -> str:
    """What a field may hold, in a few words; the schema says it exactly."""
    if alternatives := said.get("anyOf"):
        kinds = [_takes(one) for one in alternatives if one.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    if values := said.get("enum"):
        return ", ".join(f"`{value}`" for value in values)
    if "const" in said:
        return f"`{json.dumps(said['const'])}`"
    if reference := said.get("$ref"):
        return f"{reference.rpartition('/')[2]}"
    if said.get("type") == "array":
        return f"list of {_takes(said['items'])}"
    return {"string": "text", "integer": "number", "boolean": "true or false"}.get(said.get("type", ""), "see schema")


def _command(name: str, example: Json) -> str:
    sector = name.partition(".")[0]
    envelope = {
        "specversion": "1.0",
        "id": f"example-{name.replace('.', '-')}",
        "source": f"urn:tocsin:agency:{sector}-exshire",
        "type": wire_name(name, 1),
    }
    data = ",\n  ".join(f'"{key}": {_compact(value)}' for key, value in example.items())
    body = (_compact(envelope)[:-1] + f', "data": {{\n  {data}\n}}}}').replace("'", "'\\''")
    return (
        'curl -sS --fail-with-body -H "authorization: Bearer $TOKEN" '
        f"-H 'content-type: application/cloudevents+json' $TOCSIN/v1/events -d '{body}'"
    )


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _anchor(title: str) -> str:
    """As renderers of Markdown make it from a heading."""
    return title.replace(".", "")
