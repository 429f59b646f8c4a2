"""The words rules use (domain A3a), as pure functions over a case view."""
