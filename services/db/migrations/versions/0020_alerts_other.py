"""Alerts are found by the other person they name."""

from services.db.migrate import run_sql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0020_alerts_other.sql")
