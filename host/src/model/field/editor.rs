//! HTML text from an editor. It is kept as it comes; whoever shows it must clean it.

use super::options::{MAX_SAFE_INTEGER, check_limit};
use super::{Behaviour, Field, column, convert};
use crate::error::{FieldError, FieldErrors, code};
use crate::model::Value;
use crate::sql;
use serde::{Deserialize, Serialize};

/// Bytes allowed when `max_size` is 0.
pub const DEFAULT_MAX_BYTES: u64 = 5 << 20;

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Editor {
    pub max_size: u64,
    /// For the dashboard's editor.
    #[serde(rename = "convertURLs")]
    pub convert_urls: bool,
}

impl Editor {
    /// The limit that holds, in bytes.
    #[must_use]
    pub fn max_bytes(&self) -> u64 {
        if self.max_size == 0 { DEFAULT_MAX_BYTES } else { self.max_size }
    }
}

impl Behaviour for Editor {
    const NAME: &'static str = "editor";

    fn zero(&self) -> Value {
        Value::Text(String::new())
    }

    fn column(&self) -> &'static str {
        "TEXT DEFAULT '' NOT NULL"
    }

    fn normalise(&self, input: &serde_json::Value) -> Value {
        Value::Text(convert::to_text(input))
    }

    fn check(&self, value: &Value) -> Result<(), FieldError> {
        if value.as_text().unwrap_or_default().len() as u64 > self.max_bytes() {
            return Err(code::CONTENT_SIZE_LIMIT.with([("maxSize", self.max_bytes().into())]));
        }
        Ok(())
    }

    fn load(&self, stored: sql::ValueRef<'_>) -> Value {
        Value::Text(column::text(stored))
    }

    fn store(&self, value: &Value) -> sql::Value {
        sql::Value::Text(value.as_text().unwrap_or_default().to_owned())
    }

    fn write_json(&self, stored: sql::ValueRef<'_>, out: &mut Vec<u8>) {
        column::write_text(stored, out);
    }

    fn check_options(&self, _field: &Field, errors: &mut FieldErrors) {
        check_limit(errors, "maxSize", self.max_size, 0, MAX_SAFE_INTEGER);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_counts_bytes() {
        let editor = Editor { max_size: 3, convert_urls: false };
        assert!(editor.check(&Value::Text("abc".into())).is_ok());
        let error = editor.check(&Value::Text("žš".into())).unwrap_err();
        assert_eq!(error.code, "validation_content_size_limit");
        assert_eq!(error.message, "The maximum allowed content size is 3 bytes.");
        assert_eq!(Editor::default().max_bytes(), 5_242_880);
        let wire = serde_json::json!({"maxSize": 3, "convertURLs": false});
        assert_eq!(serde_json::to_value(editor).unwrap(), wire);
    }
}
