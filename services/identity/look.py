"""What a resolve looks at: candidates by key, then everything that edges, decisions and persons connect to them.

A glance before the locks says whom to lock; the look under them is what counts. What the look finds beyond the glance was
made by somebody else in between, or hangs on a placeholder: the resolve starts anew with both. Candidates are searched for
only once: whatever is committed after our search is searched for by its own resolve, which finds us.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.db.connection import Connection
from services.identity import store
from services.identity.cluster import NEAR, Decision
from services.identity.compare import Verdict, compare, is_nothing
from services.identity.graph import store as graph
from services.identity.keys import keys
from services.identity.people import Pair
from services.identity.protect import open_verdicts
from services.identity.statements import claims_in, declarations_in, slots_in
from services.identity.store import Loaded
from services.identity.unnamed.facts import Facts
from services.identity.unnamed.look import Surroundings, placeholders, unnamed_senders
from services.tokens import Tokens


@dataclass(slots=True)
class Concern:
    """What a batch of the queue is about. Worked out once; it does not change under the locks."""

    named: dict[int, int] = field(default_factory=dict)
    """Records its events name, and the lane to mark them in: their people are locked."""
    unsearched: set[int] = field(default_factory=set)
    """New records, to be searched for."""
    again: set[int] = field(default_factory=set)
    """Known records to be searched for and compared anew, because the model is another (services.identity.rejudge)."""
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

    @property
    def sought(self) -> set[int]:
        """All that are searched for."""
        return self.unsearched | self.again


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
    """What was found by searching. Records do not change, so neither the look nor another try need do it again."""

    searched: set[int] = field(default_factory=set)
    near: dict[Pair, Verdict] = field(default_factory=dict)
    """Pairs that come near, one of them searched for."""


async def glance(conn: Connection, concern: Concern, held: Mapping[int, Loaded], memory: Memory) -> set[int]:
    """Return the persons to be locked, after `search`. `held`: the records concerned."""
    person_of = {record: loaded.person for record, loaded in held.items()}
    met = {record for pair in memory.near for record in pair}
    seeds = _seeds(concern, memory)
    if (
        seeds != concern.unsearched
    ):  # new records that resemble nobody hang on nobody, or the look will see who found them
        found, beside = await graph.reached(conn, seeds)
        person_of |= found
        met |= beside
    person_of |= await store.persons_of(conn, met - person_of.keys())
    return set(person_of.values())


async def look(conn: Connection, concern: Concern, memory: Memory, tokens: Tokens) -> Look:
    """Look under the locks, in the caller's transaction."""
    found = await graph.component(conn, _seeds(concern, memory))
    core = set(found.loaded)
    around = Surroundings(loaded=found.loaded | found.beside, whole={loaded.person for loaded in found.loaded.values()})
    met = {record for pair, _ in _near(concern, memory) for record in pair}
    wanted = concern.named.keys() | concern.reopened | concern.sought | met
    around.loaded |= await store.load_records(conn, wanted - around.loaded.keys())
    # Those who only come near are locked too: what there is to review between two people depends on both.
    own = {loaded.person for loaded in around.loaded.values()}
    fresh = _fresh(around.loaded, found, concern, memory)
    near = {pair: verdict for pair, verdict in (found.verdicts | fresh).items() if verdict.kind != "none"}
    verdicts = open_verdicts(near, {record: one.held for record, one in around.loaded.items()})
    await placeholders(conn, around, core, core | concern.claimants)
    await unnamed_senders(conn, around, core, concern.numbers, tokens)
    decisions = await store.decisions(conn, core | around.examined) if around.examined else found.decisions
    return Look(
        loaded=around.loaded,
        core=core,
        examined=around.examined,
        verdicts=verdicts,
        fresh={
            pair: verdict
            for pair, verdict in fresh.items()
            if (pair in verdicts or pair in found.verdicts)
            and (found.verdicts.get(pair) != verdict or pair in found.outdated)
        },
        facts=_facts(around, decisions),
        persons=own | around.whole,
    )


def _seeds(concern: Concern, memory: Memory) -> set[int]:
    """The records whose persons are worked out again, with all that hangs on them."""
    met = {record for pair, verdict in _near(concern, memory) if verdict.weight >= NEAR for record in pair}
    return concern.sought | concern.reopened | met


def _near(concern: Concern, memory: Memory) -> list[tuple[Pair, Verdict]]:
    sought = concern.sought
    return [(pair, verdict) for pair, verdict in memory.near.items() if not sought.isdisjoint(pair)]


def _fresh(
    loaded: Mapping[int, Loaded], found: graph.Component, concern: Concern, memory: Memory
) -> dict[Pair, Verdict]:
    """What comparing says now: of pairs found just now, of those another model judged, and of all that is judged anew."""
    fresh = dict(_near(concern, memory))
    # Somebody may have been protected when we searched, and no longer is: that is all that changes in a record.
    stale = {*found.outdated, *(pair for pair, verdict in fresh.items() if verdict.blocked)}
    if concern.again:
        stale |= _of_again(found, concern)
    for a, b in stale:
        fresh[a, b] = compare(loaded[a].held.standard, loaded[b].held.standard)
    return fresh


def _of_again(found: graph.Component, concern: Concern) -> set[Pair]:
    """What was kept of records that are judged anew, whatever its model: a release may compare otherwise under one name."""
    return {
        pair
        for pair, verdict in found.verdicts.items()
        if verdict.kind != "none" and not concern.again.isdisjoint(pair)
    }


async def search(
    conn: Connection, concern: Concern, held: Mapping[int, Loaded], memory: Memory, tokens: Tokens
) -> None:
    """Search for new records by their keys, compare them with all that is found, and note what comes near."""
    wanted = {record: held[record] for record in concern.sought - memory.searched}
    by_key: dict[int, list[int]] = {}
    for record, loaded in wanted.items():
        if not loaded.unnamed:
            for key in keys(loaded.held.standard).searched:
                by_key.setdefault(tokens.key(key), []).append(record)
    memory.searched |= wanted.keys()
    if not by_key:
        return
    found = await graph.candidates(conn, by_key)
    for record, other in {(record, other) for key, other in found.met for record in by_key[key] if other != record}:
        one, says = wanted[record].held.standard, found.says[other]
        if is_nothing(one, says):
            continue
        verdict = compare(one, says)
        if verdict.kind != "none":
            memory.near[min(record, other), max(record, other)] = verdict


async def search_whole(
    conn: Connection, concern: Concern, held: dict[int, Loaded], memory: Memory, tokens: Tokens
) -> None:
    """Search for all that hang together with those judged anew, after `search`; add them to `held`.

    By half of what another model finds people would be joined who are parted when the rest of them is looked at.
    """
    compared: set[Pair] = set()
    while concern.again:
        found = await graph.component(conn, _seeds(concern, memory))
        for a, b in (found.outdated | _of_again(found, concern)) - compared:
            compared.add((a, b))
            verdict = compare(found.standard_of(a), found.standard_of(b))
            if verdict.kind != "none":
                memory.near[a, b] = verdict
        more = {record for record, loaded in found.loaded.items() if not loaded.unnamed} - concern.sought
        if not more and _seeds(concern, memory) <= found.loaded.keys():
            return
        concern.again |= more
        held |= {record: found.loaded[record] for record in more}
        await search(conn, concern, held, memory, tokens)


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
