"""Candidate rules over stored history: what would have rung, when, and at which desks."""
