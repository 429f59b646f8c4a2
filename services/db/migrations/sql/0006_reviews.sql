-- The review queue: record x person, for trained staff. What an item is worth is worked out behind the scenes
-- (services/identity/review/weigh.py) and again whenever either person's case changes.

ALTER TABLE reviews
    ADD COLUMN public_id  uuid NOT NULL DEFAULT gen_random_uuid(),
    ADD COLUMN turn       smallint NOT NULL DEFAULT 2,   -- 1 a U1 would ring, 2 not known (yet), 3-5 U2-U4, 6 nothing
    ADD COLUMN turn_since timestamptz,
    ADD COLUMN rules      text[] NOT NULL DEFAULT '{}',  -- which would ring; for operators, never shown to a reviewer
    ADD COLUMN weight     integer,                       -- log2 odds of "same", thousandths of a bit; null = no figure
    ADD COLUMN agencies   text[] NOT NULL DEFAULT '{}',  -- that hold a record of either: nobody else sees the item
    ADD COLUMN areas      text[] NOT NULL DEFAULT '{}',  -- 'agency/area': what each of them says of where
    ADD COLUMN weighed_at timestamptz,
    ADD COLUMN due_at     timestamptz,                   -- by when it is to be decided, or confirmed
    ADD COLUMN overdue_at timestamptz,                   -- somebody was paged
    ADD COLUMN aside_at   timestamptz;                   -- "cannot tell": waits for new evidence
CREATE UNIQUE INDEX reviews_public ON reviews (public_id);
CREATE INDEX reviews_queue ON reviews (turn, abs(coalesce(weight, 0)), opened_at, review_id)
    WHERE closed_at IS NULL AND aside_at IS NULL;
CREATE INDEX reviews_overdue ON reviews (due_at) WHERE closed_at IS NULL AND aside_at IS NULL AND overdue_at IS NULL;

-- What reviewers said, kept for ever. In force, "same" and "different" are rows of `decisions` too.
CREATE TABLE review_decisions (
    review_decision_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id   uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
    review_id   bigint NOT NULL,
    record_a    bigint NOT NULL,
    record_b    bigint NOT NULL,
    verdict     text NOT NULL CHECK (verdict IN ('same', 'different', 'cannot-tell')),
    state       text NOT NULL CHECK (state IN ('held', 'proposed', 'in-force', 'refused', 'withdrawn')),
    decision_id bigint,                                  -- of `decisions`, once in force
    seen        bigint[] NOT NULL DEFAULT '{}',          -- cannot tell: the records of both people at the time
    CHECK (record_a < record_b)
);
COMMENT ON COLUMN review_decisions.state IS 'held: until it is known what would ring; proposed: until a second person confirms';
CREATE UNIQUE INDEX review_decisions_pair ON review_decisions (record_a, record_b)
    WHERE state IN ('held', 'proposed', 'in-force');
CREATE INDEX review_decisions_history ON review_decisions (record_a, record_b);
CREATE INDEX review_decisions_aside ON review_decisions (record_b) WHERE verdict = 'cannot-tell' AND state = 'in-force';

-- Each step of a decision: who, for which agency, why. Reasons are codes; a note is sealed.
CREATE TABLE review_steps (
    review_step_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    review_decision_id bigint NOT NULL REFERENCES review_decisions,
    step        text NOT NULL CHECK (step IN ('decided', 'confirmed', 'refused', 'withdrawn')),
    agency      text NOT NULL,
    actor       text NOT NULL,                           -- staff reference of that agency
    reason      text NOT NULL,
    note_sealed bytea,
    at          timestamptz NOT NULL
);
CREATE INDEX review_steps_decision ON review_steps (review_decision_id, review_step_id);

-- Queue: items to be weighed again, because a case changed or a decision waits for it. Inserted and deleted only.
CREATE TABLE review_due (
    review_due_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    review_id     bigint NOT NULL,
    lane          smallint NOT NULL                      -- 0 a decision waits, 1 a case changed
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000,
        autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 10000, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX review_due_turn ON review_due (lane, review_due_id);
CREATE INDEX review_due_review ON review_due (review_id);
