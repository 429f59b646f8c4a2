"""A trial: the whole pipeline in memory, without servers, for rule tests, case files and the oracle of the chaos tests.

The same pure parts as the stored pipeline: standardise, compare, settle, neighbours, evaluate, diff.
"""
