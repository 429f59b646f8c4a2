"""What could not be taken in: kept with its reason, its bytes still sealed, and driven again on request."""
