-- Mails on their way, written by the transaction of whatever promised them.

CREATE TABLE _mails (
  id         TEXT PRIMARY KEY NOT NULL,
  -- What it is about, such as password-reset.
  kind       TEXT NOT NULL,
  recipient  TEXT NOT NULL,
  subject    TEXT NOT NULL,
  -- Empty once nobody tries any more: it may hold a token.
  html       TEXT NOT NULL,
  attempts   INTEGER DEFAULT 0 NOT NULL,
  -- Milliseconds since 1970 before which it is not tried; NULL when it was given up.
  due_ms     INTEGER,
  -- After that nobody wants it any more.
  expires_ms INTEGER NOT NULL,
  error      TEXT DEFAULT '' NOT NULL,
  created    TEXT NOT NULL
) STRICT;
CREATE INDEX _mails_due ON _mails (due_ms) WHERE due_ms IS NOT NULL;

-- What may be done so many times within a while, and how often it was.
CREATE TABLE _auth_limits (
  -- Hash of what and whom it is about.
  key      TEXT PRIMARY KEY NOT NULL,
  count    INTEGER NOT NULL,
  -- Milliseconds since 1970 at which the count begins anew.
  until_ms INTEGER NOT NULL
) WITHOUT ROWID, STRICT;
CREATE INDEX _auth_limits_until ON _auth_limits (until_ms);
