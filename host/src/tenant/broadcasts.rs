//! What is said on topics that are no collection's: handed on at once to whoever listens, and kept nowhere. Clients,
//! superusers and plugins say it, realtime passes it on; who may say what where is decided before.

use super::Tenant;
use crate::error::{Error, Result, code};
use parking_lot::RwLock;
use serde_json::Value;
use std::fmt;

/// Longest topic, in bytes.
pub const TOPIC_BYTES_MAX: usize = 255;
/// Most that is said at once, in bytes of JSON.
pub const DATA_BYTES_MAX: usize = 64 << 10;

/// What no topic begins with that somebody may speak on: `PB_CONNECT`.
const OF_PROTOCOL: &str = "PB_";
/// A part of a topic that begins so is the server's: `@oauth2`, `rooms/1/@presence`.
const OF_SERVER: char = '@';

const INVALID: &str = "An error occurred while validating the submitted data.";

/// Something that was said.
#[derive(Debug, Clone)]
pub struct Broadcast {
    pub topic: String,
    /// JSON.
    pub data: String,
    /// Who it is about, when it is how they are now: what was said about them before is then of no more use.
    pub instead: Option<u64>,
    /// Nobody is there any more who could say it again: where there is no room for it, whoever listens has missed something.
    pub is_owed: bool,
}

impl Broadcast {
    /// How much room it takes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.topic.len() + self.data.len()
    }
}

/// Answers false when it has no room.
type Follower = Box<dyn Fn(Broadcast) -> bool + Send + Sync>;

/// The way from those who speak to realtime.
#[derive(Default)]
pub struct Broadcasts(RwLock<Option<Follower>>);

impl fmt::Debug for Broadcasts {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Broadcasts").finish_non_exhaustive()
    }
}

impl Broadcasts {
    /// Hands everything that is said to `follower` from now on; it must not wait.
    pub fn follow(&self, follower: impl Fn(Broadcast) -> bool + Send + Sync + 'static) {
        *self.0.write() = Some(Box::new(follower));
    }

    fn send(&self, said: Broadcast) -> Result<()> {
        match &*self.0.read() {
            Some(follower) if !follower(said) => {
                Err(Error::Unavailable("Too much is being said. Please try again.".into()))
            }
            _ => Ok(()),
        }
    }
}

impl Tenant {
    /// Says something to everybody who listens on a topic and may, as soon as there is time for it. What a plugin
    /// may say where is for its grants to decide.
    ///
    /// # Errors
    /// `Invalid` for a topic that is none, or a collection's or the server's, and for too much at once; `Unavailable`
    /// when what was said before still waits.
    pub fn broadcast(&self, topic: &str, data: &Value) -> Result<()> {
        self.say(topic, data, false)
    }

    /// The same for what somebody has asked for who does not wait for it. If it is lost, those who listen there start anew.
    ///
    /// # Errors
    /// As [`Self::broadcast`].
    pub fn broadcast_owed(&self, topic: &str, data: &Value) -> Result<()> {
        self.say(topic, data, true)
    }

    fn say(&self, topic: &str, data: &Value, is_owed: bool) -> Result<()> {
        self.check_topic(topic)?;
        let data = data.to_string();
        if data.len() > DATA_BYTES_MAX {
            let too_long = code::CONTENT_SIZE_LIMIT.with([("maxSize", DATA_BYTES_MAX.into())]);
            return Err(Error::field(INVALID, "data", too_long));
        }
        self.broadcasts.send(Broadcast { topic: topic.to_owned(), data, instead: None, is_owed })
    }

    /// Whether somebody may speak on a topic at all: nobody says what only a collection's changes or the server say.
    ///
    /// # Errors
    /// `Invalid` when not.
    pub fn check_topic(&self, topic: &str) -> Result<()> {
        let refused = |error| Err(Error::field(INVALID, "topic", error));
        if topic.is_empty() {
            return refused(code::REQUIRED.into());
        }
        if topic.len() > TOPIC_BYTES_MAX {
            return refused(code::LENGTH_TOO_LONG.with([("max", TOPIC_BYTES_MAX.into())]));
        }
        // What stands behind `?` are a subscriber's options.
        if topic.chars().any(|letter| letter.is_control() || letter == '?') {
            return refused(code::MATCH_INVALID.into());
        }
        let of_server = topic.starts_with(OF_PROTOCOL) || topic.split('/').any(|part| part.starts_with(OF_SERVER));
        let of_collection = topic.split('/').next().is_some_and(|head| self.catalog.load().collection(head).is_some());
        if of_server || of_collection {
            return refused(code::TOPIC_OF_SERVER.into());
        }
        Ok(())
    }
}
