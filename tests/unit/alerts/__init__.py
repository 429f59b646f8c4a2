"""Alerts without a database."""
