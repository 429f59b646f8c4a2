from services.db import Pool
from tests.integration.intake.traffic import Feed, event, marked, people, person, rel


async def test_two_agencies_name_one_person(pool: Pool) -> None:
    feed = Feed(pool)
    await feed.start()
    await feed.say(event("a", [person("S", "Alban Piers Thornquist", "1981-06-14", role="subject")]))
    await feed.say(event("b", [person("S", "Alban Thornquist", "1981-06-14", role="subject")], agency="police-kent"))
    await feed.say(event("c", [person("S", "Ottilie Marrable", "1987-02-02", role="subject")], agency="police-kent"))
    await feed.resolve_all()
    assert await people(pool) == {frozenset({"a/S", "b/S"}), frozenset({"c/S"})}
    assert await marked(pool) == {"a/S", "b/S", "c/S"}


async def test_a_known_record_is_marked_at_once_and_resolves_nothing(pool: Pool) -> None:
    feed = Feed(pool)
    await feed.start()
    body = person("S", "Alban Piers Thornquist", "1981-06-14", role="subject")
    await feed.say(event("a", [body]))
    await feed.resolve_all()
    await marked(pool)
    taken = await feed.say(event("b", [body]))
    assert (taken.new, taken.new_records, taken.unresolved) == (1, 0, 0)
    assert await marked(pool) == {"a/S", "b/S"}


async def test_a_placeholder_joins_whom_a_source_names(pool: Pool) -> None:
    feed = Feed(pool)
    await feed.start()
    him = person("S", "Corin Ashdown", "1984-03-22", role="subject")
    her = person("W", "Maren Tolland", "1988-01-30", role="partner")
    slot = {"ref": "X", "role": "partner", "slot": {"of": "S", "relation": "partner"}}
    await feed.say(event("slot", [him, slot], relationships=[rel("S", "X")]))
    await feed.say(event("again", [him, slot], agency="police-kent"))
    await feed.resolve_all()
    assert await people(pool) == {frozenset({"slot/S", "again/S"}), frozenset({"slot/X", "again/X"})}
    await marked(pool)
    cites = [{"id": "again", "source": "urn:tocsin:agency:police-kent"}]
    await feed.say(event("named", [him, her], relationships=[rel("S", "W", cites=cites)]))
    await feed.resolve_all()
    assert frozenset({"slot/X", "again/X", "named/W"}) in await people(pool)
    assert await marked(pool) == {"slot/S", "again/S", "named/S", "slot/X", "again/X", "named/W"}
