-- When plugins are called by the clock.

CREATE TABLE _plugin_schedules (
  id         TEXT PRIMARY KEY NOT NULL,
  plugin     TEXT NOT NULL,
  name       TEXT NOT NULL,
  -- Five fields of cron, in UTC.
  expression TEXT NOT NULL,
  enabled    INTEGER DEFAULT 1 NOT NULL,
  config     TEXT DEFAULT '{}' NOT NULL,
  -- {fuel?, wallMs?, memoryMb?} as JSON.
  limits     TEXT DEFAULT '{}' NOT NULL,
  created    TEXT NOT NULL,
  UNIQUE (plugin, name)
) STRICT;
