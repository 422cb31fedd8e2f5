//! Refuses a text of more than so many words.
//!
//! Attach it as `validate`, with the configuration `{"field": "title", "max": 20}`; these are also the defaults. It is
//! pure: it imports nothing, so it can do nothing but say yes or no. The two settings are read without a JSON parser,
//! which would be most of the plugin. A field that the collection has not, that is hidden and not in the attachment's `fields.read`, or that
//! holds something else than a text, is refused; null has no words.
#![forbid(unsafe_code)]

use tinybase_plugin::prelude::*;

tinybase_plugin::manifest!(
    r#"{
  "name": "word-limit",
  "config": {
    "type": "object",
    "properties": {
      "field": {"type": "string", "minLength": 1},
      "max": {"type": "integer", "minimum": 0}
    },
    "additionalProperties": false
  }
}"#
);

#[validate]
fn word_limit(ctx: &Context, draft: &Record, errors: &mut Errors) {
    let field = ctx.config_text("field").unwrap_or_else(|| "title".to_owned());
    let max = ctx.config_integer("max").and_then(|max| usize::try_from(max).ok()).unwrap_or(20);
    let text = match draft.get(&field) {
        Some(Value::Text(text)) => text.as_str(),
        Some(Value::Null) => "",
        // A misspelt name must not let everything through.
        _ => {
            return errors.add(
                &field,
                "validation_word_limit",
                "Has a limit of words, and there is no such text that it may see.",
            );
        }
    };
    let words = text.split_whitespace().count();
    if words > max {
        let message = ["Must have at most ", &max.to_string(), " words."].concat();
        errors.add(&field, "validation_too_many_words", &message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tinybase_plugin::testing;

    fn check(config: &str, field: &str, text: impl Into<Value>) -> Errors {
        let ctx = Context { config: config.into(), ..testing::context("posts") };
        let mut errors = Errors::new();
        word_limit(&ctx, &Record::new().with(field, text), &mut errors);
        errors
    }

    #[test]
    fn counts_words() {
        let config = r#"{"field": "summary", "max": 3}"#;
        assert!(check(config, "summary", "  one two\nthree ").is_empty());

        let errors = check(config, "summary", "one two three four");
        let error = &errors.as_slice()[0];
        assert_eq!((error.field.as_str(), error.code.as_str()), ("summary", "validation_too_many_words"));
        assert_eq!(error.message, "Must have at most 3 words.");
    }

    #[test]
    fn null_has_no_words_and_a_number_is_no_text() {
        assert!(check(r#"{"max": 0}"#, "title", Value::Null).is_empty());
        assert!(!check("{}", "title", 1).is_empty());
    }

    #[test]
    fn has_defaults() {
        assert!(check("{}", "title", "word ".repeat(20)).is_empty());
        assert!(!check("{}", "title", "word ".repeat(21)).is_empty());
        assert!(!check("{}", "body", "word").is_empty(), "there is no title");
        assert!(!check(r#"{"max": -1}"#, "title", "word ".repeat(21)).is_empty());
    }
}
