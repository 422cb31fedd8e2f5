//! A password: the value is the stored hash, which never leaves the server. Plain text is checked here and
//! hashed elsewhere.

use super::options::check_limit;
use super::{Behaviour, Field, column, convert};
use crate::error::{FieldError, FieldErrors, code};
use crate::model::Value;
use crate::model::pattern::Pattern;
use crate::sql;
use serde::{Deserialize, Serialize};

/// Bytes of plain text that are ever accepted: bcrypt, which imported hashes use, reads no more.
pub const MAX_BYTES: u64 = 71;
/// The range of `cost`, a setting of bcrypt's.
const COSTS: (u64, u64) = (4, 31);

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Password {
    pub pattern: Pattern,
    /// In characters.
    pub min: u64,
    /// In characters; 0 for [`MAX_BYTES`] bytes.
    pub max: u64,
    pub cost: u64,
}

impl Password {
    /// Whether a plain password may be set.
    ///
    /// # Errors
    /// Too short, too long, or not in the format.
    pub fn check_plain(&self, plain: &str) -> Result<(), FieldError> {
        let length = plain.chars().count() as u64;
        if length < self.min {
            return Err(code::MIN_TEXT.with([("min", self.min.into())]));
        }
        let max = if self.max == 0 { MAX_BYTES } else { self.max };
        if length > max {
            return Err(code::MAX_TEXT.with([("max", max.into())]));
        }
        if plain.len() as u64 > MAX_BYTES {
            return Err(code::MAX_TEXT.with([("max", MAX_BYTES.into())]));
        }
        if self.pattern.matches(plain) { Ok(()) } else { Err(code::INVALID_FORMAT.into()) }
    }
}

impl Behaviour for Password {
    const NAME: &'static str = "password";

    fn zero(&self) -> Value {
        Value::Text(String::new())
    }

    fn column(&self) -> &'static str {
        "TEXT DEFAULT '' NOT NULL"
    }

    fn normalise(&self, input: &serde_json::Value) -> Value {
        Value::Text(convert::to_text(input))
    }

    fn check(&self, _value: &Value) -> Result<(), FieldError> {
        Ok(())
    }

    fn load(&self, stored: sql::ValueRef<'_>) -> Value {
        Value::Text(column::text(stored))
    }

    fn store(&self, value: &Value) -> sql::Value {
        sql::Value::Text(value.as_text().unwrap_or_default().to_owned())
    }

    fn write_json(&self, _stored: sql::ValueRef<'_>, out: &mut Vec<u8>) {
        out.extend_from_slice(b"\"\"");
    }

    fn check_options(&self, _field: &Field, errors: &mut FieldErrors) {
        check_limit(errors, "min", self.min, 1, MAX_BYTES);
        check_limit(errors, "max", self.max, self.min, MAX_BYTES);
        check_limit(errors, "cost", self.cost, COSTS.0, COSTS.1);
        if !self.pattern.is_valid() {
            errors.add("pattern", code::INVALID_REGEX);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text() {
        let password = Password { min: 3, pattern: "^[a-zž]+$".into(), ..Password::default() };
        let code = |plain: &str| password.check_plain(plain).err().map(|error| error.code.into_owned());
        assert_eq!(code("abc"), None);
        assert_eq!(code("žž").as_deref(), Some("validation_min_text_constraint"));
        assert_eq!(code("ABC").as_deref(), Some("validation_invalid_format"));
        assert_eq!(code(&"x".repeat(71)), None);
        assert_eq!(code(&"x".repeat(72)).as_deref(), Some("validation_max_text_constraint"));
        assert_eq!(code(&"ž".repeat(36)).as_deref(), Some("validation_max_text_constraint"));
        let short = Password { max: 4, ..Password::default() };
        assert_eq!(short.check_plain("12345").unwrap_err().message, "Must be no more than 4 character(s).");
    }

    #[test]
    fn never_shown() {
        let mut out = Vec::new();
        Password::default().write_json(sql::ValueRef::Text("$2a$10$hash"), &mut out);
        assert_eq!(out, b"\"\"");
    }

    #[test]
    fn options() {
        let password = Password { min: 72, max: 80, cost: 40, pattern: "(".into() };
        let mut errors = FieldErrors::default();
        password.check_options(&Field::new("p", password.clone()), &mut errors);
        assert_eq!(errors.0.len(), 4);
        let mut errors = FieldErrors::default();
        let fine = Password { min: 8, cost: 5, ..Password::default() };
        fine.check_options(&Field::new("p", fine.clone()), &mut errors);
        assert!(errors.is_empty());
    }
}
