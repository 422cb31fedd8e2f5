//! What the engine's errors become, at the one place that sees them.
//!
//! A [`Failure`] keeps what a caller may want to tell apart (which columns were not unique, that a
//! statement somebody wrote is wrong); whoever does not care says [`Failure::into_error`]. There is no
//! `From` between the two, nor from the engine's error: every boundary maps on purpose.

use std::borrow::Cow;
use std::path::PathBuf;

use rusqlite::ErrorCode;
use rusqlite::ffi;

use crate::error::{Cause, Error};

/// Why a unit of work or a statement did not happen. Nothing of the unit is in the file.
#[derive(Debug)]
pub enum Failure {
    /// A guard or an expected number of rows did not hold: the error that the unit gave for it.
    Refused(Error),
    /// A unique index or a primary key has that value already.
    Unique(Unique),
    /// Another constraint of a table.
    Constraint { kind: Constraint, detail: String },
    /// The statement is wrong: syntax, unknown names, too deep, too long. The engine's words, fit to be
    /// shown to whoever wrote the statement and to nobody else.
    Statement(String),
    /// The statement writes, and was allowed to read only.
    ReadOnly,
    /// A value or a row is larger than the engine takes.
    TooBig,
    /// The deadline passed; the statement was interrupted.
    Deadline,
    /// The queue is full, the store is closing, another process holds the file, or there is no memory left for the statement.
    Unavailable(&'static str),
    /// No room on the disk, or the database reached its own limit of bytes.
    Full,
    /// Our fault or the disk's; for the log.
    Internal(Cause),
}

/// Where uniqueness was violated: `columns` of `table`, or, for an index over expressions, only its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unique {
    pub table: String,
    pub columns: Vec<String>,
    pub index: Option<String>,
}

/// A constraint that is not about uniqueness.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Constraint {
    NotNull,
    Check,
    ForeignKey,
    /// `RAISE(ABORT, ..)` in a trigger.
    Trigger,
    Other,
}

impl Failure {
    /// The same in the words of the rest of the program.
    #[must_use]
    pub fn into_error(self) -> Error {
        match self {
            Self::Refused(error) => error,
            Self::Unique(unique) => Error::invalid(match unique.columns.first() {
                Some(column) => Cow::Owned(format!("The value of {column} must be unique.")),
                None => Cow::Borrowed("The values must be unique."),
            }),
            Self::Constraint { kind: Constraint::ForeignKey, .. } => {
                Error::invalid("A row that this one refers to is missing, or others still refer to it.")
            }
            Self::Constraint { .. } => Error::invalid("The values do not fit the table."),
            Self::Statement(detail) => Error::internal("a statement is wrong", detail),
            Self::ReadOnly => Error::internal("a statement is wrong", "it writes"),
            Self::TooBig => Error::invalid("A value is too large."),
            Self::Deadline => Error::Unavailable(Cow::Borrowed("The query took too long.")),
            Self::Unavailable(why) => Error::Unavailable(Cow::Borrowed(why)),
            Self::Full => Error::Unavailable(Cow::Borrowed("There is no room left for the database.")),
            Self::Internal(cause) => Error::Internal(cause),
        }
    }

    pub(super) fn internal(context: &'static str, detail: impl std::fmt::Display) -> Self {
        Self::Internal(Cause { context, detail: detail.to_string() })
    }

    /// Maps the engine's error; `context` says what was tried, for the log.
    pub(super) fn engine(context: &'static str, error: &rusqlite::Error) -> Self {
        match error {
            rusqlite::Error::SqliteFailure(code, message) => by_code(context, *code, message.as_deref()),
            rusqlite::Error::SqlInputError { error: code, msg, .. } => by_code(context, *code, Some(msg)),
            rusqlite::Error::MultipleStatement => Self::Statement("more than one statement".to_owned()),
            other => Self::internal(context, other),
        }
    }
}

fn by_code(context: &'static str, code: ffi::Error, message: Option<&str>) -> Failure {
    let words = message.unwrap_or("no message");
    match code.code {
        ErrorCode::ConstraintViolation => constraint(code.extended_code, words),
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            Failure::Unavailable("The database is held by another process.")
        }
        ErrorCode::OperationInterrupted => Failure::Deadline,
        ErrorCode::DiskFull => Failure::Full,
        ErrorCode::OutOfMemory => Failure::Unavailable("The query needs more memory than there is for it."),
        ErrorCode::TooBig => Failure::TooBig,
        ErrorCode::Unknown | ErrorCode::AuthorizationForStatementDenied => Failure::Statement(words.to_owned()),
        _ => Failure::internal(context, format_args!("{words} (code {})", code.extended_code)),
    }
}

fn constraint(extended_code: i32, message: &str) -> Failure {
    let kind = match extended_code {
        ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID => {
            return Failure::Unique(unique(message));
        }
        ffi::SQLITE_CONSTRAINT_NOTNULL => Constraint::NotNull,
        ffi::SQLITE_CONSTRAINT_CHECK => Constraint::Check,
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => Constraint::ForeignKey,
        ffi::SQLITE_CONSTRAINT_TRIGGER => Constraint::Trigger,
        _ => Constraint::Other,
    };
    Failure::Constraint { kind, detail: message.to_owned() }
}

/// Reads `UNIQUE constraint failed: posts.slug, posts.lang` or `..: index 'name'`, which is all the
/// engine (and a remote server) tells.
fn unique(message: &str) -> Unique {
    let mut found = Unique { table: String::new(), columns: Vec::new(), index: None };
    let Some((_, place)) = message.split_once(": ") else { return found };
    if let Some(index) = place.strip_prefix("index '").and_then(|rest| rest.strip_suffix('\'')) {
        found.index = Some(index.to_owned());
        return found;
    }
    for part in place.split(", ") {
        if let Some((table, column)) = part.split_once('.') {
            table.clone_into(&mut found.table);
            found.columns.push(column.to_owned());
        }
    }
    found
}

/// Why a database could not be opened. `Display` is meant for the operator, on the terminal.
#[derive(Debug, thiserror::Error)]
pub enum OpenFailure {
    #[error(
        "{path} was written by a newer version of the program: it has the migration {migration}, which this version does not know"
    )]
    Newer { path: PathBuf, migration: String },
    #[error("{path}: the migration {migration} was changed after it had run")]
    Changed { path: PathBuf, migration: String },
    #[error("{path} is a database of another program")]
    Foreign { path: PathBuf },
    #[error("{directory} is in use by another process{}", holder.as_ref().map(|pid| format!(" (pid {pid})")).unwrap_or_default())]
    Locked { directory: PathBuf, holder: Option<u32> },
    #[error("{path}: the migration {migration} failed: {detail}")]
    Migration { path: PathBuf, migration: &'static str, detail: String },
    #[error("{path}: {detail}")]
    Engine { path: PathBuf, detail: String },
}

impl OpenFailure {
    /// For callers that open a tenant while serving: all of these are our side's fault.
    #[must_use]
    pub fn into_error(self) -> Error {
        Error::internal("opening a database", self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unique_violation_names_its_columns() {
        let found = unique("UNIQUE constraint failed: posts.slug, posts.lang");
        assert_eq!((found.table.as_str(), found.columns.len(), found.index), ("posts", 2, None));
        let found = unique("UNIQUE constraint failed: index 'by_lower'");
        assert_eq!((found.columns.len(), found.index.as_deref()), (0, Some("by_lower")));
        assert_eq!(unique("nonsense").columns, Vec::<String>::new());
    }

    #[test]
    fn open_failures_speak_to_the_operator() {
        let locked = OpenFailure::Locked { directory: "data".into(), holder: Some(7) };
        assert_eq!(locked.to_string(), "data is in use by another process (pid 7)");
    }
}
