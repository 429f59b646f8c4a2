"""Schemas: what may travel, and what is refused."""
