-- Sign-ins to the dashboard that have not ended. The token itself is in the cookie alone.

CREATE TABLE _sessions (
  -- The `jti` of the token.
  id         TEXT PRIMARY KEY NOT NULL,
  superuser  TEXT NOT NULL,
  -- Made of the superuser's token key: when that changes, the session is over.
  proof      TEXT NOT NULL,
  ip         TEXT NOT NULL,
  user_agent TEXT NOT NULL,
  created    TEXT NOT NULL,
  -- Milliseconds since 1970.
  expires_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX _sessions_superuser ON _sessions (superuser, expires_ms);
