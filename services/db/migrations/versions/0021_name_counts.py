"""Names are counted, and a count is put in force."""

from services.db.migrate import run_sql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0021_name_counts.sql")
