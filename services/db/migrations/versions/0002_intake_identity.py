"""Events as taken in, records, identity and its queue."""

from services.db.migrate import run_sql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0002_intake_identity.sql")
