//! What can go wrong, without a word of HTTP: `http/reply.rs` turns a kind into a status.
//!
//! Two voices: [`Text`] and [`FieldError`] are for clients; [`Cause`] is for the log and has no `Display`,
//! so it cannot reach a reply by accident. No `From` for foreign errors: every boundary maps on purpose.

pub mod code;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

pub use code::Code;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A sentence that a client may read.
pub type Text = Cow<'static, str>;

#[derive(Debug)]
pub enum Error {
    /// The input is wrong; `fields` says where, and is empty when no single field is to blame.
    Invalid {
        message: Text,
        fields: FieldErrors,
    },
    /// The input is fine by itself but does not go with what was sent before; `fields` as in `Invalid`.
    Unprocessable {
        message: Text,
        fields: FieldErrors,
    },
    /// Nobody is signed in where somebody must be.
    Unauthenticated(Text),
    /// One way to sign in has succeeded and another one is demanded; the id of the sign-in that waits for it.
    SecondFactor(String),
    /// An API key lacks this scope; `None` where no scope would do.
    MissingScope(Option<String>),
    /// The caller is known and may not.
    Forbidden(Text),
    /// A plugin asks in the caller's name for a write that the caller may not make; the plugin's name.
    BeyondCaller(String),
    /// Missing, or not the caller's to know.
    NotFound(Text),
    /// A hook refused with a status of its own, 400..=499.
    Refused {
        status: u16,
        message: Text,
    },
    TooLarge {
        limit_bytes: usize,
    },
    RateLimited {
        retry_after: Duration,
    },
    /// The tenant's plugins have burnt what they may for now.
    OverQuota {
        retry_after: Duration,
    },
    /// Another write came first: three times in a row, or to a file that a plugin replaces.
    Conflict(Text),
    /// The record, the definition or the settings are not what the client had seen; as it is now, if the caller may see it.
    Stale(Option<Current>),
    /// Busy or shutting down; worth trying again.
    Unavailable(Text),
    /// A plugin failed or ran out of a budget.
    Plugin(PluginFailure),
    /// Our own fault; the cause goes to the log, never to the client.
    Internal(Cause),
}

impl Error {
    #[must_use]
    pub fn invalid(message: impl Into<Text>) -> Self {
        Self::Invalid { message: message.into(), fields: FieldErrors::default() }
    }

    #[must_use]
    pub fn field(message: impl Into<Text>, field: &str, error: impl Into<FieldError>) -> Self {
        Self::Invalid { message: message.into(), fields: FieldErrors::one(field, error) }
    }

    #[must_use]
    pub fn not_found() -> Self {
        Self::NotFound(Cow::Borrowed("The requested resource wasn't found."))
    }

    #[must_use]
    pub fn internal(context: &'static str, source: impl fmt::Display) -> Self {
        Self::Internal(Cause { context, detail: source.to_string() })
    }

    /// In words, with the cause of what is our own fault: for superusers, in the histories of what is done without a request. No
    /// other client may read it.
    #[must_use]
    pub fn for_superusers(&self) -> String {
        match self {
            Self::Invalid { message, fields } | Self::Unprocessable { message, fields } => match fields.describe() {
                fields if fields.is_empty() => message.to_string(),
                fields => format!("{message} {fields}"),
            },
            Self::Unauthenticated(text)
            | Self::Forbidden(text)
            | Self::NotFound(text)
            | Self::Conflict(text)
            | Self::Unavailable(text)
            | Self::Refused { message: text, .. } => text.to_string(),
            Self::SecondFactor(_) => "A second factor is demanded.".to_owned(),
            Self::MissingScope(_) => "The API key does not have the scope.".to_owned(),
            Self::BeyondCaller(plugin) => {
                format!("The plugin {plugin} asks in the caller's name for a write that the caller may not make.")
            }
            Self::TooLarge { limit_bytes } => format!("It has more than {limit_bytes} bytes."),
            Self::RateLimited { .. } => "There were too many requests.".to_owned(),
            Self::OverQuota { .. } => "The plugins have used what they may for now.".to_owned(),
            Self::Stale(current) => format!("The {} changed meanwhile.", Current::was(current.as_ref())),
            Self::Plugin(failure) => format!("The plugin {} failed: {}", failure.plugin, failure.detail),
            Self::Internal(cause) => format!("could not {}: {}", cause.context, cause.detail),
        }
    }

    /// The same error under another message, where it is `Invalid`; anything else stays as it is.
    #[must_use]
    pub fn with_message(self, text: &'static str) -> Self {
        match self {
            Self::Invalid { fields, .. } => Self::Invalid { message: Cow::Borrowed(text), fields },
            other => other,
        }
    }
}

/// A record, the definition of a collection, or the settings, as they are now.
#[derive(Debug)]
pub struct Current {
    /// `record`, `collection` or `settings`.
    pub noun: &'static str,
    pub json: Vec<u8>,
    pub etag: String,
}

impl Current {
    /// What was changed, with its verb; a record where nothing of it may be seen.
    #[must_use]
    pub fn was(current: Option<&Self>) -> String {
        let noun = current.map_or("record", |current| current.noun);
        format!("{noun} {}", if noun.ends_with('s') { "were" } else { "was" })
    }
}

/// Why something failed inside. `Debug` only: there is no way to print it into a reply.
#[derive(Debug)]
pub struct Cause {
    pub context: &'static str,
    pub detail: String,
}

/// Errors per field; nested for positions inside a list (`indexes` -> `0`).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FieldErrors(pub BTreeMap<String, FieldIssue>);

#[derive(Debug, Clone, PartialEq)]
pub enum FieldIssue {
    Error(FieldError),
    Nested(FieldErrors),
}

impl FieldErrors {
    #[must_use]
    pub fn one(field: &str, error: impl Into<FieldError>) -> Self {
        let mut errors = Self::default();
        errors.add(field, error);
        errors
    }

    /// Keeps the first error of a field.
    pub fn add(&mut self, field: &str, error: impl Into<FieldError>) {
        self.0.entry(field.to_owned()).or_insert_with(|| FieldIssue::Error(error.into()));
    }

    pub fn nest(&mut self, field: &str, errors: Self) {
        if !errors.is_empty() {
            match self.0.entry(field.to_owned()).or_insert_with(|| FieldIssue::Nested(Self::default())) {
                FieldIssue::Nested(known) => known.0.extend(errors.0),
                FieldIssue::Error(_) => {}
            }
        }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them in one text: `fields.0.name: Cannot be blank.`, separated by `; `.
    #[must_use]
    pub fn describe(&self) -> String {
        let mut parts = Vec::new();
        self.describe_into("", &mut parts);
        parts.join("; ")
    }

    fn describe_into(&self, path: &str, parts: &mut Vec<String>) {
        for (key, issue) in &self.0 {
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            match issue {
                FieldIssue::Error(error) => parts.push(format!("{path}: {}", error.message)),
                FieldIssue::Nested(nested) => nested.describe_into(&path, parts),
            }
        }
    }

    /// `Ok` when there is no error.
    pub fn into_result(self, message: &'static str) -> Result<()> {
        if self.is_empty() { Ok(()) } else { Err(Error::Invalid { message: Cow::Borrowed(message), fields: self }) }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct FieldError {
    pub code: Text,
    pub message: Text,
    /// Values that the message names, such as `min`; shown as `params`.
    pub params: Vec<(&'static str, serde_json::Value)>,
}

impl FieldError {
    #[must_use]
    pub fn new(code: impl Into<Text>, message: impl Into<Text>) -> Self {
        Self { code: code.into(), message: message.into(), params: Vec::new() }
    }

    #[must_use]
    pub fn param(mut self, name: &'static str, value: impl Into<serde_json::Value>) -> Self {
        self.params.push((name, value.into()));
        self
    }
}

impl From<Code> for FieldError {
    fn from(code: Code) -> Self {
        Self::new(code.code, code.message)
    }
}

/// A plugin's call that did not end well. Names nothing of the guest's inside: that is in its log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PluginFailure {
    pub plugin: String,
    /// The budget that ran out; `None` when the breaker is open or the plugin cannot be loaded.
    pub axis: Option<Axis>,
    /// Its code cannot be loaded.
    pub is_broken: bool,
    /// For the log: what was allowed, what was used, the guest's words.
    pub detail: String,
}

/// The budgets of a guest call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Axis {
    Fuel,
    Wall,
    Memory,
    HostCalls,
    Output,
    Trap,
}

impl Axis {
    pub const ALL: [Self; 6] = [Self::Fuel, Self::Wall, Self::Memory, Self::HostCalls, Self::Output, Self::Trap];

    /// The word in a reply's `data.plugin.axis`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Fuel => "fuel",
            Self::Wall => "wall",
            Self::Memory => "memory",
            Self::HostCalls => "hostCalls",
            Self::Output => "output",
            Self::Trap => "trap",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn superusers_read_words_and_no_code() {
        let mut fields = FieldErrors::one("a", FieldError::new("c", "Is wrong."));
        fields.nest("b", FieldErrors::one("0", FieldError::new("c", "Too.")));
        let failure =
            PluginFailure { plugin: "p".into(), axis: Some(Axis::Fuel), is_broken: false, detail: "it ran out".into() };
        for (error, words) in [
            (Error::invalid("nothing works today"), "nothing works today"),
            (Error::Invalid { message: "No.".into(), fields }, "No. a: Is wrong.; b.0: Too."),
            (Error::Unavailable("The file storage does not answer.".into()), "The file storage does not answer."),
            (Error::Plugin(failure), "The plugin p failed: it ran out"),
            (Error::internal("move a file", "it is gone"), "could not move a file: it is gone"),
        ] {
            assert_eq!(error.for_superusers(), words);
        }
    }
}
