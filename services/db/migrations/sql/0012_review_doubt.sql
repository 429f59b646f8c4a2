-- Distance from even odds, thousandths of a bit: of two that agree well enough to be linked and were not, because something
-- forbids it or a third fits as well, the weight does not tell how doubtful it is, and this is 0.
ALTER TABLE reviews ADD COLUMN unevenness integer NOT NULL DEFAULT 0;
DROP INDEX reviews_queue;
CREATE INDEX reviews_queue ON reviews (turn, unevenness, opened_at, review_id)
    WHERE closed_at IS NULL AND aside_at IS NULL;
