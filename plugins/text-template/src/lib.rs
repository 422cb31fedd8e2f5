//! Computes a text field from others: `{first} {last}` into `name`, `{title|slug}-{year}` into `path`.
//!
//! Attach it to `beforeCreate` and `beforeUpdate` with `{"field": "name", "template": "{first} {last|upper}"}`. Behind a bar
//! stand filters, one after the other: `upper`, `lower`, `trim`, `slug`, `first` (the first letter), `or:TEXT` (where it is
//! empty), `fixed:2` (a number with so many places). `{{` and `}}` are braces. Runs of spaces become one, and there are
//! none at the ends. Whatever a client sends for the field is overwritten. A field that the collection has not, or that is hidden and
//! not in the attachment's `fields.read`, is refused. It imports nothing.
#![forbid(unsafe_code)]

use tinybase_plugin::prelude::*;

tinybase_plugin::manifest!(
    r#"{
  "name": "text-template",
  "config": {
    "type": "object",
    "properties": {
      "field": {"type": "string", "minLength": 1},
      "template": {"type": "string"}
    },
    "additionalProperties": false
  }
}"#
);

/// Places of a number at most.
const PLACES_MAX: usize = 12;

#[before_create]
fn on_create(ctx: &Context, draft: &mut Record) -> Hook {
    compute(ctx, draft)
}

#[before_update]
fn on_update(ctx: &Context, _original: &Record, draft: &mut Record) -> Hook {
    compute(ctx, draft)
}

fn compute(ctx: &Context, draft: &mut Record) -> Hook {
    let (Some(field), Some(template)) = (ctx.config_text("field"), ctx.config_text("template")) else {
        return deny(400, "text-template needs `field` and `template` in its configuration.");
    };
    if draft.get(&field).is_none() {
        return deny(
            400,
            &["text-template cannot write `", &field, "`: there is no such field that it may see."].concat(),
        );
    }
    match expand(&template, draft) {
        Ok(text) => {
            draft.set(&field, text);
            Ok(())
        }
        Err(mistake) => deny(400, &["text-template cannot use its template: ", &mistake].concat()),
    }
}

fn expand(template: &str, record: &Record) -> Result<String, String> {
    let mut text = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        text.push_str(&rest[..at]);
        let brace = &rest[at..];
        rest = if let Some(after) = brace.strip_prefix("{{") {
            text.push('{');
            after
        } else if let Some(after) = brace.strip_prefix("}}") {
            text.push('}');
            after
        } else if let Some(inside) = brace.strip_prefix('{') {
            let (expression, after) = inside.split_once('}').ok_or("a `{` has no `}`.")?;
            text.push_str(&evaluate(expression, record)?);
            after
        } else {
            return Err("a `}` has no `{`.".to_owned());
        };
    }
    text.push_str(rest);
    Ok(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn evaluate(expression: &str, record: &Record) -> Result<String, String> {
    let mut parts = expression.split('|');
    let name = parts.next().unwrap_or_default().trim();
    // A name that is misspelt must not become nothing.
    let value = record.get(name).ok_or_else(|| ["there is no field `", name, "` that it may see."].concat())?;
    let mut text = match value {
        Value::Null | Value::Other(_) => String::new(),
        Value::Text(text) | Value::Json(text) => text.clone(),
        Value::Texts(texts) => texts.join(", "),
        Value::Boolean(truth) => truth.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Number(number) => number.to_string(),
    };
    for filter in parts {
        let (filter, argument) = filter.split_once(':').unwrap_or((filter, ""));
        text = match filter.trim() {
            "upper" => text.to_uppercase(),
            "lower" => text.to_lowercase(),
            "trim" => text.trim().to_owned(),
            "slug" => slug(&text),
            "first" => text.chars().take(1).collect(),
            "or" if text.is_empty() => argument.to_owned(),
            "or" => text,
            "fixed" => fixed(&text, argument)?,
            other => return Err(format!("there is no filter `{other}`.")),
        };
    }
    Ok(text)
}

fn fixed(text: &str, places: &str) -> Result<String, String> {
    let places: usize =
        places.trim().parse().ok().filter(|places| *places <= PLACES_MAX).ok_or("`fixed` needs a number of places.")?;
    Ok(text.parse::<f64>().map_or_else(|_| text.to_owned(), |number| format!("{number:.places$}")))
}

fn slug(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use tinybase_plugin::testing;

    #[test]
    fn templates_are_expanded() {
        let record = Record::new()
            .with("first", "  Ada ")
            .with("last", "Lovelace")
            .with("price", 3.5)
            .with("tags", vec!["a".to_owned(), "b".to_owned()])
            .with("empty", "");
        for (template, text) in [
            ("{first} {last|upper}", "Ada LOVELACE"),
            ("{empty} {last}", "Lovelace"),
            ("{empty|or:none}/{first|trim|first}.", "none/A."),
            ("{last|slug}-{price|fixed:2}", "lovelace-3.50"),
            ("{{{last}}}", "{Lovelace}"),
            ("{tags}, {empty}", "a, b,"),
            ("plain", "plain"),
        ] {
            assert_eq!(expand(template, &record).as_deref(), Ok(text), "{template}");
        }
        for template in ["{first", "last}", "{last|shout}", "{price|fixed:x}", "{price|fixed:99}", "{missing}"] {
            assert!(expand(template, &record).is_err(), "{template}");
        }
    }

    #[test]
    fn the_field_is_overwritten_and_a_mistake_lets_nothing_through() {
        let ctx = |config: &str| Context { config: config.into(), ..testing::context("people") };
        let mut draft = Record::new().with("first", "Ada").with("name", "forged");
        on_create(&ctx(r#"{"field": "name", "template": "{first}!"}"#), &mut draft).unwrap();
        assert_eq!(draft.text("name"), Ok("Ada!"));
        assert!(on_create(&ctx("{}"), &mut draft).is_err());
        assert!(on_create(&ctx(r#"{"field": "nme", "template": "{first}"}"#), &mut draft).is_err());
        assert!(on_create(&ctx(r#"{"field": "name", "template": "{"}"#), &mut draft).is_err());
    }
}
