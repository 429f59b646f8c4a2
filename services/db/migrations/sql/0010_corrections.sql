-- What people decided about a record holds for the record of the event that corrects it.

-- The event that stands in its place, of the same source. Not where the person was wrong: then it is about somebody else.
ALTER TABLE retractions ADD COLUMN replaced_by text;
CREATE INDEX retractions_replaced_by ON retractions (target_source, replaced_by) WHERE replaced_by IS NOT NULL;

-- The decision about the record that this one's corrects; withdrawn with it.
ALTER TABLE decisions ADD COLUMN carried_from bigint;
CREATE INDEX decisions_carried_from ON decisions (carried_from) WHERE carried_from IS NOT NULL;
