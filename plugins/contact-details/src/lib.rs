//! Brings e-mail addresses and telephone numbers into one form, so that they can be found, compared and dialled.
//!
//! Attach it to `beforeCreate` and `beforeUpdate`, with a configuration such as
//!
//! ```json
//! {"emails": ["contact"], "phones": ["mobile", "office"], "country": "43", "tags": "strip"}
//! ```
//!
//! - **E-mail**: without spaces around it, in lower case; with `"tags": "strip"`, `ada+news@x.org` becomes `ada@x.org`.
//! - **Telephone**: as `+4312345678`. `00` at the start is a `+`, a single `0` stands for `country`, the calling code;
//!   spaces, dashes, dots, slashes and brackets are left out. Without `country` only numbers with a calling code are taken.
//!
//! Empty fields stay empty; anything else that is neither is refused at its field, and so is a field that the collection has not, that is
//! hidden and not in the attachment's `fields.read`, or that holds something else than a text. It imports nothing.
#![forbid(unsafe_code)]

use tinybase_plugin::prelude::*;

/// Digits of a telephone number with its calling code (E.164).
const DIGITS: std::ops::RangeInclusive<usize> = 8..=15;
const EMAIL_MAX: usize = 254;

tinybase_plugin::manifest!(
    r#"{
  "name": "contact-details",
  "config": {
    "type": "object",
    "properties": {
      "emails": {"type": "array", "items": {"type": "string", "minLength": 1}},
      "phones": {"type": "array", "items": {"type": "string", "minLength": 1}},
      "country": {"type": "string", "pattern": "^([1-9][0-9]{0,2})?$"},
      "tags": {"enum": ["", "keep", "strip"]}
    },
    "additionalProperties": false
  }
}"#
);

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    #[serde(default)]
    emails: Vec<String>,
    #[serde(default)]
    phones: Vec<String>,
    #[serde(default)]
    country: String,
    #[serde(default)]
    tags: String,
}

#[before_create]
fn on_create(ctx: &Context, draft: &mut Record) -> Hook {
    normalise(ctx, draft)
}

#[before_update]
fn on_update(ctx: &Context, _original: &Record, draft: &mut Record) -> Hook {
    normalise(ctx, draft)
}

fn normalise(ctx: &Context, draft: &mut Record) -> Hook {
    let settings: Settings = ctx.config_as()?;
    let mut errors = Errors::new();
    for field in &settings.emails {
        match named(draft, field, &mut errors).map(|text| email(text, settings.tags == "strip")) {
            Some(Some(email)) => drop(draft.set(field, email)),
            Some(None) => errors.add(field, "validation_invalid_email", "Must be an e-mail address."),
            None => {}
        }
    }
    for field in &settings.phones {
        match named(draft, field, &mut errors).map(|text| phone(text, &settings.country)) {
            Some(Some(phone)) => drop(draft.set(field, phone)),
            Some(None) => {
                errors.add(field, "validation_invalid_phone", "Must be a telephone number with its calling code.")
            }
            None => {}
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(errors.into()) }
}

/// The text of a field of the settings, unless it is null. One that is misspelt, or of another kind, must not let everything through.
fn named<'a>(draft: &'a Record, field: &str, errors: &mut Errors) -> Option<&'a str> {
    let message = match draft.get(field) {
        Some(Value::Text(text)) => return Some(text),
        Some(Value::Null) => return None,
        _ => "The contact details name this field, and there is no such text that they may see.",
    };
    errors.add(field, "validation_contact_details", message);
    None
}

fn email(text: &str, strip: bool) -> Option<String> {
    let text = text.trim().to_lowercase();
    if text.is_empty() {
        return Some(text);
    }
    let (local, domain) = text.rsplit_once('@')?;
    let local = if strip { local.split('+').next().unwrap_or_default() } else { local };
    let labels_fit =
        domain.contains('.') && domain.split('.').all(|label| !label.is_empty() && !label.starts_with('-'));
    let chars_fit = |part: &str, more: &str| part.chars().all(|c| c.is_alphanumeric() || more.contains(c));
    let fits = !local.is_empty() && chars_fit(local, "!#$%&'*+-/=?^_`{|}~.") && labels_fit && chars_fit(domain, "-.");
    (fits && text.len() <= EMAIL_MAX).then(|| [local, "@", domain].concat())
}

fn phone(text: &str, country: &str) -> Option<String> {
    let mut digits: String = text.chars().filter(|c| !c.is_whitespace() && !"-./()".contains(*c)).collect();
    if digits.is_empty() {
        return Some(digits);
    }
    if let Some(international) = digits.strip_prefix('+').or_else(|| digits.strip_prefix("00")) {
        digits = international.to_owned();
    } else {
        let national = digits.strip_prefix('0').unwrap_or(&digits);
        if country.is_empty() {
            return None;
        }
        digits = [country, national].concat();
    }
    let fits =
        DIGITS.contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    fits.then(|| ["+", &digits].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tinybase_plugin::{Refusal, testing};

    #[test]
    fn addresses() {
        for (text, expected) in [
            (" Ada@Example.ORG ", Some("ada@example.org")),
            ("ada+news@x.org", Some("ada@x.org")),
            ("o'neil@x.org", Some("o'neil@x.org")),
            ("", Some("")),
            ("ada", None),
            ("@x.org", None),
            ("ada@localhost", None),
            ("ada@x..org", None),
            ("a b@x.org", None),
        ] {
            assert_eq!(email(text, true).as_deref(), expected, "{text}");
        }
        assert_eq!(email("a+b@x.org", false).as_deref(), Some("a+b@x.org"));
    }

    #[test]
    fn numbers() {
        for (text, country, expected) in [
            ("+43 1 234 56 78", "", Some("+4312345678")),
            ("0043 (1) 2345678", "49", Some("+4312345678")),
            ("0664/123 45-67", "43", Some("+436641234567")),
            ("0664 1234567", "", None),
            ("+12", "", None),
            ("+4312345678901234", "", None),
            ("call me", "43", None),
            (" ", "43", Some("")),
        ] {
            assert_eq!(phone(text, country).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn all_errors_at_once_each_at_its_field() {
        let config = r#"{"emails": ["mail"], "phones": ["phone"]}"#.to_owned();
        let ctx = Context { config, ..testing::context("people") };
        let mut draft = Record::new().with("mail", "x").with("phone", "x");
        let Refusal::Invalid(errors) = on_create(&ctx, &mut draft).unwrap_err() else { panic!() };
        assert_eq!(errors.iter().map(|error| error.field.as_str()).collect::<Vec<_>>(), ["mail", "phone"]);
        let mut draft = Record::new().with("mail", "X@Y.org").with("phone", "");
        on_create(&ctx, &mut draft).unwrap();
        assert_eq!(draft.text("mail"), Ok("x@y.org"));
        assert!(on_create(&ctx, &mut Record::new().with("mail", "x@y.org")).is_err(), "there is no phone");

        let mut draft = Record::new().with("mail", Value::Null).with("phone", 436641234567_i64);
        let Refusal::Invalid(errors) = on_create(&ctx, &mut draft).unwrap_err() else { panic!() };
        let told: Vec<_> = errors.iter().map(|error| (error.field.as_str(), error.code.as_str())).collect();
        assert_eq!(told, [("phone", "validation_contact_details")], "a number is no text");
    }
}
