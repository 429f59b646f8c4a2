"""SQLAlchemy over asyncpg, for all that is not hot."""

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from services.db.connection import CONNECT_SECONDS
from services.settings import Settings


def open_engine(settings: Settings, *, size: int | None = None) -> AsyncEngine:
    """An engine with a pool of its own."""
    return create_async_engine(
        "postgresql+asyncpg://",
        # asyncpg reads the URL itself: SQLAlchemy's own reading knows neither sslmode nor socket folders.
        async_creator=lambda: asyncpg.connect(settings.database_url, timeout=CONNECT_SECONDS),
        pool_size=size or settings.database_pool_size,
        max_overflow=0,
        pool_pre_ping=True,
    )
