-- Lives of persons: sealed identities, what was published of each, what was shown of whom, and what proved wrong.

-- A sealed identity: `records.protected` is what holds now, kept by services.identity.resolve. A person with such a record
-- is `persons.sealed`.
ALTER TABLE records ADD COLUMN protected boolean NOT NULL DEFAULT false;
CREATE INDEX records_protected ON records (record_id) WHERE protected;

-- Who says so: records whose own mention says that the identity is sealed, by the hashed key of the agency's own number.
-- It holds for every record under that number, as long as one that says so is not void.
CREATE TABLE protections (
    key       bigint NOT NULL,
    record_id bigint NOT NULL,
    PRIMARY KEY (key, record_id)
);

-- Made by the role that may link sealed identities. Any other "same" about one does not hold.
ALTER TABLE decisions ADD COLUMN privileged boolean NOT NULL DEFAULT false;

-- What an id stands for now: whoever holds the records that it ever held.
CREATE INDEX membership_history_person ON membership_history (person_id);
-- Alerts by anybody they are about, not only by their owner.
CREATE INDEX alerts_anchored ON alerts USING gin (anchor_records);

-- The outbox says whose answer may be another now; the answer itself is worked out when it is published, so that of two
-- resolves at once the later publication has both.
ALTER TABLE identity_changes ADD COLUMN person_id bigint;
UPDATE identity_changes c SET person_id = p.person_id FROM persons p WHERE p.public_id = c.person;
ALTER TABLE identity_changes ALTER COLUMN person_id SET NOT NULL, DROP COLUMN person, DROP COLUMN became;
CREATE SEQUENCE identity_news;  -- of what is published: it rises with every message

-- What was last published of an id. No row: it stands for itself, as every id does at first.
CREATE TABLE identity_published (
    person_id bigint PRIMARY KEY,
    seq       bigint NOT NULL,
    became    uuid[] NOT NULL,
    protected boolean NOT NULL
);
