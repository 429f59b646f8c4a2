-- Of two ladders for one agency that a join of their alerts brings together, one goes on.
ALTER TABLE rings DROP CONSTRAINT rings_closed_why_check;
ALTER TABLE rings ADD CONSTRAINT rings_closed_why_check
    CHECK (closed_why IN ('acknowledged', 'climbed', 'ended', 'left', 'restarted', 'exhausted', 'joined'));
