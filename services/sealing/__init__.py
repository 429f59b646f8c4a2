"""What is encrypted apart, and the keys: of events, of days on the bus, and the master key above both."""
