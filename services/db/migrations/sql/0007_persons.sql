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

-- Whose content an agency was shown through the people route, and of which records: what it rested on, if it proves wrong.
CREATE TABLE people_shown (
    agency    text NOT NULL,
    person_id bigint NOT NULL,
    records   bigint[] NOT NULL,                   -- taken for one person at the time
    shown_at  timestamptz NOT NULL,                -- the last time
    actor     text NOT NULL,
    PRIMARY KEY (agency, person_id)
);
CREATE INDEX people_shown_person ON people_shown (person_id);

-- Disclosures that rested on taking several people for one: for the data protection officer, until settled.
CREATE TABLE wrong_disclosures (
    wrong_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind       text NOT NULL CHECK (kind IN ('alert', 'person')),
    agency     text NOT NULL,                      -- that was told
    alert_id   bigint,
    version    integer,                            -- the agency's own count, of an alert
    people     uuid[] NOT NULL,                    -- the several, by public id
    told_at    timestamptz NOT NULL,
    noticed_at timestamptz NOT NULL,
    settled_at timestamptz,
    settled_by text,
    outcome    text,
    CHECK ((kind = 'alert') = (alert_id IS NOT NULL)),
    CHECK ((settled_at IS NULL) = (settled_by IS NULL) AND (settled_at IS NULL) = (outcome IS NULL)),
    UNIQUE NULLS NOT DISTINCT (kind, agency, alert_id, version, people)
);
CREATE INDEX wrong_disclosures_open ON wrong_disclosures (wrong_id) WHERE settled_at IS NULL;
CREATE INDEX wrong_disclosures_alert ON wrong_disclosures (alert_id, agency);

-- It rests on several people taken for one, and has not been judged since: until then everybody sees a pointer only.
ALTER TABLE alerts ADD COLUMN cut boolean NOT NULL DEFAULT false;
