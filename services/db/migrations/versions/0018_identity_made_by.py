"""What everybody held was last compared by is noted."""

from services.db.migrate import run_sql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0018_identity_made_by.sql")
