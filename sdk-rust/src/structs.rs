//! Records as your own structs, through serde (feature `serde`).
//!
//! ```
//! # use tinybase_plugin::prelude::*;
//! #[derive(serde::Deserialize, serde::Serialize)]
//! struct Order {
//!     items: Vec<String>,
//!     total: f64,
//! }
//!
//! #[before_create]
//! fn price(_ctx: &Context, draft: &mut Record) -> Hook {
//!     let mut order: Order = draft.to()?;
//!     order.total = order.items.len() as f64 * 9.5;
//!     draft.assign(&order)?;
//!     Ok(())
//! }
//! ```

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Number};

use crate::bindings::types::{Context, Error, Value};
use crate::record::Record;

impl Record {
    /// The record as a struct; fields that the struct does not have are left out.
    pub fn to<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let object: Map<_, _> = self.fields().map(|(name, value)| (name.to_owned(), to_json(value))).collect();
        serde_json::from_value(object.into()).map_err(invalid)
    }

    /// Sets every field that the struct has; those that are equal already do not count as changes.
    pub fn assign<T: Serialize>(&mut self, value: &T) -> Result<(), Error> {
        match serde_json::to_value(value).map_err(invalid)? {
            serde_json::Value::Object(object) => {
                for (name, value) in object {
                    let value = from_json(value, self.get(&name));
                    self.set(&name, value);
                }
                Ok(())
            }
            _ => Err(Error { code: "invalid".into(), message: "a record needs named fields".into() }),
        }
    }
}

impl Context {
    /// The attachment's configuration as a struct.
    pub fn config_as<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_str(&self.config).map_err(invalid)
    }
}

fn to_json(value: &Value) -> serde_json::Value {
    match value {
        Value::Null | Value::Other(_) => serde_json::Value::Null,
        Value::Boolean(boolean) => (*boolean).into(),
        Value::Integer(integer) => (*integer).into(),
        Value::Number(number) if *number as i64 as f64 == *number => (*number as i64).into(),
        Value::Number(number) => Number::from_f64(*number).into(),
        Value::Text(text) => text.as_str().into(),
        Value::Texts(texts) => texts.as_slice().into(),
        Value::Json(json) => serde_json::from_str(json).unwrap_or_default(),
    }
}

/// Keeps the kind that the field has, where the value can be of that kind.
fn from_json(value: serde_json::Value, current: Option<&Value>) -> Value {
    if let Some(Value::Json(_)) = current {
        return Value::Json(value.to_string());
    }
    match value {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(boolean) => Value::Boolean(boolean),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(integer) if !matches!(current, Some(Value::Number(_))) => Value::Integer(integer),
            _ => Value::Number(number.as_f64().unwrap_or_default()),
        },
        serde_json::Value::String(text) => Value::Text(text),
        serde_json::Value::Array(items) if items.iter().all(serde_json::Value::is_string) => {
            Value::Texts(items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect())
        }
        deep => Value::Json(deep.to_string()),
    }
}

fn invalid(error: serde_json::Error) -> Error {
    Error { code: "invalid".to_owned(), message: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize, serde::Serialize)]
    struct Post {
        title: String,
        views: i64,
        score: f64,
        tags: Vec<String>,
        meta: Option<std::collections::BTreeMap<String, i64>>,
    }

    #[test]
    fn a_struct_goes_there_and_back_without_changes() {
        let tags: &[&str] = &["a", "b"];
        let record = Record::new().with("title", "Hello").with("views", 3.0).with("score", 2).with("tags", tags);
        let record = Record::from(record.with("meta", Value::Json(r#"{"x":1}"#.into())).as_fields().into_owned());

        let mut post: Post = record.to().unwrap();
        assert_eq!((post.views, post.score, post.meta.as_ref().unwrap()["x"]), (3, 2.0, 1));

        let mut same = record.clone();
        post.score = 2.5;
        same.assign(&post).unwrap();
        let changes: Vec<_> = same.changes().iter().map(|field| field.name.as_str()).collect();
        assert_eq!(changes, ["score"]);
        assert_eq!(same.number("score"), Ok(2.5));
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        let error = Record::new().with("title", 3).to::<Post>().err().unwrap();
        assert_eq!(error.code, "invalid");
        assert_eq!(Record::new().assign(&3).unwrap_err().code, "invalid");
    }
}
