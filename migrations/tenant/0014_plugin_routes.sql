-- Plugins that answer requests.

CREATE TABLE _plugin_routes (
  plugin  TEXT PRIMARY KEY NOT NULL,
  -- superuser, user or guest: who may call
  access  TEXT DEFAULT 'superuser' NOT NULL,
  enabled INTEGER DEFAULT 1 NOT NULL,
  config  TEXT DEFAULT '{}' NOT NULL,
  -- {fuel?, wallMs?, memoryMb?} as JSON.
  limits  TEXT DEFAULT '{}' NOT NULL,
  created TEXT NOT NULL
) STRICT;
