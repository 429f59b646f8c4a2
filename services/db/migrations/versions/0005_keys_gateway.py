"""Day keys of the bus, callers, endpoints and receipts."""

from services.db.migrate import run_sql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0005_keys_gateway.sql")
