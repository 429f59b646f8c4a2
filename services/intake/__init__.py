"""Taking events in from the bus: each once, in one transaction for each batch, with a queue for what needs resolving."""
