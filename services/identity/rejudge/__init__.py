"""Judging a whole population anew after the model has changed: report, approval, and application by the resolve workers."""
