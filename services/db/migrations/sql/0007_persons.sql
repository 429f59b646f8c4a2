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
