-- Who may ask the development issuer for a token, and what the token will say. Production uses a real issuer: this stays
-- empty there.
CREATE TABLE clients (
    client_id   text PRIMARY KEY CHECK (client_id ~ '^[a-z0-9][a-z0-9.-]{0,79}$'),
    secret_hash bytea NOT NULL CHECK (length(secret_hash) = 32),
    -- {"police-west-midlands": ["police.*"]}: the agencies it speaks for, and the event types of each
    publishes   jsonb NOT NULL CHECK (jsonb_typeof(publishes) = 'object'),
    sources     text[] NOT NULL CHECK (cardinality(sources) BETWEEN 1 AND 1000),
    scopes      text[] NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT transaction_timestamp()
);
COMMENT ON COLUMN clients.secret_hash IS 'SHA-256: the secret is 32 random bytes, so there is nothing to guess slowly';

CREATE INDEX conflicts_position ON conflicts (topic, partition, "offset");  -- receipts
