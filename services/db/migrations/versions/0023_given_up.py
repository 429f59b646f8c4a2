"""What was given up is found by its endpoint."""

from services.db.migrate import run_sql

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0023_given_up.sql")
