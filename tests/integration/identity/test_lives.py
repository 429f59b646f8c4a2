"""The life of an id over random histories: it stands for whoever holds the records it ever held, and readers can follow."""

import random
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID

import orjson
import pytest

from schemas.identity import IdentityChange
from schemas.topics import IDENTITY_CHANGES
from services.bus.producer import Bus
from services.db import Pool, hot_transaction, rerun_on_conflict
from services.identity.changes.publish import publish_next
from services.identity.decide import ProtectedIdentity, decide, withdraw
from services.identity.persons.store import stands_for
from services.identity.resolve import resolve
from services.settings import Settings
from tests.integration.identity.histories import random_events
from tests.integration.intake.bus import messages_on, poster
from tests.integration.intake.traffic import Feed

EVENTS = 40
DECISIONS = 12


@dataclass
class Watched:
    """A history as somebody sees it who looks after every step."""

    feed: Feed
    pool: Pool
    held: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    """Person -> the records it was ever seen to hold."""
    known: set[int] = field(default_factory=set)
    """Ids that somebody may have been told: resolved, a person of their own, and open to be named."""

    async def settle(self) -> None:
        while (await rerun_on_conflict(lambda: resolve(self.pool, self.feed.secrets.tokens, 1))).rows:
            await self.look()

    async def look(self) -> None:
        async with hot_transaction(self.pool) as conn:
            rows = await conn.fetch(
                """
                SELECT m.record_id, m.person_id, EXISTS (
                    SELECT FROM unresolved u WHERE u.event_key = r.first_event_key
                ) OR r.void OR p.sealed
                FROM membership m JOIN records r USING (record_id) JOIN persons p USING (person_id)
                """
            )
        for record, person, unseen in rows:
            self.held[person].add(record)
            if record == person and not unseen:
                self.known.add(person)

    async def decide_at_random(self, rng: random.Random) -> None:
        async with hot_transaction(self.pool) as conn:
            records = [row[0] for row in await conn.fetch("SELECT record_id FROM records ORDER BY content_hash")]
            one, other = rng.sample(records, 2)
            standing = await conn.fetch("SELECT record_a, record_b FROM decisions WHERE withdrawn_at IS NULL")
            if standing and rng.random() < 0.4:
                await withdraw(conn, *rng.choice(standing), actor="desk:x/y")
                return
            try:
                verdict: Literal["same", "different"] = rng.choice(("same", "same", "different"))
                privileged = rng.random() < 0.5
                await decide(conn, one, other, verdict, actor="desk:x/y", reason="r", privileged=privileged)
            except ProtectedIdentity:
                return

    async def wanted(self) -> dict[int, set[int]]:
        """Who holds now what each id was ever seen to hold."""
        async with hot_transaction(self.pool) as conn:
            rows = await conn.fetch(
                "SELECT record_id, person_id FROM membership JOIN records USING (record_id) WHERE NOT void"
            )
        now = {row[0]: row[1] for row in rows}
        assert all(now[person] == person for person in now.values()), "an id is a record of its person, always"
        return {person: {now[r] for r in records if r in now} for person, records in self.held.items()}


async def lived(pool: Pool, seed: int, *, sealed: bool) -> Watched:
    rng = random.Random(seed)
    feed = Feed(pool)
    await feed.start(0)
    watched = Watched(feed, pool)
    for made in random_events(rng, EVENTS):
        if sealed and made["data"]["people"] and rng.random() < 0.1:
            subject = made["data"]["people"][0]
            if not subject.get("unnamed_sender"):
                subject |= {"own_id": f"N-{rng.randint(1, 4)}", "protected": True}
        await feed.say(made)
        await watched.look()
        await watched.settle()
    for _ in range(DECISIONS):
        await watched.decide_at_random(rng)
        await watched.settle()
    return watched


@pytest.mark.parametrize("sealed", [False, True], ids=["open", "some sealed"])
@pytest.mark.parametrize("seed", range(4))
async def test_an_id_stands_for_exactly_those_who_hold_what_it_held(pool: Pool, seed: int, sealed: bool) -> None:
    watched = await lived(pool, seed, sealed=sealed)
    wanted = await watched.wanted()
    async with hot_transaction(pool) as conn:
        found = {person: {part.person for part in parts} for person, parts in (await stands_for(conn, wanted)).items()}
    assert {person: (found[person], wanted[person]) for person in wanted if found[person] != wanted[person]} == {}
    assert any(len(parts) > 1 for parts in found.values()), "no split in this history: it shows nothing"
    assert any(parts and person not in parts for person, parts in found.items()), "no merge in this history"


@pytest.mark.parametrize("seed", range(2))
async def test_a_reader_that_replays_the_topic_ends_with_the_present_state(
    live_settings: Settings, pool: Pool, seed: int
) -> None:
    async with poster(live_settings, pool) as made:
        watched = await lived(pool, seed, sealed=True)
        await publish_all(pool, made.bus, live_settings)
        rng = random.Random(seed + 1000)
        for _ in range(DECISIONS):  # news on top of news
            await watched.decide_at_random(rng)
            await watched.settle()
            await publish_all(pool, made.bus, live_settings)
        read = [
            IdentityChange.model_validate_json(orjson.dumps(orjson.loads(message)["data"]))
            for message in await messages_on(live_settings, IDENTITY_CHANGES.name)
        ]
    assert [change.seq for change in read] == sorted({change.seq for change in read})
    newest = {change.person: change for change in read}
    public, sealed = await public_ids(pool)
    for person, parts in (await watched.wanted()).items():
        if person not in watched.known:
            continue
        own = public[person]
        said = newest[own].became if own in newest else (own,)
        assert set(said) == {public[part] for part in parts if part not in sealed}, f"{own} in {newest.get(own)}"
    assert {public[person] for person in sealed}.isdisjoint(
        other for change in newest.values() for other in change.became
    )


async def publish_all(pool: Pool, bus: Bus, settings: Settings) -> None:
    while await publish_next(pool, bus, settings):
        pass


async def public_ids(pool: Pool) -> tuple[dict[int, UUID], set[int]]:
    async with hot_transaction(pool) as conn:
        rows = await conn.fetch("SELECT person_id, public_id, sealed FROM persons")
    return {row[0]: UUID(str(row[1])) for row in rows}, {row[0] for row in rows if row[2]}


async def test_what_comes_to_the_same_is_not_said_again(live_settings: Settings, pool: Pool) -> None:
    async with poster(live_settings, pool) as made:
        watched = await lived(pool, 0, sealed=False)
        await publish_all(pool, made.bus, live_settings)
        before = len(await messages_on(live_settings, IDENTITY_CHANGES.name))
        async with hot_transaction(pool) as conn:
            await conn.execute(
                "INSERT INTO identity_changes (changed_at, person_id) SELECT now(), person_id FROM persons"
            )
        await publish_all(pool, made.bus, live_settings)
        again = len(await messages_on(live_settings, IDENTITY_CHANGES.name)) - before
    # Only of ids that nobody was ever told: their records were somebody else's as soon as they were looked at.
    assert again <= len(watched.held.keys() - watched.known)
