-- The audit trail: who did what to what. Written by the transaction of the change itself.

CREATE TABLE _activity (
  -- Begins with the time.
  id              TEXT PRIMARY KEY NOT NULL,
  -- guest, user, superuser, plugin or system
  actorKind       TEXT NOT NULL,
  actorCollection TEXT NOT NULL,
  actorId         TEXT NOT NULL,
  actorName       TEXT NOT NULL,
  ip              TEXT NOT NULL,
  requestId       TEXT NOT NULL,
  action          TEXT NOT NULL,
  -- record, superuser, collection, settings, plugin, ..
  kind            TEXT NOT NULL,
  -- The id of what was changed, and what it is called.
  subject         TEXT NOT NULL,
  name            TEXT NOT NULL,
  -- What differs, as it was and as it is; JSON, secrets masked, null for what was not there.
  before          TEXT NOT NULL,
  after           TEXT NOT NULL,
  created         TEXT NOT NULL
) WITHOUT ROWID, STRICT;
CREATE INDEX _activity_subject ON _activity (subject);

CREATE TRIGGER _activity_stays BEFORE UPDATE ON _activity BEGIN
  SELECT RAISE(ABORT, 'what was done cannot be changed');
END;
