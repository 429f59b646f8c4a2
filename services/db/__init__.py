"""PostgreSQL: pools, hot transactions, reruns.

Migrations (services.db.migrate) and SQLAlchemy, which runs them, are not imported here: they take a second of processor
time, and none of our processes needs them.
"""

from services.db.connection import Connection, Pool, hot_transaction, open_pool, snapshot_transaction, wait_for_pool
from services.db.rerun import FAILURES, rerun_on_conflict

__all__ = [
    "FAILURES",
    "Connection",
    "Pool",
    "hot_transaction",
    "open_pool",
    "rerun_on_conflict",
    "snapshot_transaction",
    "wait_for_pool",
]
