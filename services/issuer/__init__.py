"""The development token issuer: OAuth2 client credentials for trying out, replay and tests. Off in production."""
