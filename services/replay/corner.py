"""A corner of somebody's servers: a database and a topic prefix of one's own, gone afterwards."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit

from services.replay.logs import delete_topics
from services.replay.store import CORNER, drop_database, make_database
from services.settings import Settings


@asynccontextmanager
async def of_servers(settings: Settings) -> AsyncIterator[Settings]:
    """Yield settings of an empty database and unused topics on these servers; both are removed afterwards."""
    prefix = f"{settings.topic_prefix}replay-{secrets.token_hex(4)}."
    async with of_database(settings) as own:
        try:
            yield own.model_copy(update={"topic_prefix": prefix})
        finally:
            await delete_topics(settings, prefix)


@asynccontextmanager
async def of_database(settings: Settings) -> AsyncIterator[Settings]:
    """Yield settings of an empty database on this PostgreSQL; it is removed afterwards."""
    name = f"{CORNER}{secrets.token_hex(6)}"
    await make_database(settings.database_url, name)
    try:
        url = urlunsplit(urlsplit(settings.database_url)._replace(path=f"/{name}"))
        yield settings.model_copy(update={"database_url": url})
    finally:
        await drop_database(settings.database_url, name)
