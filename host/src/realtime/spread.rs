//! Carries what is said on topics of their own to those who listen and may: judged as it is said, so that nobody hears
//! a word more than they may at that moment. What is the same for all is judged and written once.

use super::custom::{Deed, Found};
use super::dispatch::Dispatcher;
use super::frame;
use super::hub::Audience;
use super::judge::{Outcome, View};
use super::presence;
use crate::error::Error;
use crate::model::Caller;
use crate::tenant::broadcasts::Broadcast;
use crate::tenant::{Cx, Tenant};
use bytes::Bytes;
use serde_json::Map;
use std::collections::HashMap;
use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// What is said that may wait for the dispatcher: what the hooks of a chunk of an import say comes all at once.
pub(super) const SAID_MAX: usize = 16_384;
/// Connections told before other tasks get a turn.
const TOLD_AT_ONCE: usize = 1024;

impl Dispatcher {
    pub(super) async fn spread(&mut self, tenant: &Arc<Tenant>, said: &Broadcast) {
        let topics = self.hub.topics.now(tenant);
        let found = topics.find(presence::place(&said.topic));
        let personal = found.is_caller_specific(Deed::Subscribe);
        let now_ms = tenant.world.now_ms();
        let seq = self.hub.told_seq.load(Ordering::Relaxed);
        let room = self.hub.backlog.share(self.hub.count());
        for Audience { group, topic, members } in self.hub.listeners(&said.topic) {
            let about = NonZeroU64::new(group).zip(said.instead);
            let callers: Vec<Caller> = members.iter().map(|client| client.bearer.lock().at(now_ms).clone()).collect();
            let mut known: HashMap<View<'_>, Result<bool, ()>> = HashMap::new();
            let mut message: Option<Bytes> = None;
            for (index, (client, caller)) in members.iter().zip(&callers).enumerate() {
                if index % TOLD_AT_ONCE == TOLD_AT_ONCE - 1 {
                    tokio::task::yield_now().await;
                }
                let view = View::of(caller, personal, false);
                let admitted = if let Some(admitted) = known.get(&view) {
                    *admitted
                } else {
                    let cx = Cx::new(tenant.clone(), caller.clone(), (*topic.facts).clone());
                    *known.entry(view).or_insert(self.admits(&found, &cx).await)
                };
                let write = || {
                    self.hub.work.written();
                    self.hub.backlog.hold(frame::said(&topic, seq, &said.data))
                };
                let outcome = match admitted {
                    Ok(true) => Outcome::Told(message.get_or_insert_with(write).clone()),
                    Ok(false) => Outcome::Silent,
                    Err(()) => Outcome::Lost,
                };
                self.pass_on(client, outcome, about, room, now_ms);
            }
        }
    }
    /// Whether somebody may listen; nobody can say while the database is not to be had.
    async fn admits(&self, found: &Found<'_>, cx: &Cx) -> Result<bool, ()> {
        self.hub.work.judged();
        match found.admits(cx, Deed::Subscribe, &Map::new()).await {
            Err(Error::Unavailable(_)) => Err(()),
            Err(error) => {
                tracing::warn!(?error, "the rule of a topic could not be judged");
                Ok(false)
            }
            Ok(admitted) => Ok(admitted),
        }
    }
}
