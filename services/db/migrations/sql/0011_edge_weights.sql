-- The weight of an edge as a column: what hangs together is found by it. In `reason` it stays for whoever reads that.
ALTER TABLE edges ADD COLUMN weight integer NOT NULL DEFAULT 0;  -- log2 odds of "same person", thousandths of a bit
UPDATE edges SET weight = coalesce((reason ->> 'weight')::integer, CASE verdict WHEN 'link' THEN 8000 ELSE 0 END);
