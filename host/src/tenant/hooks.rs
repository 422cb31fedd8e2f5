//! The moments at which somebody else may take part in a write. `records` knows only this trait;
//! `plugins` implements it with WebAssembly.
//!
//! Besides, the moments of a sign-in, and of the clock.
//!
//! No hook runs while a writer is held: before-hooks and validators run before the transaction,
//! after-hooks after the commit, from the outbox.

use super::Cx;
use crate::error::{FieldErrors, Result};
use crate::files::Incoming;
use crate::mail::Letter;
use crate::model::{Action, Collection, Draft, Record, Value};
use crate::sql::Sql;
use futures_util::future::BoxFuture;
use serde_json::{Map, Value as Json};
use std::fmt;
use std::sync::Arc;

/// The moments, as attachments name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stage {
    BeforeCreate,
    BeforeUpdate,
    BeforeDelete,
    Validate,
    AfterCreate,
    AfterUpdate,
    AfterDelete,
    /// The clock says so.
    Scheduled,
    /// Somebody has proved who they are.
    BeforeSignIn,
    /// A token is made.
    TokenClaims,
    /// A request is for a plugin to answer.
    Route,
}

impl Stage {
    pub const ALL: [Self; 11] = [
        Self::BeforeCreate,
        Self::BeforeUpdate,
        Self::BeforeDelete,
        Self::Validate,
        Self::AfterCreate,
        Self::AfterUpdate,
        Self::AfterDelete,
        Self::Scheduled,
        Self::BeforeSignIn,
        Self::TokenClaims,
        Self::Route,
    ];

    /// The word in an attachment's `hooks`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::BeforeCreate => "beforeCreate",
            Self::BeforeUpdate => "beforeUpdate",
            Self::BeforeDelete => "beforeDelete",
            Self::Validate => "validate",
            Self::AfterCreate => "afterCreate",
            Self::AfterUpdate => "afterUpdate",
            Self::AfterDelete => "afterDelete",
            Self::Scheduled => "scheduled",
            Self::BeforeSignIn => "beforeSignIn",
            Self::TokenClaims => "tokenClaims",
            Self::Route => "route",
        }
    }

    /// The interface that a component exports for it: of `wit/`, but for routes, which are those of WASI.
    #[must_use]
    pub fn interface(self) -> &'static str {
        match self {
            Self::BeforeCreate => "before-create",
            Self::BeforeUpdate => "before-update",
            Self::BeforeDelete => "before-delete",
            Self::Validate => "validator",
            Self::AfterCreate => "after-create",
            Self::AfterUpdate => "after-update",
            Self::AfterDelete => "after-delete",
            Self::Scheduled => "scheduled",
            Self::BeforeSignIn => "before-sign-in",
            Self::TokenClaims => "token-claims",
            Self::Route => "incoming-handler",
        }
    }

    /// Whether it comes with something that is done to a collection, so that an attachment to one may name it.
    #[must_use]
    pub fn is_of_collection(self) -> bool {
        !matches!(self, Self::Scheduled | Self::Route)
    }

    /// Whether it comes with a sign-in, and so to auth collections only.
    #[must_use]
    pub fn is_of_sign_in(self) -> bool {
        matches!(self, Self::BeforeSignIn | Self::TokenClaims)
    }

    /// Whether a write waits for it: what the guest writes then joins that write, and what it reads has to hold until then.
    #[must_use]
    pub fn is_part_of_write(self) -> bool {
        matches!(self, Self::BeforeCreate | Self::BeforeUpdate | Self::BeforeDelete | Self::Validate)
    }

    #[must_use]
    pub fn after(action: Action) -> Self {
        match action {
            Action::Create => Self::AfterCreate,
            Action::Update => Self::AfterUpdate,
            Action::Delete => Self::AfterDelete,
        }
    }
}

/// A write about to happen, as a before-hook sees it.
#[derive(Debug)]
pub enum Before<'a> {
    Create { draft: &'a mut Draft },
    Update { original: &'a Record, draft: &'a mut Draft },
    Delete { original: &'a Record },
}

/// What before-hooks leave behind besides the draft.
#[derive(Debug, Default)]
pub struct Consequences {
    /// In the order they were asked for.
    pub queued: Vec<QueuedWrite>,
    /// What they have read must still be so when the write is committed.
    pub reads: Vec<ReadAt>,
    /// What they have made of the draft, in the order of their turns.
    pub touched: Vec<Touched>,
}

/// What one plugin has made of a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touched {
    pub plugin: Arc<str>,
    /// Where in the collection's list of fields those are that it gave another value.
    pub fields: Vec<usize>,
}

/// A collection of which a hook has read something, as of a moment of the store (`db::Held::moment`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadAt {
    /// The collection's id.
    pub collection: String,
    pub moment: u64,
}

/// A write that a before-hook asked for; it joins the transaction of the main write.
#[derive(Debug, Clone)]
pub struct QueuedWrite {
    /// The plugin that asked.
    pub plugin: String,
    /// The write is made in the name of whoever caused it, under the rules; in the plugin's without it, past them.
    pub as_caller: bool,
    /// Its id; empty for what is no write of a record.
    pub collection: String,
    pub verb: QueuedVerb,
}

#[derive(Debug, Clone)]
pub enum QueuedVerb {
    /// The id has been promised to the guest already; it is among the fields only if the guest has chosen it.
    Create {
        id: String,
        fields: Vec<(String, Value)>,
    },
    Update {
        id: String,
        fields: Vec<(String, Value)>,
        files: Vec<Incoming>,
        /// What the files take the place of.
        replaces: Option<Replaced>,
    },
    Delete {
        id: String,
    },
    Mail(Letter),
    /// A message to a topic of the plugins' own, sent after the commit.
    Publish {
        topic: String,
        data: serde_json::Value,
    },
}

impl QueuedVerb {
    /// What becomes of a record by it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Create { .. } => "create",
            Self::Update { .. } => "update",
            Self::Delete { .. } => "delete",
            Self::Mail(_) => "mail",
            Self::Publish { .. } => "publish",
        }
    }
}

/// A file that a record must still have when another one takes its place: whoever has replaced or deleted it meanwhile knew
/// more than who read it before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replaced {
    pub field: String,
    pub name: String,
}

/// An event of the outbox on its way to one attachment.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The same on every attempt: the guest's idempotency key.
    pub event_id: String,
    pub attachment_id: String,
    pub action: Action,
    pub before: Option<Arc<Record>>,
    pub after: Option<Arc<Record>>,
    /// (kind, id, collection) of whoever made the write.
    pub caller: (String, String, String),
    /// (kind, id, id of the collection) of whom a grant as the caller acts for; nobody but a guest, where it is not known.
    pub lends: Option<(String, String, String)>,
    /// The plugin that asked for it.
    pub through: Option<String>,
    pub request_id: String,
    pub depth: u8,
}

/// What is left to do of those who take part in writes to collections that go.
#[must_use]
pub struct Farewell {
    /// Part of the transaction that deletes them.
    pub statements: Vec<Sql>,
    /// To be awaited once that is committed and the catalog is swapped; dropped otherwise. Nobody begins to take part meanwhile.
    pub after: BoxFuture<'static, Result<()>>,
}

impl Farewell {
    /// Nothing.
    pub fn none() -> Self {
        Self { statements: Vec::new(), after: Box::pin(async { Ok(()) }) }
    }
}

impl fmt::Debug for Farewell {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Farewell").field("statements", &self.statements).finish_non_exhaustive()
    }
}

pub trait Hooks: fmt::Debug + Send + Sync {
    /// Whether anybody takes part; asked on every write, so it must be cheap.
    fn listens(&self, collection_id: &str, stage: Stage) -> bool;

    /// Runs the before-hooks in their order, each seeing the draft as the one before left it.
    ///
    /// # Errors
    /// `Invalid` or `Refused` when a hook refuses, `Plugin` when one fails and its policy is closed.
    fn before<'a>(&'a self, cx: &'a Cx, event: Before<'a>) -> BoxFuture<'a, Result<Consequences>>;

    /// Runs the validators on the finished draft.
    ///
    /// # Errors
    /// `Plugin` when one fails and its policy is closed.
    fn validate<'a>(&'a self, cx: &'a Cx, draft: &'a Record) -> BoxFuture<'a, Result<FieldErrors>>;

    /// The attachments that are to hear of a change once it is committed: one outbox row each.
    fn after(&self, collection_id: &str, action: Action) -> Vec<String>;

    /// By attachment and action: the events that are to wait as they are, since nobody may be called with them now.
    fn withheld(&self, _now_ms: i64) -> Vec<(String, Action)> {
        Vec::new()
    }

    /// So many messages that a plugin has sent with a write were not passed on, and why the first of them was not.
    fn unheard(&self, _plugin: &str, _request_id: &str, _count: usize, _why: &str) {}

    /// Collections are about to be deleted, and with them whatever was said about them.
    fn part<'a>(&'a self, _cx: &'a Cx, _gone: &'a [Arc<Collection>]) -> BoxFuture<'a, Farewell> {
        Box::pin(async { Farewell::none() })
    }

    /// Delivers one event. An error means: try again later, unless it is `Refused`: trying again is in vain. `Unavailable` and
    /// `OverQuota` mean that it could not be tried.
    fn deliver<'a>(&'a self, cx: &'a Cx, delivery: &'a Delivery) -> BoxFuture<'a, Result<()>>;

    /// Asks whether a record may be let in that has proved who it is.
    ///
    /// # Errors
    /// `Invalid` or `Refused` when a hook refuses, `Plugin` when one fails and its policy is closed.
    fn before_sign_in<'a>(
        &'a self,
        cx: &'a Cx,
        record: &'a Arc<Record>,
        method: &'static str,
    ) -> BoxFuture<'a, Result<()>>;

    /// What the token of a record says besides.
    ///
    /// # Errors
    /// `Plugin` when a hook fails and its policy is closed.
    fn token_claims<'a>(
        &'a self,
        cx: &'a Cx,
        record: &'a Arc<Record>,
        method: &'static str,
    ) -> BoxFuture<'a, Result<Map<String, Json>>>;
}

/// Nobody takes part.
#[derive(Debug)]
pub struct NoHooks;

impl Hooks for NoHooks {
    fn listens(&self, _collection_id: &str, _stage: Stage) -> bool {
        false
    }

    fn before<'a>(&'a self, _cx: &'a Cx, _event: Before<'a>) -> BoxFuture<'a, Result<Consequences>> {
        Box::pin(async { Ok(Consequences::default()) })
    }

    fn validate<'a>(&'a self, _cx: &'a Cx, _draft: &'a Record) -> BoxFuture<'a, Result<FieldErrors>> {
        Box::pin(async { Ok(FieldErrors::default()) })
    }

    fn after(&self, _collection_id: &str, _action: Action) -> Vec<String> {
        Vec::new()
    }

    fn deliver<'a>(&'a self, _cx: &'a Cx, _delivery: &'a Delivery) -> BoxFuture<'a, Result<()>> {
        Box::pin(async { Ok(()) })
    }

    fn before_sign_in<'a>(
        &'a self,
        _cx: &'a Cx,
        _record: &'a Arc<Record>,
        _method: &'static str,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async { Ok(()) })
    }

    fn token_claims<'a>(
        &'a self,
        _cx: &'a Cx,
        _record: &'a Arc<Record>,
        _method: &'static str,
    ) -> BoxFuture<'a, Result<Map<String, Json>>> {
        Box::pin(async { Ok(Map::new()) })
    }
}
