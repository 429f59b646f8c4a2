"""Thresholds and clocks of rules that are set for an area."""

from services.db.migrate import run_sql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0015_rule_parameters.sql")
