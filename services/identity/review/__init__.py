"""Who might be who: the queue of record x person that people decide, and what comes of their decisions."""
