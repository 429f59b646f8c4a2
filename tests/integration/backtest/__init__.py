"""Back-tests over a stored history."""
