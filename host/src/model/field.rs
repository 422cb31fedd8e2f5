//! A field of a collection and the kinds of field there are.
//!
//! Each kind is one file: its options, zero value, column, how input becomes a value, what is checked,
//! and how a stored column becomes JSON. Adding a kind: CONTRIBUTING.md, "A field kind".

pub mod array;
pub mod autodate;
pub mod boolean;
pub mod column;
pub mod convert;
pub mod date;
pub mod editor;
pub mod email;
pub mod file;
pub mod geo_point;
pub mod initial;
pub mod json;
pub mod number;
pub mod options;
pub mod password;
pub mod relation;
pub mod searchable;
pub mod select;
pub mod text;
pub mod url;
pub mod vector;
pub mod wire;

use super::Value;
use crate::error::{FieldError, FieldErrors};
use crate::sql;
use serde::Serialize;
use serde::de::DeserializeOwned;

#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "the flags of the wire, each with a meaning of its own")]
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
    /// Full-text search looks into it.
    pub searchable: bool,
    /// Keeps an index that allows each value once.
    pub unique: bool,
    /// Holds null until it is given a value.
    pub nullable: bool,
    /// What a new record has that is not given a value; a word such as `@now` stands for one.
    pub default: Option<serde_json::Value>,
    pub kind: FieldKind,
}

/// What a key in the input does to a field: `f`, `f+`, `+f`, `f-`, `f:autogenerate`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Modifier {
    Set,
    Append,
    Prepend,
    Remove,
    Autogenerate,
}

/// What every kind answers. The enum forwards to it, so that a kind is complete when it compiles.
/// A kind's serialised form is its options by wire name.
pub trait Behaviour: Default + Serialize + DeserializeOwned {
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

    /// What is wrong with the options, by wire name. What needs other collections is in `collection::check`.
    fn check_options(&self, field: &Field, errors: &mut FieldErrors);

    /// Whether it holds a list.
    fn is_multiple(&self) -> bool {
        false
    }

    /// Whether `required` refuses the value.
    fn is_zero(&self, value: &Value) -> bool {
        value.is_zero()
    }

    /// The current value changed by an input; `None` when the kind has no such modifier.
    fn modify(&self, _current: &Value, _modifier: Modifier, _input: &serde_json::Value) -> Option<Value> {
        None
    }
}

macro_rules! kinds {
    ($($kind:ident($type:ty)),* $(,)?) => {
        #[derive(Debug, Clone, PartialEq)]
        pub enum FieldKind {
            $($kind($type)),*
        }

        $(impl From<$type> for FieldKind {
            fn from(kind: $type) -> Self {
                Self::$kind(kind)
            }
        })*

        impl FieldKind {
            /// The words in the wire's `type`.
            pub const NAMES: &[&str] = &[$(<$type as Behaviour>::NAME),*];

            /// See [`Behaviour::NAME`].
            #[must_use]
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$kind(_) => <$type as Behaviour>::NAME),*
                }
            }

            /// The kind called `name` with options by wire name; `None` when there is no such kind.
            #[must_use]
            pub fn from_options(name: &str, options: serde_json::Value) -> Option<serde_json::Result<Self>> {
                $(if name == <$type as Behaviour>::NAME {
                    return Some(serde_json::from_value::<$type>(options).map(Self::$kind));
                })*
                None
            }

            /// The options by wire name.
            #[must_use]
            pub fn options(&self) -> serde_json::Value {
                let options = match self {
                    $(Self::$kind(kind) => serde_json::to_value(kind)),*
                };
                options.unwrap_or_default()
            }

            forward! { ($($kind),*)
                zero() -> Value;
                column() -> &'static str;
                normalise(input: &serde_json::Value) -> Value;
                check(value: &Value) -> Result<(), FieldError>;
                load(stored: sql::ValueRef<'_>) -> Value;
                store(value: &Value) -> sql::Value;
                write_json(stored: sql::ValueRef<'_>, out: &mut Vec<u8>) -> ();
                check_options(field: &Field, errors: &mut FieldErrors) -> ();
                is_multiple() -> bool;
                is_zero(value: &Value) -> bool;
                modify(current: &Value, modifier: Modifier, input: &serde_json::Value) -> Option<Value>;
            }
        }
    };
}

/// Methods of the enum that call the same method of the kind; see [`Behaviour`].
macro_rules! forward {
    ($kinds:tt $($method:ident($($arg:ident: $type:ty),*) -> $result:ty;)*) => {
        $(
            #[doc = concat!("See [`Behaviour::", stringify!($method), "`].")]
            pub fn $method(&self, $($arg: $type),*) -> $result {
                delegate!($kinds self $method ($($arg),*))
            }
        )*
    };
}

macro_rules! delegate {
    (($($kind:ident),*) $self:ident $method:ident $args:tt) => {
        match $self {
            $(Self::$kind(kind) => kind.$method $args),*
        }
    };
}

kinds! {
    Text(text::Text),
    Number(number::Number),
    Bool(boolean::Bool),
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
    Vector(vector::Vector),
    Array(array::Array),
}

impl Field {
    /// Whether it holds the hash of a password, or the key that signs an account's tokens, which is hidden wherever there
    /// are accounts.
    #[must_use]
    pub fn is_credential(&self) -> bool {
        matches!(self.kind, FieldKind::Password(_)) || (self.hidden && self.name == "tokenKey")
    }

    /// A field with nothing but a name and the default id.
    #[must_use]
    pub fn new(name: &str, kind: impl Into<FieldKind>) -> Self {
        let kind = kind.into();
        Self {
            id: wire::default_id(&kind, name),
            name: name.to_owned(),
            system: false,
            hidden: false,
            presentable: false,
            required: false,
            help: String::new(),
            searchable: false,
            unique: false,
            nullable: false,
            default: None,
            kind,
        }
    }

    /// Whether it is the primary key.
    #[must_use]
    pub fn is_primary_key(&self) -> bool {
        matches!(&self.kind, FieldKind::Text(text) if text.primary_key)
    }

    /// The value of a field that nobody set.
    #[must_use]
    pub fn zero(&self) -> Value {
        if self.nullable { Value::Null } else { self.kind.zero() }
    }

    /// The column's declaration after its name, and whether ` DEFAULT NULL` stands behind it.
    #[must_use]
    pub fn column(&self) -> (&'static str, bool) {
        let declared = self.kind.column();
        if self.nullable { (declared.split(' ').next().unwrap_or(declared), true) } else { (declared, false) }
    }

    /// Input to value. Where null is a value an empty string means it too, as forms have no null; but not of a
    /// text, which may be empty. A date that cannot be read is an empty one.
    #[must_use]
    pub fn normalise(&self, input: &serde_json::Value) -> Value {
        let may_be_empty = matches!(self.kind, FieldKind::Text(_) | FieldKind::Editor(_));
        if self.nullable && (input.is_null() || (!may_be_empty && input.as_str() == Some(""))) {
            return Value::Null;
        }
        let value = self.kind.normalise(input);
        let is_no_date = matches!(self.kind, FieldKind::Date(_)) && self.kind.is_zero(&value);
        if self.nullable && is_no_date { Value::Null } else { value }
    }

    /// Whether `required` refuses the value.
    #[must_use]
    pub fn is_zero(&self, value: &Value) -> bool {
        *value == Value::Null || self.kind.is_zero(value)
    }

    /// A stored column to a value.
    #[must_use]
    pub fn load(&self, stored: sql::ValueRef<'_>) -> Value {
        if self.nullable && stored == sql::ValueRef::Null { Value::Null } else { self.kind.load(stored) }
    }

    /// A value to what is bound.
    #[must_use]
    pub fn store(&self, value: &Value) -> sql::Value {
        if self.nullable && *value == Value::Null { sql::Value::Null } else { self.kind.store(value) }
    }

    /// Writes a stored column as JSON.
    pub fn write_json(&self, stored: sql::ValueRef<'_>, out: &mut Vec<u8>) {
        if self.nullable && stored == sql::ValueRef::Null {
            out.extend_from_slice(b"null");
        } else {
            self.kind.write_json(stored, out);
        }
    }
}
