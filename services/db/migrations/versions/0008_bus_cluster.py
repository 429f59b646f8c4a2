"""Which Kafka cluster our offsets are of."""

from services.db.migrate import run_sql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_sql("0008_bus_cluster.sql")
