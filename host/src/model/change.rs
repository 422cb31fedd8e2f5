//! One committed change of one record, as followers see it.

use super::Record;
use std::sync::Arc;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    Create,
    Update,
    Delete,
}

impl Action {
    /// The word in realtime messages and in the outbox.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

#[derive(Debug, Clone)]
pub struct Change {
    pub action: Action,
    /// The stored row before; `None` for a create.
    pub before: Option<Arc<Record>>,
    /// The stored row after; `None` for a delete.
    pub after: Option<Arc<Record>>,
}

impl Change {
    /// The row that rules are judged on: the new one, or the last one of a deleted record.
    ///
    /// # Panics
    /// Never: a change has at least one side by construction in `records`.
    #[must_use]
    pub fn subject(&self) -> &Arc<Record> {
        self.after.as_ref().or(self.before.as_ref()).expect("a change has a row before or after")
    }
}
