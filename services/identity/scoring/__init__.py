"""Weights of evidence that two records are one person, against everybody else who would explain it.

Levels (names, births, places, numbers) say how two records agree, field by field. The model says how likely each level is
of one person and of each rival. `rivals` adds that up; `services.identity.compare` judges it. Pure: no I/O but the
model's two files, read once.
"""
