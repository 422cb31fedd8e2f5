//! Who causes an operation.

use super::{ApiKey, Collection, Record, Verb};
use std::sync::Arc;

#[derive(Debug, Clone)]
pub enum Caller {
    Guest,
    /// A record of an auth collection that is not `_superusers`.
    User(Arc<Record>),
    /// A record of `_superusers`.
    Superuser(Arc<Record>),
    /// A program with an API key: past the rules, as far as its scopes go, and not a step beyond.
    Key(Arc<ApiKey>),
    /// A plugin acting in its own name.
    Plugin {
        name: String,
    },
    /// The server itself: the command line, start-up work, the outbox.
    System,
}

impl Caller {
    /// The signed-in record, for `@request.auth.*`.
    #[must_use]
    pub fn record(&self) -> Option<&Arc<Record>> {
        match self {
            Self::User(record) | Self::Superuser(record) => Some(record),
            Self::Guest | Self::Key(_) | Self::Plugin { .. } | Self::System => None,
        }
    }

    /// The API key that was presented.
    #[must_use]
    pub fn key(&self) -> Option<&Arc<ApiKey>> {
        match self {
            Self::Key(key) => Some(key),
            _ => None,
        }
    }

    /// Whether the caller may do any of this with a collection, whatever its rules say.
    #[must_use]
    pub fn is_free(&self, collection: &Collection, verbs: &[Verb]) -> bool {
        self.is_trusted() || self.key().is_some_and(|key| key.may_any(collection, verbs))
    }

    /// The id by which the caller is told from others of its kind; empty where there is none.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::User(record) | Self::Superuser(record) => record.id(),
            Self::Key(key) => &key.id,
            Self::Plugin { name } => name,
            Self::Guest | Self::System => "",
        }
    }

    /// Whether rules do not apply. A plugin's own rights are checked where its capability is.
    #[must_use]
    pub fn is_trusted(&self) -> bool {
        matches!(self, Self::Superuser(_) | Self::Plugin { .. } | Self::System)
    }

    /// In whose name a plugin acts that acts as this caller. Another plugin's rights are not lent: on its behalf it may do what
    /// everybody may do.
    #[must_use]
    pub fn lent(&self) -> Self {
        match self {
            Self::Plugin { .. } => Self::Guest,
            caller => caller.clone(),
        }
    }

    /// The word in `context.caller.kind` of the plugin contract.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Guest => "guest",
            Self::User(_) => "user",
            Self::Superuser(_) => "superuser",
            Self::Key(_) => "key",
            Self::Plugin { .. } => "plugin",
            Self::System => "system",
        }
    }
}
