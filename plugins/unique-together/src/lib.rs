//! Lets no two records of a collection have the same values in several fields together: one booking for each room and day.
//!
//! Attach it to `beforeCreate` and `beforeUpdate` with `{"fields": ["room", "day"]}` and grant it `list` on that
//! collection, as the plugin. A record in which one of the fields is empty is not compared, unless `"empty": true`. Reads
//! of a before-hook have to be so still when the write is committed, so two that come at once cannot both get through.
//! A field that the collection has not, or that is hidden and not in the attachment's `fields.read`, is refused.
#![forbid(unsafe_code)]

use tinybase_plugin::prelude::*;

tinybase_plugin::manifest!(
    r#"{
  "name": "unique-together",
  "config": {
    "type": "object",
    "required": ["fields"],
    "properties": {
      "fields": {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1},
      "empty": {"type": "boolean"},
      "message": {"type": "string", "minLength": 1}
    },
    "additionalProperties": false
  }
}"#
);

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    fields: Vec<String>,
    /// Whether empty values are compared too.
    #[serde(default)]
    empty: bool,
    #[serde(default)]
    message: Option<String>,
}

#[before_create]
fn on_create(ctx: &Context, draft: &mut Record) -> Hook {
    check(ctx, draft)
}

#[before_update]
fn on_update(ctx: &Context, original: &Record, draft: &mut Record) -> Hook {
    let settings: Settings = ctx.config_as()?;
    if settings.fields.iter().any(|field| draft.differs(original, field)) { check(ctx, draft) } else { Ok(()) }
}

/// A misspelt name must not let everything through.
fn unseen(field: &str) -> String {
    ["unique-together compares the field `", field, "`, and there is none that it may see."].concat()
}

fn check(ctx: &Context, draft: &Record) -> Hook {
    let settings: Settings = ctx.config_as()?;
    if let Some(field) = settings.fields.iter().find(|field| draft.get(field).is_none()) {
        return deny(400, &unseen(field));
    }
    let Some(last) = settings.fields.last() else {
        return deny(400, "unique-together has no fields to compare: set `fields` in its configuration.");
    };
    let mut filter = Vec::new();
    for field in &settings.fields {
        let literal = match draft.get(field) {
            Some(Value::Text(text)) if !text.is_empty() => records::quote(text),
            Some(Value::Number(number)) => number.to_string(),
            Some(Value::Integer(number)) => number.to_string(),
            Some(Value::Boolean(truth)) => truth.to_string(),
            None | Some(Value::Null | Value::Text(_)) if settings.empty => "''".to_owned(),
            None | Some(Value::Null | Value::Text(_)) => return Ok(()),
            Some(Value::Texts(_) | Value::Json(_) | Value::Other(_)) => {
                return deny(
                    400,
                    &["unique-together cannot compare ", field, ": it holds more than one value."].concat(),
                );
            }
        };
        filter.push([field, " = ", &literal].concat());
    }
    // The record itself may be among them when it is updated.
    let found = records::find(&ctx.collection, &filter.join(" && "), "", 2)?;
    if found.iter().any(|other| other.id() != draft.id()) {
        let message = settings
            .message
            .unwrap_or_else(|| ["Another record has the same values in ", &settings.fields.join(", "), "."].concat());
        return refuse(last, "validation_not_unique", &message);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tinybase_plugin::testing;

    fn ctx(config: &str) -> Context {
        Context { config: config.into(), ..testing::context("bookings") }
    }

    fn booking(room: &str, day: &str) -> Record {
        Record::new().with("room", room).with("day", day)
    }

    #[test]
    fn the_same_values_together_are_refused() {
        let host = testing::Host::new();
        let ctx = ctx(r#"{"fields": ["room", "day"]}"#);
        let id = host.insert("bookings", booking("r1", "mon"));
        assert!(on_create(&ctx, &mut booking("r1", "mon")).is_err());
        assert!(on_create(&ctx, &mut booking("r1", "tue")).is_ok());
        assert!(on_create(&ctx, &mut booking("r2", "mon")).is_ok());
        assert!(on_create(&ctx, &mut booking("", "mon")).is_ok());

        let stored = booking("r1", "mon").with("id", &id);
        assert!(on_update(&ctx, &stored, &mut stored.clone().with("note", "x")).is_ok());
        host.insert("bookings", booking("r1", "wed"));
        assert!(on_update(&ctx, &stored, &mut stored.clone().with("day", "wed")).is_err());
    }

    #[test]
    fn a_field_that_there_is_not_lets_nothing_through() {
        let _host = testing::Host::new();
        let ctx = ctx(r#"{"fields": ["room", "dya"]}"#);
        for mut draft in [booking("r1", "mon"), booking("", "")] {
            let refusal = on_create(&ctx, &mut draft).unwrap_err();
            assert!(format!("{refusal:?}").contains("`dya`"), "{refusal:?}");
        }
    }

    #[test]
    fn empty_values_count_when_asked_to() {
        let host = testing::Host::new();
        host.insert("bookings", booking("", "mon"));
        assert!(on_create(&ctx(r#"{"fields": ["room", "day"], "empty": true}"#), &mut booking("", "mon")).is_err());
        assert!(
            on_create(&ctx(r#"{"fields": []}"#), &mut booking("", "mon")).is_err(),
            "a mistake lets nothing through"
        );
    }

    #[test]
    fn without_a_grant_nothing_gets_through() {
        let host = testing::Host::new();
        host.deny("records.find");
        assert!(on_create(&ctx(r#"{"fields": ["room", "day"]}"#), &mut booking("r1", "mon")).is_err());
    }
}
