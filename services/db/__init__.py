"""PostgreSQL: pools, hot transactions, reruns and migrations."""
