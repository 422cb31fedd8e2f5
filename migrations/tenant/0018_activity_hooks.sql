-- What before-hooks have made of a record: JSON, a list of `{plugin, fields}` in the order of their turns.
ALTER TABLE _activity ADD COLUMN hooks TEXT DEFAULT '[]' NOT NULL;
