//! A database in memory to try a schema in: the engine says what a definition means before anything real is touched.

use std::path::Path;

use rusqlite::OpenFlags;

use super::Options;
use super::connection::Connection;
use super::error::Failure;
use super::migrations::{self, Migration};
use crate::sql::Sql;

/// Pages of a database without rows.
const CACHE_KIB: u32 = 1_000;

/// Gone when it is dropped.
pub struct Scratch {
    conn: Connection,
}

impl std::fmt::Debug for Scratch {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Scratch")
    }
}

/// A column of a table or a view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScratchColumn {
    pub name: String,
    /// As it was declared; of an expression in a view, empty.
    pub declared: String,
}

impl Scratch {
    /// A database with the tables of the system.
    ///
    /// # Errors
    /// The engine's.
    pub fn open(known: &[Migration]) -> Result<Self, Failure> {
        let options = Options { cache_kib: CACHE_KIB, read_cache_kib: CACHE_KIB, ..Options::default() };
        let failed = |error: rusqlite::Error| Failure::engine("a database in memory", &error);
        let conn = Connection::in_memory(&options).map_err(failed)?;
        migrations::migrate(&conn, Path::new(":memory:"), known)
            .map_err(|error| Failure::internal("a database in memory", error))?;
        Ok(Self { conn })
    }

    /// Runs a statement that returns no rows.
    ///
    /// # Errors
    /// [`Failure::Statement`] in the engine's words when it is wrong.
    pub fn run(&self, sql: &Sql) -> Result<(), Failure> {
        self.conn.run(sql).map(drop).map_err(|error| Failure::engine("a statement", &error))
    }

    /// The columns of a table or a view.
    ///
    /// # Errors
    /// [`Failure::Statement`] when a view's query does not fit the tables.
    pub fn columns(&self, table: &str) -> Result<Vec<ScratchColumn>, Failure> {
        let mut sql = Sql::new("SELECT name, type FROM pragma_table_info(");
        sql.bind(table).push(")");
        let rows = self.texts(&sql)?;
        Ok(rows.into_iter().map(|[name, declared]| ScratchColumn { name, declared }).collect())
    }

    /// The first two columns of each row, as texts.
    ///
    /// # Errors
    /// [`Failure::Statement`] in the engine's words when the statement is wrong.
    pub fn texts(&self, select: &Sql) -> Result<Vec<[String; 2]>, Failure> {
        let mut rows = Vec::new();
        let failed = |error: &rusqlite::Error| Failure::engine("a statement", error);
        self.conn.each(select, failed, |row| {
            rows.push([row.text(0).to_owned(), row.text(1).to_owned()]);
            Ok(true)
        })?;
        Ok(rows)
    }
}

impl Connection {
    fn in_memory(options: &Options) -> rusqlite::Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_PRIVATE_CACHE;
        Self::open(Path::new(":memory:"), flags, options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_tells_its_columns_or_what_is_wrong() {
        let scratch = Scratch::open(migrations::TENANT).unwrap();
        scratch.run(&Sql::new("CREATE TABLE t (id TEXT PRIMARY KEY NOT NULL, n NUMERIC)")).unwrap();
        scratch
            .run(&Sql::new(
                "CREATE VIEW v AS SELECT * FROM (SELECT t.id, n + 1 AS m, _collections.name FROM t, _collections)",
            ))
            .unwrap();
        let columns = scratch.columns("v").unwrap();
        let shown: Vec<_> = columns.iter().map(|column| (column.name.as_str(), column.declared.as_str())).collect();
        assert_eq!(shown, [("id", "TEXT"), ("m", ""), ("name", "TEXT")]);
        scratch.run(&Sql::new("CREATE VIEW w AS SELECT * FROM (SELECT missing FROM t)")).unwrap();
        assert!(matches!(scratch.columns("w"), Err(Failure::Statement(words)) if words.contains("missing")));
        let two = Sql::new("CREATE VIEW x AS SELECT * FROM (SELECT id FROM t); DROP TABLE t");
        assert!(matches!(scratch.run(&two), Err(Failure::Statement(_))));
    }
}
