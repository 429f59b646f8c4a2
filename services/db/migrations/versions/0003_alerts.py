"""Marks and timers, alerts, deliveries and ladders."""

from services.db.migrate import run_sql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0003_alerts.sql")
