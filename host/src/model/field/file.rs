//! One or several stored files, by the names they are stored under. Storing them is `files`.

use super::options::{MAX_SAFE_INTEGER, check_limit};
use super::select::{column as column_of, modify, zero};
use super::{Behaviour, Field, Modifier, column, convert};
use crate::error::{FieldError, FieldErrors, code};
use crate::model::Value;
use crate::sql;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// Bytes allowed for each file when `max_size` is 0.
pub const DEFAULT_MAX_BYTES: u64 = 5 << 20;
/// At most so many unknown names are repeated to the client.
const SHOWN_NAMES: usize = 20;
/// Of an unknown name, at most so many characters are repeated to the client.
const SHOWN_NAME_CHARS: usize = 250;

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct File {
    /// 0 and 1: a single file.
    pub max_select: u64,
    /// In bytes, of each file.
    pub max_size: u64,
    /// The only allowed content types; empty for any.
    pub mime_types: Vec<String>,
    /// `WxH`, `WxHt`, `WxHb`, `WxHf`, `0xH` or `Wx0`.
    pub thumbs: Vec<String>,
    /// Whether a file needs a token to be read.
    pub protected: bool,
}

impl File {
    /// The limit that holds for each file, in bytes.
    #[must_use]
    pub fn max_bytes(&self) -> u64 {
        if self.max_size == 0 { DEFAULT_MAX_BYTES } else { self.max_size }
    }

    /// Whether an upload fits; `mime_type` is what its content looks like.
    ///
    /// # Errors
    /// Too large, or of a type that is not allowed.
    pub fn check_upload(&self, name: &str, bytes: u64, mime_type: &str) -> Result<(), FieldError> {
        if bytes > self.max_bytes() {
            return Err(code::FILE_SIZE_LIMIT.with([("file", name.into()), ("maxSize", self.max_bytes().into())]));
        }
        // A type may carry parameters, as in `text/plain; charset=utf-8`.
        let plain = |mime: &str| mime.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if self.mime_types.is_empty() || self.mime_types.iter().any(|allowed| plain(allowed) == plain(mime_type)) {
            return Ok(());
        }
        Err(code::INVALID_MIME_TYPE.with([("mimeTypes", self.mime_types.join(", ").into())]))
    }

    /// Names that are neither stored already nor uploaded now are refused: a client cannot adopt files.
    ///
    /// # Errors
    /// The unknown names.
    pub fn check_names(&self, names: &[String], stored: &[String], uploaded: &[&str]) -> Result<(), FieldError> {
        let known: HashSet<&str> = stored.iter().map(String::as_str).chain(uploaded.iter().copied()).collect();
        let unknown = names.iter().filter(|name| !known.contains(name.as_str()));
        let unknown: Vec<String> =
            unknown.take(SHOWN_NAMES).map(|name| name.chars().take(SHOWN_NAME_CHARS).collect()).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let shown = unknown.join(" ");
        Err(code::INVALID_FILE.say(format!("Invalid new files: [{shown}].")).param("invalidFiles", unknown))
    }
}

/// `WxH` with an optional `t`, `b` or `f`; one side may be 0.
fn is_thumb(size: &str) -> bool {
    let size = size.strip_suffix(['t', 'b', 'f']).unwrap_or(size);
    let digits = |side: &str| !side.is_empty() && side.bytes().all(|byte| byte.is_ascii_digit());
    size.split_once('x').is_some_and(|(width, height)| digits(width) && digits(height))
}

impl Behaviour for File {
    const NAME: &'static str = "file";

    fn zero(&self) -> Value {
        zero(self.is_multiple())
    }

    fn column(&self) -> &'static str {
        column_of(self.is_multiple())
    }

    fn normalise(&self, input: &serde_json::Value) -> Value {
        convert::choice(convert::to_list(input), self.is_multiple())
    }

    fn check(&self, value: &Value) -> Result<(), FieldError> {
        let max = self.max_select.max(1);
        if value.items().len() as u64 > max {
            return Err(code::TOO_MANY_FILES.with([("maxSelect", max.into())]));
        }
        Ok(())
    }

    fn load(&self, stored: sql::ValueRef<'_>) -> Value {
        column::choice(stored, self.is_multiple())
    }

    fn store(&self, value: &Value) -> sql::Value {
        column::store_choice(value, self.is_multiple())
    }

    fn write_json(&self, stored: sql::ValueRef<'_>, out: &mut Vec<u8>) {
        column::write_choice(stored, self.is_multiple(), out);
    }

    fn check_options(&self, _field: &Field, errors: &mut FieldErrors) {
        check_limit(errors, "maxSelect", self.max_select, 0, MAX_SAFE_INTEGER);
        check_limit(errors, "maxSize", self.max_size, 0, MAX_SAFE_INTEGER);
        let mut invalid = FieldErrors::default();
        for (position, thumb) in self.thumbs.iter().enumerate() {
            if matches!(thumb.as_str(), "0x0" | "0x0t" | "0x0b" | "0x0f") {
                invalid.add(&position.to_string(), code::NOT_IN_INVALID);
            } else if !is_thumb(thumb) {
                invalid.add(&position.to_string(), code::MATCH_INVALID);
            }
        }
        errors.nest("thumbs", invalid);
    }

    fn is_multiple(&self) -> bool {
        self.max_select > 1
    }

    fn modify(&self, current: &Value, modifier: Modifier, input: &serde_json::Value) -> Option<Value> {
        modify(current, modifier, input, self.is_multiple())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn uploads() {
        let file = File { max_size: 10, mime_types: vec!["image/png".into(), "text/plain".into()], ..File::default() };
        assert!(file.check_upload("a", 10, "text/plain; charset=utf-8").is_ok());
        let error = file.check_upload("a.png", 11, "image/png").unwrap_err();
        assert_eq!(error.code, "validation_file_size_limit");
        assert_eq!(error.message, "Failed to upload a.png - the maximum allowed file size is 10 bytes.");
        let error = file.check_upload("a", 1, "image/gif").unwrap_err();
        assert_eq!(error.message, "The following mime types are only allowed: image/png, text/plain.");
        assert!(File::default().check_upload("a", 5_242_880, "x/y").is_ok());
    }

    #[test]
    fn names_must_be_known() {
        let file = File { max_select: 2, ..File::default() };
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert!(file.check_names(&names(&["a", "b"]), &names(&["a"]), &["b"]).is_ok());
        let error = file.check_names(&names(&["a", "b"]), &[], &["b"]).unwrap_err();
        assert_eq!(error.params, [("invalidFiles", json!(["a"]))]);
        let long = "x".repeat(300);
        let error = file.check_names(&[long], &[], &[]).unwrap_err();
        assert_eq!(error.params[0].1[0].as_str().unwrap().len(), 250);
        assert_eq!(file.check(&Value::Texts(names(&["a", "b", "c"]))).unwrap_err().code, "validation_too_many_files");
    }

    #[test]
    fn options() {
        let file =
            File { thumbs: ["100x300", "0x50f", "0x0", "x", "10x10q"].map(String::from).into(), ..File::default() };
        let mut errors = FieldErrors::default();
        file.check_options(&Field::new("f", file.clone()), &mut errors);
        let text = format!("{errors:?}");
        assert!(
            text.contains(r#""2""#) && text.contains(r#""3""#) && text.contains(r#""4""#) && !text.contains(r#""1""#)
        );
        let wire = json!({"maxSelect": 0, "maxSize": 0, "mimeTypes": [], "thumbs": [], "protected": false});
        assert_eq!(serde_json::to_value(File::default()).unwrap(), wire);
    }
}
