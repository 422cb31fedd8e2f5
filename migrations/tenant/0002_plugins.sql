-- Plugins, their versions, where they are attached, what they were granted, and what they keep.
-- The files are in plugins/, named by their hash.

CREATE TABLE _plugins (
  id      TEXT PRIMARY KEY NOT NULL,
  name    TEXT UNIQUE NOT NULL COLLATE NOCASE,
  enabled INTEGER DEFAULT 1 NOT NULL,
  -- The version that is called.
  version INTEGER NOT NULL,
  created TEXT NOT NULL,
  updated TEXT NOT NULL
) STRICT;

-- A row never changes.
CREATE TABLE _plugin_versions (
  plugin       TEXT NOT NULL,
  version      INTEGER NOT NULL,
  sha256       TEXT NOT NULL,
  size         INTEGER NOT NULL,
  -- Lists of names as JSON.
  exports      TEXT NOT NULL,
  imports      TEXT NOT NULL,
  capabilities TEXT NOT NULL,
  compile_ms   INTEGER NOT NULL,
  created      TEXT NOT NULL,
  PRIMARY KEY (plugin, version)
) STRICT;

CREATE TABLE _attachments (
  id         TEXT PRIMARY KEY NOT NULL,
  plugin     TEXT NOT NULL,
  -- The id of a collection, so that it may be renamed.
  collection TEXT NOT NULL,
  -- A list of names as JSON.
  hooks      TEXT NOT NULL,
  position   INTEGER DEFAULT 0 NOT NULL,
  enabled    INTEGER DEFAULT 1 NOT NULL,
  config     TEXT DEFAULT '{}' NOT NULL,
  -- {read?, write?} and {fuel?, wallMs?, memoryMb?} as JSON.
  fields     TEXT DEFAULT '{}' NOT NULL,
  limits     TEXT DEFAULT '{}' NOT NULL,
  on_failure TEXT DEFAULT 'closed' NOT NULL,
  created    TEXT NOT NULL
) STRICT;
CREATE INDEX _attachments_plugin ON _attachments (plugin);

CREATE TABLE _grants (
  plugin     TEXT NOT NULL,
  collection TEXT NOT NULL,
  -- A list of names as JSON.
  verbs      TEXT NOT NULL,
  -- caller or plugin
  acts_as    TEXT DEFAULT 'caller' NOT NULL,
  PRIMARY KEY (plugin, collection)
) STRICT;

CREATE TABLE _plugin_kv (
  plugin     TEXT NOT NULL,
  key        TEXT NOT NULL,
  value      BLOB NOT NULL,
  -- Milliseconds since 1970; NULL keeps it.
  expires_ms INTEGER,
  PRIMARY KEY (plugin, key)
) STRICT;
CREATE INDEX _plugin_kv_expires ON _plugin_kv (expires_ms) WHERE expires_ms IS NOT NULL;
