"""A ladder may end because its alert was joined to one whose own ladder goes on."""

from services.db.migrate import run_sql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0019_ladders_joined.sql")
