-- Which version of a plugin is tried on a share of the calls, and what is known of each version.

ALTER TABLE _plugins ADD COLUMN canary INTEGER;
-- Of a hundred calls.
ALTER TABLE _plugins ADD COLUMN share INTEGER DEFAULT 0 NOT NULL;

-- 0 until a person has agreed to it.
ALTER TABLE _plugin_versions ADD COLUMN approved INTEGER DEFAULT 1 NOT NULL;
-- 0 when it was taken back after failures.
ALTER TABLE _plugin_versions ADD COLUMN healthy INTEGER DEFAULT 1 NOT NULL;
-- When it was last made the one that is called.
ALTER TABLE _plugin_versions ADD COLUMN activated TEXT DEFAULT '' NOT NULL;
-- What the trial at the upload found out, as JSON.
ALTER TABLE _plugin_versions ADD COLUMN report TEXT DEFAULT '{}' NOT NULL;
UPDATE _plugin_versions SET activated = created
  WHERE EXISTS (SELECT 1 FROM _plugins AS p WHERE p.id = plugin AND p.version = _plugin_versions.version);
