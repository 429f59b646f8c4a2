-- Judging a whole population anew after the model has changed: what would change, who approved it, how far it is.

-- A third kind of row: a record to be searched for and compared again, by the workers that resolve what arrives.
ALTER TABLE unresolved
    ADD COLUMN record_id bigint,
    DROP CONSTRAINT unresolved_check,
    ADD CHECK (num_nonnulls(event_key, decision_id, record_id) = 1);
CREATE INDEX unresolved_again ON unresolved (record_id) WHERE record_id IS NOT NULL;

CREATE TABLE rejudgings (
    rejudging_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    model        text NOT NULL,                     -- by which everybody is judged anew
    began_at     timestamptz NOT NULL,
    last_record  bigint NOT NULL,                   -- held when it began, and again when it was approved
    keyed_to     bigint NOT NULL DEFAULT 0,         -- records up to here have all the blocking keys they should have
    reported_to  bigint NOT NULL DEFAULT 0,         -- .. have been compared
    reported_at  timestamptz,                       -- the report is whole
    approved_by  text,
    approved_at  timestamptz,
    queued_to    bigint NOT NULL DEFAULT 0,         -- .. have been given to the resolve workers
    applied_at   timestamptz,
    CHECK ((approved_by IS NULL) = (approved_at IS NULL)),
    CHECK (approved_at IS NULL OR reported_at IS NOT NULL)
);

-- What would change. People as they were when it was found: the number of a person is a record of theirs.
CREATE TABLE rejudged (
    rejudging_id bigint NOT NULL REFERENCES rejudgings ON DELETE CASCADE,
    kind         text NOT NULL CHECK (kind IN ('merge', 'split', 'review-opened', 'review-closed')),
    record_id    bigint NOT NULL,                   -- the lowest of those concerned: each change is found once
    persons      bigint[] NOT NULL,                 -- that become one; that is parted; that may be one
    parts        integer NOT NULL,                  -- how many people they are then
    PRIMARY KEY (rejudging_id, kind, record_id, persons)
);
