-- The latest changes of records, written by the transactions that made them: who was away is told what they missed.

CREATE TABLE _changes (
  -- Grows with every change; whoever has heard of one knows it by this number.
  seq        INTEGER PRIMARY KEY,
  -- Its place in its commit, from 0.
  place      INTEGER NOT NULL,
  -- The id of the collection; empty for the first row of all.
  collection TEXT NOT NULL,
  record     TEXT NOT NULL,
  action     TEXT NOT NULL,
  -- The row as it was before, as JSON, where the commit deleted something.
  past       TEXT,
  -- The length of that.
  bytes      INTEGER NOT NULL,
  at_ms      INTEGER NOT NULL
) STRICT;

INSERT INTO _changes (seq, place, collection, record, action, bytes, at_ms) VALUES (1, 0, '', '', '', 0, 0);
