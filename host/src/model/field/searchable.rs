//! Which fields full-text search can look into, and how their columns hold words.

use super::{Field, FieldKind};
use crate::error::{Code, code};
use crate::model::Collection;

/// How a column holds words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Words {
    /// As they are.
    Plain,
    /// Between tags.
    Html,
    /// In the texts and numbers within JSON; keys are no words.
    Json,
}

impl FieldKind {
    /// How a kind holds words; `None` for those that hold none.
    #[must_use]
    pub fn words(&self) -> Option<Words> {
        match self {
            Self::Text(text) if text.primary_key => None,
            Self::Editor(_) => Some(Words::Html),
            Self::Json(_) | Self::Array(_) => Some(Words::Json),
            Self::Select(_) if self.is_multiple() => Some(Words::Json),
            Self::Text(_) | Self::Email(_) | Self::Url(_) | Self::Select(_) => Some(Words::Plain),
            _ => None,
        }
    }
}

/// Why a field of a collection cannot be searchable.
#[must_use]
pub fn objection(collection: &Collection, field: &Field) -> Option<Code> {
    let token_key = field.name == "tokenKey" && collection.auth().is_some();
    let fine = !field.searchable || (!collection.is_view() && !token_key && field.kind.words().is_some());
    (!fine).then_some(code::NOT_SEARCHABLE)
}

/// Whether everybody who may see a record may see this field of it. An address is shown only by its owner's will.
#[must_use]
pub fn is_open(collection: &Collection, field: &Field) -> bool {
    let is_address = field.name == "email" && collection.auth().is_some();
    !field.hidden && !is_address
}
