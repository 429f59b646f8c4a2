"""What a reviewer says of an item, and what comes of it. All in the caller's transaction, the item locked first.

"Same" and "different" become decisions that the machine never overrides. A "same" that would ring a U1 is proposed until a
second person confirms it, and held until it is known what it would ring. "Cannot tell" puts the item aside until one of
the two people has a record that the reviewer could not see.
"""

import contextlib
from dataclasses import dataclass
from typing import Final, NoReturn
from uuid import UUID, uuid4

from services.audit import store as audit
from services.audit.record import Action, Entry, client_named
from services.db.clock_store import read_clock
from services.db.connection import Connection
from services.errors import Conflict, Fault, NotFound, NotPermitted
from services.identity import decide as decisions
from services.identity.decide import BASIS, PURPOSE
from services.identity.review import decisions_store as kept
from services.identity.review import store
from services.identity.review.decisions_store import Locked, Made, State, StepName, Verdict
from services.identity.review.order import CONFIRM_WITHIN, Turn, needs_second
from services.sealing import cipher

LIVING: Final = frozenset({"held", "proposed", "in-force"})


@dataclass(frozen=True, slots=True)
class Said:
    """What a member of staff says, for which agency, through which client."""

    agency: str
    actor: str
    """The agency's own staff reference."""
    reason: str
    """A code."""
    client: str
    version: str | None = None
    """Of the item, as they saw it; to take something back none is needed."""
    note: str | None = None
    """Kept sealed, and never shown."""
    protected: bool = False
    """May decide about sealed identities."""
    supervises: bool = False
    """May withdraw what others decided."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A decision as it stands now, and whether it was made just now."""

    made: Made
    new: bool


async def decide(conn: Connection, review: UUID, verdict: Verdict, said: Said, *, master_key: bytes) -> Answer:
    """Decide an item. The same said twice by one person is said once.

    Raises:
        NotFound: there is no such item for this agency.
        Conflict: it is decided already, closed, or another than they saw.
    """
    item = await _lock(conn, review, said)
    standing = next((made for made in await kept.about(conn, item.pair) if made.state in LIVING), None)
    if standing is not None:
        if standing.verdict == verdict and standing.was("decided", said.agency, said.actor):
            return Answer(standing, new=False)
        _refuse_standing(standing)
    _must_be_as_seen(item, said)
    state = _state(item, verdict)
    public_id = uuid4()
    number = await kept.insert(conn, item, public_id, verdict, state, privileged=said.protected)
    await _step(conn, item, number, public_id, "decided", said, master_key)
    await _come_of_it(conn, item, await _again(conn, item.pair, public_id))
    return Answer(await _again(conn, item.pair, public_id), new=True)


def _state(item: Locked, verdict: Verdict) -> State:
    if verdict != "same":
        return "in-force"
    if item.changing:
        return "held"
    return "proposed" if needs_second(item.turn) else "in-force"


async def _come_of_it(conn: Connection, item: Locked, made: Made) -> None:
    if made.state == "held":
        await store.queue(conn, item.review)
    elif made.state == "proposed":
        await _propose(conn, item.review)
    elif made.verdict == "cannot-tell":
        await kept.put_aside(conn, item.review)
    else:
        await _put_in_force(conn, item.pair, made)


async def confirm(
    conn: Connection, review: UUID, decision: UUID, said: Said, *, agrees: bool, master_key: bytes
) -> Answer:
    """Confirm or refuse what somebody else proposed; only then a merge takes effect.

    Raises:
        NotFound: there is no such item or decision for this agency.
        NotPermitted: whoever proposed it cannot confirm it.
        Conflict: it is not proposed, or the item is closed or another than they saw.
    """
    item = await _lock(conn, review, said)
    made = await _decision(conn, item, decision)
    step: StepName = "confirmed" if agrees else "refused"
    if made.was(step, said.agency, said.actor):
        return Answer(made, new=False)
    if made.state != "proposed":
        _refuse_state(made.state)
    _must_be_as_seen(item, said)
    if made.was("decided", said.agency, said.actor):
        fault = Fault("/actor", "second-person", "Have somebody else look at it: two people are needed.")
        raise NotPermitted("Whoever proposed it cannot confirm or refuse it.", faults=[fault])
    await _step(conn, item, made.number, decision, step, said, master_key)
    if agrees:
        await _put_in_force(conn, item.pair, made, privileged=said.protected)
    else:
        await kept.move(conn, made.number, "refused")
        await store.queue(conn, item.review)
    return Answer(await _again(conn, item.pair, decision), new=True)


async def withdraw(conn: Connection, review: UUID, decision: UUID, said: Said, *, master_key: bytes) -> Answer:
    """Take a decision back: one's own, or anybody's with leave. It stays on record.

    Raises:
        NotFound: there is no such item or decision for this agency.
        NotPermitted: it is somebody else's.
        Conflict: it no longer stands.
    """
    item = await _lock(conn, review, said)
    made = await _decision(conn, item, decision)
    if made.was("withdrawn", said.agency, said.actor):
        return Answer(made, new=False)
    if made.state not in LIVING:
        _refuse_state(made.state)
    own = made.was("decided", said.agency, said.actor) or made.was("confirmed", said.agency, said.actor)
    if not own and not said.supervises:
        fault = Fault("/actor", "not-own", "Ask whoever decided it, or somebody whose token has reviews:supervise.")
        raise NotPermitted("Only one's own decision can be withdrawn.", faults=[fault])
    await _step(conn, item, made.number, decision, "withdrawn", said, master_key)
    if made.state == "in-force" and made.verdict != "cannot-tell":
        await decisions.withdraw(conn, *item.pair, actor=f"agency:{said.agency}")
    await kept.move(conn, made.number, "withdrawn")
    await store.queue(conn, item.review)
    return Answer(await _again(conn, item.pair, decision), new=True)


async def weighed(conn: Connection, review: int, turn: Turn) -> None:
    """Let the decision that waited for it take effect, or hold it for a second person. The item is locked by now."""
    waiting = await kept.held(conn, review)
    if waiting is None:
        return
    pair, decision = waiting
    made = await _again(conn, pair, decision)
    if not needs_second(turn):
        with contextlib.suppress(NotFound):  # sealed meanwhile: for a second person of the role
            await _put_in_force(conn, pair, made)
            return
    await kept.move(conn, made.number, "proposed")
    await _propose(conn, review)


async def _propose(conn: Connection, review: int) -> None:
    await kept.wait(conn, review, (await read_clock(conn)).now + CONFIRM_WITHIN)


async def _put_in_force(conn: Connection, pair: tuple[int, int], made: Made, *, privileged: bool = False) -> None:
    assert made.verdict != "cannot-tell", "that decides nothing about the two"  # noqa: S101
    try:
        decision = await decisions.decide(
            conn,
            *pair,
            made.verdict,
            actor=f"staff:{made.by.agency}/{made.by.actor}",
            reason=made.by.reason,
            privileged=privileged or made.privileged,
        )
    except decisions.ProtectedIdentity:
        raise NotFound("No such item for this agency.") from None  # sealed since it was shown
    await kept.move(conn, made.number, "in-force", decision)


async def _lock(conn: Connection, review: UUID, said: Said) -> Locked:
    item = await kept.lock(conn, review, said.agency, protected=said.protected)
    if item is None:
        raise NotFound("No such item for this agency.")
    return item


async def _decision(conn: Connection, item: Locked, decision: UUID) -> Made:
    found = next((made for made in await kept.about(conn, item.pair) if made.public_id == decision), None)
    if found is None:
        raise NotFound("No such decision about this item.")
    return found


async def _again(conn: Connection, pair: tuple[int, int], decision: UUID) -> Made:
    return next(made for made in await kept.about(conn, pair) if made.public_id == decision)


async def _step(
    conn: Connection, item: Locked, number: int, decision: UUID, step: StepName, said: Said, master_key: bytes
) -> None:
    """Keep a step and write it down. The note goes where nobody reads it by chance."""
    note = None
    if said.note is not None:
        note = cipher.seal(
            cipher.derive(master_key, "review notes"), said.note.encode(), decision.bytes + step.encode()
        )
    await kept.step(conn, number, step, said.agency, said.actor, said.reason, note)
    details = {"decision": decision, "step": step, "agency": said.agency, "by": said.actor, "reason": said.reason}
    await audit.record(
        conn, [Entry(client_named(said.client), Action.DECISION, PURPOSE, BASIS, f"review:{item.review}", details)]
    )


def _must_be_as_seen(item: Locked, said: Said) -> None:
    if item.closed:
        fault = Fault(
            "", "closed", "Read the item again: evidence has settled it, or another item has taken its place."
        )
        raise Conflict("The item is closed.", faults=[fault])
    if said.version != item.version:
        fault = Fault("/version", "changed", "Read the item again: there is evidence that you have not seen.")
        raise Conflict("The item has changed.", faults=[fault])


def _refuse_standing(standing: Made) -> NoReturn:
    if standing.state == "in-force":
        fault = Fault("", "already-decided", "Have the decision that stands withdrawn first.")
    else:
        fault = Fault("", "already-proposed", "Confirm or refuse what is proposed, or have it withdrawn.")
    raise Conflict("A decision about this item stands.", faults=[fault])


def _refuse_state(state: State) -> NoReturn:
    fixes = {
        "held": "Try again in a few seconds: what it would ring is being worked out.",
        "proposed": "Confirm or refuse it.",
        "in-force": "Nothing is to be done: it is in force.",
    }
    fault = Fault("", f"is-{state}", fixes.get(state, "Decide anew: it no longer stands."))
    raise Conflict("The decision is not in a state for that.", faults=[fault])
