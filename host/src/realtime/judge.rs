//! What a change looks like to whom: who may see it, and the message they get.
//!
//! A group of subscribers shares what does not depend on who they are. Callers who cannot be told apart by
//! rule, filter or sight have one [`View`], which is worked out once however many there are.

use super::beyond::{self, Past};
use super::frame;
use super::hub::Hub;
use super::topic::{Target, Topic};
use crate::access::{self, Operation};
use crate::db::Snapshot;
use crate::error::{Error, Result};
use crate::model::{Action, Caller, Collection, Record};
use crate::records::{ViewQuery, render};
use crate::rules::{self, Alone, Checked, Purpose, Truth};
use crate::schema::catalog::{Catalog, Rule};
use crate::tenant::{Cx, Tenant};
use bytes::Bytes;
use serde_json::Map;
use std::collections::HashMap;
use std::sync::Arc;

/// A change on its way to its audience, with the collections as they are now.
#[derive(Debug)]
pub(super) struct News {
    pub tenant: Arc<Tenant>,
    pub catalog: Arc<Catalog>,
    /// The row that rules are judged on and that is shown.
    pub record: Arc<Record>,
    /// What else the same commit took away.
    pub past: Arc<Past>,
    pub action: Action,
    pub seq: u64,
    pub now_ms: i64,
    pub hub: Arc<Hub>,
}

/// What a caller gets of a change.
#[derive(Debug, Clone)]
pub(super) enum Outcome {
    Told(Bytes),
    /// The change is not for them.
    Silent,
    /// Nobody can say at the moment.
    Lost,
}

/// Callers to whom a change looks alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum View<'a> {
    Anybody,
    Superusers,
    Guests,
    /// An API key, by its id.
    Key(&'a str),
    /// A record of an auth collection, by the ids of both.
    Record(&'a str, &'a str),
}

impl<'a> View<'a> {
    /// `personal`: whether callers have to be told apart, superusers not included, and they.
    pub(super) fn of(caller: &'a Caller, personal: bool, superusers_too: bool) -> Self {
        match caller {
            Caller::Superuser(_) if !superusers_too => Self::Superusers,
            Caller::Superuser(record) => Self::Record(&record.collection.id, record.id()),
            Caller::Key(key) => Self::Key(&key.id),
            _ if !personal => Self::Anybody,
            _ => caller.record().map_or(Self::Guests, |record| Self::Record(&record.collection.id, record.id())),
        }
    }
}

/// The filter of a topic, checked against the collections as they are now.
#[derive(Debug)]
pub(super) struct Filters {
    superusers: Filter,
    others: Filter,
}

#[derive(Debug)]
enum Filter {
    None,
    When(Box<Checked>),
    /// It makes no sense, or names what the caller may not: nothing passes.
    Broken,
}

impl Filters {
    pub(super) fn of(topic: &Topic, catalog: &Catalog, collection: &Collection) -> Self {
        let filter = |superuser| match topic.filter.as_deref() {
            None => Filter::None,
            Some(text) => check_filter(text, catalog, collection, superuser)
                .map_or(Filter::Broken, |checked| Filter::When(checked.into())),
        };
        Self { superusers: filter(true), others: filter(false) }
    }

    fn for_caller(&self, caller: &Caller) -> &Filter {
        if caller.is_trusted() { &self.superusers } else { &self.others }
    }
}

/// Checks a client's filter.
pub(super) fn check_filter(
    text: &str,
    catalog: &Catalog,
    collection: &Collection,
    superuser: bool,
) -> Result<Checked, rules::Error> {
    rules::check(&rules::parse(text)?, collection, catalog, Purpose::ClientFilter { superuser })
}

impl Filter {
    fn is_caller_specific(&self) -> bool {
        matches!(self, Self::When(checked) if checked.is_caller_specific())
    }
}

/// Works out what the members of one group get of a change.
#[derive(Debug)]
pub(super) struct Telling<'a> {
    news: &'a News,
    topic: &'a Topic,
    filters: &'a Filters,
    /// Whether callers who may see the record see it differently.
    personal_sight: bool,
    /// Whether callers have to be judged one by one.
    personal: bool,
    outcomes: HashMap<View<'a>, Outcome>,
    messages: HashMap<View<'a>, Outcome>,
}

impl<'a> Telling<'a> {
    pub(super) fn new(news: &'a News, topic: &'a Topic, filters: &'a Filters) -> Self {
        let collection = &news.record.collection;
        // Their own e-mail address, and what they may see of related records.
        let personal_sight = collection.auth().is_some() || topic.view.expand.is_some();
        let rule = news.catalog.rule(collection, operation(topic));
        let personal_rule = matches!(rule, Rule::When(checked) if checked.is_caller_specific());
        Self {
            news,
            topic,
            filters,
            personal_sight,
            personal: personal_sight || personal_rule || filters.others.is_caller_specific(),
            outcomes: HashMap::new(),
            messages: HashMap::new(),
        }
    }

    /// What a caller gets.
    pub(super) async fn to(&mut self, caller: &'a Caller) -> Outcome {
        let view = View::of(caller, self.personal, self.filters.superusers.is_caller_specific());
        if let Some(known) = self.outcomes.get(&view) {
            return known.clone();
        }
        self.news.hub.work.judged();
        let cx = self.cx(caller);
        let outcome = match self.may_see(&cx).await {
            Ok(true) => self.message(&cx, caller).await,
            Ok(false) => Outcome::Silent,
            Err(error) => failed(&error),
        };
        self.outcomes.insert(view, outcome.clone());
        outcome
    }

    async fn message(&mut self, cx: &Cx, caller: &'a Caller) -> Outcome {
        let view = View::of(caller, self.personal_sight, false);
        if let Some(known) = self.messages.get(&view) {
            return known.clone();
        }
        let message = match self.shown(cx).await {
            Ok(json) => {
                let message = frame::event(self.topic, self.news.seq, self.news.action, &json);
                self.news.hub.work.written();
                Outcome::Told(self.news.hub.backlog.hold(message))
            }
            Err(error) => failed(&error),
        };
        self.messages.insert(view, message.clone());
        message
    }

    /// The record as the topic wants it; without what is expanded where that is too much.
    async fn shown(&self, cx: &Cx) -> Result<Vec<u8>> {
        let (record, view) = (&self.news.record, &self.topic.view);
        match render::one(cx, record, view).await {
            Err(Error::Invalid { .. }) if view.expand.is_some() => {
                render::one(cx, record, &ViewQuery { expand: None, ..view.clone() }).await
            }
            shown => shown,
        }
    }

    /// The collection's rule and the client's filter. The database is asked about the row as it was left by
    /// this change, which may have been changed again since; see [`beyond`].
    async fn may_see(&self, cx: &Cx) -> Result<bool> {
        let Some(open) = self.in_memory(cx) else { return Ok(false) };
        if open.is_empty() {
            return Ok(true);
        }
        let (record, past) = (&self.news.record, &self.news.past);
        let ask = move |snapshot: &mut Snapshot<'_>| {
            for condition in open {
                if !beyond::meets(snapshot, cx, condition, record, past)? {
                    return Ok(false);
                }
            }
            Ok(true)
        };
        cx.tenant.store.read(ask).await
    }

    /// `None` when memory is enough to refuse, else the conditions that only the database can decide.
    fn in_memory(&self, cx: &Cx) -> Option<Vec<&Checked>> {
        let News { catalog, record, .. } = self.news;
        let operation = operation(self.topic);
        // What callers share must not be decided with the record of one of them.
        let related = Alone(&**catalog);
        let mut open = Vec::new();
        match access::may_see(cx, record, operation, &related) {
            Truth::True => {}
            Truth::False => return None,
            Truth::NeedsDatabase => match catalog.rule(&record.collection, operation) {
                Rule::When(rule) => open.push(rule),
                Rule::Public | Rule::Locked | Rule::Broken(_) => return None,
            },
        }
        match self.filters.for_caller(&cx.caller) {
            Filter::None => {}
            Filter::Broken => return None,
            Filter::When(filter) => match filter.evaluate(&access::facts(cx, &Map::new()), record, &related) {
                Truth::True => {}
                Truth::False => return None,
                Truth::NeedsDatabase => open.push(filter),
            },
        }
        Some(open)
    }

    fn cx(&self, caller: &Caller) -> Cx {
        Cx {
            tenant: self.news.tenant.clone(),
            catalog: self.news.catalog.clone(),
            caller: caller.clone(),
            behalf: None,
            facts: self.topic.facts.clone(),
            now_ms: self.news.now_ms,
            depth: 0,
            through: None,
            without_hooks: false,
        }
    }
}

fn operation(topic: &Topic) -> Operation {
    match topic.target {
        Target::All => Operation::List,
        Target::Record(_) => Operation::View,
    }
}

fn failed(error: &Error) -> Outcome {
    match error {
        Error::Unavailable(_) => Outcome::Lost,
        // Broken `fields`, for instance.
        Error::Invalid { .. } => Outcome::Silent,
        error => {
            tracing::warn!(?error, "a change could not be judged or shown");
            Outcome::Silent
        }
    }
}

/// A row with the fields that its collection has now; `None` when the collection is gone. A change may be
/// dispatched just after its collection was changed, and rules know the fields of today.
pub(super) fn as_of_now(catalog: &Catalog, record: &Arc<Record>) -> Option<Arc<Record>> {
    let now = catalog.collection(&record.collection.id)?;
    let then = &record.collection;
    if Arc::ptr_eq(now, then) || now == then {
        return Some(record.clone());
    }
    let value = |field: &crate::model::Field| {
        let place = then.fields.iter().position(|old| old.id == field.id);
        place.map_or_else(|| field.zero(), |place| record.values[place].clone())
    };
    Some(Arc::new(Record { collection: now.clone(), values: now.fields.iter().map(value).collect() }))
}
