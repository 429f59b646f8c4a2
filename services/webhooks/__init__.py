"""Endpoints, what is on its way to them, and how it is signed and retried."""
