//! A field of a collection and the kinds of field there are.
//!
//! Each kind is one file: its options, zero value, column, how input becomes a value, what is checked,
//! and how a stored column becomes JSON. Adding a kind: CONTRIBUTING.md, "A field kind".

pub mod autodate;
pub mod bool;
pub mod date;
pub mod editor;
pub mod email;
pub mod file;
pub mod geo_point;
pub mod json;
pub mod number;
pub mod password;
pub mod relation;
pub mod select;
pub mod text;
pub mod url;
pub mod wire;

use super::Value;
use crate::error::FieldError;
use crate::sql;

#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    pub id: String,
    pub name: String,
    /// Belongs to the collection's kind and cannot be removed.
    pub system: bool,
    /// Never shown to, nor set or filtered by, anybody but superusers; rules may use it.
    pub hidden: bool,
    pub presentable: bool,
    pub required: bool,
    pub help: String,
    pub kind: FieldKind,
}

#[derive(Debug, Clone, PartialEq)]
pub enum FieldKind {
    Text(text::Text),
    Number(number::Number),
    Bool(bool::Bool),
    Email(email::Email),
    Url(url::Url),
    Editor(editor::Editor),
    Date(date::Date),
    Autodate(autodate::Autodate),
    Select(select::Select),
    File(file::File),
    Relation(relation::Relation),
    Json(json::Json),
    Password(password::Password),
    GeoPoint(geo_point::GeoPoint),
}

/// What every kind answers. The enum forwards to it, so that a kind is complete when it compiles.
pub trait Behaviour {
    /// The word in the wire's `type`.
    const NAME: &'static str;

    /// The value of a field that nobody set.
    fn zero(&self) -> Value;

    /// The column's declaration after its name, as `PocketBase` declares it.
    fn column(&self) -> &'static str;

    /// Input to value, as lenient as `PocketBase`: what cannot be read becomes something that `check` refuses or the zero value.
    fn normalise(&self, input: &serde_json::Value) -> Value;

    /// What is wrong with a value that is not zero; `required` is checked by the caller.
    fn check(&self, value: &Value) -> Result<(), FieldError>;

    /// A stored column to a value. Never fails: rows written by others are normalised.
    fn load(&self, stored: sql::ValueRef<'_>) -> Value;

    /// A value to what is bound.
    fn store(&self, value: &Value) -> sql::Value;

    /// Writes a stored column as JSON, without building a value.
    fn write_json(&self, stored: sql::ValueRef<'_>, out: &mut Vec<u8>);

    /// Whether it holds a list.
    fn is_multiple(&self) -> bool {
        false
    }
}
