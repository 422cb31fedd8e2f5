-- What plugins may do besides records, what is kept for them, and what they have used.

-- Grants other than those of records, as JSON.
CREATE TABLE _plugin_rights (
  plugin TEXT PRIMARY KEY NOT NULL,
  rights TEXT NOT NULL
) WITHOUT ROWID, STRICT;

CREATE TABLE _plugin_secrets (
  plugin  TEXT NOT NULL,
  name    TEXT NOT NULL,
  -- Sealed under the key of the settings, if there is one.
  value   TEXT NOT NULL,
  -- To where it may go, a list as JSON.
  hosts   TEXT NOT NULL,
  updated TEXT NOT NULL,
  PRIMARY KEY (plugin, name)
) WITHOUT ROWID, STRICT;

CREATE TABLE _plugin_usage (
  plugin TEXT NOT NULL,
  -- http (bytes) or mail
  kind   TEXT NOT NULL,
  -- Since 1970, in UTC.
  day    INTEGER NOT NULL,
  amount INTEGER NOT NULL,
  PRIMARY KEY (plugin, kind, day)
) WITHOUT ROWID, STRICT;

-- The section `tinybase:manifest` of the component, as JSON.
ALTER TABLE _plugin_versions ADD COLUMN manifest TEXT DEFAULT '{}' NOT NULL;

-- The plain text of a mail; made from its HTML when there is none.
ALTER TABLE _mails ADD COLUMN text TEXT DEFAULT '' NOT NULL;
