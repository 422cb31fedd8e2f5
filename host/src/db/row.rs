//! Values across the border: parameters in, columns out.

use std::cell::OnceCell;
use std::fmt;

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef as EngineRef};

use crate::sql::{Value, ValueRef};

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => EngineRef::Null,
            Self::Integer(number) => EngineRef::Integer(*number),
            Self::Real(number) => EngineRef::Real(*number),
            Self::Text(text) => EngineRef::Text(text.as_bytes()),
            Self::Blob(bytes) => EngineRef::Blob(bytes),
        }))
    }
}

/// The row that a statement stands on; gone at the next step.
pub struct Row<'a> {
    inner: &'a rusqlite::Row<'a>,
    /// Repaired copies of texts that are not UTF-8, made when first asked for.
    repaired: OnceCell<Box<[OnceCell<String>]>>,
}

impl<'a> Row<'a> {
    pub(super) fn new(inner: &'a rusqlite::Row<'a>) -> Self {
        Self { inner, repaired: OnceCell::new() }
    }

    /// The column at `index`, counted from 0. Text that is not UTF-8 (another program may have written it)
    /// has U+FFFD for what cannot be read; a column that does not exist is NULL.
    #[must_use]
    pub fn get(&self, index: usize) -> ValueRef<'_> {
        match self.inner.get_ref(index) {
            Ok(EngineRef::Text(bytes)) => match std::str::from_utf8(bytes) {
                Ok(text) => ValueRef::Text(text),
                Err(_) => ValueRef::Text(self.repair(index, bytes)),
            },
            Ok(EngineRef::Integer(number)) => ValueRef::Integer(number),
            Ok(EngineRef::Real(number)) => ValueRef::Real(number),
            Ok(EngineRef::Blob(bytes)) => ValueRef::Blob(bytes),
            Ok(EngineRef::Null) => ValueRef::Null,
            Err(_) => {
                debug_assert!(false, "there is no column {index}");
                ValueRef::Null
            }
        }
    }

    /// The text at `index`; empty for anything else.
    #[must_use]
    pub fn text(&self, index: usize) -> &str {
        match self.get(index) {
            ValueRef::Text(text) => text,
            _ => "",
        }
    }

    /// The integer at `index`; 0 for anything else, a real number cut off.
    #[must_use]
    pub fn integer(&self, index: usize) -> i64 {
        match self.get(index) {
            ValueRef::Integer(number) => number,
            #[expect(clippy::cast_possible_truncation, reason = "saturates, as the engine's own CAST does")]
            ValueRef::Real(number) => number as i64,
            _ => 0,
        }
    }

    /// A copy of the column at `index`, to keep.
    #[must_use]
    pub fn value(&self, index: usize) -> Value {
        match self.get(index) {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(number) => Value::Integer(number),
            ValueRef::Real(number) => Value::Real(number),
            ValueRef::Text(text) => Value::Text(text.to_owned()),
            ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
        }
    }

    /// How many columns the row has.
    #[must_use]
    pub fn width(&self) -> usize {
        self.inner.as_ref().column_count()
    }

    /// The name of the column at `index`, as the statement gives it.
    #[must_use]
    pub fn name(&self, index: usize) -> &str {
        self.inner.as_ref().column_name(index).unwrap_or("")
    }

    fn repair(&self, index: usize, bytes: &[u8]) -> &str {
        let all = self.repaired.get_or_init(|| (0..self.width()).map(|_| OnceCell::new()).collect());
        all[index].get_or_init(|| String::from_utf8_lossy(bytes).into_owned())
    }
}

impl fmt::Debug for Row<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries((0..self.width()).map(|index| (self.name(index), self.get(index)))).finish()
    }
}
