"""The chronology of one person: what one agency may see of it, where sources contradict each other, and its exports.

Nothing is reconciled: every source's claim stands as it was made, with when it happened beside when it became known.
"""
