//! The task that carries committed changes to those who asked for them: one for each tenant, so that every
//! connection hears of changes in the order of commits.

use super::beyond::Past;
use super::client::Client;
use super::hub::{Audience, Hub};
use super::judge::{Filters, News, Outcome, Telling, as_of_now};
use super::outlet::{About, Ending};
use crate::model::{Action, Caller, Collection, Record};
use crate::records;
use crate::schema::catalog::Catalog;
use crate::tasks::{self, Tasks};
use crate::tenant::broadcasts::Broadcast;
use crate::tenant::changes::{Committed, Together};
use crate::tenant::{Tenant, history};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::mpsc::{Receiver, Sender};
use tokio::time::MissedTickBehavior;

/// Changes that may wait for the dispatcher.
pub(super) const INBOX_MAX: usize = 16_384;
/// How often connections are looked at: for their age, and for whether their bearers are still good.
const REVIEW_EVERY: Duration = Duration::from_secs(1);
/// Changes after which the history is looked at for what is too much.
const TRIM_AFTER: u64 = 1_000;
/// Connections told before other tasks get a turn.
const TOLD_AT_ONCE: usize = 1024;
/// Checked filters kept; they are checked anew when there are more.
const FILTERS_KEPT: usize = 10_000;

/// The writer's end: hands changes over and never waits.
#[derive(Debug)]
pub(super) struct Inbox {
    pub sender: Sender<Committed>,
    pub hub: Arc<Hub>,
    /// A change did not fit in: everybody has missed something.
    pub overflowed: Arc<AtomicBool>,
}

impl Inbox {
    pub(super) fn take(&self, committed: &Committed) {
        if self.hub.wants(&committed.change.subject().collection) && self.sender.try_send(committed.clone()).is_err() {
            self.overflowed.store(true, Ordering::Relaxed);
        }
    }
}

#[derive(Debug)]
pub(super) struct Dispatcher {
    pub tenant: Weak<Tenant>,
    pub hub: Arc<Hub>,
    pub inbox: Receiver<Committed>,
    /// What is said on topics of their own.
    pub said: Receiver<Broadcast>,
    /// Who comes and goes.
    pub announced: Receiver<Broadcast>,
    pub overflowed: Arc<AtomicBool>,
    /// The last change when the history was trimmed.
    pub trimmed_seq: u64,
    /// The collections that bearers and filters were checked against.
    pub catalog: Arc<Catalog>,
    pub filters: HashMap<u64, Arc<Filters>>,
    /// The commit at hand and what it changed, worked out once for all its changes.
    pub past: Option<(Together, Arc<Past>)>,
}

/// What there is to do next.
enum Turn {
    Tell(Committed),
    Spread(Broadcast),
    Review,
}

impl Dispatcher {
    /// Runs until the tenant stops, which ends all connections.
    pub(super) async fn run(mut self, running: Tasks) {
        let mut review = tokio::time::interval(REVIEW_EVERY);
        review.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let next = tokio::select! {
                () = running.stopped() => break,
                _ = review.tick() => Some(Turn::Review),
                committed = self.inbox.recv() => committed.map(Turn::Tell),
                said = self.said.recv() => said.inspect(|said| self.hub.passes(said)).map(Turn::Spread),
                told = self.announced.recv() => told.map(Turn::Spread),
            };
            let Some(next) = next else { break };
            let Some(tenant) = self.tenant.upgrade() else { break };
            let turn = async {
                match next {
                    Turn::Tell(committed) => self.dispatch(tenant, &committed).await,
                    Turn::Spread(said) => self.spread(&tenant, &said).await,
                    Turn::Review => self.review(&tenant).await,
                }
                Ok(())
            };
            if let Err(error) = tasks::caught("tell of a change", turn).await {
                tracing::error!(?error, "realtime missed a change; its connections start anew");
                self.hub.end_all(Ending::Gap);
            }
        }
        self.hub.close();
    }

    async fn dispatch(&mut self, tenant: Arc<Tenant>, committed: &Committed) {
        if self.overflowed.swap(false, Ordering::Relaxed) {
            tracing::warn!(tenant = tenant.name, "realtime could not keep up; its connections start anew");
            self.hub.end_all(Ending::Gap);
        }
        self.hub.told_seq.store(committed.seq, Ordering::Relaxed);
        self.follow_catalog(&tenant).await;
        let change = &committed.change;
        if change.subject().collection.auth().is_some() {
            self.hub.follow(change);
        }
        let past = self.past(committed);
        // What was made and taken away by one commit was never there for anybody.
        let goes = change.action != Action::Delete && past.is_gone(change.subject());
        if goes || past.never_was(change.subject()) {
            return;
        }
        let past = if change.action == Action::Delete { past } else { Arc::default() };
        let subject = past.row(change.subject()).unwrap_or(change.subject());
        let Some(record) = as_of_now(&self.catalog, subject) else { return };
        let audience = self.hub.audience(&record.collection, record.id(), committed.seq);
        let news = News {
            catalog: self.catalog.clone(),
            record,
            past,
            action: change.action,
            seq: committed.seq,
            now_ms: tenant.world.now_ms(),
            hub: self.hub.clone(),
            tenant,
        };
        for group in audience {
            self.tell(&news, &group).await;
        }
    }

    /// What the commit changed, as it was.
    fn past(&mut self, committed: &Committed) -> Arc<Past> {
        if let Some((_, past)) = self.past.as_ref().filter(|(known, _)| Arc::ptr_eq(known, &committed.together)) {
            return past.clone();
        }
        let past = Arc::new(Past::of(&self.catalog, &committed.together));
        self.past = Some((committed.together.clone(), past.clone()));
        past
    }

    async fn tell(&mut self, news: &News, audience: &Audience) {
        let Audience { group, topic, members } = audience;
        if self.filters.len() >= FILTERS_KEPT {
            self.filters.clear();
        }
        let filters = self.filters.entry(*group);
        let filters =
            filters.or_insert_with(|| Filters::of(topic, &news.catalog, &news.record.collection).into()).clone();
        let callers: Vec<Caller> = members.iter().map(|client| client.bearer.lock().at(news.now_ms).clone()).collect();
        let room = self.hub.backlog.share(self.hub.count());
        let mut telling = Telling::new(news, topic, &filters);
        for (index, (client, caller)) in members.iter().zip(&callers).enumerate() {
            if index % TOLD_AT_ONCE == TOLD_AT_ONCE - 1 {
                tokio::task::yield_now().await;
            }
            self.pass_on(client, telling.to(caller).await, None, room, news.now_ms);
        }
    }

    /// Whoever could not be told has a gap and must start anew.
    pub(super) fn pass_on(&self, client: &Client, outcome: Outcome, about: Option<About>, room: usize, now_ms: i64) {
        let reached = match (outcome, about) {
            (Outcome::Told(message), None) => client.tell(message, room, now_ms),
            (Outcome::Told(message), Some(about)) => client.tell_instead(message, about, room, now_ms),
            (Outcome::Silent, _) => true,
            (Outcome::Lost, _) => {
                client.outlet.end(Ending::Gap);
                false
            }
        };
        if !reached {
            self.hub.leave(client);
        }
    }

    async fn review(&mut self, tenant: &Arc<Tenant>) {
        let unsaid = self.hub.end_unsaid();
        if unsaid > 0 {
            tracing::warn!(
                tenant = tenant.name,
                unsaid,
                "realtime could not pass on what was said, or who is there; those who listen start anew"
            );
        }
        self.trim(tenant).await;
        self.follow_catalog(tenant).await;
        let now_ms = tenant.world.now_ms();
        for client in self.hub.clients() {
            client.review(now_ms);
        }
    }

    /// Keeps the history short while much is written; the rest is a periodic job's.
    async fn trim(&mut self, tenant: &Arc<Tenant>) {
        let seq = tenant.changes.seq();
        if seq.saturating_sub(self.trimmed_seq) < TRIM_AFTER {
            return;
        }
        self.trimmed_seq = seq;
        if let Err(error) = history::trim(tenant).await {
            tracing::warn!(?error, "the history of changes could not be trimmed");
        }
    }

    /// After a change of the collections: filters are checked anew, and so is whoever is bound.
    async fn follow_catalog(&mut self, tenant: &Arc<Tenant>) {
        let catalog = tenant.catalog();
        if Arc::ptr_eq(&catalog, &self.catalog) {
            return;
        }
        self.catalog = catalog;
        self.filters.clear();
        self.past = None;
        for (client, record) in self.hub.bound() {
            match standing(&record.collection, &self.catalog) {
                Standing::Same => {}
                Standing::Ended => self.hub.refresh(&client, &record, None),
                Standing::Changed(collection) => reload(tenant, &self.hub, &client, &record, &collection).await,
            }
        }
    }
}

/// What became of the collection that a bound record is of.
enum Standing {
    Same,
    /// Its fields or rules are others.
    Changed(Arc<Collection>),
    /// It is gone, or its tokens were ended.
    Ended,
}

fn standing(then: &Arc<Collection>, catalog: &Catalog) -> Standing {
    let Some(now) = catalog.collection(&then.id) else { return Standing::Ended };
    let secret = |collection: &Collection| collection.auth().map(|options| options.auth_token.secret.clone());
    match secret(now) {
        None => Standing::Ended,
        found if found != secret(then) => Standing::Ended,
        _ if now == then => Standing::Same,
        _ => Standing::Changed(now.clone()),
    }
}

/// Reads anew the record that a connection is bound to.
pub(super) async fn reload(
    tenant: &Tenant,
    hub: &Hub,
    client: &Arc<Client>,
    record: &Arc<Record>,
    collection: &Arc<Collection>,
) {
    let fresh = records::load_record(tenant, collection, "id", record.id()).await;
    // A record that cannot be read proves nothing.
    hub.refresh(client, record, fresh.ok().flatten().map(Arc::new).as_ref());
}
