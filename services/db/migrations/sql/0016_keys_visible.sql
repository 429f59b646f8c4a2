-- Candidates are read from the index of the keys alone, but for pages that no vacuum has seen since they were filled: of
-- those each row is fetched as well, which takes twice as long. By default an insert-only table is vacuumed once it has
-- grown by a fifth; a register of a million people would carry five million such rows. 200,000 are some 10,000 records.
ALTER TABLE record_keys SET (autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 200000);
