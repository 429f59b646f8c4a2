-- Events as taken in, the records and people in them, and the queues that resolve and judge them.
-- No foreign keys on hot tables: each would take a row lock on its target for every mention. Who may delete what is
-- decided in services/intake and services/identity, the only writers.

-- One row per (source, id): the first taken in stands. Not partitioned, because that pair must stay unique.
CREATE TABLE events (
    event_key         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source            text NOT NULL,
    id                text NOT NULL,
    type              text NOT NULL,               -- sector.subject.happened, without the version
    version           integer NOT NULL,
    agency            text NOT NULL,
    history           boolean NOT NULL,            -- came by backfill: corroborates, never rings
    occurred_earliest timestamptz,
    occurred_latest   timestamptz,
    known_at          timestamptz NOT NULL,        -- the latest end, where history gives an interval
    recorded_at       timestamptz NOT NULL,        -- likewise
    received_at       timestamptz NOT NULL,        -- the gateway's clock
    taken_at          timestamptz NOT NULL,        -- when the bus itself could first know
    content_hash      bytea NOT NULL,              -- of canonical type, subject, time and data
    body              json NOT NULL,               -- data, with every sealed value replaced by {"token": hex}
    report            boolean NOT NULL,
    retracted_at      timestamptz,                 -- received_at of the retraction that took it back
    topic             text NOT NULL,
    partition         integer NOT NULL,
    "offset"          bigint NOT NULL,
    UNIQUE (source, id)
);
CREATE INDEX events_position ON events (topic, partition, "offset");  -- receipts

-- The same (source, id) with other content: kept for its sender to see, never taken in.
CREATE TABLE conflicts (
    conflict_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source       text NOT NULL,
    id           text NOT NULL,
    agency       text NOT NULL,
    event_key    bigint NOT NULL,                  -- of the one that stands
    content_hash bytea NOT NULL,
    topic        text NOT NULL,
    partition    integer NOT NULL,
    "offset"     bigint NOT NULL,
    received_at  timestamptz NOT NULL,
    taken_at     timestamptz NOT NULL,
    UNIQUE (source, id, content_hash)
);
CREATE INDEX conflicts_agency ON conflicts (agency, conflict_id);

-- What takes an event back. Kept even where its target has not come yet: the order of arrival does not matter.
CREATE TABLE retractions (
    event_key     bigint PRIMARY KEY,              -- the retraction
    target_source text NOT NULL,
    target_id     text NOT NULL,
    received_at   timestamptz NOT NULL
);
CREATE INDEX retractions_target ON retractions (target_source, target_id);

-- An agency's view of a person, immutable but for two flags. A record that may be used again is found by its content.
CREATE TABLE records (
    record_id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    agency            text NOT NULL,
    content_hash      bytea NOT NULL,
    reusable          boolean NOT NULL,            -- own id, valid identifier, or name and full date of birth
    slot              boolean NOT NULL,            -- a placeholder: nobody has named this person
    sender            boolean NOT NULL,            -- an unnamed sender: only a number is known
    standard          json NOT NULL,               -- services.identity.standardise.Standard
    first_event_key   bigint NOT NULL,
    first_received_at timestamptz NOT NULL,        -- of the earliest event that names it, in whatever order they came
    void              boolean NOT NULL DEFAULT false  -- every event that named it was retracted
) WITH (fillfactor = 90);
CREATE UNIQUE INDEX records_content ON records (agency, content_hash) WHERE reusable;

CREATE TABLE mentions (
    event_key bigint NOT NULL,
    ref       text NOT NULL,
    role      text NOT NULL,
    record_id bigint NOT NULL,
    PRIMARY KEY (event_key, ref)
);
CREATE INDEX mentions_record ON mentions (record_id, event_key);

CREATE TABLE relationships (
    event_key   bigint NOT NULL,
    n           smallint NOT NULL,                 -- position in the event's list
    from_record bigint NOT NULL,
    to_record   bigint NOT NULL,
    kind        text NOT NULL,
    status      text NOT NULL,
    PRIMARY KEY (event_key, n)
);
CREATE INDEX relationships_from ON relationships (from_record, to_record);
CREATE INDEX relationships_to ON relationships (to_record, from_record);

-- Placeholders, by whom they belong to.
CREATE TABLE slots (
    record_id      bigint PRIMARY KEY,             -- of the placeholder
    event_key      bigint NOT NULL,
    subject_record bigint NOT NULL,                -- "his partner": his; may be a placeholder itself
    relation       text NOT NULL
);
CREATE INDEX slots_subject ON slots (subject_record);

-- Numbers a person declared under a licence: what joins an unnamed sender to them.
CREATE TABLE declared_numbers (
    event_key bigint NOT NULL,
    record_id bigint NOT NULL,
    number    text NOT NULL,                       -- token of the number
    PRIMARY KEY (event_key, number)
);
CREATE INDEX declared_numbers_number ON declared_numbers (number);
CREATE INDEX declared_numbers_record ON declared_numbers (record_id);

-- A person is born with its first record and has its number for ever. Rows are locked, not written.
CREATE TABLE persons (
    person_id bigint PRIMARY KEY,                  -- record_id of the record it was born with
    public_id uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
    sealed    boolean NOT NULL DEFAULT false       -- protected identity: no automatic link
);

-- Who a record belongs to now: a projection of records, edges and decisions. What became of person p: the row of record p.
CREATE TABLE membership (
    record_id bigint PRIMARY KEY,
    person_id bigint NOT NULL,
    since     timestamptz NOT NULL
) WITH (fillfactor = 90);
CREATE INDEX membership_person ON membership (person_id);

CREATE TABLE membership_history (
    record_id bigint NOT NULL,
    person_id bigint NOT NULL,
    since     timestamptz NOT NULL,
    until     timestamptz NOT NULL,
    PRIMARY KEY (record_id, since, person_id, until)
);

-- Hashed blocking keys: (class, value) under a secret, so that a stolen table names nobody.
CREATE TABLE record_keys (
    key       bigint NOT NULL,
    record_id bigint NOT NULL,
    PRIMARY KEY (key, record_id)
);
CREATE INDEX record_keys_record ON record_keys (record_id);

-- What the comparison of two records said. Pairs that are nothing to each other have no row.
CREATE TABLE edges (
    record_a bigint NOT NULL,
    record_b bigint NOT NULL,
    verdict  text NOT NULL CHECK (verdict IN ('link', 'review', 'none')),
    reason   json NOT NULL,
    model    text NOT NULL,
    PRIMARY KEY (record_a, record_b),
    CHECK (record_a < record_b)
);
CREATE INDEX edges_other ON edges (record_b, record_a);

-- What people decided. The machine never overrides one; a later decision on the same pair withdraws the earlier.
CREATE TABLE decisions (
    decision_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    record_a     bigint NOT NULL,
    record_b     bigint NOT NULL,
    verdict      text NOT NULL CHECK (verdict IN ('same', 'different')),
    actor        text NOT NULL,
    reason       text NOT NULL,
    decided_at   timestamptz NOT NULL,
    withdrawn_at timestamptz,
    CHECK (record_a < record_b)
);
CREATE UNIQUE INDEX decisions_pair ON decisions (record_a, record_b) WHERE withdrawn_at IS NULL;
CREATE INDEX decisions_other ON decisions (record_b) WHERE withdrawn_at IS NULL;

-- Which known person a placeholder or an unnamed sender was found to be, and when that could first be known.
CREATE TABLE slot_joins (
    slot_record   bigint PRIMARY KEY,
    person_record bigint NOT NULL,                 -- a record of that person
    joined_at     timestamptz NOT NULL,            -- the latest received_at of the facts that join it
    reason        text NOT NULL,
    "by"          json NOT NULL                    -- [[source, id], ..] of those facts
);
CREATE INDEX slot_joins_person ON slot_joins (person_record);

-- Only possibly the same: work for trained staff, never evidence, never disclosed.
CREATE TABLE reviews (
    review_id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    record_id           bigint NOT NULL,
    candidate_record_id bigint NOT NULL,
    reason              json NOT NULL,
    opened_at           timestamptz NOT NULL,      -- received_at of the later of the two
    closed_at           timestamptz
);
CREATE UNIQUE INDEX reviews_open ON reviews (record_id, candidate_record_id) WHERE closed_at IS NULL;
CREATE INDEX reviews_candidate ON reviews (candidate_record_id) WHERE closed_at IS NULL;

-- Queue: events (or decisions) whose people are not yet worked out. Only the deleted row proves it done.
CREATE TABLE unresolved (
    unresolved_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_key     bigint,
    decision_id   bigint,
    topic         text,
    partition     integer,
    received_at   timestamptz NOT NULL,
    holds_at      timestamptz,                     -- where it holds the watermark; null = history or a decision, not at all
    lane          smallint NOT NULL,               -- as in due: history waits for what is live
    CHECK ((event_key IS NULL) <> (decision_id IS NULL))
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000,
        autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 10000, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX unresolved_turn ON unresolved (lane, unresolved_id);
CREATE INDEX unresolved_event ON unresolved (event_key);
CREATE INDEX unresolved_holds ON unresolved (holds_at);

-- Queue: whose case to judge, and when. No uniqueness; inserted and deleted only.
CREATE TABLE due (
    record_id bigint NOT NULL,
    due_at    timestamptz NOT NULL,
    lane      smallint NOT NULL,                   -- 0 live and timers, 1 merges and spread, 2 backfill and releases
    kind      smallint NOT NULL                    -- 0 mark, 1 spread, 2 timer
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000,
        autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 10000, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX due_turn ON due (lane, due_at);
CREATE INDEX due_record ON due (record_id, due_at);

-- How far each partition has been taken in. Only moves forward; its row lock keeps two consumers of one partition apart.
CREATE TABLE intake_progress (
    topic        text NOT NULL,
    partition    integer NOT NULL,
    next_offset  bigint NOT NULL,
    caught_up_at timestamptz NOT NULL,             -- everything sent before this is taken in
    history      boolean NOT NULL,                 -- backfill does not hold the watermark
    PRIMARY KEY (topic, partition)
) WITH (fillfactor = 50);

-- Everything received up to here is taken in and resolved. It never falls.
CREATE TABLE watermark (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    at       timestamptz NOT NULL
) WITH (fillfactor = 10);
INSERT INTO watermark (at) VALUES ('1970-01-01T00:00:00Z');

-- What could not be taken in, with its bytes as they stood on the bus: still sealed.
CREATE TABLE dead_letters (
    dead_letter_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic          text NOT NULL,
    partition      integer NOT NULL,
    "offset"       bigint NOT NULL,
    reason         text NOT NULL,                  -- a code
    detail         text NOT NULL,                  -- never from the input
    message_key    bytea,
    message_value  bytea,
    headers        json NOT NULL,                  -- [[name, base64], ..]
    taken_at       timestamptz NOT NULL,
    redrives       integer NOT NULL DEFAULT 0,
    redriven_at    timestamptz,
    UNIQUE (topic, partition, "offset")
);

-- Outbox of tocsin.identity.changes: published at least once, in order, then deleted.
CREATE TABLE identity_changes (
    seq        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    changed_at timestamptz NOT NULL,
    person     uuid NOT NULL,                      -- public id of a person whose records moved
    became     uuid[] NOT NULL                     -- public ids of those who hold its former records now
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
