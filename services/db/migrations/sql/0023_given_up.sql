-- What was given up, by endpoint: looked for whenever one answers again.
CREATE INDEX deliveries_given_up ON deliveries (endpoint_id) WHERE given_up_at IS NOT NULL;
