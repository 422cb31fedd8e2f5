//! Who is there: connections that let themselves be seen on a topic, with a state of their own choosing.
//!
//! Whoever listens on `TOPIC/@presence`, and may on the topic, is told of all who are there and then of each who comes,
//! changes or leaves. Nothing of it is stored: with a connection goes its presence.

use super::client::Client;
use super::custom::Deed;
use super::frame;
use super::hub::Hub;
use super::topic::Topic;
use crate::error::{Error, FieldErrors, Result, code};
use crate::model::{Caller, date};
use crate::tenant::broadcasts::Broadcast;
use crate::tenant::{Cx, Tenant};
use parking_lot::Mutex;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What stands behind a topic for those who are there.
const SUFFIX: &str = "/@presence";
/// Connections that are seen on one topic.
const MEMBERS_MAX: usize = 1_000;
/// Connections that are seen on all topics of a tenant.
const ALL_MAX: usize = 20_000;
/// Topics on which one connection is seen.
const PLACES_MAX: usize = 50;
/// Bytes of a state, as JSON.
const STATE_BYTES_MAX: usize = 4 << 10;
/// Connections whose right to be seen is asked for at a time; of more each has its turn.
const REVIEWED_AT_ONCE: usize = 1_000;
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
    state: Value,
    since: String,
    client: Arc<Client>,
}

impl Member {
    fn json(&self) -> Value {
        json!({"id": self.id, "user": self.user, "state": self.state, "since": self.since})
    }
}

/// Those who are there, by topic and number of the connection.
#[derive(Debug, Default)]
pub(super) struct Presence {
    places: Mutex<Places>,
    /// How many were asked for.
    reviewed: AtomicUsize,
}

#[derive(Debug, Default)]
struct Places {
    topics: HashMap<String, BTreeMap<u64, Member>>,
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
    let data = json!({"action": event.name(), "member": member.json()}).to_string();
    Broadcast { topic: format!("{topic}{SUFFIX}"), data }
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
        (user, state): (Value, Value),
        (now_ms, id): (i64, String),
        tell: impl FnOnce(Broadcast),
    ) -> Result<String> {
        let mut places = self.places.lock();
        if let Some(member) = places.topics.get_mut(topic).and_then(|there| there.get_mut(&client.number)) {
            member.state = state;
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
        let member = Member { id: id.clone(), user, state, since: date::format(now_ms), client: client.clone() };
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

    /// Everybody who is seen anywhere, with the topic.
    pub(super) fn all(&self) -> Vec<(Arc<Client>, String)> {
        let places = self.places.lock();
        let rows = places.topics.iter();
        rows.flat_map(|(topic, there)| there.values().map(|member| (member.client.clone(), topic.clone()))).collect()
    }

    /// Lets `look` see who is there on a topic, before anybody comes or goes.
    fn look(&self, topic: &str, look: impl FnOnce(Vec<Value>)) {
        let places = self.places.lock();
        look(places.topics.get(topic).map(|there| there.values().map(Member::json).collect()).unwrap_or_default());
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
    let size = state.to_string().len();
    if size > STATE_BYTES_MAX {
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

/// Tells a connection who is there, for each topic that it has just begun to watch and may.
pub(super) async fn greet(hub: &Hub, tenant: &Arc<Tenant>, client: &Arc<Client>, watched: Vec<Arc<Topic>>) {
    for topic in watched {
        let Some(place) = topic.path().strip_suffix(SUFFIX) else { continue };
        let caller = client.bearer.lock().at(tenant.world.now_ms()).clone();
        let cx = Cx::new(tenant.clone(), caller, (*topic.facts).clone());
        let admitted = hub.topics.now(tenant).find(place).admits(&cx, Deed::Subscribe, &Map::new()).await;
        if !admitted.unwrap_or_default() {
            continue;
        }
        hub.presence.look(place, |members| {
            let data = json!({"action": "state", "members": members}).to_string();
            let seq = hub.told_seq.load(Ordering::Relaxed);
            client.answer(frame::said(&topic, seq, &data).into(), tenant.world.now_ms());
        });
    }
}

/// Takes away those who may not be seen any more, and shows the others as who they are.
pub(super) async fn review(hub: &Hub, tenant: &Arc<Tenant>) {
    let all = hub.presence.all();
    let count = all.len().min(REVIEWED_AT_ONCE);
    let begin = hub.presence.reviewed.fetch_add(count, Ordering::Relaxed).checked_rem(all.len()).unwrap_or_default();
    for (client, topic) in all.into_iter().cycle().skip(begin).take(count) {
        let caller = client.bearer.lock().at(tenant.world.now_ms()).clone();
        let cx = Cx::new(tenant.clone(), caller, super::facts("GET", &client.ip));
        let admitted = hub.topics.now(tenant).find(&topic).admits(&cx, Deed::Join, &Map::new()).await;
        match admitted {
            Ok(true) => hub.presence.name(&client, &topic, user(&cx.caller), |said| hub.announce(said)),
            Ok(false) => drop(hub.presence.hide(&client, &topic, |said| hub.announce(said))),
            // It is asked again in a moment.
            Err(_) => {}
        }
    }
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
            presence.show(&client(number), topic, (Value::Null, json!(state)), (0, format!("id{number}")), tell)
        };
        assert_eq!(show(1, "a", 1).unwrap(), "id1");
        assert_eq!(show(1, "a", 2).unwrap(), "id1");
        show(1, "b", 1).unwrap();
        show(2, "a", 1).unwrap();
        presence.look("a", |there| assert_eq!(there.len(), 2));
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
            presence.show(&client(number), topic, (Value::Null, Value::Null), (0, String::new()), drop)
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
