-- One row, real or manual. A replay drives it; everything that judges reads it once per transaction.
CREATE TABLE clock (
    only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    mode       text NOT NULL CHECK (mode IN ('real', 'manual')),
    manual_now timestamptz,
    CHECK ((mode = 'manual') = (manual_now IS NOT NULL))
);

INSERT INTO clock (mode) VALUES ('real');

-- STABLE: within one statement it is one time. The start of the transaction, not of the statement, so that all a
-- transaction writes carries one time.
CREATE FUNCTION domain_now() RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE mode WHEN 'manual' THEN manual_now ELSE transaction_timestamp() END FROM clock
$$;
