"""What a resolve looks at: candidates by key, then everything that links, decisions and persons connect to them.

Called before the locks and again under them: what the second look finds beyond the first was made by somebody else in
between, and the resolve starts anew with both.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.db.connection import Connection
from services.identity import store
from services.identity.cluster import Decision
from services.identity.compare import Verdict, compare
from services.identity.keys import keys
from services.identity.people import Pair
from services.identity.protect import open_verdicts
from services.identity.slots import Facts
from services.identity.statements import claims_in, declarations_in, slots_in
from services.identity.store import Loaded
from services.identity.unnamed.look import Surroundings, placeholders, unnamed_senders
from services.tokens import Tokens


@dataclass(slots=True)
class Concern:
    """What a batch of the queue is about. Worked out once; it does not change under the locks."""

    named: dict[int, int] = field(default_factory=dict)
    """Records its events name, and the lane to mark them in: their people are locked."""
    unsearched: set[int] = field(default_factory=set)
    """New records, to be searched for."""
    reopened: set[int] = field(default_factory=set)
    """Known records whose place has to be worked out again: decided on, retracted, alive again, or older than known."""
    claimants: set[int] = field(default_factory=set)
    """Records between which a relation is claimed that a placeholder may be joined by."""
    numbers: set[str] = field(default_factory=set)
    """Numbers declared."""
    turned: set[int] = field(default_factory=set)
    """Records that only retracted events name since just now, or no longer."""
    shielded: set[int] = field(default_factory=set)
    """Records that have just become protected, or are no longer."""


@dataclass(slots=True)
class Look:
    """Everything the answer depends on, as of one moment."""

    loaded: dict[int, Loaded]
    core: set[int]
    """Records whose persons are worked out again."""
    examined: set[int]
    """Placeholders and senders that are."""
    verdicts: dict[Pair, Verdict]
    fresh: dict[Pair, Verdict]
    """Verdicts found just now, to be kept."""
    facts: Facts
    persons: set[int]
    """To be locked."""

    @property
    def fixed(self) -> Mapping[int, int]:
        """Named neighbours, whose persons nothing here can change."""
        return {
            record: loaded.person
            for record, loaded in self.loaded.items()
            if record not in self.core and not loaded.unnamed
        }

    @property
    def moving(self) -> set[int]:
        """All records that may change hands."""
        return self.core | self.examined


@dataclass(slots=True)
class Memory:
    """What was worked out at the first look: records do not change, so the second need not do it again."""

    compared: dict[Pair, Verdict] = field(default_factory=dict)
    keys: dict[int, frozenset[int]] = field(default_factory=dict)
    """Searched keys by record."""


async def look(
    conn: Connection, concern: Concern, memory: Memory, tokens: Tokens, held: Mapping[int, Loaded] | None = None
) -> Look:
    """Look once, in the caller's transaction. `held`: the records concerned, where they were loaded just now."""
    named = (
        dict(held)
        if held
        else await store.load_records(conn, concern.named.keys() | concern.reopened | concern.unsearched)
    )
    fresh = await _candidates(conn, concern, named, memory, tokens)
    met = {record for pair in fresh for record in pair}
    connected = await store.closure(conn, concern.unsearched | concern.reopened | met)
    core = set(connected)
    around = Surroundings(loaded=named | connected, whole={loaded.person for loaded in connected.values()})
    own = around.whole | {loaded.person for loaded in named.values()}
    verdicts = await store.edges(conn, core) | fresh
    decisions = await store.decisions(conn, core)
    beside = {record for pair in verdicts for record in pair} | {r for d in decisions for r in (d.a, d.b)}
    around.loaded |= await store.load_records(conn, beside - around.loaded.keys())
    # Those who only come near are locked too: what there is to review between two people depends on both.
    own |= {around.loaded[record].person for record in beside}
    here = {record: loaded.held for record, loaded in around.loaded.items()}
    verdicts, fresh = open_verdicts(verdicts, here), open_verdicts(fresh, here)
    await placeholders(conn, around, core, core | concern.claimants)
    await unnamed_senders(conn, around, core, concern.numbers, tokens)
    if around.examined:
        decisions = await store.decisions(conn, core | around.examined)
    return Look(
        loaded=around.loaded,
        core=core,
        examined=around.examined,
        verdicts=verdicts,
        fresh=fresh,
        facts=_facts(around, decisions),
        persons=own | around.whole,
    )


async def _candidates(
    conn: Connection, concern: Concern, named: Mapping[int, Loaded], memory: Memory, tokens: Tokens
) -> dict[Pair, Verdict]:
    """Search for new records by their keys, compare them with all that is found, and return what comes near."""
    by_key: dict[int, list[int]] = {}
    for record in concern.unsearched:
        if not named[record].unnamed:
            if record not in memory.keys:
                searched = keys(named[record].held.standard).searched
                memory.keys[record] = frozenset(tokens.key(key) for key in searched)
            for key in memory.keys[record]:
                by_key.setdefault(key, []).append(record)
    if not by_key:
        return {}
    pairs = {
        (min(record, found), max(record, found))
        for key, found in await store.search(conn, by_key)
        for record in by_key[key]
        if found != record
    }
    unknown = pairs - memory.compared.keys()
    loaded = await store.load_records(conn, {record for pair in unknown for record in pair} - named.keys())
    loaded |= named
    for a, b in unknown:
        memory.compared[a, b] = compare(loaded[a].held.standard, loaded[b].held.standard)
    return {pair: verdict for pair in pairs if (verdict := memory.compared[pair]).kind != "none"}


def _facts(around: Surroundings, decisions: list[Decision]) -> Facts:
    """Everything `settle` needs: living records, and of the unnamed only those to be worked out again."""
    named = around.named(around.loaded)
    slots = [slot for fact in around.facts for slot in slots_in(fact) if slot.record in around.examined]
    unnamed = {slot.record for slot in slots} | {sender.record for sender in around.senders}
    living = {record for record in named | unnamed if not around.loaded[record].void}
    return Facts(
        records={record: around.loaded[record].held for record in living},
        slots=[slot for slot in slots if slot.record in living],
        claims=[claim for fact in around.facts for claim in claims_in(fact)],
        senders=[sender for sender in around.senders if sender.record in living],
        declarations=[declared for fact in around.facts for declared in declarations_in(fact)],
        decisions=decisions,
    )
