//! A place on Earth: `{"lon": .., "lat": ..}`; 0, 0 means nobody set one.

use super::{Behaviour, Field, column};
use crate::error::{FieldError, FieldErrors, code};
use crate::model::Value;
use crate::sql;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct GeoPoint {}

#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Point {
    lon: f64,
    lat: f64,
}

impl Point {
    /// An object, or the JSON text of one; anything else is 0, 0.
    fn read(input: &Json) -> Self {
        match input {
            Json::Object(object) => {
                let side = |name| object.get(name).and_then(Json::as_f64).unwrap_or(0.0);
                Self { lon: side("lon"), lat: side("lat") }
            }
            Json::String(text) => Self::parse(text),
            _ => Self::default(),
        }
    }

    fn parse(text: &str) -> Self {
        match serde_json::from_str(text) {
            Ok(object @ Json::Object(_)) => Self::read(&object),
            _ => Self::default(),
        }
    }

    fn of(value: &Value) -> Self {
        if let Value::Json(text) = value { Self::parse(text) } else { Self::default() }
    }

    fn stored(stored: sql::ValueRef<'_>) -> Self {
        match stored {
            sql::ValueRef::Text(text) => Self::parse(text),
            sql::ValueRef::Blob(bytes) => std::str::from_utf8(bytes).map(Self::parse).unwrap_or_default(),
            _ => Self::default(),
        }
    }

    fn write(self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"lon\":");
        column::write_float(self.lon, out);
        out.extend_from_slice(b",\"lat\":");
        column::write_float(self.lat, out);
        out.push(b'}');
    }

    fn text(self) -> String {
        let mut out = Vec::new();
        self.write(&mut out);
        String::from_utf8(out).unwrap_or_default()
    }
}

impl Behaviour for GeoPoint {
    const NAME: &'static str = "geoPoint";

    fn zero(&self) -> Value {
        Value::Json(Point::default().text())
    }

    fn column(&self) -> &'static str {
        "JSON DEFAULT '{\"lon\":0,\"lat\":0}' NOT NULL"
    }

    fn normalise(&self, input: &Json) -> Value {
        Value::Json(Point::read(input).text())
    }

    fn check(&self, value: &Value) -> Result<(), FieldError> {
        let point = Point::of(value);
        if !(-90.0..=90.0).contains(&point.lat) {
            return Err(code::INVALID_LATITUDE.into());
        }
        if !(-180.0..=180.0).contains(&point.lon) {
            return Err(code::INVALID_LONGITUDE.into());
        }
        Ok(())
    }

    fn load(&self, stored: sql::ValueRef<'_>) -> Value {
        Value::Json(Point::stored(stored).text())
    }

    fn store(&self, value: &Value) -> sql::Value {
        sql::Value::Text(Point::of(value).text())
    }

    fn write_json(&self, stored: sql::ValueRef<'_>, out: &mut Vec<u8>) {
        Point::stored(stored).write(out);
    }

    fn check_options(&self, _field: &Field, _errors: &mut FieldErrors) {}

    fn is_zero(&self, value: &Value) -> bool {
        Point::of(value) == Point::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn input() {
        let kind = GeoPoint::default();
        for (input, text) in [
            (json!({"lon": 1.5, "lat": -2}), r#"{"lon":1.5,"lat":-2}"#),
            (json!({"lat": 3, "x": 1}), r#"{"lon":0,"lat":3}"#),
            (json!("{\"lon\":1,\"lat\":2}"), r#"{"lon":1,"lat":2}"#),
            (json!("x"), r#"{"lon":0,"lat":0}"#),
            (json!(null), r#"{"lon":0,"lat":0}"#),
            (json!([1, 2]), r#"{"lon":0,"lat":0}"#),
            (json!({"lon": "1"}), r#"{"lon":0,"lat":0}"#),
        ] {
            assert_eq!(kind.normalise(&input), Value::Json(text.into()), "{input}");
        }
        assert!(kind.is_zero(&kind.zero()) && !kind.is_zero(&kind.normalise(&json!({"lat": 1}))));
    }

    #[test]
    fn limits() {
        let kind = GeoPoint::default();
        let code = |input| kind.check(&kind.normalise(&input)).err().map(|error| error.code.into_owned());
        assert_eq!(code(json!({"lon": 180, "lat": -90})), None);
        assert_eq!(code(json!({"lat": 91})).as_deref(), Some("validation_invalid_latitude"));
        assert_eq!(code(json!({"lon": -181})).as_deref(), Some("validation_invalid_longitude"));
    }

    #[test]
    fn stored() {
        let kind = GeoPoint::default();
        for (stored, text) in [
            (sql::ValueRef::Text(r#"{"lat":2,"lon":1.5}"#), r#"{"lon":1.5,"lat":2}"#),
            (sql::ValueRef::Null, r#"{"lon":0,"lat":0}"#),
            (sql::ValueRef::Text(""), r#"{"lon":0,"lat":0}"#),
        ] {
            let mut out = Vec::new();
            kind.write_json(stored, &mut out);
            assert_eq!(out, text.as_bytes());
            assert_eq!(kind.load(stored), Value::Json(text.into()));
        }
    }
}
