"""The directory in PostgreSQL: what is loaded replaces what differs, and what was known before stays readable."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from services.audit import store as audit
from services.audit.record import Action, Entry
from services.db.connection import Connection
from services.directory import form, model
from services.judging import store as judging
from services.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Loaded:
    """The directory of a revision. Revision 0: none was ever loaded."""

    revision: int
    directory: model.Directory


class Changed(NamedTuple):
    """What a load did."""

    revision: int
    begun: int
    """Entries new or in a new form."""
    ended: int
    """Entries gone or in an old form."""


class _Row(NamedTuple):
    kind: str
    key: str
    body: str
    valid: model.Valid


def phone_token(master_key: bytes) -> Callable[[str], str]:
    """Return what turns a number of a channel into the token that the numbers of events have."""
    tokens = Tokens(master_key)
    return tokens.phone


async def save(
    conn: Connection,
    parsed: form.DirectoryForm,
    *,
    actor: str,
    taken_at: datetime,
    token: Callable[[str], str],
) -> Changed:
    """Make this the directory from `taken_at` on, in the caller's transaction; `token` is `phone_token(master key)`.

    Everybody is judged again in the slow lane if anything changed: who is told, and what an absence means, may differ.

    Raises:
        DirectoryError: it names what it does not hold.
    """
    directory = model.from_form(parsed, taken_at=taken_at)
    rows = _rows(parsed, directory, token)
    # One load at a time; readers are not held up.
    await conn.execute("LOCK TABLE directory_loads IN SHARE ROW EXCLUSIVE MODE")
    standing = await conn.fetch("SELECT kind, key, body FROM directory_entries WHERE superseded_at IS NULL")
    before = {(row["kind"], row["key"]): orjson.loads(row["body"]) for row in standing}
    after = {(row.kind, row.key): row for row in rows}
    begun = [row for key, row in after.items() if before.get(key) != orjson.loads(row.body)]
    ended = [key for key, body in before.items() if key not in after or orjson.loads(after[key].body) != body]
    if not begun and not ended:
        return Changed(await revision(conn), 0, 0)
    await conn.executemany(
        "UPDATE directory_entries SET superseded_at = $3 WHERE kind = $1 AND key = $2 AND superseded_at IS NULL",
        [(*key, taken_at) for key in sorted(ended)],
    )
    await conn.executemany(
        """
        INSERT INTO directory_entries (kind, key, body, valid_from, valid_to, taken_at) VALUES ($1, $2, $3, $4, $5, $6)
        """,
        [(row.kind, row.key, row.body, row.valid.since, row.valid.until, taken_at) for row in begun],
    )
    load: int = await conn.fetchval(
        "INSERT INTO directory_loads (taken_at, actor, begun, ended) VALUES ($1, $2, $3, $4) RETURNING load_id",
        taken_at,
        actor,
        len(begun),
        len(ended),
    )
    changed = Changed(load, len(begun), len(ended))
    await judging.look_again(conn, taken_at)
    details = {"begun": [f"{row.kind}:{row.key}" for row in begun], "ended": [":".join(key) for key in sorted(ended)]}
    entry = Entry(actor, Action.ADMINISTRATION, "directory", "administration", f"directory:{load}", details)
    await audit.record(conn, [entry], at=taken_at)
    return changed


def _rows(parsed: form.DirectoryForm, directory: model.Directory, token: Callable[[str], str]) -> list[_Row]:
    whole = form.dump(parsed)
    rows = [
        _Row("area", name, _text(body), directory.areas[name].valid) for name, body in whole.get("areas", {}).items()
    ]
    for name, body in whole.get("agencies", {}).items():
        for channel in body.get("channels", ()):
            # The number itself is sealed information: what is kept is the token that rules compare.
            if "phone" in channel:
                channel["token"] = token(channel.pop("phone"))
        rows.append(_Row("agency", name, _text(body), directory.agencies[name].valid))
    taken: dict[str, int] = {}
    for body, entry in zip(whole.get("coverage", ()), directory.coverage, strict=True):
        key = f"type:{entry.type}" if entry.type else f"agency:{entry.agency}"
        taken[key] = taken.get(key, 0) + 1
        rows.append(_Row("coverage", f"{key}#{taken[key]}", _text(body), entry.valid))
    for body, agreement in zip(whole.get("agreements", ()), directory.agreements, strict=True):
        rows.append(_Row("agreement", agreement.id, _text(body), agreement.valid))
    return rows


def _text(body: dict[str, Any]) -> str:
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS).decode()


async def revision(conn: Connection) -> int:
    """Return the number of the newest load that changed something; 0 if there is none."""
    found: int = await conn.fetchval("SELECT coalesce(max(load_id), 0) FROM directory_loads")
    return found


async def current(conn: Connection, held: Loaded | None = None) -> Loaded:
    """Return the directory as it stands; what the caller already holds if nothing changed since."""
    newest = await revision(conn)
    if held is not None and held.revision == newest:
        return held
    return Loaded(newest, await load(conn))


async def load(conn: Connection, *, known_at: datetime | None = None) -> model.Directory:
    """Return the directory as it stands, or as it was known at an earlier time."""
    rows = await conn.fetch(
        """
        SELECT kind, key, body, taken_at FROM directory_entries
        WHERE CASE WHEN $1::timestamptz IS NULL THEN superseded_at IS NULL
                   ELSE taken_at <= $1 AND (superseded_at IS NULL OR superseded_at > $1) END
        ORDER BY entry_id
        """,
        known_at,
    )
    mapping: dict[str, Any] = {"areas": {}, "agencies": {}, "coverage": [], "agreements": []}
    for row in rows:
        body = orjson.loads(row["body"])
        match row["kind"]:
            case "area":
                mapping["areas"][row["key"]] = body
            case "agency":
                mapping["agencies"][row["key"]] = body
            case "coverage":
                mapping["coverage"].append(body)
            case _:
                mapping["agreements"].append(body)
    return model.from_mapping(mapping, taken_at=max((row["taken_at"] for row in rows), default=None))
