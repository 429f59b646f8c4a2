"""Whose case to judge, and when: the queue of marks and timers, and the log of what was judged."""
