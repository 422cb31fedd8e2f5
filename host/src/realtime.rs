//! Follows committed changes and tells those who asked for them, over SSE and WebSocket.
//!
//! ```text
//! commit -> tenant.changes -> inbox -> dispatcher -> for each group of equal subscriptions:
//!             (writer)                  (one task)     judge once for all who see alike, make the message once
//!                                                      -> outlet of each connection -> http
//! ```
//!
//! - [`hub`] knows who is connected and who asked for what; [`topic`] is what can be asked for.
//! - [`judge`] decides who may see a change, with the rules and the collections of that moment, and [`beyond`] with
//!   the rows that were there.
//! - [`custom`] is about topics that are no collection's, [`publish`] how something is said there, [`spread`] how it
//!   is told, [`presence`] who is there.
//! - [`outlet`] is a bounded queue of shared bytes, [`backlog`] what they take together; who does not keep up is
//!   ended, nobody waits.
//! - [`sse`] and [`socket`] are the two ways to speak. What they are carried by is `http`'s affair.
//!
//! - [`resume`] tells a WebSocket that comes back what it missed, from the history that the writes leave behind. Over SSE
//!   a client that reconnects has missed what happened meanwhile, as with `PocketBase`.

mod backlog;
mod beyond;
mod client;
mod custom;
mod dispatch;
mod frame;
mod hub;
mod judge;
mod outlet;
mod presence;
mod publish;
mod resume;
mod roster;
mod socket;
mod spread;
mod sse;
mod submission;
mod topic;
mod work;

#[cfg(test)]
mod tests;

use crate::auth::{keys, origin, session};
use crate::crypto;
use crate::error::{Error, Result};
use crate::model::Caller;
use crate::settings::{Asked, Settings};
use crate::tenant::cx::RequestFacts;
use crate::tenant::{Cx, Tenant};
use client::Client;
use dispatch::{Dispatcher, INBOX_MAX, Inbox};
use hub::{Hub, Key};
use serde_json::{Map, Value, json};
use spread::SAID_MAX;
use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use submission::Submission;
use topic::{Overrides, Topic, Wire};

pub use client::Bearer;
pub use socket::{MESSAGE_MAX, Outgoing, Session};
pub use sse::SseStream;
pub use work::Work;

/// What a page listens to while its user is at the provider of an account.
const OAUTH2: &str = "@oauth2";

/// The realtime side of one tenant.
#[derive(Debug)]
pub struct Realtime {
    tenant: Arc<Tenant>,
    hub: Arc<Hub>,
}

impl Realtime {
    /// Begins to follow a tenant's changes, until its tasks stop.
    #[must_use]
    pub fn open(tenant: &Arc<Tenant>) -> Arc<Self> {
        let hub = Arc::new(Hub::default());
        let (sender, receiver) = tokio::sync::mpsc::channel(INBOX_MAX);
        let inbox = Inbox { sender, hub: hub.clone(), overflowed: Arc::default() };
        let (speaker, said) = tokio::sync::mpsc::channel(SAID_MAX);
        hub.told_seq.store(tenant.changes.seq(), Ordering::Relaxed);
        // It is new, so that nobody has set it.
        let _ = hub.said.set(speaker);
        let (announcer, announced) = tokio::sync::mpsc::channel(presence::ANNOUNCED_MAX);
        let _ = hub.announced.set(announcer);
        let dispatcher = Dispatcher {
            tenant: Arc::downgrade(tenant),
            hub: hub.clone(),
            inbox: receiver,
            said,
            announced,
            trimmed_seq: 0,
            overflowed: inbox.overflowed.clone(),
            catalog: tenant.catalog(),
            filters: HashMap::new(),
            past: None,
        };
        tenant.changes.follow(move |committed| inbox.take(committed));
        let speaks = hub.clone();
        tenant.broadcasts.follow(move |said| speaks.say(said));
        tenant.tasks.spawn(dispatcher.run(tenant.tasks.clone()));
        tenant.tasks.spawn(presence::keep(hub.clone(), Arc::downgrade(tenant), tenant.tasks.clone()));
        Arc::new(Self { tenant: tenant.clone(), hub })
    }

    /// Opens an SSE connection, as a guest's. Its first message tells the client's id.
    ///
    /// # Errors
    /// `Unavailable` when there are too many.
    pub fn connect(&self, ip: &str) -> Result<SseStream> {
        let client = self.enter(Wire::Sse, ip)?;
        client.answer(frame::connected(&client.id), self.tenant.world.now_ms());
        Ok(SseStream::new(self.hub.clone(), client))
    }

    /// Opens a WebSocket in the bearer's name.
    ///
    /// # Errors
    /// `Unavailable` when there are too many.
    pub async fn connect_socket(self: &Arc<Self>, bearer: Bearer, ip: &str) -> Result<Session> {
        let client = self.enter(Wire::Socket, ip)?;
        let session = Session::new(self.clone(), client.clone());
        self.bind(&client, bearer).await?;
        client.answer(frame::hello(&client.id, self.tenant.changes.seq()), self.tenant.world.now_ms());
        Ok(session)
    }

    /// Sets what an SSE connection wants to hear of, instead of what it wanted before, and in whose name.
    ///
    /// # Errors
    /// `Invalid` for a body beyond the limits or a connection from elsewhere, `NotFound` when there is no such
    /// connection, `Forbidden` when it listens in another's name.
    pub async fn subscribe(&self, cx: &Cx, bearer: Bearer, body: &Map<String, Value>) -> Result<()> {
        let Submission { client_id, subscriptions } = Submission::parse(body)?;
        let client = self.hub.client(&client_id).filter(|client| client.wire == Wire::Sse);
        let client = client.ok_or(Error::NotFound("Missing or invalid client id.".into()))?;
        if client.ip != cx.facts.ip {
            return Err(Error::invalid("Invalid realtime client."));
        }
        self.bind(&client, bearer).await?;
        let parse = |name: String| -> (Key, Topic) {
            let topic = Topic::parse(Wire::Sse, &name, Overrides::default());
            ((Wire::Sse, name, Overrides::default()), topic)
        };
        let topics = subscriptions.into_iter().map(parse).collect();
        let seq = self.tenant.changes.seq();
        let new = self.hub.subscribe(&client, topics, |_| false, seq, None)?;
        presence::greet(&self.hub, &self.tenant, &client, new).await;
        Ok(())
    }

    /// Ends a dashboard session of whoever asks, and with it what listens in its name.
    ///
    /// # Errors
    /// As [`session::end`].
    pub async fn end_session(&self, cx: &Cx, id: &str) -> Result<()> {
        let (cx, id, hub) = (cx.clone(), id.to_owned(), self.hub.clone());
        let ending = async move {
            session::end(&cx, &id).await?;
            hub.end_session(&id);
            Ok(())
        };
        self.tenant.tasks.to_its_end(ending).await
    }

    /// Changes the settings; what superusers may not listen to any more, because of where they come from, they do not hear.
    ///
    /// # Errors
    /// As [`Tenant::change_settings`].
    pub async fn change_settings(&self, asked: Asked) -> Result<Arc<Settings>> {
        publish::check_patch(&self.tenant, &asked)?;
        let (tenant, hub) = (self.tenant.clone(), self.hub.clone());
        let change = async move {
            let new = tenant.change_settings(asked).await?;
            hub.keep_superusers(|ip| may_come(&tenant, ip));
            Ok(new)
        };
        self.tenant.tasks.to_its_end(change).await
    }

    /// Changes an API key, and ends what listens by virtue of it: as what the key is now it may listen anew.
    ///
    /// # Errors
    /// The change's.
    pub async fn change_key<T, F>(&self, id: &str, change: F) -> Result<T>
    where
        F: Future<Output = Result<T>> + Send + 'static,
        T: Send + 'static,
    {
        let (id, hub) = (id.to_owned(), self.hub.clone());
        let changing = async move {
            let changed = change.await?;
            hub.end_key(&id);
            Ok(changed)
        };
        self.tenant.tasks.to_its_end(changing).await
    }

    /// Hands what the provider of an account said to the SSE connection that waits for it, which then has had it;
    /// false when there is none, or it is somebody else's.
    #[must_use]
    pub fn hand_over(&self, ip: &str, client_id: &str, code: &str, error: &str) -> bool {
        let client = self.hub.client(client_id).filter(|client| client.wire == Wire::Sse && client.ip == ip);
        let Some(client) = client.filter(|client| self.hub.take_topic(client, OAUTH2)) else { return false };
        let mut said = json!({"state": client_id, "code": code});
        if !error.is_empty() {
            said["error"] = error.into();
        }
        client.answer(frame::sse(OAUTH2, said.to_string().as_bytes()), self.tenant.world.now_ms())
    }

    /// How many connections are open.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.hub.count()
    }

    /// How much was worked out so far.
    #[must_use]
    pub fn work(&self) -> Work {
        self.hub.work.now()
    }

    fn enter(&self, wire: Wire, ip: &str) -> Result<Arc<Client>> {
        let world = &self.tenant.world;
        self.hub.enter(wire, |length| world.ids.secret(length), ip, world.now_ms())
    }

    /// Lets a connection listen in somebody's name.
    async fn bind(&self, client: &Arc<Client>, bearer: Bearer) -> Result<()> {
        let (record, session) = (bearer.caller.record().cloned(), bearer.session.clone());
        let is_superuser = matches!(bearer.caller, Caller::Superuser(_));
        let key = bearer.caller.key().cloned();
        self.hub.bind(client, bearer, self.tenant.world.now_ms())?;
        // All this was looked at before it was bound: a change in between went by unnoticed.
        if let Some(key) = key
            && !keys::is_good(&self.tenant, &key).await
        {
            self.hub.end_key(&key.id);
        }
        let Some(record) = record else { return Ok(()) };
        if is_superuser && !may_come(&self.tenant, &client.ip) {
            self.hub.keep_superusers(|ip| may_come(&self.tenant, ip));
        }
        dispatch::reload(&self.tenant, &self.hub, client, &record, &record.collection).await;
        if let Some(id) = session
            && !session::is_open(&self.tenant, &id, &record).await
        {
            self.hub.end_session(&id);
        }
        Ok(())
    }
}

/// What rules can ask of something that is done on a connection.
fn facts(method: &str, ip: &str) -> RequestFacts {
    RequestFacts { method: method.to_owned(), context: "realtime", ip: ip.to_owned(), ..RequestFacts::default() }
}

/// Whether a superuser may come from there.
fn may_come(tenant: &Tenant, ip: &str) -> bool {
    ip.parse().is_ok_and(|address| origin::admits(tenant, address))
}

impl Bearer {
    /// Somebody who was found by a token, valid or not.
    #[must_use]
    pub fn new(caller: Caller, token: &str) -> Self {
        if let Some(key) = caller.key() {
            return Self { expires_ms: key.expires_ms, caller, session: None };
        }
        let claims = caller.record().and_then(|_| crypto::peek(token));
        let expires_ms = claims.as_ref().map(|claims| claims.exp.saturating_mul(1000));
        Self { caller, expires_ms, session: claims.and_then(|claims| claims.session) }
    }
}
