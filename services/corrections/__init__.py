"""Disclosures that rested on taking several people for one: kept for the data protection officer until settled."""
