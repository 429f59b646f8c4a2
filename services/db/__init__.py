"""PostgreSQL: pools, hot transactions, reruns and migrations."""

from services.db.connection import Connection, Pool, hot_transaction, open_engine, open_pool
from services.db.migrate import migrate
from services.db.rerun import rerun_on_conflict

__all__ = ["Connection", "Pool", "hot_transaction", "migrate", "open_engine", "open_pool", "rerun_on_conflict"]
