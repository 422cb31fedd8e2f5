-- The configuration of a plugin itself, over which those of its attachments, schedules and route stand.
CREATE TABLE _plugin_config (
  plugin TEXT PRIMARY KEY NOT NULL,
  -- An object as JSON.
  config TEXT NOT NULL
) WITHOUT ROWID, STRICT;
