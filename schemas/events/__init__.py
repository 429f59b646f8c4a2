"""Event types, one module for each sector that sends them, and the families that several sectors share."""
