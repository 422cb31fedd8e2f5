//! Who is there: connections that let themselves be seen on a topic, with a state of their own choosing.
//!
//! Whoever listens on `TOPIC/@presence`, and may on the topic, is told of all who are there and then of each who comes,
//! changes or leaves. Nothing of it is stored: with a connection goes its presence.

use super::client::Client;
use super::custom::Deed;
use super::frame;
use super::hub::Hub;
use super::judge::View;
use super::outlet::Ending;
use super::topic::Topic;
use crate::error::{Error, FieldErrors, Result, code};
use crate::model::{Caller, date};
use crate::tasks::{self, Tasks};
use crate::tenant::broadcasts::Broadcast;
use crate::tenant::{Cx, Tenant};
use parking_lot::Mutex;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Bound;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::time::MissedTickBehavior;

/// What stands behind a topic for those who are there.
const SUFFIX: &str = "/@presence";
/// Connections that are seen on one topic.
const MEMBERS_MAX: usize = 500;
/// Connections that are seen on all topics of a tenant.
const ALL_MAX: usize = 20_000;
/// Topics on which one connection is seen.
const PLACES_MAX: usize = 50;
/// Bytes of a state, as JSON.
const STATE_BYTES_MAX: usize = 1 << 10;
/// Judgements at a time about who may be seen; of more topics each has its turn.
const REVIEWED_AT_ONCE: usize = 1_000;
/// How often that is asked.
const REVIEW_EVERY: Duration = Duration::from_secs(1);
/// Those who are looked at before other tasks get a turn.
const REVIEWED_IN_A_ROW: usize = 50;
/// Announcements that may wait for the dispatcher.
pub(super) const ANNOUNCED_MAX: usize = 4_096;
/// Length of the id by which those who watch tell one from another.
const ID_LENGTH: usize = 15;

const INVALID: &str = "An error occurred while validating the submitted data.";

/// The topic whose presence is told on this one; any other is its own.
pub(super) fn place(topic: &str) -> &str {
    topic.strip_suffix(SUFFIX).unwrap_or(topic)
}

/// One connection that is seen.
#[derive(Debug, Clone)]
struct Member {
    id: String,
    /// In whose name; nobody's for a guest.
    user: Value,
    /// JSON.
    state: String,
    since: String,
    /// All this as JSON, which is the same for everybody.
    shown: Arc<str>,
    client: Arc<Client>,
}

impl Member {
    fn new(id: String, user: Value, state: String, since: String, client: Arc<Client>) -> Self {
        let mut member = Self { id, user, state, since, shown: Arc::default(), client };
        member.show();
        member
    }

    /// Writes down what is shown of it now.
    fn show(&mut self) {
        let (id, since) = (Value::from(self.id.as_str()), Value::from(self.since.as_str()));
        let (user, state) = (&self.user, &self.state);
        self.shown = format!("{{\"id\":{id},\"user\":{user},\"state\":{state},\"since\":{since}}}").into();
    }
}

/// Those who are there, by topic and number of the connection.
#[derive(Debug, Default)]
pub(super) struct Presence {
    places: Mutex<Places>,
}

#[derive(Debug, Default)]
struct Places {
    topics: BTreeMap<String, BTreeMap<u64, Member>>,
    /// The topics of a connection.
    of: HashMap<u64, Vec<String>>,
    count: usize,
}

/// What happened to somebody.
#[derive(Debug, Clone, Copy)]
enum Event {
    Join,
    Update,
    Leave,
}

impl Event {
    fn name(self) -> &'static str {
        match self {
            Self::Join => "join",
            Self::Update => "update",
            Self::Leave => "leave",
        }
    }
}

fn told(topic: &str, event: Event, member: &Member) -> Broadcast {
    let data = format!("{{\"action\":\"{}\",\"member\":{}}}", event.name(), member.shown);
    // Who does not keep up is told how somebody is, not how they were meanwhile.
    let instead = matches!(event, Event::Update).then_some(member.client.number);
    Broadcast { topic: format!("{topic}{SUFFIX}"), data, instead, is_owed: true }
}

impl Presence {
    /// Shows a connection on a topic, or its new state; `tell` is called before anybody else comes or goes. Answers with
    /// its id there.
    ///
    /// # Errors
    /// `Invalid` when it is seen on too many topics, `Unavailable` when there are too many already.
    fn show(
        &self,
        client: &Arc<Client>,
        topic: &str,
        (user, state): (Value, String),
        (now_ms, id): (i64, String),
        tell: impl FnOnce(Broadcast),
    ) -> Result<String> {
        let mut places = self.places.lock();
        if let Some(member) = places.topics.get_mut(topic).and_then(|there| there.get_mut(&client.number)) {
            member.state = state;
            member.show();
            tell(told(topic, Event::Update, member));
            return Ok(member.id.clone());
        }
        if places.of.get(&client.number).is_some_and(|topics| topics.len() >= PLACES_MAX) {
            return Err(Error::invalid(format!("A connection is seen on at most {PLACES_MAX} topics.")));
        }
        let there = places.topics.get(topic).map_or(0, BTreeMap::len);
        if there >= MEMBERS_MAX || places.count >= ALL_MAX {
            return Err(Error::Unavailable("Too many are there already.".into()));
        }
        let member = Member::new(id.clone(), user, state, date::format(now_ms), client.clone());
        tell(told(topic, Event::Join, &member));
        places.topics.entry(topic.to_owned()).or_default().insert(client.number, member);
        places.of.entry(client.number).or_default().push(topic.to_owned());
        places.count += 1;
        Ok(id)
    }

    /// Shows in whose name a connection is there now, if that has changed.
    fn name(&self, client: &Client, topic: &str, user: Value, tell: impl FnOnce(Broadcast)) {
        let mut places = self.places.lock();
        let member = places.topics.get_mut(topic).and_then(|there| there.get_mut(&client.number));
        if let Some(member) = member.filter(|member| member.user != user) {
            member.user = user;
            member.show();
            tell(told(topic, Event::Update, member));
        }
    }

    /// Takes a connection from a topic; false when it was not there.
    pub(super) fn hide(&self, client: &Client, topic: &str, tell: impl FnOnce(Broadcast)) -> bool {
        let mut places = self.places.lock();
        let Some(member) = places.take(client.number, topic) else { return false };
        if let Some(topics) = places.of.get_mut(&client.number) {
            topics.retain(|other| other != topic);
            if topics.is_empty() {
                places.of.remove(&client.number);
            }
        }
        tell(told(topic, Event::Leave, &member));
        true
    }

    /// Takes a connection from all topics.
    pub(super) fn hide_all(&self, client: &Client, tell: impl Fn(Broadcast)) {
        let mut places = self.places.lock();
        for topic in places.of.remove(&client.number).unwrap_or_default() {
            if let Some(member) = places.take(client.number, &topic) {
                tell(told(&topic, Event::Leave, &member));
            }
        }
    }

    /// The topics on which a connection is seen.
    pub(super) fn of(&self, client: &Client) -> Vec<String> {
        self.places.lock().of.get(&client.number).cloned().unwrap_or_default()
    }

    /// On how many topics anybody is seen.
    fn count(&self) -> usize {
        self.places.lock().topics.len()
    }

    /// The topic that comes after another, and after the last one the first, with who is seen there.
    fn after(&self, topic: &str) -> Option<(String, Vec<Arc<Client>>)> {
        let places = self.places.lock();
        let behind = (Bound::Excluded(topic), Bound::Unbounded);
        let (topic, there) =
            places.topics.range::<str, _>(behind).next().or_else(|| places.topics.first_key_value())?;
        Some((topic.clone(), there.values().map(|member| member.client.clone()).collect()))
    }

    /// Who is there on a topic, each as JSON.
    fn there(&self, topic: &str) -> Vec<Arc<str>> {
        let places = self.places.lock();
        places.topics.get(topic).into_iter().flat_map(BTreeMap::values).map(|member| member.shown.clone()).collect()
    }
}

impl Places {
    fn take(&mut self, client: u64, topic: &str) -> Option<Member> {
        let there = self.topics.get_mut(topic)?;
        let member = there.remove(&client)?;
        if there.is_empty() {
            self.topics.remove(topic);
        }
        self.count -= 1;
        Some(member)
    }
}

/// Shows a connection on a topic with a state, or its new state where it is there already.
///
/// # Errors
/// `Invalid` for a topic that is none or too large a state, `Forbidden` when the presence rule does not allow it,
/// `Unavailable` when too many are there.
pub(super) async fn join(hub: &Hub, cx: &Cx, client: &Arc<Client>, topic: &str, state: Value) -> Result<String> {
    cx.tenant.check_topic(topic)?;
    let state = state.to_string();
    if state.len() > STATE_BYTES_MAX {
        let error = code::CONTENT_SIZE_LIMIT.with([("maxSize", STATE_BYTES_MAX.into())]);
        return Err(Error::Invalid { message: INVALID.into(), fields: FieldErrors::one("state", error) });
    }
    if !hub.topics.now(&cx.tenant).find(topic).admits(cx, Deed::Join, &Map::new()).await? {
        return Err(Error::Forbidden("The topic does not allow you to be seen there.".into()));
    }
    let world = &cx.tenant.world;
    let id = world.ids.secret(ID_LENGTH);
    let new = (user(&cx.caller), state);
    hub.show(client, |presence| presence.show(client, topic, new, (world.now_ms(), id), |said| hub.announce(said)))
}

fn user(caller: &Caller) -> Value {
    match caller.record() {
        Some(record) => json!({"collectionName": record.collection.name, "id": record.id()}),
        None => Value::Null,
    }
}

/// Tells a connection who is there, for each topic that it has just begun to watch and may: once, by whatever names it
/// watches it.
pub(super) async fn greet(hub: &Hub, tenant: &Arc<Tenant>, client: &Arc<Client>, watched: Vec<Arc<Topic>>) {
    let mut greeted: HashSet<&str> = HashSet::new();
    for topic in &watched {
        let Some(place) = topic.path().strip_suffix(SUFFIX).filter(|place| !greeted.contains(place)) else { continue };
        let caller = client.bearer.lock().at(tenant.world.now_ms()).clone();
        let cx = Cx::new(tenant.clone(), caller, (*topic.facts).clone());
        let admitted = hub.topics.now(tenant).find(place).admits(&cx, Deed::Subscribe, &Map::new()).await;
        if !admitted.unwrap_or_default() {
            continue;
        }
        greeted.insert(place);
        // Whoever comes from now on is told of behind it.
        let _held = client.outlet.hold();
        let seq = hub.told_seq.load(Ordering::Relaxed);
        let data = format!("{{\"action\":\"state\",\"members\":[{}]}}", hub.presence.there(place).join(","));
        let (message, room) = (frame::said(topic, seq, &data), hub.backlog.share(hub.count()));
        if message.len() > room {
            client.outlet.end(Ending::Gap);
        }
        if !client.answer_within(hub.backlog.hold(message), room, tenant.world.now_ms()) {
            return;
        }
    }
}

/// Looks again and again after who is there, until the tenant stops: in a task of its own, so that no change waits for it.
pub(super) async fn keep(hub: Arc<Hub>, tenant: Weak<Tenant>, running: Tasks) {
    let mut review_at = tokio::time::interval(REVIEW_EVERY);
    review_at.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The topic that was looked at last.
    let mut last = String::new();
    loop {
        tokio::select! {
            () = running.stopped() => return,
            _ = review_at.tick() => {}
        }
        let Some(tenant) = tenant.upgrade() else { return };
        let reviewed = async {
            review(&hub, &tenant, &mut last).await;
            Ok(())
        };
        if let Err(error) = tasks::caught("look after who is there", reviewed).await {
            tracing::error!(?error, "realtime could not look after who is there");
        }
    }
}

/// Goes on behind the topic `last`, until each has been looked at once or it was enough for now.
async fn review(hub: &Hub, tenant: &Arc<Tenant>, last: &mut String) {
    let mut judged = 0;
    for _ in 0..hub.presence.count() {
        let Some((topic, there)) = hub.presence.after(last) else { break };
        judged += review_topic(hub, tenant, &topic, &there).await;
        *last = topic;
        if judged >= REVIEWED_AT_ONCE || tenant.tasks.is_stopping() {
            break;
        }
    }
    hub.work.reviewed();
}

/// Takes away those who may not be seen any more, and shows the others as who they are; answers with how often it had to
/// be judged: once for all who are alike to the rule.
async fn review_topic(hub: &Hub, tenant: &Arc<Tenant>, topic: &str, there: &[Arc<Client>]) -> usize {
    let topics = hub.topics.now(tenant);
    let found = topics.find(topic);
    let personal = found.is_caller_specific(Deed::Join);
    let now_ms = tenant.world.now_ms();
    let callers: Vec<Caller> = there.iter().map(|client| client.bearer.lock().at(now_ms).clone()).collect();
    let mut known: HashMap<View<'_>, Option<bool>> = HashMap::new();
    for (index, (client, caller)) in there.iter().zip(&callers).enumerate() {
        if index % REVIEWED_IN_A_ROW == REVIEWED_IN_A_ROW - 1 {
            tokio::task::yield_now().await;
        }
        let view = View::of(caller, personal, false);
        let admitted = if let Some(admitted) = known.get(&view) {
            *admitted
        } else {
            hub.work.judged();
            // Rules know nothing of the address, which is the only thing of the request that differs.
            let cx = Cx::new(tenant.clone(), caller.clone(), super::facts("GET", &client.ip));
            *known.entry(view).or_insert(found.admits(&cx, Deed::Join, &Map::new()).await.ok())
        };
        match admitted {
            Some(true) => hub.presence.name(client, topic, user(caller), |said| hub.announce(said)),
            Some(false) => drop(hub.presence.hide(client, topic, |said| hub.announce(said))),
            // It is asked again in a moment.
            None => {}
        }
    }
    known.len()
}

#[cfg(test)]
mod tests {
    use super::super::topic::Wire;
    use super::*;
    use std::cell::RefCell;

    fn client(number: u64) -> Arc<Client> {
        Arc::new(Client::new(number, number.to_string(), "ip".into(), Wire::Socket, 0))
    }

    #[test]
    fn who_comes_changes_and_leaves_is_told_once() {
        let presence = Presence::default();
        let said = RefCell::new(Vec::new());
        let tell = |broadcast: Broadcast| said.borrow_mut().push(format!("{} {}", broadcast.topic, broadcast.data));
        let show = |number: u64, topic: &str, state: i32| {
            presence.show(&client(number), topic, (Value::Null, state.to_string()), (0, format!("id{number}")), tell)
        };
        assert_eq!(show(1, "a", 1).unwrap(), "id1");
        assert_eq!(show(1, "a", 2).unwrap(), "id1");
        show(1, "b", 1).unwrap();
        show(2, "a", 1).unwrap();
        let there = presence.there("a");
        assert_eq!(there.len(), 2);
        let first: Value = serde_json::from_str(&there[0]).unwrap();
        assert_eq!((&first["id"], &first["state"], &first["user"]), (&json!("id1"), &json!(2), &Value::Null));
        let after = |topic: &str| presence.after(topic).map(|(topic, there)| (topic, there.len())).unwrap();
        assert_eq!((after(""), after("a"), after("b")), (("a".into(), 2), ("b".into(), 1), ("a".into(), 2)));
        assert!(presence.hide(&client(2), "a", tell) && !presence.hide(&client(2), "a", tell));
        presence.hide_all(&client(1), tell);
        presence.hide_all(&client(1), tell);
        let said = said.into_inner();
        let actions: Vec<&str> = said
            .iter()
            .map(|said| ["join", "update", "leave"].into_iter().find(|action| said.contains(action)).unwrap())
            .collect();
        assert_eq!(actions, ["join", "update", "join", "join", "leave", "leave", "leave"]);
        assert!(said[0].starts_with("a/@presence "), "{}", said[0]);
        let places = presence.places.lock();
        assert!(places.topics.is_empty() && places.of.is_empty() && places.count == 0);
    }

    #[test]
    fn there_is_an_end_to_it() {
        let presence = Presence::default();
        let show = |number: u64, topic: &str| {
            presence.show(&client(number), topic, (Value::Null, "null".into()), (0, String::new()), drop)
        };
        for number in 0..MEMBERS_MAX as u64 {
            show(number, "a").unwrap();
        }
        assert!(matches!(show(5_000, "a"), Err(Error::Unavailable(_))));
        assert!(show(0, "a").is_ok(), "who is there may say more");
        for number in 1..PLACES_MAX {
            show(0, &format!("b{number}")).unwrap();
        }
        assert!(matches!(show(0, "c"), Err(Error::Invalid { .. })));
    }
}
