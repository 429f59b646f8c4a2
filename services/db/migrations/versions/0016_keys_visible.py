"""Blocking keys are vacuumed as they come, so that candidates are read from the index alone."""

from services.db.migrate import run_sql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0016_keys_visible.sql")
