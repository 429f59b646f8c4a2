-- The Kafka cluster whose offsets intake_progress holds. Offsets of another would be skipped as taken in already.
CREATE TABLE bus_cluster (
    only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    cluster_id text NOT NULL
);
