"""What we know and decide. No FastAPI and no consumer loop in here."""
