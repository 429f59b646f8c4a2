"""Receipts: what a sender holds in its hand after a 202, and what became of the event since."""
