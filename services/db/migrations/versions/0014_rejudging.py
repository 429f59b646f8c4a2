"""Judging a whole population anew after the model has changed."""

from services.db.migrate import run_sql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0014_rejudging.sql")
