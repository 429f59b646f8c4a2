-- What local boards set for their areas. Only ever added to: a later row takes the place of an earlier one, and a null value
-- is the rule's own again.
CREATE TABLE rule_parameters (
    parameter_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    rule         text NOT NULL,
    name         text NOT NULL,
    area         text NOT NULL,
    value        text,
    since        timestamptz NOT NULL,             -- in force from then on
    taken_at     timestamptz NOT NULL,             -- when it was set
    actor        text NOT NULL,
    reason       text NOT NULL
);
