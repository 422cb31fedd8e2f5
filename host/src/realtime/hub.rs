//! Who is connected and who wants to hear of what.
//!
//! Subscribers of the same topic with the same options are one group, whatever their number: what a change
//! looks like to them is worked out for the group. Groups are found by the collection's name or id, so a
//! change that nobody asked for costs two look-ups.

use super::backlog::Backlog;
use super::client::{Bearer, Client, is_same};
use super::custom::Custom;
use super::outlet::Ending;
use super::presence::Presence;
use super::topic::{ALL, COSTLY_MAX, Overrides, SUBSCRIPTIONS_BYTES_MAX, SUBSCRIPTIONS_MAX, Target, Topic, Wire};
use super::work::Counters;
use crate::error::{Error, Result};
use crate::model::{Action, Caller, Change, Collection, Record};
use crate::tenant::broadcasts::Broadcast;
use bytes::Bytes;
use parking_lot::{Mutex, RwLock};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use tokio::sync::mpsc::Sender;
use tokio::sync::mpsc::error::TrySendError;

/// Bytes of what is said that may wait for the dispatcher.
const SAID_BYTES_MAX: usize = 64 << 20;
/// Topics with something unsaid that are kept without a look whether anybody listens.
const UNSAID_UNASKED: usize = 4_096;

/// Connections of one tenant.
const CLIENTS_MAX: usize = 15_000;

/// Bytes of all subscriptions of one tenant, roughly.
const BYTES_MAX: usize = 256 << 20;
/// What a group takes besides its name and options, which it holds several times.
const GROUP_BYTES: usize = 1 << 10;
const GROUP_COPIES: usize = 4;
/// What a connection in a group takes.
const MEMBER_BYTES: usize = 128;

/// Groups of one tenant that filter or expand: each may cost a query for each change, all by one task.
const COSTLY_GROUPS_MAX: usize = 2_000;

/// Length of a client id.
const ID_LENGTH: usize = 40;

#[derive(Debug, Default)]
pub(super) struct Hub {
    /// The messages on their way to connections.
    pub backlog: Arc<Backlog>,
    /// The rules of topics that are no collection's.
    pub topics: Custom,
    pub presence: Presence,
    pub work: Counters,
    /// The way of what is said to the dispatcher.
    pub said: OnceLock<Sender<Broadcast>>,
    /// The bytes that are on it.
    said_bytes: AtomicUsize,
    /// The way of who comes and goes to the dispatcher.
    pub announced: OnceLock<Sender<Broadcast>>,
    /// Topics of which something did not fit in there or on the way of what is said, and nobody says it again.
    unsaid: Mutex<HashSet<String>>,
    /// The number of the last change that was told to whom it concerned.
    pub told_seq: AtomicU64,
    state: RwLock<State>,
    count: AtomicUsize,
}

/// What makes two subscriptions the same.
pub(super) type Key = (Wire, String, Overrides);

/// A group's topic, and those of its members that a change is for.
#[derive(Debug)]
pub(super) struct Audience {
    pub group: u64,
    pub topic: Arc<Topic>,
    pub members: Vec<Arc<Client>>,
}

/// A connection as superusers are shown it.
#[derive(Debug)]
pub(super) struct SeatShown {
    pub client: Arc<Client>,
    /// The first of its topics.
    pub topics: Vec<String>,
    /// How many it has.
    pub count: usize,
}

#[derive(Debug, Default)]
struct State {
    closed: bool,
    /// The last number given to a client or a group.
    last: u64,
    seats: HashMap<String, Seat>,
    groups: HashMap<u64, Group>,
    /// What groups and their members take, roughly.
    bytes: usize,
    /// Groups that filter or expand.
    costly: usize,
    by_key: HashMap<Arc<Key>, u64>,
    /// Groups by what their topic calls the collection.
    places: HashMap<String, Places>,
    /// Connections by the id of the record in whose name they listen.
    bound: HashMap<String, Vec<Arc<Client>>>,
}

#[derive(Debug)]
struct Seat {
    client: Arc<Client>,
    groups: BTreeSet<u64>,
}

#[derive(Debug)]
struct Group {
    key: Arc<Key>,
    topic: Arc<Topic>,
    members: BTreeMap<u64, Member>,
}

impl Group {
    fn bytes(key: &Key) -> usize {
        GROUP_BYTES + GROUP_COPIES * (key.1.len() + key.2.bytes())
    }
}

#[derive(Debug)]
struct Member {
    client: Arc<Client>,
    /// The last change before it subscribed.
    since: u64,
}

#[derive(Debug, Default)]
struct Places {
    all: BTreeSet<u64>,
    records: HashMap<String, BTreeSet<u64>>,
}

impl Hub {
    /// Takes in a new connection, as a guest's.
    ///
    /// # Errors
    /// `Unavailable` when there are too many, or the server stops.
    pub(super) fn enter(
        &self,
        wire: Wire,
        id: impl FnOnce(usize) -> String,
        ip: &str,
        now_ms: i64,
    ) -> Result<Arc<Client>> {
        let mut state = self.state.write();
        if state.closed {
            return Err(Error::Unavailable("The server is shutting down.".into()));
        }
        if state.seats.len() >= CLIENTS_MAX {
            return Err(Error::Unavailable("Too many realtime connections.".into()));
        }
        let client = Arc::new(Client::new(state.next(), id(ID_LENGTH), ip.to_owned(), wire, now_ms));
        state.seats.insert(client.id.clone(), Seat { client: client.clone(), groups: BTreeSet::new() });
        self.count.store(state.seats.len(), Ordering::Relaxed);
        Ok(client)
    }

    /// Forgets a connection; nothing when that has happened already.
    pub(super) fn leave(&self, client: &Client) {
        let mut state = self.state.write();
        let Some(seat) = state.seats.remove(&client.id) else { return };
        for group in seat.groups {
            state.drop_member(group, client.number);
        }
        state.forget_bearer(client, Bearer::GUEST);
        self.count.store(state.seats.len(), Ordering::Relaxed);
        drop(state);
        self.presence.hide_all(client, |said| self.announce(said));
    }

    /// Does something with who is there, provided that the connection is still there itself.
    ///
    /// # Errors
    /// `NotFound` when it is gone; what `show` says.
    pub(super) fn show<T>(&self, client: &Client, show: impl FnOnce(&Presence) -> Result<T>) -> Result<T> {
        let state = self.state.read();
        if !state.seats.contains_key(&client.id) {
            return Err(Error::not_found());
        }
        show(&self.presence)
    }

    /// Hands over what somebody says; false when there is no room.
    pub(super) fn say(&self, said: Broadcast) -> bool {
        let Some(sender) = self.said.get() else { return false };
        let bytes = said.bytes();
        let waiting = self.said_bytes.fetch_add(bytes, Ordering::Relaxed);
        let refused = if waiting + bytes > SAID_BYTES_MAX {
            said
        } else {
            match sender.try_send(said) {
                Ok(()) => return true,
                Err(TrySendError::Full(said) | TrySendError::Closed(said)) => said,
            }
        };
        self.said_bytes.fetch_sub(bytes, Ordering::Relaxed);
        // Whether anybody listens there is asked only where there are very many: this is the thread that writes.
        let are_few = || self.unsaid.lock().len() < UNSAID_UNASKED;
        if refused.is_owed && (are_few() || !self.listeners(&refused.topic).is_empty()) {
            self.unsaid.lock().insert(refused.topic);
        }
        false
    }

    /// Something that was said is off to those who listen.
    pub(super) fn passes(&self, said: &Broadcast) {
        self.said_bytes.fetch_sub(said.bytes(), Ordering::Relaxed);
    }

    /// Hands over what the server says of its own accord, and will not say again.
    pub(super) fn announce(&self, said: Broadcast) {
        let Some(sender) = self.announced.get() else { return };
        if let Err(TrySendError::Full(said)) = sender.try_send(said) {
            self.unsaid.lock().insert(said.topic);
        }
    }

    /// Ends those who listen where something could not be said or announced; answers with the number of topics.
    pub(super) fn end_unsaid(&self) -> usize {
        let topics = std::mem::take(&mut *self.unsaid.lock());
        let mut missed = 0;
        for groups in topics.iter().map(|topic| self.listeners(topic)).filter(|groups| !groups.is_empty()) {
            missed += 1;
            for client in groups.into_iter().flat_map(|group| group.members) {
                client.outlet.end(Ending::Gap);
            }
        }
        missed
    }

    /// Some connections, the latest first: each with the names of so many topics and how many it has; and how many
    /// connections there are.
    pub(super) fn seats(&self, skip: usize, take: usize, names: usize) -> (Vec<SeatShown>, usize) {
        let state = self.state.read();
        let mut seats: Vec<&Seat> = state.seats.values().collect();
        seats.sort_unstable_by_key(|seat| std::cmp::Reverse(seat.client.number));
        let shown = |seat: &Seat| {
            let groups = seat.groups.iter().take(names).filter_map(|group| state.groups.get(group));
            let topics = groups.map(|group| group.topic.name.clone()).collect();
            SeatShown { client: seat.client.clone(), topics, count: seat.groups.len() }
        };
        (seats.into_iter().skip(skip).take(take).map(shown).collect(), state.seats.len())
    }

    /// How many connections there are.
    pub(super) fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    pub(super) fn client(&self, id: &str) -> Option<Arc<Client>> {
        self.state.read().seats.get(id).map(|seat| seat.client.clone())
    }

    pub(super) fn clients(&self) -> Vec<Arc<Client>> {
        self.state.read().seats.values().map(|seat| seat.client.clone()).collect()
    }

    /// Ends every connection and takes in no more.
    pub(super) fn close(&self) {
        self.state.write().closed = true;
        self.end_all(Ending::Over);
    }

    /// Ends every connection.
    pub(super) fn end_all(&self, ending: Ending) {
        for client in self.clients() {
            client.outlet.end(ending);
        }
    }

    /// Lets a connection listen in somebody's name.
    ///
    /// # Errors
    /// `Forbidden` when it listens in another's already, `NotFound` when it is gone.
    pub(super) fn bind(&self, client: &Arc<Client>, bearer: Bearer, now_ms: i64) -> Result<()> {
        let mut state = self.state.write();
        if !state.seats.contains_key(&client.id) {
            return Err(Error::not_found());
        }
        client.bearer.lock().may_become(&bearer.caller, now_ms)?;
        state.rebind(client, bearer);
        Ok(())
    }

    /// Puts `fresh` in the place of the record that a connection is bound to, if that is still `expected`.
    pub(super) fn refresh(&self, client: &Arc<Client>, expected: &Arc<Record>, fresh: Option<&Arc<Record>>) {
        let mut state = self.state.write();
        let current = client.bearer.lock().clone();
        if current.caller.record().is_some_and(|record| Arc::ptr_eq(record, expected)) {
            state.rebind(client, current.with(fresh));
        }
    }

    /// Carries a change of an auth record over to the connections that listen in its name.
    pub(super) fn follow(&self, change: &Change) {
        let record = change.subject();
        let fresh = if change.action == Action::Delete { None } else { Some(record) };
        let mut state = self.state.write();
        for client in state.bound.get(record.id()).cloned().unwrap_or_default() {
            let current = client.bearer.lock().clone();
            if current.caller.record().is_some_and(|bound| is_same(bound, record)) {
                state.rebind(&client, current.with(fresh));
            }
        }
    }

    /// Lets the connections that listen by virtue of a dashboard session go on as guests.
    pub(super) fn end_session(&self, id: &str) {
        let mut state = self.state.write();
        let of_session = |client: &&Arc<Client>| client.bearer.lock().session.as_deref() == Some(id);
        let clients: Vec<_> = state.bound.values().flatten().filter(of_session).cloned().collect();
        for client in clients {
            state.rebind(&client, Bearer::GUEST);
        }
    }

    /// Lets superusers that come from where they may not go on as guests.
    pub(super) fn keep_superusers(&self, may_come: impl Fn(&str) -> bool) {
        let mut state = self.state.write();
        let is_outside = |client: &&Arc<Client>| {
            matches!(client.bearer.lock().caller, Caller::Superuser(_)) && !may_come(&client.ip)
        };
        let clients: Vec<_> = state.bound.values().flatten().filter(is_outside).cloned().collect();
        for client in clients {
            state.rebind(&client, Bearer::GUEST);
        }
    }

    /// Lets the connections that listen by virtue of an API key go on as guests.
    pub(super) fn end_key(&self, id: &str) {
        let mut state = self.state.write();
        let of_key = |client: &&Arc<Client>| client.bearer.lock().caller.key().is_some_and(|key| key.id == id);
        let clients: Vec<_> = state.seats.values().map(|seat| &seat.client).filter(of_key).cloned().collect();
        for client in clients {
            state.rebind(&client, Bearer::GUEST);
        }
    }

    /// The connections that listen in somebody's name, with the record they know.
    pub(super) fn bound(&self) -> Vec<(Arc<Client>, Arc<Record>)> {
        let state = self.state.read();
        let clients = state.bound.values().flatten();
        clients.filter_map(|client| Some((client.clone(), client.bearer.lock().caller.record()?.clone()))).collect()
    }

    /// Adds subscriptions and takes away those of the connection's topics that `keep` does not want. A
    /// subscription that was there stays as it was. Then sends `answer`, before anything that comes of it. Answers
    /// with the topics that it had not before.
    ///
    /// # Errors
    /// `NotFound` when the connection is gone, `Invalid` when it would have too many subscriptions, `Unavailable` when
    /// all together have.
    pub(super) fn subscribe(
        &self,
        client: &Arc<Client>,
        topics: Vec<(Key, Topic)>,
        keep: impl Fn(&Topic) -> bool,
        since: u64,
        answer: Option<(Bytes, i64)>,
    ) -> Result<Vec<Arc<Topic>>> {
        let mut state = self.state.write();
        let seat = state.seats.get(&client.id).ok_or_else(Error::not_found)?;
        let mut wanted: HashMap<&Key, &Topic> = topics.iter().map(|(key, topic)| (key, topic)).collect();
        state.have_room(&wanted)?;
        let (kept, dropped): (Vec<u64>, Vec<u64>) = seat.groups.iter().partition(|group| {
            state.groups.get(group).is_some_and(|group| wanted.contains_key(&*group.key) || keep(&group.topic))
        });
        for group in kept.iter().filter_map(|group| state.groups.get(group)) {
            wanted.insert(&group.key, &group.topic);
        }
        within_limits(&wanted)?;
        for group in dropped {
            state.drop_member(group, client.number);
            state.unseat(client, group);
        }
        let mut new = Vec::new();
        for (key, topic) in topics {
            let group = state.group(key, topic);
            new.extend(state.add_member(group, client, since));
            if let Some(seat) = state.seats.get_mut(&client.id) {
                seat.groups.insert(group);
            }
        }
        if let Some((message, now_ms)) = answer {
            client.answer(message, now_ms);
        }
        Ok(new)
    }

    /// Takes a topic away from a connection; false when it had not asked for it.
    pub(super) fn take_topic(&self, client: &Client, name: &str) -> bool {
        let mut state = self.state.write();
        let Some(seat) = state.seats.get(&client.id) else { return false };
        let of_name = |number: &&u64| state.groups.get(number).is_some_and(|group| group.topic.name == name);
        let Some(number) = seat.groups.iter().find(of_name).copied() else { return false };
        state.drop_member(number, client.number);
        state.unseat(client, number);
        true
    }

    /// Whether anybody could want to hear of a change in a collection. Asked by the writer.
    pub(super) fn wants(&self, collection: &Collection) -> bool {
        if self.count() == 0 {
            return false;
        }
        let state = self.state.read();
        [&collection.id, &collection.name].into_iter().any(|name| state.places.contains_key(name))
            || (collection.auth().is_some() && !state.bound.is_empty())
    }

    /// Those who asked for a topic that is no collection's.
    pub(super) fn listeners(&self, topic: &str) -> Vec<Audience> {
        let state = self.state.read();
        let (head, rest) = topic.split_once('/').unwrap_or((topic, ALL));
        let Some(places) = state.places.get(head) else { return Vec::new() };
        let groups = if rest == ALL { Some(&places.all) } else { places.records.get(rest) };
        let found = groups.into_iter().flatten().filter_map(|number| Some((*number, state.groups.get(number)?)));
        let found = found.filter(|(_, group)| group.topic.path() == topic);
        let members = |group: &Group| group.members.values().map(|member| member.client.clone()).collect();
        found.map(|(group, of)| Audience { group, topic: of.topic.clone(), members: members(of) }).collect()
    }

    /// Those who asked for a record's changes before the change numbered `seq`, in the order of asking.
    pub(super) fn audience(&self, collection: &Collection, record_id: &str, seq: u64) -> Vec<Audience> {
        let state = self.state.read();
        let mut groups: Vec<u64> = Vec::new();
        for places in [&collection.id, &collection.name].into_iter().filter_map(|name| state.places.get(name)) {
            groups.extend(&places.all);
            groups.extend(places.records.get(record_id).into_iter().flatten());
        }
        let found = groups.into_iter().filter_map(|number| Some((number, state.groups.get(&number)?)));
        let audience = found.map(|(number, group)| Audience {
            group: number,
            topic: group.topic.clone(),
            members: group
                .members
                .values()
                .filter(|member| member.since < seq)
                .map(|member| member.client.clone())
                .collect(),
        });
        audience.collect()
    }
}

fn within_limits(wanted: &HashMap<&Key, &Topic>) -> Result<()> {
    let bytes: usize = wanted.keys().map(|(_, name, overrides)| name.len() + overrides.bytes()).sum();
    if wanted.len() > SUBSCRIPTIONS_MAX || bytes > SUBSCRIPTIONS_BYTES_MAX {
        return Err(Error::invalid("Too many subscriptions."));
    }
    if wanted.values().filter(|topic| topic.is_costly()).count() > COSTLY_MAX {
        return Err(Error::invalid("Too many subscriptions with a filter or an expand."));
    }
    Ok(())
}

impl State {
    fn next(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    /// Whether these subscriptions fit in beside those of all others.
    fn have_room(&self, wanted: &HashMap<&Key, &Topic>) -> Result<()> {
        let new = || wanted.iter().filter(|(key, _)| !self.by_key.contains_key(**key));
        let bytes = new().map(|(key, _)| Group::bytes(key)).sum::<usize>() + wanted.len() * MEMBER_BYTES;
        let costly = new().filter(|(_, topic)| topic.is_costly()).count();
        if self.bytes + bytes > BYTES_MAX || (costly > 0 && self.costly + costly > COSTLY_GROUPS_MAX) {
            return Err(Error::Unavailable("Too many realtime subscriptions.".into()));
        }
        Ok(())
    }

    /// The group's topic, if the connection is new there.
    fn add_member(&mut self, group: u64, client: &Arc<Client>, since: u64) -> Option<Arc<Topic>> {
        let group = self.groups.get_mut(&group)?;
        let Entry::Vacant(place) = group.members.entry(client.number) else { return None };
        place.insert(Member { client: client.clone(), since });
        self.bytes += MEMBER_BYTES;
        Some(group.topic.clone())
    }

    /// The group of a topic, made when its first member comes.
    fn group(&mut self, key: Key, topic: Topic) -> u64 {
        if let Some(group) = self.by_key.get(&key) {
            return *group;
        }
        let number = self.next();
        let places = self.places.entry(topic.collection.clone()).or_default();
        match &topic.target {
            Target::All => places.all.insert(number),
            Target::Record(id) => places.records.entry(id.clone()).or_default().insert(number),
        };
        self.bytes += Group::bytes(&key);
        self.costly += usize::from(topic.is_costly());
        let key = Arc::new(key);
        self.by_key.insert(key.clone(), number);
        self.groups.insert(number, Group { key, topic: Arc::new(topic), members: BTreeMap::new() });
        number
    }

    /// Takes a member out of a group, which goes with its last one.
    fn drop_member(&mut self, number: u64, client: u64) {
        let Some(group) = self.groups.get_mut(&number) else { return };
        if group.members.remove(&client).is_some() {
            self.bytes -= MEMBER_BYTES;
        }
        if !group.members.is_empty() {
            return;
        }
        let Some(group) = self.groups.remove(&number) else { return };
        self.by_key.remove(&group.key);
        self.bytes -= Group::bytes(&group.key);
        self.costly -= usize::from(group.topic.is_costly());
        let Some(places) = self.places.get_mut(&group.topic.collection) else { return };
        match &group.topic.target {
            Target::All => {
                places.all.remove(&number);
            }
            Target::Record(id) => {
                if let Some(groups) = places.records.get_mut(id) {
                    groups.remove(&number);
                    if groups.is_empty() {
                        places.records.remove(id);
                    }
                }
            }
        }
        if places.all.is_empty() && places.records.is_empty() {
            self.places.remove(&group.topic.collection);
        }
    }

    fn unseat(&mut self, client: &Client, group: u64) {
        if let Some(seat) = self.seats.get_mut(&client.id) {
            seat.groups.remove(&group);
        }
    }

    fn rebind(&mut self, client: &Arc<Client>, bearer: Bearer) {
        let record = bearer.caller.record().cloned();
        self.forget_bearer(client, bearer);
        if let Some(record) = record {
            self.bound.entry(record.id().to_owned()).or_default().push(client.clone());
        }
    }

    /// Gives a connection its next bearer and takes the one before out of the index.
    fn forget_bearer(&mut self, client: &Client, next: Bearer) {
        let was = std::mem::replace(&mut *client.bearer.lock(), next);
        let Some(record) = was.caller.record() else { return };
        if let Some(clients) = self.bound.get_mut(record.id()) {
            clients.retain(|other| other.number != client.number);
            if clients.is_empty() {
                self.bound.remove(record.id());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(hub: &Hub, client: &Arc<Client>, name: &str) -> Result<()> {
        let topic = Topic::parse(Wire::Sse, name, Overrides::default());
        let topics = vec![((Wire::Sse, name.to_owned(), Overrides::default()), topic)];
        hub.subscribe(client, topics, |_| true, 0, None).map(drop)
    }

    #[test]
    fn subscriptions_of_all_are_bounded_together() {
        let hub = Hub::default();
        let [first, second] = ["a", "b"].map(|id| hub.enter(Wire::Sse, |_| id.to_owned(), "ip", 0).unwrap());
        ask(&hub, &first, "posts/*").unwrap();
        let alone = hub.state.read().bytes;
        assert!(alone > GROUP_BYTES);
        ask(&hub, &second, "posts/*").unwrap();
        ask(&hub, &second, "posts/*").unwrap();
        assert_eq!(hub.state.read().bytes, alone + MEMBER_BYTES, "what others ask for too is held once");
        hub.state.write().bytes += BYTES_MAX - 2 * GROUP_BYTES;
        let late = ask(&hub, &first, "posts/1");
        assert!(matches!(late, Err(Error::Unavailable(_))), "{late:?}");
        hub.state.write().bytes -= BYTES_MAX - 2 * GROUP_BYTES;
        ask(&hub, &first, "posts/1").unwrap();
        hub.leave(&first);
        hub.leave(&second);
        assert_eq!(hub.state.read().bytes, 0, "who leaves makes room");
    }
}
