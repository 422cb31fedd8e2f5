//! Moderation by a list of words: refuses a text, masks the words in it, or flags the record for somebody to look at.
//!
//! Attach it to `beforeCreate` and `beforeUpdate`, with a configuration such as
//!
//! ```json
//! {"fields": ["title", "body"], "words": ["spam", "casino*"], "action": "mask", "flag": "needs_review"}
//! ```
//!
//! `action` is `refuse` (the default), `mask` (letters become `*`) or `flag`. With `flag`, a field of that name is set to
//! whether words were found, whatever the action is. Words are compared as a reader would: without regard to case, with
//! `4`, `@`, `3`, `1`, `!`, `0`, `$`, `5` read as letters, and as whole words; a `*` at the end stands for any ending.
//! A field that the collection has not, or that is hidden and not in the attachment's `fields.read`, or that holds something else than a text, is refused. It imports nothing.
#![forbid(unsafe_code)]

use std::ops::Range;
use tinybase_plugin::prelude::*;

tinybase_plugin::manifest!(
    r#"{
  "name": "word-list",
  "config": {
    "type": "object",
    "required": ["fields", "words"],
    "properties": {
      "fields": {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1},
      "words": {"type": "array", "items": {"type": "string", "minLength": 1}},
      "action": {"enum": ["refuse", "mask", "flag"]},
      "flag": {"type": "string", "minLength": 1}
    },
    "additionalProperties": false
  }
}"#
);

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    fields: Vec<String>,
    words: Vec<String>,
    #[serde(default)]
    action: Action,
    #[serde(default)]
    flag: Option<String>,
}

#[derive(Default, Clone, Copy, PartialEq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum Action {
    #[default]
    Refuse,
    Mask,
    Flag,
}

#[before_create]
fn on_create(ctx: &Context, draft: &mut Record) -> Hook {
    moderate(ctx, draft)
}

#[before_update]
fn on_update(ctx: &Context, _original: &Record, draft: &mut Record) -> Hook {
    moderate(ctx, draft)
}

fn moderate(ctx: &Context, draft: &mut Record) -> Hook {
    let settings: Settings = ctx.config_as()?;
    let words: Vec<(String, bool)> = settings.words.iter().map(|word| prepare(word)).collect();
    let mut errors = Errors::new();
    let mut any = false;
    for field in &settings.fields {
        let text = match draft.get(field) {
            Some(Value::Text(text)) => text,
            Some(Value::Null) => continue,
            // A misspelt name, or a field of another kind, must not let everything through.
            _ => {
                errors.add(
                    field,
                    "validation_word_list",
                    "The word list names this field, and there is no such text that it may see.",
                );
                continue;
            }
        };
        let found = search(text, &words);
        if found.is_empty() {
            continue;
        }
        any = true;
        match settings.action {
            Action::Refuse => errors.add(field, "validation_word_list", "Has words that are not wanted here."),
            Action::Mask => {
                let masked = mask(text, &found);
                draft.set(field, masked);
            }
            Action::Flag => {}
        }
    }
    if !errors.is_empty() {
        return Err(errors.into());
    }
    if let Some(flag) = &settings.flag {
        draft.set(flag, any);
    }
    Ok(())
}

/// A word as it is compared, and whether it may have any ending.
fn prepare(word: &str) -> (String, bool) {
    let open = word.ends_with('*');
    (word.trim_end_matches('*').chars().map(plain).collect(), open)
}

/// A letter as a reader takes it.
fn plain(c: char) -> char {
    match c {
        '4' | '@' => 'a',
        '3' => 'e',
        '1' | '!' => 'i',
        '0' => 'o',
        '5' | '$' => 's',
        other => other.to_lowercase().next().unwrap_or(other),
    }
}

fn is_part_of_word(c: char) -> bool {
    c.is_alphanumeric() || "@!$".contains(c)
}

/// Where the words stand, in bytes.
fn search(text: &str, words: &[(String, bool)]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut rest = 0;
    while let Some(start) = text[rest..].find(is_part_of_word).map(|at| rest + at) {
        let end = text[start..].find(|c| !is_part_of_word(c)).map_or(text.len(), |at| start + at);
        // A mark at the end is one of the sentence: `spam!` is `spam`.
        let whole = text[start..end].trim_end_matches(['!', '@', '$']);
        let candidates = [&text[start..end], whole];
        let hit = candidates.into_iter().find(|word| {
            let word: String = word.chars().map(plain).collect();
            words.iter().any(|(listed, open)| word == *listed || (*open && word.starts_with(listed.as_str())))
        });
        if let Some(word) = hit.filter(|word| !word.is_empty()) {
            found.push(start..start + word.len());
        }
        rest = end;
    }
    found
}

fn mask(text: &str, found: &[Range<usize>]) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = 0;
    for range in found {
        masked.push_str(&text[rest..range.start]);
        masked.extend(text[range.clone()].chars().map(|_| '*'));
        rest = range.end;
    }
    masked.push_str(&text[rest..]);
    masked
}

#[cfg(test)]
mod tests {
    use super::*;
    use tinybase_plugin::{Refusal, testing};

    fn run(config: &str, text: impl Into<Value>) -> Result<Record, Refusal> {
        let ctx = Context { config: config.into(), ..testing::context("posts") };
        let mut draft = Record::new().with("body", text);
        on_create(&ctx, &mut draft)?;
        Ok(draft)
    }

    #[test]
    fn words_are_found_as_a_reader_would() {
        let words = [prepare("spam"), prepare("casino*"), prepare("größe")];
        for (text, found) in [
            ("no such thing", 0),
            ("SPAM", 1),
            ("$p4m, sp@m and spam!", 3),
            ("spammer", 0),
            ("casinos and Casino-night", 2),
            ("GRÖSSE größe GRÖßE", 2),
            ("", 0),
            ("!!!", 0),
        ] {
            assert_eq!(search(text, &words).len(), found, "{text}");
        }
    }

    #[test]
    fn refuses_masks_and_flags() {
        let Refusal::Invalid(errors) = run(r#"{"fields": ["body"], "words": ["spam"]}"#, "Spam!").unwrap_err() else {
            panic!()
        };
        assert_eq!((errors[0].field.as_str(), errors[0].code.as_str()), ("body", "validation_word_list"));
        let masked =
            run(r#"{"fields": ["body"], "words": ["spam"], "action": "mask", "flag": "seen"}"#, "Ä spam! é").unwrap();
        assert_eq!((masked.text("body"), masked.boolean("seen")), (Ok("Ä ****! é"), Ok(true)));
        let flagged =
            run(r#"{"fields": ["body"], "words": ["spam"], "action": "flag", "flag": "seen"}"#, "fine").unwrap();
        assert_eq!((flagged.text("body"), flagged.boolean("seen")), (Ok("fine"), Ok(false)));
        for wrong in [r#"{"fields": "body"}"#, r#"{"fields": ["bodi"], "words": ["spam"], "action": "flag"}"#] {
            assert!(run(wrong, "x").is_err(), "a wrong configuration lets nothing through");
        }
        let config = r#"{"fields": ["body"], "words": ["spam"]}"#;
        assert!(run(config, Value::Null).is_ok());
        assert!(run(config, Value::Texts(vec!["spam".into()])).is_err(), "nobody looks into a list");
    }
}
