"""Invented populations whose truth is known: who they are, who lives with whom, and how agencies write them down.

Seeded: the same seed and size give the same file. Lists, shares and error rates are this generator's own guesses, kept
apart from the tables and the model that matching uses; `overlap` says how much of its spellings those tables know anyway.
"""
