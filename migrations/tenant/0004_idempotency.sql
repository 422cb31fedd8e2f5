-- Answers to writes that came with an Idempotency-Key, kept for a day by the transaction of the write.

CREATE TABLE _idempotency (
  -- Hash of who asked, of what, under which key.
  id         TEXT PRIMARY KEY NOT NULL,
  -- Hash of the input, to tell a repetition from another request under the same key.
  input      TEXT NOT NULL,
  etag       TEXT NOT NULL,
  reply      BLOB NOT NULL,
  -- Milliseconds since 1970.
  expires_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX _idempotency_expires ON _idempotency (expires_ms);
