"""What was known when: when events were resolved, joins undone, and who was told of each version."""

from services.db.migrate import run_sql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0013_known_when.sql")
