-- 1 when a person went back from it to an earlier version, until somebody activates it again: nobody is brought back to it.
ALTER TABLE _plugin_versions ADD COLUMN withdrawn INTEGER DEFAULT 0 NOT NULL;
