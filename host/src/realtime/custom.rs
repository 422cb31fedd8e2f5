//! Topics that are no collection's: who may listen, speak and be seen there. Their rules stand in the settings and are
//! judged on a row that the topic makes: the whole of it as `topic`, and a part for each name in its pattern.
//!
//! A topic that no pattern fits is for superusers and for keys with the scope; plugins may speak there.

use crate::access;
use crate::error::{FieldErrors, Result, code};
use crate::model::field::text::Text;
use crate::model::{Area, Collection, Draft, Field, Kind, Record, Rules, Value};
use crate::schema::catalog::{Catalog, Rule};
use crate::settings::realtime::{Pattern, WHOLE};
use crate::settings::{RealtimeSettings, Settings, TopicRules};
use crate::tenant::{Cx, Tenant};
use arc_swap::ArcSwapOption;
use serde_json::{Map, Value as Json};
use std::sync::Arc;

/// What somebody wants to do on a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    Subscribe,
    Publish,
    /// To be seen.
    Join,
}

/// The topics of the settings, ready for use with the collections of that moment.
#[derive(Debug)]
pub(super) struct Topics {
    settings: Arc<Settings>,
    catalog: Arc<Catalog>,
    known: Vec<Known>,
}

#[derive(Debug)]
struct Known {
    pattern: Pattern,
    /// What the rules are checked against: a collection that is nowhere.
    place: Arc<Collection>,
    subscribe: Rule,
    publish: Rule,
    join: Rule,
}

/// The topics as they are now, made anew when the settings or the collections are others.
#[derive(Debug, Default)]
pub(super) struct Custom(ArcSwapOption<Topics>);

impl Custom {
    pub(super) fn now(&self, tenant: &Tenant) -> Arc<Topics> {
        let (settings, catalog) = (tenant.settings.load_full(), tenant.catalog());
        if let Some(known) = &*self.0.load()
            && Arc::ptr_eq(&known.settings, &settings)
            && Arc::ptr_eq(&known.catalog, &catalog)
        {
            return known.clone();
        }
        let topics = Arc::new(Topics::new(settings, catalog));
        self.0.store(Some(topics.clone()));
        topics
    }
}

/// A topic with what is known about it.
#[derive(Debug)]
pub(super) struct Found<'a> {
    known: Option<(&'a Known, Record)>,
}

impl Topics {
    fn new(settings: Arc<Settings>, catalog: Arc<Catalog>) -> Self {
        let known = settings.realtime.topics.iter().filter_map(|topic| Known::new(topic, &catalog)).collect();
        Self { settings, catalog, known }
    }

    pub(super) fn find(&self, topic: &str) -> Found<'_> {
        let fit = |known: &Known| Some(known.row(topic, &known.pattern.fit(topic)?));
        Found { known: self.known.iter().find_map(|known| Some((known, fit(known)?))) }
    }
}

impl Known {
    fn new(topic: &TopicRules, catalog: &Catalog) -> Option<Self> {
        let pattern = Pattern::parse(&topic.pattern)?;
        let place = place(&pattern);
        let rule = |text: &Option<String>| match text.as_deref().map(str::trim) {
            None => Rule::Locked,
            Some("") => Rule::Public,
            Some(text) => catalog.check(text, &place).map_or_else(Rule::Broken, Rule::When),
        };
        let (subscribe, publish) = (rule(&topic.subscribe_rule), rule(&topic.publish_rule));
        let join = rule(&topic.presence_rule);
        Some(Self { subscribe, publish, join, pattern, place: Arc::new(place) })
    }

    fn row(&self, topic: &str, parts: &[&str]) -> Record {
        let mut draft = Draft::new(self.place.clone());
        for (index, text) in std::iter::once(&topic).chain(parts).enumerate() {
            draft.put(index, Value::Text((*text).to_owned()));
        }
        draft.record
    }

    fn rule(&self, deed: Deed) -> &Rule {
        match deed {
            Deed::Subscribe => &self.subscribe,
            Deed::Publish => &self.publish,
            Deed::Join => &self.join,
        }
    }
}

impl Found<'_> {
    /// Whether two callers may get different answers; if not, they can share one.
    pub(super) fn is_caller_specific(&self, deed: Deed) -> bool {
        let rule = self.known.as_ref().map(|(known, _)| known.rule(deed));
        matches!(rule, Some(Rule::When(checked)) if checked.is_caller_specific())
    }

    /// Whether the caller may do that, with `body` as what is said.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(super) async fn admits(&self, cx: &Cx, deed: Deed, body: &Map<String, Json>) -> Result<bool> {
        if cx.caller.is_trusted() {
            return Ok(true);
        }
        if let Some(key) = cx.caller.key() {
            return Ok(key.may_enter(Area::Realtime, deed != Deed::Subscribe));
        }
        let Some((known, row)) = &self.known else { return Ok(false) };
        match known.rule(deed) {
            Rule::Public => Ok(true),
            Rule::Locked | Rule::Broken(_) => Ok(false),
            Rule::When(checked) => access::holds(cx, checked, row, body).await,
        }
    }
}

/// What the rules of a pattern's topics can name.
fn place(pattern: &Pattern) -> Collection {
    let names = std::iter::once(WHOLE).chain(pattern.names());
    Collection {
        id: "@topic".to_owned(),
        name: "@topic".to_owned(),
        kind: Kind::Base,
        system: true,
        fields: names.map(|name| Field::new(name, Text::default())).collect(),
        indexes: Vec::new(),
        rules: Rules::default(),
        created: String::new(),
        updated: String::new(),
    }
}

/// What is wrong with the rules of topics, by their places.
pub(super) fn check(settings: &RealtimeSettings, catalog: &Catalog) -> FieldErrors {
    let mut wrong = FieldErrors::default();
    for (index, topic) in settings.topics.iter().enumerate() {
        let Some(place) = Pattern::parse(&topic.pattern).map(|pattern| place(&pattern)) else { continue };
        let mut errors = FieldErrors::default();
        for (name, rule) in topic.named() {
            let Some(text) = rule.filter(|text| !text.trim().is_empty()) else { continue };
            if let Err(error) = catalog.check(text, &place) {
                errors.add(name, code::INVALID_RULE.say(format!("Invalid rule. Raw error: {error}")));
            }
        }
        wrong.nest(&index.to_string(), errors);
    }
    let mut topics = FieldErrors::default();
    topics.nest("topics", wrong);
    let mut errors = FieldErrors::default();
    errors.nest("realtime", topics);
    errors
}
