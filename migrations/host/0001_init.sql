-- Facts about this installation, by name.
CREATE TABLE _host (
    name TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
) WITHOUT ROWID, STRICT;
