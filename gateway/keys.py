"""The day keys the gateway seals with: loaded at start, and again in the background, a day ahead of their use.

So the path of an event touches no database, and a database that is away for a night stops no report.
"""

import asyncio
import logging
from datetime import timedelta
from typing import Final

from services.bus.sealed import DayKey
from services.clock import real_now
from services.db.connection import Pool
from services.db.rerun import FAILURES
from services.errors import Unavailable
from services.sealing.store import day_keys
from services.settings import Settings
from services.telemetry import Log, note

RELOAD_SECONDS: Final = 600.0  # tomorrow's key is made within ten minutes of the day's beginning
RETRY_SECONDS: Final = 5.0  # after a failure


class KeyRing:
    """Today's key, and the truth about whether tomorrow's is held."""

    def __init__(self, settings: Settings, pool: Pool) -> None:
        self._settings = settings
        self._pool = pool
        self._keys: dict[str, DayKey] = {}
        self._reloading: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Load. Without a database now there is no key to seal with: the error is the caller's."""
        await self._load()
        self._reloading = asyncio.create_task(self._reload(), name="day-keys")

    async def stop(self) -> None:
        """Stop reloading."""
        if self._reloading is not None:
            self._reloading.cancel()
            await asyncio.wait([self._reloading])

    @property
    def ready(self) -> bool:
        """Whether the keys of today and tomorrow (UTC) are held."""
        today = real_now().date()
        return all((today + timedelta(days=n)).isoformat() in self._keys for n in range(2))

    def today(self) -> DayKey:
        """The key of today (UTC). Raises Unavailable where no database could be reached for a whole day."""
        key = self._keys.get(real_now().date().isoformat())
        if key is None:
            raise Unavailable("The key of today is not held.")
        return key

    async def _load(self) -> None:
        async with self._pool.acquire() as connection:
            held = await day_keys(connection, self._settings)
        self._keys = {key_id: DayKey(key_id, cipher) for key_id, cipher in held.items()}

    async def _reload(self) -> None:
        while True:
            await asyncio.sleep(RELOAD_SECONDS if self.ready else RETRY_SECONDS)
            try:
                await self._load()
            except FAILURES as error:
                note(Log.DATABASE_AWAY, level=logging.WARNING, error=error, task="day-keys")
