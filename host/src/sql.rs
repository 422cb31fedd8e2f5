//! The only way to build a statement: text made of literals and quoted names, values as parameters.
//!
//! Not here: running a statement (`db`), deciding what to select (`rules`, `records`, `schema`).

use std::fmt::Write as _;

/// A value bound to a parameter or read from a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    Integer(i64),
    Real(f64),
    Text(String),
    Blob(Vec<u8>),
}

/// A column of the row that is being read, borrowed from the engine.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ValueRef<'a> {
    Null,
    Integer(i64),
    Real(f64),
    Text(&'a str),
    Blob(&'a [u8]),
}

impl From<ValueRef<'_>> for Value {
    fn from(value: ValueRef<'_>) -> Self {
        match value {
            ValueRef::Null => Self::Null,
            ValueRef::Integer(number) => Self::Integer(number),
            ValueRef::Real(number) => Self::Real(number),
            ValueRef::Text(text) => Self::Text(text.to_owned()),
            ValueRef::Blob(bytes) => Self::Blob(bytes.to_vec()),
        }
    }
}

impl<'a> From<&'a Value> for ValueRef<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Integer(number) => Self::Integer(*number),
            Value::Real(number) => Self::Real(*number),
            Value::Text(text) => Self::Text(text),
            Value::Blob(bytes) => Self::Blob(bytes),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Real(number)
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Integer(i64::from(truth))
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A statement, or a part of one, with the values of its `?` parameters in order of appearance.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sql {
    text: String,
    params: Vec<Value>,
}

impl Sql {
    /// Starts from a literal; `'static` keeps request data out of the text.
    #[must_use]
    pub fn new(text: &'static str) -> Self {
        Self { text: text.to_owned(), params: Vec::new() }
    }

    /// Appends a literal.
    pub fn push(&mut self, text: &'static str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Appends a name, quoted.
    pub fn name(&mut self, name: &str) -> &mut Self {
        quote_into(&mut self.text, name);
        self
    }

    /// Appends `table.column`, both quoted.
    pub fn column(&mut self, table: &str, column: &str) -> &mut Self {
        quote_into(&mut self.text, table);
        self.text.push('.');
        quote_into(&mut self.text, column);
        self
    }

    /// Appends a decimal number made by the program (an alias counter, a limit).
    pub fn number(&mut self, number: u64) -> &mut Self {
        let _ = write!(self.text, "{number}");
        self
    }

    /// Appends one parameter.
    pub fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.text.push('?');
        self.params.push(value.into());
        self
    }

    /// Appends another statement part with its parameters.
    pub fn append(&mut self, other: Self) -> &mut Self {
        self.text.push_str(&other.text);
        self.params.extend(other.params);
        self
    }

    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    #[must_use]
    pub fn params(&self) -> &[Value] {
        &self.params
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// A statement that a superuser or a stored definition wrote (an index, a migration). The only
    /// door for text that is not a literal; never pass anything a client sent without that right.
    #[must_use]
    pub fn trusted(text: String) -> Self {
        Self { text, params: Vec::new() }
    }
}

/// Quotes a name for SQL: backticks, as `PocketBase` writes its index definitions.
fn quote_into(text: &mut String, name: &str) {
    text.push('`');
    for c in name.chars() {
        if c == '`' {
            text.push('`');
        }
        text.push(c);
    }
    text.push('`');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_never_reach_the_text() {
        let mut sql = Sql::new("SELECT ");
        sql.column("posts", "ti`tle").push(" FROM ").name("posts").push(" WHERE id = ").bind("x' OR 1=1");
        assert_eq!(sql.text(), "SELECT `posts`.`ti``tle` FROM `posts` WHERE id = ?");
        assert_eq!(sql.params(), [Value::Text("x' OR 1=1".into())]);
    }
}
