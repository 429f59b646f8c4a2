"""The weight of an edge as a column."""

from services.db.migrate import run_sql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0011_edge_weights.sql")
