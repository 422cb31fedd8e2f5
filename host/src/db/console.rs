//! Statements that a superuser typed, on a connection of their own whose engine asks about everything they touch.
//!
//! A statement that reads runs here: on a connection that cannot write, within a time, a number of rows and of bytes.
//! One that writes is only examined here ([`Console::examine`]); the writer runs it, as every write.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::InterruptHandle;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

use super::Options;
use super::connection::Connection;
use super::error::Failure;
use super::merged;
use crate::sql::{Sql, ValueRef};

/// Names of tables begin so that are the system's own.
const SYSTEM: char = '_';

/// Names of tables begin so that belong to full-text search. They hold words of rows that may be read.
const SEARCH: &str = "~search_";

/// PRAGMAs that say something and change nothing; those of the second list do so only without a value.
const PRAGMAS: [&str; 10] = [
    "table_info",
    "table_xinfo",
    "table_list",
    "index_list",
    "index_info",
    "index_xinfo",
    "foreign_key_list",
    "foreign_key_check",
    "integrity_check",
    "quick_check",
];
const PRAGMAS_WITHOUT_VALUE: [&str; 10] = [
    // Full-text search asks for it when it is checked.
    "data_version",
    "page_count",
    "page_size",
    "freelist_count",
    "compile_options",
    "function_list",
    "collation_list",
    "encoding",
    "journal_mode",
    "user_version",
];

/// Tables of the engine that show its pages and statements as they are.
const RAW: [&str; 4] = ["sqlite_dbpage", "sqlite_stmt", "bytecode", "tables_used"];

/// Tables of the planner that hold values of indexed columns, secret ones among them.
const SAMPLES: [&str; 2] = ["sqlite_stat3", "sqlite_stat4"];

/// Functions that reach beyond the database.
const FUNCTIONS: [&str; 6] = ["load_extension", "fts3_tokenizer", "readfile", "writefile", "edit", "sqlite_log"];

const SCHEMA: &str = "the schema is changed with the API of collections, so that the server knows of it";
const FILES: &str = "a statement reaches this database and no other file";

/// What a statement may touch. Names in small letters.
#[derive(Debug, Clone, Default)]
pub struct Rights {
    /// Tables of the system whose columns may be read; those of the others are NULL.
    pub open: BTreeSet<String>,
    /// Columns that are NULL, as `(table, column)`, and that no statement may set.
    pub hidden: BTreeSet<(String, String)>,
    /// Tables that may be written to, of which there may be none; `None` where nobody asked for a statement that writes.
    pub writable: Option<BTreeSet<String>>,
}

impl Rights {
    fn may_write(&self, table: &str) -> bool {
        self.writable.as_ref().is_some_and(|tables| tables.contains(table))
    }
}

/// What one statement may cost.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    pub time: Duration,
    pub rows: usize,
    pub bytes: usize,
}

/// What a statement answered.
#[derive(Debug, Default)]
pub struct Table {
    pub columns: Vec<Column>,
    /// Values as texts; `None` is NULL.
    pub rows: Vec<Vec<Option<String>>>,
    /// Whether there was more than the budget allows.
    pub cut: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    /// As it was declared, or else what the first value is.
    pub kind: String,
}

impl Table {
    /// Adds a row, at the expense of the budget; false, and the table is cut, when there is not enough left of it.
    pub fn add<'a>(&mut self, values: impl IntoIterator<Item = ValueRef<'a>>, left: &mut Budget) -> bool {
        let mut row = Vec::new();
        self.cut = left.rows == 0
            || !values.into_iter().all(|value| {
                let Some(bytes) = left.bytes.checked_sub(length(value)) else { return false };
                left.bytes = bytes;
                row.push(text(value));
                true
            });
        if !self.cut {
            left.rows -= 1;
            self.rows.push(row);
        }
        !self.cut
    }
}

/// What a statement that writes would do.
#[derive(Debug, PartialEq, Eq)]
pub struct Examined {
    /// The tables that it names to write to.
    pub tables: BTreeSet<String>,
    pub columns: Vec<Column>,
}

/// A connection for one statement.
pub struct Console {
    conn: Connection,
    noted: Arc<Mutex<Noted>>,
}

/// Stops the statement that a console runs when it is dropped.
pub struct Stop(InterruptHandle);

/// What the engine asked about.
#[derive(Default)]
struct Noted {
    written: BTreeSet<String>,
    refusal: Option<Failure>,
}

impl std::fmt::Debug for Console {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Console")
    }
}

impl std::fmt::Debug for Stop {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Stop")
    }
}

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.interrupt();
    }
}

impl Console {
    pub(super) fn open(path: &Path, options: &Options, rights: Rights) -> rusqlite::Result<Self> {
        let conn = Connection::reader(path, options)?;
        conn.set_gives_way(true);
        // The engine reads the schema and its samples when they are first needed: before it asks.
        conn.integer("SELECT count(*) FROM sqlite_schema")?;
        let noted = Arc::new(Mutex::new(Noted::default()));
        let asked = Arc::clone(&noted);
        conn.ask(move |context| answer(&rights, &asked, &context));
        Ok(Self { conn, noted })
    }

    /// Ends what runs on this console, when it is dropped.
    #[must_use]
    pub fn stop(&self) -> Stop {
        Stop(self.conn.interrupt_handle())
    }

    /// Runs a statement that reads.
    ///
    /// # Errors
    /// [`Failure::Statement`] in the engine's words, or ours where it does what it may not; [`Failure::Deadline`].
    pub fn read(&self, sql: &Sql, budget: Budget) -> Result<Table, Failure> {
        self.conn.set_deadline(Instant::now().checked_add(budget.time));
        let mut columns = self.columns(sql)?;
        let mut table = Table::default();
        let mut left = budget;
        let failed = |error: &rusqlite::Error| Failure::engine("a statement", error);
        self.conn
            .each(sql, failed, |row| {
                let is_first = table.rows.is_empty();
                let is_added = table.add((0..columns.len()).map(|index| row.get(index)), &mut left);
                if is_first && is_added {
                    for (index, column) in columns.iter_mut().enumerate().filter(|(_, column)| column.kind.is_empty()) {
                        kind(row.get(index)).clone_into(&mut column.kind);
                    }
                }
                Ok(is_added)
            })
            .map_err(|failure| self.explained(failure))?;
        table.columns = columns;
        Ok(table)
    }

    /// Finds out what a statement would write to, without running it.
    ///
    /// # Errors
    /// [`Failure::Statement`] as in [`Console::read`], also when it writes nothing.
    pub fn examine(&self, sql: &Sql) -> Result<Examined, Failure> {
        let columns = self.columns(sql)?;
        let tables = std::mem::take(&mut noting(&self.noted).written);
        if tables.is_empty() {
            return Err(Failure::Statement("the statement writes to no collection".to_owned()));
        }
        Ok(Examined { tables, columns })
    }

    /// Has the engine understand a statement, without running it.
    ///
    /// # Errors
    /// [`Failure::Statement`] as in [`Console::read`].
    pub fn check(&self, sql: &Sql) -> Result<(), Failure> {
        self.columns(sql).map(drop)
    }

    fn columns(&self, sql: &Sql) -> Result<Vec<Column>, Failure> {
        if let Some(word) = merged::word(sql.text()) {
            let why = "write the condition with ON (and a name in double quotes)";
            return Err(Failure::Statement(format!("{} is not available, {why}", word.to_uppercase())));
        }
        let found = self.conn.declared(sql).map_err(|error| Failure::engine("a statement", &error));
        let found = found.map_err(|failure| self.explained(failure))?;
        Ok(found.into_iter().map(|(name, kind)| Column { name, kind: kind.unwrap_or_default() }).collect())
    }

    /// The engine only says that it was not allowed.
    fn explained(&self, failure: Failure) -> Failure {
        match (failure, noting(&self.noted).refusal.take()) {
            (Failure::Statement(_), Some(refusal)) => refusal,
            (failure, _) => failure,
        }
    }
}

fn noting(noted: &Mutex<Noted>) -> MutexGuard<'_, Noted> {
    noted.lock().unwrap_or_else(PoisonError::into_inner)
}

fn answer(rights: &Rights, noted: &Mutex<Noted>, context: &AuthContext<'_>) -> Authorization {
    let fail = |failure: Failure| {
        noting(noted).refusal.get_or_insert(failure);
        Authorization::Deny
    };
    let refuse = |why: String| fail(Failure::Statement(why));
    // Triggers are the system's own: they keep full-text search up.
    let is_trigger = context.accessor.is_some();
    match &context.action {
        AuthAction::Read { table_name, .. } if RAW.contains(&table_name.to_ascii_lowercase().as_str()) => {
            refuse(format!("the table {table_name} is not available"))
        }
        AuthAction::Read { table_name, column_name } => match is_secret(rights, table_name, column_name) {
            false => Authorization::Allow,
            true if rights.writable.is_none() => Authorization::Ignore,
            // The writer that will run it does not ask.
            true => {
                refuse(format!("{table_name}.{column_name} is a secret, which a statement that writes may not read"))
            }
        },
        AuthAction::Function { function_name } if FUNCTIONS.contains(&function_name.to_ascii_lowercase().as_str()) => {
            refuse(format!("the function {function_name} is not available"))
        }
        AuthAction::Select | AuthAction::Recursive | AuthAction::Function { .. } => Authorization::Allow,
        AuthAction::Pragma { pragma_name, pragma_value } => {
            let name = pragma_name.to_ascii_lowercase();
            let is_known = PRAGMAS.contains(&name.as_str());
            if is_known || (PRAGMAS_WITHOUT_VALUE.contains(&name.as_str()) && pragma_value.is_none()) {
                Authorization::Allow
            } else {
                refuse(format!("PRAGMA {pragma_name} is not available"))
            }
        }
        AuthAction::Insert { .. } | AuthAction::Update { .. } | AuthAction::Delete { .. } if is_trigger => {
            Authorization::Allow
        }
        // A row that is added has all columns, and the engine does not say which.
        AuthAction::Insert { table_name }
            if rights.may_write(&table_name.to_lowercase()) && has_secrets(rights, table_name) =>
        {
            refuse(format!("rows of {table_name} hold secrets; they are added with the API of records"))
        }
        AuthAction::Insert { table_name } | AuthAction::Delete { table_name } => {
            write(rights, noted, table_name, None).map_or(Authorization::Allow, fail)
        }
        AuthAction::Update { table_name, column_name } => {
            write(rights, noted, table_name, Some(column_name)).map_or(Authorization::Allow, fail)
        }
        AuthAction::Attach { .. } | AuthAction::Detach { .. } => refuse(FILES.to_owned()),
        AuthAction::Transaction { .. } | AuthAction::Savepoint { .. } => {
            refuse("a statement is a transaction of its own".to_owned())
        }
        _ => refuse(SCHEMA.to_owned()),
    }
}

/// A table of which only the rows are counted is asked about without a column.
fn is_secret(rights: &Rights, table: &str, column: &str) -> bool {
    let table = table.to_lowercase();
    let is_system = table.starts_with(SYSTEM) && !rights.open.contains(&table);
    let closed = is_system || SAMPLES.contains(&table.as_str());
    !column.is_empty() && (closed || rights.hidden.contains(&(table, column.to_lowercase())))
}

fn has_secrets(rights: &Rights, table: &str) -> bool {
    let name = table.to_lowercase();
    rights.hidden.iter().any(|(table, _)| *table == name)
}

/// Why a table may not be written to; `None` when it may.
fn write(rights: &Rights, noted: &Mutex<Noted>, table: &str, column: Option<&str>) -> Option<Failure> {
    let refuse = |why: String| Some(Failure::Statement(why));
    let name = table.to_lowercase();
    if name.starts_with("sqlite_") {
        return refuse(SCHEMA.to_owned());
    }
    if rights.writable.is_none() {
        return Some(Failure::ReadOnly);
    }
    if !rights.may_write(&name) {
        let whose = if name.starts_with(SEARCH) || name.starts_with(SYSTEM) {
            "the system's own"
        } else {
            "no table of a collection"
        };
        return refuse(format!("{table} is {whose} and cannot be written to"));
    }
    if let Some(column) = column
        && rights.hidden.contains(&(name.clone(), column.to_lowercase()))
    {
        return refuse(format!("{table}.{column} is a secret, which is changed with the API of records"));
    }
    noting(noted).written.insert(name);
    None
}

fn kind(value: ValueRef<'_>) -> &'static str {
    match value {
        ValueRef::Null => "",
        ValueRef::Integer(_) => "INTEGER",
        ValueRef::Real(_) => "REAL",
        ValueRef::Text(_) => "TEXT",
        ValueRef::Blob(_) => "BLOB",
    }
}

/// How many bytes a value takes as it is shown, about.
fn length(value: ValueRef<'_>) -> usize {
    match value {
        ValueRef::Null => 0,
        ValueRef::Integer(_) | ValueRef::Real(_) => 8,
        ValueRef::Text(text) => text.len(),
        ValueRef::Blob(bytes) => bytes.len() * 2 + 3,
    }
}

/// A value as the console shows it; bytes as a literal.
#[must_use]
pub fn text(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(text) => Some(text.to_owned()),
        ValueRef::Blob(bytes) => Some(format!("x'{}'", hex::encode(bytes))),
    }
}
