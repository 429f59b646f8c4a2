"""Back-tests: what was known when, and what differs."""
