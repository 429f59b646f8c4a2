"""Records and what connects them, as stored: candidates by key, edges, and all that hangs together."""
