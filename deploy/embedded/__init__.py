"""Real PostgreSQL and Apache Kafka from packages, for evaluation, demonstration and tests."""
