-- How often people bear which name, counted from what is held. A count is never changed: an old score is told again by its version.
CREATE TABLE name_counts (
    version    text PRIMARY KEY,                   -- a digest of the content
    content    bytea NOT NULL,                     -- services.identity.counts.count.Counts; no name that fewer than three bear
    counted_at timestamptz NOT NULL
);

-- By which count scores are made now; no row: by none. Only an approved rejudging changes it.
CREATE TABLE name_counts_in_force (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    version  text NOT NULL REFERENCES name_counts
);

ALTER TABLE rejudgings ADD COLUMN counts text REFERENCES name_counts;  -- by which everybody is judged anew
