"""Whether a reviewer's decision was made by the role for sealed identities."""

from services.db.migrate import run_sql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0009_review_privilege.sql")
