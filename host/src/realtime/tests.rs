//! What the tests of this module share, and the tests of the hub.

use super::client::{Bearer, Client};
use super::hub::{Hub, Key};
use super::outlet::{Ending, Item, Outlet};
use super::spread::SAID_MAX;
use super::topic::{Overrides, Topic, Wire};
use crate::error::Error;
use crate::model::{Action, Caller, Change, Collection, Draft, Record, Value};
use crate::schema::system;
use crate::tenant::broadcasts::Broadcast;
use bytes::Bytes;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

pub(super) fn users() -> Arc<Collection> {
    let all = system::collections("2026-01-02 03:04:05.678Z", &mut |length| "x".repeat(length));
    Arc::new(all.into_iter().find(|collection| collection.name == "users").unwrap())
}

pub(super) fn auth_record(id: &str, token_key: &str) -> Arc<Record> {
    let collection = users();
    let mut draft = Draft::new(collection.clone());
    for (field, value) in [("id", id), ("tokenKey", token_key)] {
        draft.put(collection.field_index(field).unwrap(), Value::Text(value.to_owned()));
    }
    Arc::new(draft.record)
}

/// What waits in an outlet, without waiting for more.
pub(super) fn poll_once(outlet: &Outlet) -> Option<Result<Vec<Item>, Ending>> {
    let mut items = Vec::new();
    let polled = outlet.poll(&mut Context::from_waker(Waker::noop()), |item| {
        items.push(item.clone());
        true
    });
    match polled {
        Poll::Pending => None,
        Poll::Ready(None) => Some(Ok(items)),
        Poll::Ready(Some(ending)) => Some(Err(ending)),
    }
}

fn enter(hub: &Hub, id: &str) -> Arc<Client> {
    hub.enter(Wire::Sse, |_| id.to_owned(), "ip", 0).unwrap()
}

fn topics(names: &[&str]) -> Vec<(Key, Topic)> {
    let topic = |name: &&str| {
        let parsed = Topic::parse(Wire::Sse, name, Overrides::default());
        ((Wire::Sse, (*name).to_owned(), Overrides::default()), parsed)
    };
    names.iter().map(topic).collect()
}

fn set(hub: &Hub, client: &Arc<Client>, names: &[&str], since: u64) {
    hub.subscribe(client, topics(names), |_| false, since, None).unwrap();
}

/// (topic, clients) in the order in which they are told.
fn audience(hub: &Hub, record: &str, seq: u64) -> Vec<(String, Vec<String>)> {
    let groups = hub.audience(&users(), record, seq);
    let ids = |members: &[Arc<Client>]| members.iter().map(|client| client.id.clone()).collect();
    groups.iter().map(|group| (group.topic.name.clone(), ids(&group.members))).collect()
}

fn row(name: &str, clients: &[&str]) -> (String, Vec<String>) {
    (name.to_owned(), clients.iter().map(|id| (*id).to_owned()).collect())
}

#[test]
fn equal_subscriptions_are_one_group() {
    let hub = Hub::default();
    let (a, b) = (enter(&hub, "a"), enter(&hub, "b"));
    set(&hub, &a, &["users/*", "users/1", "users/*?x"], 0);
    set(&hub, &b, &["users/*", "posts/*"], 0);
    assert_eq!(audience(&hub, "1", 1), [row("users/*", &["a", "b"]), row("users/*?x", &["a"]), row("users/1", &["a"])]);
    assert_eq!(audience(&hub, "2", 1), [row("users/*", &["a", "b"]), row("users/*?x", &["a"])]);
    hub.leave(&a);
    assert_eq!(audience(&hub, "1", 1), [row("users/*", &["b"])]);
    hub.leave(&b);
    assert!(audience(&hub, "1", 1).is_empty() && hub.count() == 0);
}

#[test]
fn collections_are_found_by_name_and_by_id() {
    let hub = Hub::default();
    let client = enter(&hub, "a");
    let by_id = format!("{}/*", users().id);
    set(&hub, &client, &[&by_id, "users"], 0);
    assert_eq!(audience(&hub, "1", 1), [row(&by_id, &["a"]), row("users", &["a"])]);
    assert!(hub.wants(&users()));
    set(&hub, &client, &["posts"], 0);
    assert!(!hub.wants(&users()));
}

#[test]
fn what_happened_before_is_not_told_and_what_waits_is_not_lost() {
    let hub = Hub::default();
    let client = enter(&hub, "a");
    set(&hub, &client, &["users"], 5);
    assert_eq!(audience(&hub, "1", 5), [row("users", &[])]);
    assert_eq!(audience(&hub, "1", 6), [row("users", &["a"])]);
    // Changes up to 9 may still be on their way when the set is sent again.
    set(&hub, &client, &["users", "users/1"], 9);
    assert_eq!(audience(&hub, "1", 6), [row("users", &["a"]), row("users/1", &[])]);
}

#[test]
fn a_socket_adds_and_replaces() {
    let hub = Hub::default();
    let client = enter(&hub, "a");
    let socket = |name: &str, filter: Option<&str>| -> Vec<(Key, Topic)> {
        let overrides = Overrides { filter: filter.map(str::to_owned), ..Overrides::default() };
        let topic = Topic::parse(Wire::Socket, name, overrides.clone());
        vec![((Wire::Socket, name.to_owned(), overrides), topic)]
    };
    let add = |name: &'static str, filter| {
        let answer = Some((Bytes::from_static(b"ack"), 0));
        hub.subscribe(&client, socket(name, filter), |topic| topic.name != name, 0, answer).unwrap();
    };
    add("users/*", None);
    add("users/1", None);
    add("users/*", Some("n = 1"));
    let filters: Vec<_> = hub.audience(&users(), "1", 1).iter().map(|group| group.topic.filter.clone()).collect();
    assert_eq!(filters, [Some("n = 1".to_owned()), None]);
    assert_eq!(poll_once(&client.outlet).unwrap().unwrap().len(), 3);
}

#[test]
fn subscriptions_are_bounded_together() {
    let hub = Hub::default();
    let client = enter(&hub, "a");
    let names: Vec<String> = (0..1001).map(|number| format!("t{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    set(&hub, &client, &names[..1000], 0);
    let more = hub.subscribe(&client, topics(&names[1000..]), |_| true, 0, None);
    assert!(matches!(more, Err(Error::Invalid { .. })), "{more:?}");
    assert!(hub.subscribe(&client, topics(&names[..5]), |_| true, 0, None).is_ok(), "those it has already");
    let long: Vec<String> = (0..300).map(|number| format!("{number}{}", "x".repeat(2400))).collect();
    let long: Vec<&str> = long.iter().map(String::as_str).collect();
    assert!(hub.subscribe(&client, topics(&long), |_| false, 0, None).is_err());
}

#[test]
fn bearers_follow_their_record() {
    let hub = Hub::default();
    let client = enter(&hub, "a");
    let bearer = |key: &str| Bearer { caller: Caller::User(auth_record("u", key)), expires_ms: None, session: None };
    let name = |client: &Client| client.bearer.lock().caller.record().map(|record| record.text("name").to_owned());
    hub.bind(&client, bearer("k"), 0).unwrap();
    let mut renamed = (*auth_record("u", "k")).clone();
    let place = renamed.collection.field_index("name").unwrap();
    renamed.values[place] = Value::Text("new".into());
    let renamed = Arc::new(renamed);
    let update =
        |after: Arc<Record>| Change { action: Action::Update, before: Some(auth_record("u", "k")), after: Some(after) };
    hub.follow(&update(auth_record("other", "z")));
    hub.follow(&update(renamed.clone()));
    assert_eq!(name(&client).as_deref(), Some("new"));
    // An answer that comes late does not undo it.
    hub.refresh(&client, &auth_record("u", "k"), None);
    assert_eq!(name(&client).as_deref(), Some("new"));
    hub.follow(&update(auth_record("u", "reset")));
    assert_eq!(name(&client), None);

    hub.bind(&client, bearer("k"), 0).unwrap();
    hub.follow(&Change { action: Action::Delete, before: Some(renamed), after: None });
    assert_eq!(name(&client), None);
    assert!(hub.bound().is_empty());
}

/// What the hooks of a whole chunk of an import say is there at once; nobody is left to say it again.
#[test]
fn what_is_owed_and_finds_no_room_is_missed_by_those_who_listen() {
    let hub = Hub::default();
    let (sender, mut said) = tokio::sync::mpsc::channel(SAID_MAX);
    hub.said.set(sender).unwrap();
    let (hears, elsewhere) = (enter(&hub, "a"), enter(&hub, "b"));
    set(&hub, &hears, &["news"], 0);
    set(&hub, &elsewhere, &["other"], 0);
    let say = |data: &str, is_owed: bool| {
        let (topic, data) = ("news".to_owned(), data.to_owned());
        hub.say(Broadcast { topic, data, instead: None, is_owed })
    };
    assert!((0..10_000).all(|_| say("1", true)), "twenty of each row");
    assert!((10_000..SAID_MAX).all(|_| say("1", true)));
    assert!(!say("1", false));
    assert_eq!(hub.end_unsaid(), 0, "who is refused can say it again");
    assert!(!say("1", true) && !say("1", true));
    assert_eq!((hub.end_unsaid(), hub.end_unsaid()), (1, 0));
    assert_eq!(poll_once(&hears.outlet), Some(Err(Ending::Gap)));
    assert_eq!(poll_once(&elsewhere.outlet), None);

    while let Ok(said) = said.try_recv() {
        hub.passes(&said);
    }
    let mebibyte = "x".repeat(1 << 20);
    let fit = (0..100).take_while(|_| say(&mebibyte, true)).count();
    assert_eq!(fit, 63, "and no more bytes than there is room for");
    hub.passes(&said.try_recv().unwrap());
    assert!(say(&mebibyte, true));
}

#[test]
fn nobody_enters_a_closed_hub() {
    let hub = Hub::default();
    let client = enter(&hub, "a");
    hub.close();
    assert_eq!(poll_once(&client.outlet), Some(Err(Ending::Over)));
    let late = hub.enter(Wire::Sse, |_| "b".to_owned(), "ip", 0);
    assert!(matches!(late, Err(Error::Unavailable(_))));
}
