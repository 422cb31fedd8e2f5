-- The runs of periodic jobs, the latest of each. Not part of the data: what a server did, not what it holds.

CREATE TABLE _job_runs (
  id         TEXT PRIMARY KEY NOT NULL,
  job        TEXT NOT NULL,
  -- schedule or request
  cause      TEXT NOT NULL,
  -- running, done, failed or interrupted
  outcome    TEXT NOT NULL,
  -- What was done, or why it failed.
  detail     TEXT DEFAULT '' NOT NULL,
  started    TEXT NOT NULL,
  durationMs INTEGER DEFAULT 0 NOT NULL
) STRICT;
CREATE INDEX _job_runs_job ON _job_runs (job, id);
