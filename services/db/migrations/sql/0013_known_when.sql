-- What a back-test needs to see everything as it was known at a moment (design section 5).

-- When the people of an event were worked out. Until then no case held it, though it was taken in. Events that named only
-- known records have no row: they could be seen as soon as they were taken in.
CREATE TABLE resolutions (
    event_key   bigint PRIMARY KEY,
    resolved_at timestamptz NOT NULL
);

-- `joined_at` says when a join could be known from what was received; `since` when the bus made it. Null: made before this.
ALTER TABLE slot_joins ADD COLUMN since timestamptz;
ALTER TABLE slot_joins ALTER COLUMN since SET DEFAULT domain_now();
CREATE TABLE slot_join_history (
    slot_record   bigint NOT NULL,
    person_record bigint NOT NULL,
    joined_at     timestamptz NOT NULL,
    reason        text NOT NULL,
    "by"          json NOT NULL,
    since         timestamptz,
    until         timestamptz NOT NULL
);
CREATE INDEX slot_join_history_slot ON slot_join_history (slot_record);

-- Who was told of this version: [[agency, why, ring], ..]. Null: written before this.
ALTER TABLE alert_versions ADD COLUMN told json;
