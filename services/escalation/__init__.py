"""Rings and ladders: who is rung next until somebody acknowledges."""
