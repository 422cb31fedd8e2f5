//! One column's value, in the shapes that cross to plugins (`wit/types.wit`).

/// What a field of a record holds after normalisation.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    #[default]
    Null,
    Bool(bool),
    Integer(i64),
    Number(f64),
    Text(String),
    /// Several choices, relations or file names, in order.
    Texts(Vec<String>),
    /// Valid JSON text, kept as it was written.
    Json(String),
}

impl Value {
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The ids or names in a single or a multiple value; an empty single value holds none.
    #[must_use]
    pub fn items(&self) -> &[String] {
        match self {
            Self::Text(text) if text.is_empty() => &[],
            Self::Text(text) => std::slice::from_ref(text),
            Self::Texts(items) => items,
            _ => &[],
        }
    }

    /// Whether `required` would refuse it: empty text, zero, false, an empty list, JSON null or empty.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Bool(truth) => !truth,
            Self::Integer(number) => *number == 0,
            Self::Number(number) => *number == 0.0,
            Self::Text(text) => text.is_empty(),
            Self::Texts(items) => items.is_empty(),
            Self::Json(text) => matches!(text.as_str(), "null" | "\"\"" | "[]" | "{}" | ""),
        }
    }
}
