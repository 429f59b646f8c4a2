-- Which events keep somebody's whereabouts from somebody: few among many, asked for with every view.
CREATE INDEX events_address_flagged ON events (event_key)
    WHERE type LIKE '%.protection.address-flagged' AND retracted_at IS NULL;
