-- Files in storage that no committed record names: not yet, or not any more.

CREATE TABLE _files (
  -- collection/record/name
  key    TEXT PRIMARY KEY NOT NULL,
  -- upload: announced before it is written, until its record's commit; doomed: to be removed.
  state  TEXT NOT NULL,
  tries  INTEGER DEFAULT 0 NOT NULL,
  -- Milliseconds since 1970 before which it is not tried.
  due_ms INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
CREATE INDEX _files_due ON _files (state, due_ms);
