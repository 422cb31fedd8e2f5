//! JSON Schema as an option of a field, and of what plugins are configured with. Compiled once, on first use; nothing is ever loaded from
//! elsewhere, what cannot be weighed is refused ([`dialect`]), and what a check would take is counted before it is made ([`effort`]), so
//! that neither who writes a schema nor who sends a value can make it slow.

mod dialect;
mod effort;
mod patterns;
mod words;

use super::compiled::Compiled;
use boon::{Compiler, Draft, SchemaIndex, Schemas, UrlLoader, ValidationError};
use dialect::Parts;
use effort::Effort;
use serde_json::Value as Json;
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use words::brief;

/// The longest schema, in bytes.
const MAX_BYTES: usize = 1 << 16;
/// Schemas that may be begun and not done on the stack of whoever asks; each takes some KiB of it.
const DEPTH_HERE: u32 = 50;
/// The stack that others are checked on, which is not touched but as far as it is needed.
const STACK_BYTES: usize = 48 << 20;
/// Where the schema stands for references within it.
const PLACE: &str = "schema://field";

/// A schema as it was written.
pub type JsonSchema = Compiled<Json, Arc<Result<Checker, String>>>;

/// It with what it refers to, made ready to check values.
pub struct Checker {
    schemas: Schemas,
    root: SchemaIndex,
    effort: Effort,
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
        self.judge(value, said).unwrap_or_else(Some)
    }

    /// The same in two parts: a JSON pointer to the place within the value, and what is wrong there.
    #[must_use]
    pub fn fault(&self, value: &Json) -> Option<(String, String)> {
        let judged = self.judge(value, |error| {
            let first = innermost(error);
            (first.instance_location.to_string(), words::of(&first.kind))
        });
        judged.unwrap_or_else(|why| Some((String::new(), why)))
    }

    /// What `tell` says of the mistake, if there is one.
    ///
    /// # Errors
    /// Why it cannot be told whether there is.
    fn judge<T: Send>(
        &self,
        value: &Json,
        tell: impl Fn(&ValidationError<'_, '_>) -> T + Send + Sync,
    ) -> Result<Option<T>, String> {
        let compiled = self.compiled().as_ref().as_ref().map_err(Clone::clone)?;
        let check = || compiled.schemas.validate(value, compiled.root).err().map(|error| tell(&error));
        if compiled.effort.cost(value)?.depth <= DEPTH_HERE {
            return Ok(check());
        }
        std::thread::scope(|scope| {
            let checking = std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, check);
            let checked = checking.ok().and_then(|checking| checking.join().ok());
            checked.ok_or_else(|| "it cannot be checked on this machine now".to_owned())
        })
    }

    fn compiled(&self) -> &Arc<Result<Checker, String>> {
        self.get(|schema| Arc::new(Checker::of(schema).map_err(brief)))
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
        let schema = dialect::without_address(schema);
        let effort = Effort::of(&Parts::of(&schema)?);
        let mut schemas = Schemas::new();
        let mut compiler = Compiler::new();
        compiler.set_default_draft(Draft::V2020_12);
        compiler.use_loader(Box::new(Nowhere));
        let added = compiler.add_resource(PLACE, schema);
        let root = added.and_then(|()| compiler.compile(PLACE, &mut schemas));
        root.map(|root| Self { schemas, root, effort }).map_err(|error| format!("{error:#}"))
    }
}

/// The innermost of the first mistake: where it is, and what.
fn said(error: &ValidationError<'_, '_>) -> String {
    let first = innermost(error);
    let what = words::of(&first.kind);
    if first.instance_location.tokens.is_empty() {
        return what;
    }
    format!("{what} at {}", brief(first.instance_location.to_string()))
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
        let long = schema.mismatch(&json!({"a": ["Ü".repeat(5_000)]})).unwrap();
        assert!(long.ends_with("… at /a/0") && long.len() < 1_020, "{long}");
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
        let long = json!({"properties": {"a": {"pattern": format!("[{}", "x".repeat(60_000))}}});
        let said = JsonSchema::from(long).objection().unwrap();
        assert!(said.len() < 1_020 && said.ends_with('…'), "{said}");
        // A short pattern may stand for a large automaton.
        for bomb in
            [json!({"pattern": "((a{0,1000}){0,1000}){0,1000}"}), json!({"patternProperties": {"(a{999}){999}": {}}})]
        {
            assert_eq!(JsonSchema::from(bomb).objection().as_deref(), Some("a pattern repeats too much"));
        }
        // A schema that only refers to itself ends, too.
        let circle = JsonSchema::from(json!({"$ref": "#"}));
        assert!(circle.objection().is_some() || circle.mismatch(&json!(1)).is_some());
    }
}
