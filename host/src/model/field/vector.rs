//! A list of numbers of one length, such as an embedding: `[0.1, 0.2]`, stored as libSQL's 32-bit vectors are;
//! null when nobody set one.

use super::{Behaviour, Field, column};
use crate::error::{FieldError, FieldErrors, code};
use crate::model::Value;
use crate::sql;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// The longest vector; models in use make at most 4096 numbers.
pub const DIMENSION_MAX: u32 = 8192;
/// Bytes of one number in the column.
const WIDTH: usize = 4;

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Vector {
    /// How many numbers every vector of the field has. Cannot be changed.
    pub dimension: u32,
}

impl Vector {
    /// A JSON list as it is stored: the numbers as 32-bit floats, least byte first.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn bytes_of(&self, text: &str) -> Result<Vec<u8>, FieldError> {
        let numbers: Vec<f64> = serde_json::from_str(text).map_err(|_| code::INVALID_VECTOR)?;
        if numbers.len() != self.dimension as usize {
            return Err(code::VECTOR_DIMENSION.with([("dimension", self.dimension.into())]));
        }
        let mut bytes = Vec::with_capacity(numbers.len() * WIDTH);
        for number in numbers {
            #[expect(clippy::cast_possible_truncation, reason = "the column holds 32-bit floats; overflow is refused")]
            let number = number as f32;
            if !number.is_finite() {
                return Err(code::INVALID_VECTOR.into());
            }
            // -0 is 0, so that no two ways of writing a vector are stored apart.
            bytes.extend_from_slice(&(number + 0.0).to_le_bytes());
        }
        Ok(bytes)
    }
}

/// The numbers of a column, as JSON. Each is written as short as it can be told from its neighbours.
fn write(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(b'[');
    for (index, chunk) in bytes.chunks_exact(WIDTH).enumerate() {
        if index > 0 {
            out.push(b',');
        }
        let number = f32::from_le_bytes(chunk.try_into().unwrap_or_default());
        // Through its shortest text: as a 64-bit float it would get digits that nobody wrote.
        column::write_float(number.to_string().parse().unwrap_or_default(), out);
    }
    out.push(b']');
}

fn text(bytes: &[u8]) -> Value {
    let mut out = Vec::new();
    write(bytes, &mut out);
    String::from_utf8(out).map_or(Value::Null, Value::Json)
}

impl Behaviour for Vector {
    const NAME: &'static str = "vector";

    fn zero(&self) -> Value {
        Value::Null
    }

    /// The number of dimensions is added where the table is made.
    fn column(&self) -> &'static str {
        "F32_BLOB"
    }

    fn normalise(&self, input: &Json) -> Value {
        let text = match input {
            // Forms can only send strings.
            Json::String(text) => text.trim().to_owned(),
            other => other.to_string(),
        };
        match self.bytes_of(&text) {
            // As it will be read again.
            Ok(bytes) => self::text(&bytes),
            Err(_) if matches!(text.as_str(), "" | "null" | "[]") => Value::Null,
            Err(_) => Value::Json(text),
        }
    }

    fn check(&self, value: &Value) -> Result<(), FieldError> {
        match value {
            Value::Json(text) => self.bytes_of(text).map(drop),
            _ => Ok(()),
        }
    }

    fn load(&self, stored: sql::ValueRef<'_>) -> Value {
        match stored {
            sql::ValueRef::Blob(bytes) => text(bytes),
            _ => Value::Null,
        }
    }

    fn store(&self, value: &Value) -> sql::Value {
        match value {
            Value::Json(text) => self.bytes_of(text).map_or(sql::Value::Null, sql::Value::Blob),
            _ => sql::Value::Null,
        }
    }

    fn write_json(&self, stored: sql::ValueRef<'_>, out: &mut Vec<u8>) {
        match stored {
            sql::ValueRef::Blob(bytes) => write(bytes, out),
            _ => out.extend_from_slice(b"null"),
        }
    }

    fn check_options(&self, _field: &Field, errors: &mut FieldErrors) {
        if self.dimension == 0 {
            errors.add("dimension", code::REQUIRED);
        } else if self.dimension > DIMENSION_MAX {
            errors.add("dimension", code::MAX_LESS_EQUAL.with([("threshold", DIMENSION_MAX.into())]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const TWO: Vector = Vector { dimension: 2 };

    #[test]
    fn input() {
        for (input, value) in [
            (json!([1, 2.5]), Value::Json("[1,2.5]".into())),
            (json!("[0.1, -0]"), Value::Json("[0.1,0]".into())),
            (json!([1e-45, 16_777_217]), Value::Json("[1e-45,16777216]".into())),
            (json!(null), Value::Null),
            (json!([]), Value::Null),
            (json!(""), Value::Null),
        ] {
            let normalised = TWO.normalise(&input);
            assert_eq!(normalised, value, "{input}");
            assert_eq!(TWO.check(&normalised), Ok(()));
            let stored = TWO.store(&normalised);
            if let sql::Value::Blob(bytes) = &stored {
                assert_eq!(TWO.load(sql::ValueRef::Blob(bytes)), value);
                let mut out = Vec::new();
                TWO.write_json(sql::ValueRef::Blob(bytes), &mut out);
                assert_eq!(Value::Json(String::from_utf8(out).unwrap()), value);
            }
        }
        assert_eq!(TWO.store(&Value::Json("[1,2]".into())), sql::Value::Blob(vec![0, 0, 128, 63, 0, 0, 0, 64]));
    }

    #[test]
    fn what_is_no_vector_is_refused() {
        for (input, code) in [
            (json!([1]), "validation_vector_dimension"),
            (json!([1, 2, 3]), "validation_vector_dimension"),
            (json!([1, 1e39]), "validation_invalid_vector"),
            (json!([1, "2"]), "validation_invalid_vector"),
            (json!([1, null]), "validation_invalid_vector"),
            (json!([[1], 2]), "validation_invalid_vector"),
            (json!({"a": 1}), "validation_invalid_vector"),
            (json!("[1,NaN]"), "validation_invalid_vector"),
            (json!(7), "validation_invalid_vector"),
            (json!("x"), "validation_invalid_vector"),
        ] {
            let error = TWO.check(&TWO.normalise(&input)).unwrap_err();
            assert_eq!(error.code, code, "{input}");
        }
    }

    #[test]
    fn options() {
        let errors = |dimension| {
            let mut errors = FieldErrors::default();
            Field::new("v", Vector { dimension })
                .kind
                .check_options(&Field::new("v", Vector { dimension }), &mut errors);
            errors.0.len()
        };
        assert_eq!([errors(0), errors(1), errors(DIMENSION_MAX), errors(DIMENSION_MAX + 1)], [1, 0, 0, 1]);
    }

    #[test]
    fn columns_that_others_wrote_are_read_as_well_as_can_be() {
        for stored in [sql::ValueRef::Null, sql::ValueRef::Text("x"), sql::ValueRef::Integer(1)] {
            assert_eq!(TWO.load(stored), Value::Null);
        }
        assert_eq!(TWO.load(sql::ValueRef::Blob(&[0, 0, 128, 127, 1])), Value::Json("[0]".into()));
    }
}
