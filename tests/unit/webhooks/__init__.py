"""Signing, retry schedules and addresses, without a network."""
