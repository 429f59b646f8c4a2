"""The directory, sealed fields and the audit chain."""

from services.db.migrate import run_sql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0004_directory_audit.sql")
