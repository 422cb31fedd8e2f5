-- The request log of a tenant. Ids begin with the time, so rows are added at the end of both trees.

CREATE TABLE _logs (
  id      TEXT PRIMARY KEY NOT NULL,
  level   INTEGER DEFAULT 0 NOT NULL,
  message TEXT DEFAULT '' NOT NULL,
  data    JSON DEFAULT '{}' NOT NULL,
  created TEXT DEFAULT '' NOT NULL
) WITHOUT ROWID;

CREATE INDEX _logs_created ON _logs (created);
