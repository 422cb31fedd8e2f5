//! Plain text, also the kind of the primary key `id`.

use super::options::{MAX_SAFE_INTEGER, check_limit};
use super::{Behaviour, Field, column, convert};
use crate::error::{FieldError, FieldErrors, code};
use crate::model::Value;
use crate::model::pattern::{Generator, Pattern};
use crate::sql;
use serde::{Deserialize, Serialize};

/// Characters allowed when `max` is 0.
pub const DEFAULT_MAX_CHARS: u64 = 5000;

/// The pattern of ids that `PocketBase` makes; it admits none of the characters below.
pub const ID_PATTERN: &str = "^[a-z0-9]+$";
pub const ID_GENERATOR: &str = "[a-z0-9]{15}";

/// Ids become names of directories, so they hold no path or wildcard characters,
const FORBIDDEN_IN_KEYS: &[char] =
    &['.', '/', '\\', '|', '"', '\'', '`', '<', '>', ':', '?', '*', '%', '$', '\0', '\t', '\n', '\r', ' '];
/// nor are they words that stand in a URL where an id would,
const PATHS: &[&str] = &["aggregate", "count", "export", "import"];
/// nor are they the names of Windows' devices.
const RESERVED_KEYS: &[&str] = &[
    "CON", "PRN", "AUX", "NUL", "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7", "COM8", "COM9", "LPT1", "LPT2",
    "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9",
];

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Text {
    /// In characters; 0 for none.
    pub min: u64,
    /// In characters; 0 for [`DEFAULT_MAX_CHARS`].
    pub max: u64,
    /// Linear-time regular expression; empty for none.
    pub pattern: Pattern,
    pub autogenerate_pattern: Generator,
    pub primary_key: bool,
}

impl Text {
    /// The field `id` as a new collection has it.
    #[must_use]
    pub fn id() -> Self {
        Self {
            min: 15,
            max: 15,
            pattern: ID_PATTERN.into(),
            autogenerate_pattern: ID_GENERATOR.into(),
            primary_key: true,
        }
    }

    /// A value for a new record; `None` without a pattern.
    pub fn autogenerate(&self, random: &mut dyn FnMut(usize) -> String) -> Option<String> {
        self.autogenerate_pattern.generate(random)
    }

    fn check_text(&self, text: &str) -> Result<(), FieldError> {
        let length = text.chars().count() as u64;
        if length < self.min {
            return Err(code::MIN_TEXT.with([("min", self.min.into())]));
        }
        let max = if self.max == 0 { DEFAULT_MAX_CHARS } else { self.max };
        if length > max {
            return Err(code::MAX_TEXT.with([("max", max.into())]));
        }
        if !self.pattern.matches(text) {
            return Err(code::INVALID_FORMAT.into());
        }
        if self.primary_key && PATHS.contains(&text) {
            return Err(code::RESERVED_PK.with([("reserved", text.into())]));
        }
        if self.primary_key && self.pattern.as_str() != ID_PATTERN { check_key(text) } else { Ok(()) }
    }

    fn check_generator(&self) -> Result<(), FieldError> {
        if !self.autogenerate_pattern.is_regex() {
            return Err(code::INVALID_REGEX.into());
        }
        // Whatever the dice say must satisfy the other options; these throws stand for all.
        for seed in 0..10_u32 {
            let mut state = seed;
            let mut random = |length: usize| -> String {
                (0..length)
                    .map(|_| {
                        state = state.wrapping_mul(1_103_515_245).wrapping_add(12_345);
                        char::from_digit((state >> 16) % 36, 36).unwrap_or('0')
                    })
                    .collect()
            };
            let Some(text) = self.autogenerate_pattern.generate(&mut random) else {
                return Err(code::INVALID_AUTOGENERATE_PATTERN.into());
            };
            if self.check_text(&text).is_err() {
                let sentence = "The provided autogenerate pattern could produce invalid field values, ex.:";
                return Err(code::INVALID_AUTOGENERATE_PATTERN_VALUE.say(format!("{sentence} {text:?}.")));
            }
        }
        Ok(())
    }
}

fn check_key(key: &str) -> Result<(), FieldError> {
    if let Some(ch) = FORBIDDEN_IN_KEYS.iter().find(|&&ch| key.contains(ch)) {
        return Err(code::FORBIDDEN_PK_CHARACTER.with([("ch", ch.to_string().into())]));
    }
    match RESERVED_KEYS.iter().find(|reserved| key.eq_ignore_ascii_case(reserved)) {
        Some(reserved) => Err(code::RESERVED_PK.with([("reserved", (*reserved).into())])),
        None => Ok(()),
    }
}

impl Behaviour for Text {
    const NAME: &'static str = "text";

    fn zero(&self) -> Value {
        Value::Text(String::new())
    }

    fn column(&self) -> &'static str {
        if self.primary_key {
            "TEXT PRIMARY KEY DEFAULT ('r'||lower(hex(randomblob(7)))) NOT NULL"
        } else {
            "TEXT DEFAULT '' NOT NULL"
        }
    }

    fn normalise(&self, input: &serde_json::Value) -> Value {
        Value::Text(convert::to_text(input))
    }

    fn check(&self, value: &Value) -> Result<(), FieldError> {
        self.check_text(value.as_text().unwrap_or_default())
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

    fn check_options(&self, field: &Field, errors: &mut FieldErrors) {
        check_limit(errors, "min", self.min, 0, MAX_SAFE_INTEGER);
        check_limit(errors, "max", self.max, self.min, MAX_SAFE_INTEGER);
        if !self.pattern.is_valid() {
            errors.add("pattern", code::INVALID_REGEX);
        }
        if !self.autogenerate_pattern.is_empty()
            && let Err(error) = self.check_generator()
        {
            errors.add("autogeneratePattern", error);
        }
        if self.primary_key {
            if field.name != "id" {
                errors.add("name", code::IN_INVALID.say("The primary key must be named \"id\"."));
            }
            if self.pattern.is_empty() {
                errors.add("pattern", code::REQUIRED);
            }
            if field.hidden {
                errors.add("hidden", code::EMPTY);
            }
            if !field.required {
                errors.add("required", code::REQUIRED);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn refused(text: &Text, value: &str) -> String {
        text.check(&Value::Text(value.into())).err().map_or_else(String::new, |error| error.code.into_owned())
    }

    #[test]
    fn length_counts_characters() {
        let text = Text { min: 2, max: 3, ..Text::default() };
        assert_eq!(refused(&text, "žšč"), "");
        assert_eq!(refused(&text, "😀😀😀"), "");
        assert_eq!(refused(&text, "a"), "validation_min_text_constraint");
        assert_eq!(refused(&text, "abcd"), "validation_max_text_constraint");
        let error = text.check(&Value::Text("a".into())).unwrap_err();
        assert_eq!(
            (error.message.as_ref(), &error.params),
            ("Must be at least 2 character(s).", &vec![("min", json!(2))])
        );
        let plain = Text::default();
        assert_eq!(refused(&plain, &"x".repeat(5000)), "");
        assert_eq!(refused(&plain, &"x".repeat(5001)), "validation_max_text_constraint");
    }

    #[test]
    fn keys_are_safe_names() {
        let key = Text { pattern: "^.+$".into(), primary_key: true, ..Text::default() };
        for id in
            ["a/b", "a\\b", "a.b", "a|b", "a\"b", "a'b", "a`b", "a<b", "a:b", "a?b", "a*b", "a%b", "a$b", "a b", "a\tb"]
        {
            assert_eq!(refused(&key, id), "validation_forbidden_pk_character", "{id}");
        }
        assert_eq!(refused(&key, "con"), "validation_reserved_pk");
        assert_eq!(refused(&key, "COM1"), "validation_reserved_pk");
        assert_eq!(refused(&key, "Ok-id_1"), "");
        assert_eq!(refused(&key, "count"), "validation_reserved_pk");
        assert_eq!(refused(&Text { min: 3, ..Text::id() }, "count"), "validation_reserved_pk");
        let id = Text::id();
        assert_eq!(refused(&id, "short"), "validation_min_text_constraint");
        assert_eq!(refused(&id, &"a".repeat(16)), "validation_max_text_constraint");
        assert_eq!(refused(&id, "ABCDEFGHIJKLMNO"), "validation_invalid_format");
        assert_eq!(refused(&id, "abcdefghijklmno"), "");
    }

    #[test]
    fn generates() {
        assert_eq!(Text::id().autogenerate(&mut |n| "x".repeat(n)), Some("x".repeat(15)));
        assert_eq!(Text::default().autogenerate(&mut |n| "x".repeat(n)), None);
    }

    #[test]
    fn options_are_checked() {
        let errors = |text: Text| {
            let mut errors = FieldErrors::default();
            let field = Field { required: true, ..Field::new("id", text) };
            field.kind.check_options(&field, &mut errors);
            errors.0.into_keys().collect::<Vec<_>>()
        };
        assert!(errors(Text::id()).is_empty());
        assert!(errors(Text::default()).is_empty());
        assert_eq!(errors(Text { pattern: "([".into(), ..Text::default() }), ["pattern"]);
        assert_eq!(errors(Text { min: 5, max: 4, ..Text::default() }), ["max"]);
        assert_eq!(errors(Text { autogenerate_pattern: "([".into(), ..Text::default() }), ["autogeneratePattern"]);
        assert_eq!(errors(Text { autogenerate_pattern: "^a$".into(), ..Text::default() }), ["autogeneratePattern"]);
        assert_eq!(
            errors(Text { autogenerate_pattern: "a{2}".into(), min: 3, ..Text::default() }),
            ["autogeneratePattern"]
        );
        assert_eq!(errors(Text { primary_key: true, ..Text::default() }), ["pattern"]);
    }

    #[test]
    fn options_have_their_wire_names() {
        let options = json!({"min": 1, "max": 0, "pattern": "a", "autogeneratePattern": "b", "primaryKey": false});
        let text: Text = serde_json::from_value(options.clone()).unwrap();
        assert_eq!(serde_json::to_value(&text).unwrap(), options);
        assert_eq!(serde_json::from_value::<Text>(json!({})).unwrap(), Text::default());
    }
}
