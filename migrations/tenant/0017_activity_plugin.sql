-- The plugin that asked for what was done in somebody else's name, or because of what somebody else did; empty when none did.
ALTER TABLE _activity ADD COLUMN plugin TEXT DEFAULT '' NOT NULL;
