-- Senders are told of their conflicts. Those from before are told too: nobody was, unless they asked.
ALTER TABLE conflicts ADD COLUMN told_at timestamptz;  -- when the sender's topic had it; null: still to be told
CREATE INDEX conflicts_untold ON conflicts (conflict_id) WHERE told_at IS NULL;
