"""Lives of persons: sealed identities, aliases, and disclosures that rested on a wrong merge."""

from services.db.migrate import run_sql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0007_persons.sql")
