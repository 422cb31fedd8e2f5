-- Keys for programs. What a key is made of is told once and stored as a hash.

CREATE TABLE _api_keys (
  id             TEXT PRIMARY KEY NOT NULL,
  name           TEXT NOT NULL,
  -- SHA-256 of the secret half.
  hash           TEXT NOT NULL,
  -- The one before, for as long as both are good.
  old_hash       TEXT,
  old_until_ms   INTEGER,
  -- Lists as JSON: of scopes with the ids of collections, and of addresses and networks.
  scopes         TEXT NOT NULL,
  ips            TEXT DEFAULT '[]' NOT NULL,
  read_only      INTEGER DEFAULT 0 NOT NULL,
  -- Milliseconds since 1970; NULL for never.
  expires_ms     INTEGER,
  used_ms        INTEGER,
  -- The id of the superuser; empty for the command line.
  created_by     TEXT NOT NULL,
  created        TEXT NOT NULL,
  updated        TEXT NOT NULL
) STRICT;
