"""The review queue: what an item is worth, its queue, and what people decide."""

from services.db.migrate import run_sql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0006_reviews.sql")
