//! Who causes an operation.

use super::Record;
use std::sync::Arc;

#[derive(Debug, Clone)]
pub enum Caller {
    Guest,
    /// A record of an auth collection that is not `_superusers`.
    User(Arc<Record>),
    /// A record of `_superusers`.
    Superuser(Arc<Record>),
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
            Self::Guest | Self::Plugin { .. } | Self::System => None,
        }
    }

    /// Whether rules do not apply. A plugin's own rights are checked where its capability is.
    #[must_use]
    pub fn is_trusted(&self) -> bool {
        matches!(self, Self::Superuser(_) | Self::Plugin { .. } | Self::System)
    }

    /// The word in `context.caller.kind` of the plugin contract.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Guest => "guest",
            Self::User(_) => "user",
            Self::Superuser(_) => "superuser",
            Self::Plugin { .. } => "plugin",
            Self::System => "system",
        }
    }
}
