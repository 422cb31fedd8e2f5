//! The conversation on a WebSocket: JSON documents in both directions.
//!
//! Answers go out through the same queue as changes do, so that an `ack` comes before the first event of
//! what it acknowledges.

use super::Realtime;
use super::client::{Bearer, Client};
use super::frame;
use super::hub::Key;
use super::judge::check_filter;
use super::outlet::{Ending, Item};
use super::resume::Resume;
use super::topic::{Overrides, SUBSCRIPTION_LENGTH_MAX, SUBSCRIPTIONS_BYTES_MAX, SUBSCRIPTIONS_MAX, Topic, Wire};
use super::{facts, presence, publish};
use crate::auth;
use crate::error::{Error, Result};
use crate::model::Caller;
use crate::tenant::Cx;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;
use std::collections::HashSet;
use std::future::poll_fn;
use std::sync::Arc;

/// Bytes of one message from a client.
pub const MESSAGE_MAX: usize = 256 << 10;

/// Messages taken from the queue at a time.
const TAKEN_MAX: usize = 64;

/// The server goes away, or the connection was silent for too long.
const CODE_AWAY: u16 = 1001;
/// The client did not keep up.
const CODE_TRY_AGAIN: u16 = 1013;

/// What is to be sent next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outgoing {
    /// A JSON document.
    Text(Bytes),
    Ping,
    /// The last of all.
    Close {
        code: u16,
        reason: &'static str,
    },
}

impl Outgoing {
    /// The server goes away.
    pub const AWAY: Self = Self::Close { code: CODE_AWAY, reason: "going away" };
}

/// One WebSocket. Dropping it ends all subscriptions.
#[derive(Debug)]
pub struct Session {
    realtime: Arc<Realtime>,
    client: Arc<Client>,
}

/// What a client says. Keys that mean nothing to its type are ignored.
#[derive(Debug, Deserialize)]
struct Said {
    #[serde(rename = "type")]
    kind: String,
    /// Comes back in the answer.
    id: Option<Value>,
    #[serde(default)]
    topics: Vec<String>,
    #[serde(default)]
    token: String,
    /// Where something is said, or somebody wants to be seen.
    #[serde(default)]
    topic: String,
    #[serde(default)]
    data: Value,
    #[serde(default)]
    state: Value,
    /// The last change that the client knows.
    resume: Option<u64>,
    #[serde(flatten)]
    overrides: Overrides,
}

/// Why something was not done.
struct Refusal {
    code: &'static str,
    message: String,
}

impl Refusal {
    fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::Invalid { message, fields } if fields.is_empty() => Self::new("invalid", message),
            Error::Invalid { fields, .. } => Self::new("invalid", fields.describe()),
            Error::Unauthenticated(message) => Self::new("unauthenticated", message),
            Error::Forbidden(message) => Self::new("forbidden", message),
            Error::MissingScope(_) => Self::new("forbidden", "The API key does not have the scope for that."),
            Error::NotFound(message) => Self::new("not_found", message),
            Error::Unavailable(message) => Self::new("unavailable", message),
            Error::RateLimited { .. } => Self::new("rate_limited", "Too much in too short a time."),
            other => {
                tracing::error!(error = ?other, "a realtime message failed");
                Self::new("internal", "Something went wrong.")
            }
        }
    }
}

impl Session {
    pub(super) fn new(realtime: Arc<Realtime>, client: Arc<Client>) -> Self {
        Self { realtime, client }
    }

    /// Waits for what is to be sent next: some messages, or the end.
    pub async fn next(&self) -> Vec<Outgoing> {
        let mut taken = Vec::new();
        let ending = poll_fn(|cx| {
            self.client.outlet.poll(cx, |item| {
                if taken.len() >= TAKEN_MAX {
                    return false;
                }
                taken.push(match item {
                    Item::Message(message) => Outgoing::Text(message.clone()),
                    Item::Ping => Outgoing::Ping,
                });
                true
            })
        })
        .await;
        match ending {
            None => taken,
            Some(Ending::Over) => vec![Outgoing::AWAY],
            Some(Ending::Gap) => {
                vec![
                    Outgoing::Text(frame::gap()),
                    Outgoing::Close { code: CODE_TRY_AGAIN, reason: "messages were lost" },
                ]
            }
        }
    }

    /// The client gave a sign of life.
    pub fn heard(&self) {
        self.client.heard(self.now_ms());
    }

    /// Does what the client says.
    pub async fn hear(&self, text: &str) {
        self.heard();
        let Ok(said) = serde_json::from_str::<Said>(text) else {
            self.answer(frame::error(None, "invalid", "A message is a JSON object with a \"type\"."));
            return;
        };
        let id = said.id.clone();
        if let Err(Refusal { code, message }) = self.act(said).await {
            self.answer(frame::error(id.as_ref(), code, &message));
        }
    }

    async fn act(&self, said: Said) -> Result<(), Refusal> {
        match said.kind.as_str() {
            "subscribe" => self.subscribe(said).await,
            "unsubscribe" => self.unsubscribe(&said),
            "auth" => self.authenticate(said).await,
            "publish" => self.publish(&said).await,
            "join" => self.join(said).await,
            "leave" => self.leave(&said),
            "ping" => {
                self.answer(frame::pong(said.id.as_ref()));
                Ok(())
            }
            other => {
                Err(Refusal::new("unknown_type", format!("There is no message of the type {}.", Value::from(other))))
            }
        }
    }

    /// Adds topics; one that was there already gets the options that are given now.
    async fn subscribe(&self, said: Said) -> Result<(), Refusal> {
        let Said { id, topics, overrides, resume, .. } = said;
        if topics.is_empty() {
            return Err(Refusal::new("invalid", "There are no \"topics\"."));
        }
        within_limits(&topics, &overrides)?;
        let mut parsed: Vec<(Key, Topic)> = Vec::with_capacity(topics.len());
        for name in &topics {
            let topic = Topic::parse(Wire::Socket, name, overrides.clone());
            self.check_filter(&topic)?;
            parsed.push(((Wire::Socket, name.clone(), overrides.clone()), topic));
        }
        let ack = Some((frame::ack(id.as_ref()), self.now_ms()));
        let named: HashSet<&str> = topics.iter().map(String::as_str).collect();
        let keep = |topic: &Topic| !named.contains(topic.name.as_str());
        let since = self.realtime.tenant.changes.seq();
        let Realtime { tenant, hub } = &*self.realtime;
        let held = resume.map(|_| self.client.outlet.hold());
        let new = hub.subscribe(&self.client, parsed, keep, since, ack)?;
        if let Some(after) = resume {
            let wanted = Resume { tenant, hub, client: &self.client, topics: &new, after, upto: since };
            wanted.run(id.as_ref()).await;
        }
        drop(held);
        presence::greet(hub, tenant, &self.client, new).await;
        Ok(())
    }

    /// Says something on a topic.
    async fn publish(&self, said: &Said) -> Result<(), Refusal> {
        // Whoever hears it too is answered first.
        let _held = self.client.outlet.hold();
        self.realtime.say(&self.cx("POST"), &said.topic, &said.data).await?;
        self.answer(frame::ack(said.id.as_ref()));
        Ok(())
    }

    /// Lets the connection be seen on a topic, or shows its new state.
    async fn join(&self, said: Said) -> Result<(), Refusal> {
        let cx = self.cx("GET");
        publish::count(&cx)?;
        let _held = self.client.outlet.hold();
        let member = presence::join(&self.realtime.hub, &cx, &self.client, &said.topic, said.state).await?;
        self.answer(frame::joined(said.id.as_ref(), &member));
        Ok(())
    }

    fn leave(&self, said: &Said) -> Result<(), Refusal> {
        let _held = self.client.outlet.hold();
        let hub = &self.realtime.hub;
        if !hub.presence.hide(&self.client, &said.topic, |told| hub.announce(told)) {
            return Err(Refusal::new("not_found", "You are not seen there."));
        }
        self.answer(frame::ack(said.id.as_ref()));
        Ok(())
    }

    fn cx(&self, method: &str) -> Cx {
        let caller = self.client.bearer.lock().at(self.now_ms()).clone();
        Cx::new(self.realtime.tenant.clone(), caller, facts(method, &self.client.ip))
    }

    /// Takes topics away; all of them when none is named.
    fn unsubscribe(&self, said: &Said) -> Result<(), Refusal> {
        within_limits(&said.topics, &Overrides::default())?;
        let ack = Some((frame::ack(said.id.as_ref()), self.now_ms()));
        let named: HashSet<&str> = said.topics.iter().map(String::as_str).collect();
        let keep = |topic: &Topic| !named.is_empty() && !named.contains(topic.name.as_str());
        self.realtime.hub.subscribe(&self.client, Vec::new(), keep, 0, ack)?;
        Ok(())
    }

    async fn authenticate(&self, said: Said) -> Result<(), Refusal> {
        let caller = auth::caller_at(&self.realtime.tenant, &said.token, &self.client.ip).await?;
        if matches!(caller, Caller::Guest) {
            return Err(Refusal::new("unauthenticated", "The token is invalid or expired."));
        }
        if let Ok(address) = self.client.ip.parse() {
            auth::origin::check(&self.realtime.tenant, &caller, address)?;
        }
        self.realtime.bind(&self.client, Bearer::new(caller, &said.token)).await?;
        self.answer(frame::ack(said.id.as_ref()));
        Ok(())
    }

    /// A filter that can never match is better told than kept.
    fn check_filter(&self, topic: &Topic) -> Result<(), Refusal> {
        let catalog = self.realtime.tenant.catalog();
        let (Some(text), Some(collection)) = (&topic.filter, catalog.collection(&topic.collection)) else {
            return Ok(());
        };
        let superuser = self.client.bearer.lock().at(self.now_ms()).is_trusted();
        let checked = check_filter(text, &catalog, collection, superuser);
        checked.map(|_| ()).map_err(|error| Refusal::new("invalid_filter", error.to_string()))
    }

    fn answer(&self, message: Bytes) {
        self.client.answer(message, self.now_ms());
    }

    fn now_ms(&self) -> i64 {
        self.realtime.tenant.world.now_ms()
    }
}

/// Looked at before anything is made of the topics, and before the hub is held up by them.
fn within_limits(topics: &[String], overrides: &Overrides) -> Result<(), Refusal> {
    if topics.iter().any(|name| name.len() > SUBSCRIPTION_LENGTH_MAX) {
        return Err(Refusal::new("invalid", format!("A topic has at most {SUBSCRIPTION_LENGTH_MAX} bytes.")));
    }
    let names: usize = topics.iter().map(String::len).sum();
    let bytes = names + overrides.bytes().saturating_mul(topics.len());
    if topics.len() > SUBSCRIPTIONS_MAX || bytes > SUBSCRIPTIONS_BYTES_MAX {
        return Err(Refusal::new("invalid", "Too many subscriptions."));
    }
    Ok(())
}

impl Drop for Session {
    fn drop(&mut self) {
        self.realtime.hub.leave(&self.client);
    }
}
