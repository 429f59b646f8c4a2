"""Views of a person by id: what an agency may see of whom it reported itself, or was told of in an alert."""
