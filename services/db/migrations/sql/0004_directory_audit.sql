-- The directory, sealed fields, day keys, the audit chain and disclosure requests.

-- The directory. A load replaces what differs and ends what is gone; nothing is overwritten, so that it can be asked what
-- was known at any time. `body` is the entry as written (services/directory/form.py), telephone numbers of channels
-- already replaced by tokens.
CREATE TABLE directory_entries (
    entry_id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind          text NOT NULL CHECK (kind IN ('area', 'agency', 'coverage', 'agreement')),
    key           text NOT NULL,
    body          json NOT NULL,
    valid_from    timestamptz,
    valid_to      timestamptz,
    taken_at      timestamptz NOT NULL,
    superseded_at timestamptz,
    CHECK (superseded_at IS NULL OR superseded_at >= taken_at)
);
CREATE UNIQUE INDEX directory_entries_standing ON directory_entries (kind, key) WHERE superseded_at IS NULL;

-- One row for each load that changed something: the newest is the revision that readers compare.
CREATE TABLE directory_loads (
    load_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    taken_at timestamptz NOT NULL,
    actor    text NOT NULL,
    begun    integer NOT NULL,
    ended    integer NOT NULL
);

-- Sealed values: addresses, telephone numbers and free text of an event, all in one ciphertext under a key of the event's
-- own. Keys stand apart from ciphertexts, so that destroying one erases the other in every backup that holds only it.
CREATE TABLE event_keys (
    event_key    bigint PRIMARY KEY,
    wrapped      bytea,
    destroyed_at timestamptz,
    CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL))
);
CREATE TABLE sealed_parts (
    event_key bigint PRIMARY KEY,
    sealed    bytea NOT NULL
);

-- The keys of the bus, one for each day of real time, UTC.
CREATE TABLE day_keys (
    key_id       text PRIMARY KEY,
    day          date NOT NULL UNIQUE,
    wrapped      bytea,
    made_at      timestamptz NOT NULL DEFAULT transaction_timestamp(),
    destroyed_at timestamptz,
    CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL))
);

-- Audit. Written unchained in the transaction of what it tells of; the sealer moves committed rows into the chain.
-- `details` is json, not jsonb: its bytes are what is hashed.
CREATE TABLE audit_unsealed (
    audit_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    written_at timestamptz NOT NULL DEFAULT transaction_timestamp(),
    at         timestamptz NOT NULL,
    actor      text NOT NULL,
    action     text NOT NULL,
    purpose    text NOT NULL,
    basis      text NOT NULL,
    thing      text NOT NULL,
    details    json NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);

-- The chain: append-only but for erasure, which takes salt and details away and leaves the commitment.
CREATE TABLE audit (
    position   bigint NOT NULL,
    written_at timestamptz NOT NULL,
    at         timestamptz NOT NULL,
    actor      text NOT NULL,
    action     text NOT NULL,
    purpose    text NOT NULL,
    basis      text NOT NULL,
    thing      text NOT NULL,
    details    json,
    salt       bytea,
    commitment bytea NOT NULL,
    hash       bytea NOT NULL,
    PRIMARY KEY (position, written_at),
    CHECK ((details IS NULL) = (salt IS NULL))
) PARTITION BY RANGE (written_at);
-- So that no row is ever refused for want of a partition.
CREATE TABLE audit_other PARTITION OF audit DEFAULT;

-- Make a month's partition unless it is there. False: rows of that month already lie in the default partition, where they
-- may stay.
CREATE FUNCTION make_audit_partition(month date) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    first date := date_trunc('month', month)::date;
    name  text := 'audit_' || to_char(month, 'YYYY_MM');
BEGIN
    IF to_regclass(name) IS NOT NULL THEN
        RETURN true;
    END IF;
    EXECUTE format(
        'CREATE TABLE %I PARTITION OF audit FOR VALUES FROM (%L) TO (%L)',
        name, first::timestamp AT TIME ZONE 'UTC', (first + interval '1 month')::timestamp AT TIME ZONE 'UTC'
    );
    RETURN true;
EXCEPTION WHEN check_violation OR duplicate_table THEN
    RETURN to_regclass(name) IS NOT NULL;
END $$;
SELECT make_audit_partition((date_trunc('month', now() AT TIME ZONE 'UTC') + n * interval '1 month')::date)
FROM generate_series(0, 2) AS n;

-- The end of the chain. Locked by the sealer, so that there is one.
CREATE TABLE audit_head (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    position bigint NOT NULL,
    hash     bytea NOT NULL
);
INSERT INTO audit_head (position, hash) VALUES (0, decode(repeat('00', 32), 'hex'));

CREATE TABLE checkpoints (
    position  bigint PRIMARY KEY,
    hash      bytea NOT NULL,
    signed_at timestamptz NOT NULL,
    key_id    text NOT NULL,
    signature bytea NOT NULL
);

-- Requests to be told something, each with its answer.
CREATE TABLE disclosure_requests (
    request_id  uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    agency      text NOT NULL,
    thing       text NOT NULL,
    purpose     text NOT NULL,
    legal_basis text NOT NULL,
    event_types text[] NOT NULL,
    answer      text NOT NULL CHECK (answer IN ('PERMIT', 'DENY', 'REVIEW')),
    reason      text NOT NULL,
    agreements  text[] NOT NULL,
    asked_at    timestamptz NOT NULL,
    actor       text NOT NULL
);
CREATE INDEX disclosure_requests_thing ON disclosure_requests (thing);
