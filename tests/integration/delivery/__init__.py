"""Telling endpoints: real database, real broker, a receiver of our own."""
