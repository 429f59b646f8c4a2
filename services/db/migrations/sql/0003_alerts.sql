-- Alerts, whom they are told to, and what became of it. Queues here: `tell` (courier), `ladders` (escalator).
-- `at`, `*_at` of alerts, rings and acknowledgements are domain time; leases, attempts and `tell` are real time.

CREATE TABLE alerts (
    alert_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id    uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
    rule         text NOT NULL,
    major        integer NOT NULL,
    anchor       json NOT NULL,
    -- The anchor as one text with record ids, which never change: a guard below the evaluator's locks.
    anchor_key   text NOT NULL,
    anchor_records bigint[] NOT NULL,
    owner_record bigint NOT NULL,
    condition    text NOT NULL CHECK (condition IN ('standing', 'answered', 'lapsed', 'withdrawn', 'superseded')),
    urgency      smallint NOT NULL CHECK (urgency BETWEEN 1 AND 4),
    silent       boolean NOT NULL,
    version      integer NOT NULL,
    joined_to    bigint REFERENCES alerts,
    supersedes   bigint REFERENCES alerts,
    raised_at    timestamptz NOT NULL,
    changed_at   timestamptz NOT NULL,
    release      text NOT NULL,
    finding      json NOT NULL,
    UNIQUE (rule, major, owner_record, anchor_key)
);
CREATE INDEX alerts_owner ON alerts (owner_record);
CREATE INDEX alerts_joined ON alerts (joined_to) WHERE joined_to IS NOT NULL;
COMMENT ON COLUMN alerts.owner_record IS 'the alert belongs to whichever person this record belongs to now';
COMMENT ON COLUMN alerts.joined_to IS 'the older alert of the same identity after a merge; a link, not an ending';

-- Every content an alert has had: what a recipient was told stays readable, also for one whose role ended.
CREATE TABLE alert_versions (
    alert_id  bigint NOT NULL REFERENCES alerts ON DELETE CASCADE,
    version   integer NOT NULL,
    at        timestamptz NOT NULL,
    kinds     text[] NOT NULL,
    condition text NOT NULL,
    urgency   smallint NOT NULL,
    joined_to bigint,
    finding   json NOT NULL,
    PRIMARY KEY (alert_id, version)
);

CREATE TABLE alert_recipients (
    alert_id      bigint NOT NULL REFERENCES alerts ON DELETE CASCADE,
    agency        text NOT NULL,
    role          text NOT NULL,
    ladder        text NOT NULL,
    shown         smallint NOT NULL CHECK (shown BETWEEN 1 AND 3),
    added_at      timestamptz NOT NULL,
    left_at       timestamptz,
    told          boolean NOT NULL,
    -- The agency's own count of what it was told: the alert's count would show that hidden evidence came.
    version       integer NOT NULL,
    alert_version integer,
    told_at       timestamptz,
    why           text,
    view          bytea,
    acknowledged_version integer,
    PRIMARY KEY (alert_id, agency)
);
CREATE INDEX alert_recipients_agency ON alert_recipients (agency, told_at DESC NULLS LAST, alert_id DESC) WHERE told;
COMMENT ON COLUMN alert_recipients.alert_version IS 'content at its last telling; one that left is shown nothing newer';

-- A ring: one rung of one agency's ladder has been told. `policy` is the whole ladder, frozen when it started.
CREATE TABLE rings (
    ring_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alert_id   bigint NOT NULL REFERENCES alerts ON DELETE CASCADE,
    agency     text NOT NULL,
    cycle      bigint NOT NULL,
    rung       smallint NOT NULL,
    desks      text[] NOT NULL,
    urgency    smallint NOT NULL,
    version    integer NOT NULL,
    policy     json NOT NULL,
    started_at timestamptz NOT NULL,
    closed_at  timestamptz,
    closed_why text CHECK (closed_why IN ('acknowledged', 'climbed', 'ended', 'left', 'restarted', 'exhausted')),
    CHECK ((closed_at IS NULL) = (closed_why IS NULL)),
    -- Two escalators, or one twice, never ring a rung twice.
    UNIQUE (alert_id, agency, cycle, rung)
);
CREATE INDEX rings_open ON rings (alert_id, agency) WHERE closed_at IS NULL;
COMMENT ON COLUMN rings.version IS 'the recipient''s version it rang for: an acknowledgement must name it or a later one';

-- Queue of the escalator. Of an open ring: when the next rung is told. Of an acknowledged one: when that expires.
CREATE TABLE ladders (
    ring_id bigint NOT NULL REFERENCES rings ON DELETE CASCADE,
    due_at  timestamptz NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 200);
CREATE INDEX ladders_due ON ladders (due_at);
CREATE INDEX ladders_ring ON ladders (ring_id);

CREATE TABLE acknowledgements (
    acknowledgement_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id  uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
    alert_id   bigint NOT NULL REFERENCES alerts ON DELETE CASCADE,
    agency     text NOT NULL,
    version    integer NOT NULL,
    desk       text NOT NULL,
    actor      text NOT NULL,
    action     text,
    reasons_sealed bytea,
    at         timestamptz NOT NULL,
    expires_at timestamptz,
    expired_at timestamptz
);
CREATE INDEX acknowledgements_alert ON acknowledgements (alert_id, agency, at);
COMMENT ON COLUMN acknowledgements.expires_at IS 'null: an action was recorded, so it does not expire';

-- Where an agency wants to be told. No desk: the agency's default, for desks without one of their own.
CREATE TABLE endpoints (
    endpoint_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id   uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
    agency      text NOT NULL,
    desk        text,
    kind        text NOT NULL CHECK (kind IN ('webhook', 'topic')),
    url         text,
    -- Signing secret, wrapped by the master key; the second one signs too while a rotation overlaps.
    secret_sealed   bytea,
    previous_sealed bytea,
    previous_until  timestamptz,
    -- CIDR blocks this endpoint may use although they are private. Set by two people, never by the agency.
    allowed_networks text[] NOT NULL DEFAULT '{}',
    created_at  timestamptz NOT NULL DEFAULT transaction_timestamp(),
    removed_at  timestamptz,
    failures    integer NOT NULL DEFAULT 0,
    degraded_at timestamptz,
    probe_at    timestamptz,
    CHECK ((kind = 'webhook') = (url IS NOT NULL)),
    CHECK ((kind = 'webhook') = (secret_sealed IS NOT NULL)),
    CHECK (kind = 'webhook' OR desk IS NULL)
);
CREATE UNIQUE INDEX endpoints_topic ON endpoints (agency) WHERE kind = 'topic';
CREATE INDEX endpoints_agency ON endpoints (agency) WHERE removed_at IS NULL;
COMMENT ON COLUMN endpoints.degraded_at IS 'the breaker is open: probed slowly and somebody was told, but never disabled';

-- "Bring this endpoint to the alert's present version": one row per alert and endpoint (and recipient, since a rung may lie
-- with a desk of another agency), and one for each ring.
-- The row without a ring carries the lease for both, so that one call at most is under way for each alert and endpoint.
CREATE TABLE deliveries (
    delivery_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id    uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
    alert_id     bigint NOT NULL REFERENCES alerts ON DELETE CASCADE,
    endpoint_id  bigint NOT NULL REFERENCES endpoints ON DELETE CASCADE,
    agency       text NOT NULL,
    ring_id      bigint REFERENCES rings ON DELETE CASCADE,
    told_version integer,
    told_at      timestamptz,
    lease_id     uuid,
    lease_until  timestamptz,
    tries        integer NOT NULL DEFAULT 0,
    given_up_at  timestamptz,
    UNIQUE NULLS NOT DISTINCT (alert_id, endpoint_id, agency, ring_id)
);
CREATE INDEX deliveries_ring ON deliveries (ring_id) WHERE ring_id IS NOT NULL;
CREATE INDEX deliveries_endpoint_leased ON deliveries (endpoint_id) WHERE lease_until IS NOT NULL;
COMMENT ON COLUMN deliveries.told_version IS 'the recipient''s version; null: never told, 0: told only of an alert that joined this one';
COMMENT ON COLUMN deliveries.tries IS 'failed tries since the last success; the schedule goes by it';

-- Queue of the courier.
CREATE TABLE tell (
    delivery_id bigint NOT NULL REFERENCES deliveries ON DELETE CASCADE,
    endpoint_id bigint NOT NULL,
    due_at      timestamptz NOT NULL DEFAULT transaction_timestamp()
) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 200);
CREATE INDEX tell_due ON tell (endpoint_id, due_at);
CREATE INDEX tell_delivery ON tell (delivery_id);

-- Every try, by month of real time. Bodies are thin, and are not kept: delivery and version say what was sent.
CREATE TABLE attempts (
    attempt_id   bigint GENERATED ALWAYS AS IDENTITY,
    at           timestamptz NOT NULL DEFAULT clock_timestamp(),
    delivery_id  bigint NOT NULL,
    endpoint_id  bigint NOT NULL,
    version      integer NOT NULL,
    outcome      text NOT NULL CHECK (outcome IN ('told', 'timeout', 'refused', 'unreachable', 'blocked', 'throttled')),
    status       smallint,
    milliseconds integer NOT NULL,
    address      inet,
    PRIMARY KEY (attempt_id, at)
) PARTITION BY RANGE (at);
CREATE INDEX attempts_delivery ON attempts (delivery_id, at);
CREATE TABLE attempts_other PARTITION OF attempts DEFAULT;

-- Log of evaluations: a back-test replays these instants. One row for each claim.
CREATE TABLE evaluations (
    evaluation_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    clock         timestamptz NOT NULL,
    watermark     timestamptz NOT NULL,
    release       text NOT NULL,
    persons       bigint[] NOT NULL
);

-- Evaluations that could not be finished: retried, and an operator is paged.
CREATE TABLE incomplete_evaluations (
    person_id bigint NOT NULL,
    rule      text NOT NULL,
    reason    text NOT NULL,
    since     timestamptz NOT NULL,
    last_at   timestamptz NOT NULL,
    tries     integer NOT NULL,
    PRIMARY KEY (person_id, rule)
);
COMMENT ON COLUMN incomplete_evaluations.rule IS 'empty: the whole case, for instance because it is too large';

-- What an operator must look at. One open row for each thing, however often it is noticed.
CREATE TABLE operator_pages (
    page_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind      text NOT NULL,
    about     text NOT NULL,
    detail    json NOT NULL,
    opened_at timestamptz NOT NULL DEFAULT transaction_timestamp(),
    noticed   integer NOT NULL DEFAULT 1,
    closed_at timestamptz
);
CREATE UNIQUE INDEX operator_pages_open ON operator_pages (kind, about) WHERE closed_at IS NULL;

-- The rules in force. A worker that was started with others stands down.
CREATE TABLE rules_release (
    only_row  boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    release   text NOT NULL,
    active_since timestamptz NOT NULL
);

-- Every release there has been. A worker that starts with one that was replaced does not put it in force again by itself.
CREATE TABLE rules_releases (
    release  text PRIMARY KEY,
    first_at timestamptz NOT NULL
);

-- Each start of a ladder has a number of its own, so that the rings of a joined alert can move to the older one.
CREATE SEQUENCE ladder_starts;

-- The case load asks of every fact whether it was retracted and of the subject's whether it is a report: tiny indexes
-- answer, and the wide rows stay unread.
CREATE INDEX events_retracted ON events (event_key) WHERE retracted_at IS NOT NULL;
CREATE INDEX events_report ON events (event_key) WHERE report;
CREATE INDEX persons_sealed ON persons (person_id) WHERE sealed;

-- Make a month's partition of the attempt log unless it is there. False: that month lies in the default partition.
CREATE FUNCTION make_attempts_partition(month date) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    first date := date_trunc('month', month)::date;
    name  text := 'attempts_' || to_char(month, 'YYYY_MM');
BEGIN
    IF to_regclass(name) IS NOT NULL THEN
        RETURN true;
    END IF;
    EXECUTE format(
        'CREATE TABLE %I PARTITION OF attempts FOR VALUES FROM (%L) TO (%L)',
        name, first::timestamp AT TIME ZONE 'UTC', (first + interval '1 month')::timestamp AT TIME ZONE 'UTC'
    );
    RETURN true;
EXCEPTION WHEN check_violation OR duplicate_table THEN
    RETURN to_regclass(name) IS NOT NULL;
END $$;
SELECT make_attempts_partition((date_trunc('month', now() AT TIME ZONE 'UTC') + n * interval '1 month')::date)
FROM generate_series(0, 2) AS n;
