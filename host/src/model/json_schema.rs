//! JSON Schema as an option of a field. Compiled once, on first use; nothing is ever loaded from elsewhere, and
//! its patterns are linear-time, so that neither who writes a schema nor who sends a value can make it slow.

use super::compiled::Compiled;
use boon::{Compiler, SchemaIndex, Schemas, UrlLoader, ValidationError};
use serde_json::Value as Json;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// The longest schema, in bytes.
const MAX_BYTES: usize = 1 << 16;
/// Where the schema stands for references within it.
const PLACE: &str = "schema://field";

/// A schema as it was written.
pub type JsonSchema = Compiled<Json, Arc<Result<Checker, String>>>;

/// It with what it refers to, made ready to check values.
pub struct Checker {
    schemas: Schemas,
    root: SchemaIndex,
}

/// There is nothing but the schema itself and the drafts, which are built in.
struct Nowhere;

impl UrlLoader for Nowhere {
    fn load(&self, _url: &str) -> Result<Json, Box<dyn Error>> {
        Err("references lead within the schema only".into())
    }
}

impl JsonSchema {
    /// Why it is no schema; `None` when it is one.
    #[must_use]
    pub fn objection(&self) -> Option<String> {
        self.compiled().as_ref().as_ref().err().cloned()
    }

    /// What is wrong with a value, in words; `None` when it matches. Nothing matches what is no schema.
    #[must_use]
    pub fn mismatch(&self, value: &Json) -> Option<String> {
        match self.compiled().as_ref() {
            Ok(Checker { schemas, root }) => schemas.validate(value, *root).err().map(|error| said(&error)),
            Err(why) => Some(why.clone()),
        }
    }

    /// The same in two parts: a JSON pointer to the place within the value, and what is wrong there.
    #[must_use]
    pub fn fault(&self, value: &Json) -> Option<(String, String)> {
        match self.compiled().as_ref() {
            Ok(Checker { schemas, root }) => schemas.validate(value, *root).err().map(|error| {
                let first = innermost(&error);
                (first.instance_location.to_string(), first.kind.to_string())
            }),
            Err(why) => Some((String::new(), why.clone())),
        }
    }

    fn compiled(&self) -> &Arc<Result<Checker, String>> {
        self.get(|schema| Arc::new(Checker::of(schema)))
    }
}

impl fmt::Debug for Checker {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Checker").finish_non_exhaustive()
    }
}

impl Checker {
    fn of(schema: &Json) -> Result<Self, String> {
        if schema.to_string().len() > MAX_BYTES {
            return Err(format!("it is longer than {MAX_BYTES} bytes"));
        }
        let mut schemas = Schemas::new();
        let mut compiler = Compiler::new();
        compiler.use_loader(Box::new(Nowhere));
        let added = compiler.add_resource(PLACE, schema.clone());
        let root = added.and_then(|()| compiler.compile(PLACE, &mut schemas));
        root.map(|root| Self { schemas, root }).map_err(|error| format!("{error:#}"))
    }
}

/// The innermost of the first mistake: where it is, and what.
fn said(error: &ValidationError<'_, '_>) -> String {
    let first = innermost(error);
    if first.instance_location.tokens.is_empty() {
        return first.kind.to_string();
    }
    format!("{} at {}", first.kind, first.instance_location)
}

fn innermost<'a, 's, 'v>(error: &'a ValidationError<'s, 'v>) -> &'a ValidationError<'s, 'v> {
    error.causes.first().map_or(error, innermost)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_match_or_are_told_where_not() {
        let schema = JsonSchema::from(json!({
            "type": "object", "required": ["a"],
            "properties": {"a": {"type": "array", "items": {"$ref": "#/$defs/word"}}},
            "$defs": {"word": {"type": "string", "pattern": "^[a-z]+$"}},
        }));
        assert_eq!(schema.objection(), None);
        assert_eq!(schema.mismatch(&json!({"a": ["x", "y"]})), None);
        let at_one = schema.mismatch(&json!({"a": ["x", 5]})).unwrap();
        assert!(at_one.contains("/a/1") && at_one.contains("string"), "{at_one}");
        assert!(schema.mismatch(&json!({})).unwrap().contains('a'));
        assert!(schema.mismatch(&json!({"a": ["X"]})).is_some());
    }

    #[test]
    fn nothing_is_loaded_and_nonsense_is_no_schema() {
        for schema in [
            json!({"$ref": "https://example.com/schema.json"}),
            json!({"$ref": "file:///etc/passwd"}),
            json!({"type": "nonsense"}),
            json!({"pattern": "(["}),
            json!("text"),
            json!({"description": "x".repeat(MAX_BYTES)}),
        ] {
            let schema = JsonSchema::from(schema);
            assert!(schema.objection().is_some() && schema.mismatch(&json!(1)).is_some(), "{schema:?}");
        }
        // A schema that only refers to itself ends, too.
        let circle = JsonSchema::from(json!({"$ref": "#"}));
        assert!(circle.objection().is_some() || circle.mismatch(&json!(1)).is_some());
    }
}
