"""The life of a person: what an id stands for now, who is protected, and what was shown that proved wrong."""
