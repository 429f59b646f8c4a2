"""Judging, alerts and ladders on a real database."""
