-- The system's own tables of a tenant. Collections' tables are made by `schema`, not here.

CREATE TABLE _collections (
  id         TEXT PRIMARY KEY NOT NULL,
  system     BOOLEAN DEFAULT FALSE NOT NULL,
  type       TEXT DEFAULT 'base' NOT NULL,
  name       TEXT UNIQUE NOT NULL COLLATE NOCASE,
  fields     JSON DEFAULT '[]' NOT NULL,
  indexes    JSON DEFAULT '[]' NOT NULL,
  listRule   TEXT DEFAULT NULL,
  viewRule   TEXT DEFAULT NULL,
  createRule TEXT DEFAULT NULL,
  updateRule TEXT DEFAULT NULL,
  deleteRule TEXT DEFAULT NULL,
  options    JSON DEFAULT '{}' NOT NULL,
  created    TEXT DEFAULT '' NOT NULL,
  updated    TEXT DEFAULT '' NOT NULL
);

CREATE TABLE _params (
  id      TEXT PRIMARY KEY NOT NULL,
  value   JSON DEFAULT NULL,
  created TEXT DEFAULT '' NOT NULL,
  updated TEXT DEFAULT '' NOT NULL
);

-- Events on their way to after-hooks: a row for each attachment, written by the transaction of the change.
CREATE TABLE _outbox (
  seq        INTEGER PRIMARY KEY AUTOINCREMENT,
  id         TEXT UNIQUE NOT NULL,
  attachment TEXT NOT NULL,
  collection TEXT NOT NULL,
  record     TEXT NOT NULL,
  action     TEXT NOT NULL,
  -- {before, after, caller, requestId, depth}
  event      JSON NOT NULL,
  attempts   INTEGER DEFAULT 0 NOT NULL,
  -- Milliseconds since 1970 before which it is not tried; NULL when it is dead.
  due_ms     INTEGER,
  error      TEXT DEFAULT '' NOT NULL,
  created    TEXT NOT NULL
);
CREATE INDEX _outbox_due ON _outbox (due_ms, seq) WHERE due_ms IS NOT NULL;
CREATE INDEX _outbox_record ON _outbox (attachment, collection, record, seq);
