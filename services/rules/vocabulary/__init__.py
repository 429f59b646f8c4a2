"""The words rule files may use. Importing this package registers them all."""

from services.rules.vocabulary import agencies, closings, conditions, details, events, states

__all__ = ["agencies", "closings", "conditions", "details", "events", "states"]
