"""How far the odds of a review item lie from even, apart from their weight."""

from services.db.migrate import run_sql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0012_review_doubt.sql")
