"""Loading a directory into an installation, with what hangs on it: a topic for each agency's alerts."""

from schemas.topics import alerts_topic
from services.db.clock_store import read_clock
from services.db.connection import Connection, Pool, hot_transaction
from services.directory import store
from services.directory.form import DirectoryForm
from services.kafka import create_topics
from services.settings import Settings


async def load_directory(pool: Pool, settings: Settings, parsed: DirectoryForm, *, actor: str) -> store.Changed:
    """Make this the directory from now on by the domain clock, and create the alert topics that are missing.

    Topics first: a directory whose agencies have no topic could not be told anything.
    """
    told = [agency for agency, entry in sorted(parsed.agencies.items()) if entry.ladders]
    await create_topics(settings, [alerts_topic(agency) for agency in told])
    async with hot_transaction(pool) as connection:
        clock = await read_clock(connection)
        token = store.phone_token(settings.master_key_bytes)
        return await store.save(connection, parsed, actor=actor, taken_at=clock.now, token=token)


async def sectors(connection: Connection) -> dict[str, str]:
    """Return the sector of every agency of the directory."""
    loaded = await store.load(connection)
    return {agency.id: agency.sector for agency in loaded.agencies.values()}
