"""Whose whereabouts are flagged is found from an index."""

from services.db.migrate import run_sql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0017_flagged_addresses.sql")
