"""Senders are told of conflicts."""

from services.db.migrate import run_sql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0022_conflict_notices.sql")
