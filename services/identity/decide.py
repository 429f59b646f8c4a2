"""What people decide about two records. A decision is a fact: the machine never overrides it, another decision may."""

from typing import Literal

from services.audit import store as audit
from services.audit.record import Action, Entry
from services.db.connection import Connection
from services.identity import store

PURPOSE = "safeguarding"
BASIS = "identity-review"


class ProtectedIdentity(ValueError):
    """One of the two is of sealed identity, and whoever decides has no part in those."""


async def decide(
    conn: Connection,
    one: int,
    other: int,
    verdict: Literal["same", "different"],
    *,
    actor: str,
    reason: str,
    privileged: bool = False,
) -> int:
    """Keep a decision about two records, in place of any earlier one, and queue both for resolving; return its number.

    `privileged`: whoever decides has the role for sealed identities (the scope `identity:protected`).

    Raises:
        ValueError: the two are one record, or one of them does not exist.
        ProtectedIdentity: one of them is protected, and the decision is not privileged.
    """
    a, b = sorted((one, other))
    loaded = await store.load_records(conn, (a, b))
    if a == b or len(loaded) != 2:  # noqa: PLR2004 - the two
        raise ValueError("a decision is about two records that exist")
    if not privileged and any(each.held.standard.protected for each in loaded.values()):
        raise ProtectedIdentity("a sealed identity is for the role that may link it")
    await store.withdraw_decision(conn, a, b)
    decision = await store.insert_decision(conn, a, b, verdict, actor, reason, privileged=privileged)
    await _noted(conn, decision, actor, verdict)
    return decision


async def withdraw(conn: Connection, one: int, other: int, *, actor: str) -> bool:
    """Take back the standing decision about two records; say whether there was one."""
    a, b = sorted((one, other))
    withdrawn = await store.withdraw_decision(conn, a, b)
    for decision in withdrawn:
        await _noted(conn, decision, actor, "withdrawn")
    return bool(withdrawn)


async def _noted(conn: Connection, decision: int, actor: str, verdict: str) -> None:
    await store.queue_decision(conn, decision)
    await audit.record(
        conn, [Entry(actor, Action.DECISION, PURPOSE, BASIS, f"decision:{decision}", {"verdict": verdict})]
    )
