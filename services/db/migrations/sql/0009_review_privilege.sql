-- Whoever decided, or confirmed, has the role for sealed identities: what `decisions.privileged` will be once it is in force.
ALTER TABLE review_decisions ADD COLUMN privileged boolean NOT NULL DEFAULT false;
