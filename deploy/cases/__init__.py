"""Case files: what agencies knew and when, posted event by event and judged to the minute."""
