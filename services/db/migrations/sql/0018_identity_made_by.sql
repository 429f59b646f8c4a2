-- By which release everybody held was last compared: another model, standard or set of blocking keys does not reach back by itself.
CREATE TABLE identity_made_by (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    release  text NOT NULL
);
-- Whoever is held already was judged by a release that did not say which it was.
INSERT INTO identity_made_by (release) SELECT 'a release before this was noted' WHERE EXISTS (SELECT FROM records);
