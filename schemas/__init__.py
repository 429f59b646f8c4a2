"""What travels: envelope, people, event types, alerts, webhooks. Pydantic and the standard library only, no I/O."""
