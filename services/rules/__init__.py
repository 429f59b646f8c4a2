"""Rules: pure functions of a case and a clock."""
