-- Alerts by the other person they name: looked for whenever that person is judged (anchors name their subject first).
CREATE INDEX alerts_other ON alerts ((anchor_records[2])) WHERE anchor_records[2] IS NOT NULL;
