//! A tenant's plugins as they are now, in memory: what hooks look at on every write. Admin verbs change the rows
//! (`rows`) and then swap the whole table; a call that runs keeps the version it began with.

use super::breaker::Breaker;
use super::fields::Projection;
use super::instance::Ready;
use super::limits::Wish;
use super::logbook::Logbook;
use super::manifest::Manifest;
use super::pace::Pace;
use super::rights::Rights;
use super::timetable::Appointment;
use crate::model::Verb;
use crate::tenant::hooks::Stage;
use arc_swap::ArcSwap;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::OnceCell;

/// A verb by its name, or by that of the host function that needs it.
#[must_use]
pub fn verb(name: &str) -> Option<Verb> {
    match name {
        "find" | "count" => Some(Verb::List),
        "get" => Some(Verb::View),
        _ => Verb::parse(name),
    }
}

/// The right to some verbs on one collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// A collection's id.
    pub collection: String,
    pub verbs: Vec<Verb>,
    /// Past the rules, in the plugin's own name; otherwise under the rules, as whoever caused the call.
    pub as_plugin: bool,
}

/// All rights of one plugin.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grants {
    pub records: Vec<Grant>,
    pub rights: Rights,
}

impl Grants {
    #[must_use]
    pub fn of(&self, collection_id: &str) -> Option<&Grant> {
        self.records.iter().find(|grant| grant.collection == collection_id)
    }

    /// Whether it may know the time of day, through whatever interface.
    #[must_use]
    pub fn clock(&self) -> bool {
        self.rights.clock
    }

    /// Whether it may have real randomness, through whatever interface.
    #[must_use]
    pub fn random(&self) -> bool {
        self.rights.random
    }
}

/// An uploaded component. Never changes; what is kept in memory about it hangs off [`Version::state`].
#[derive(Debug)]
pub struct Version {
    pub number: i64,
    pub sha256: String,
    pub size: i64,
    pub exports: Vec<String>,
    pub imports: Vec<String>,
    pub capabilities: Vec<String>,
    pub manifest: Manifest,
    pub compile_ms: i64,
    pub created: String,
    pub state: Arc<State>,
}

/// What a version has in memory, handed on when the table is swapped.
#[derive(Debug, Default)]
pub struct State {
    /// Its code, loaded when it is first needed.
    pub ready: OnceCell<Arc<Ready>>,
    /// By stage.
    pub breakers: [Breaker; Stage::ALL.len()],
    /// By stage.
    pub paces: [Pace; Stage::ALL.len()],
}

#[derive(Debug)]
pub struct Plugin {
    pub id: Arc<str>,
    pub name: Arc<str>,
    pub enabled: bool,
    pub created: String,
    /// The one that is called.
    pub version: Arc<Version>,
    /// Handed on when the table is swapped, and changed in place.
    pub grants: Arc<ArcSwap<Grants>>,
    pub logbook: Arc<Logbook>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnFailure {
    /// The write fails.
    Closed,
    /// The write goes on.
    Open,
}

/// Where a plugin takes part.
#[derive(Debug)]
pub struct Attachment {
    pub id: String,
    pub plugin: Arc<str>,
    /// A collection's id.
    pub collection: String,
    pub stages: Vec<Stage>,
    pub order: i64,
    pub enabled: bool,
    /// JSON text of an object.
    pub config: String,
    pub fields: Projection,
    pub limits: Wish,
    pub on_failure: OnFailure,
    pub created: String,
}

/// An attachment with its plugin.
#[derive(Debug, Clone)]
pub struct Bound {
    pub attachment: Arc<Attachment>,
    pub plugin: Arc<Plugin>,
}

/// Everything at one moment.
#[derive(Debug, Default)]
pub struct Table {
    plugins: HashMap<Arc<str>, Arc<Plugin>>,
    attachments: HashMap<String, Arc<Attachment>>,
    /// The living attachments of a collection, by stage, in the order of their calls.
    hooks: HashMap<String, [Vec<Bound>; Stage::ALL.len()]>,
    timetable: Vec<Arc<Appointment>>,
}

impl Table {
    #[must_use]
    pub fn new(plugins: Vec<Plugin>, mut attachments: Vec<Attachment>) -> Self {
        attachments.sort_by(|a, b| (a.order, &a.created, &a.id).cmp(&(b.order, &b.created, &b.id)));
        let mut table = Self::default();
        for plugin in plugins {
            table.plugins.insert(plugin.id.clone(), Arc::new(plugin));
        }
        for attachment in attachments {
            table.add(Arc::new(attachment));
        }
        table
    }

    /// The same with what is called by the clock.
    #[must_use]
    pub fn with_timetable(self, timetable: Vec<Arc<Appointment>>) -> Self {
        Self { timetable, ..self }
    }

    /// What is called by the clock, living or not.
    #[must_use]
    pub fn timetable(&self) -> &[Arc<Appointment>] {
        &self.timetable
    }

    fn add(&mut self, attachment: Arc<Attachment>) {
        if let Some(plugin) = self.plugins.get(&attachment.plugin).filter(|plugin| plugin.enabled && attachment.enabled)
        {
            let stages = self.hooks.entry(attachment.collection.clone()).or_default();
            // A new version may have stopped exporting what the one before it did.
            for stage in attachment
                .stages
                .iter()
                .filter(|stage| plugin.version.exports.iter().any(|name| name == stage.interface()))
            {
                stages[*stage as usize].push(Bound { attachment: attachment.clone(), plugin: plugin.clone() });
            }
        }
        self.attachments.insert(attachment.id.clone(), attachment);
    }

    /// Who takes part, in order.
    #[must_use]
    pub fn hooks(&self, collection_id: &str, stage: Stage) -> &[Bound] {
        self.hooks.get(collection_id).map_or(&[], |stages| &stages[stage as usize])
    }

    #[must_use]
    pub fn plugin(&self, id: &str) -> Option<&Arc<Plugin>> {
        self.plugins.get(id)
    }

    #[must_use]
    pub fn plugin_named(&self, name: &str) -> Option<&Arc<Plugin>> {
        self.plugins.values().find(|plugin| plugin.name.eq_ignore_ascii_case(name))
    }

    /// All plugins, newest first.
    #[must_use]
    pub fn plugins(&self) -> Vec<&Arc<Plugin>> {
        let mut plugins: Vec<_> = self.plugins.values().collect();
        plugins.sort_by(|a, b| (&b.created, &b.id).cmp(&(&a.created, &a.id)));
        plugins
    }

    #[must_use]
    pub fn attachment(&self, id: &str) -> Option<&Arc<Attachment>> {
        self.attachments.get(id)
    }

    /// The attachments of a plugin, in the order of their calls.
    #[must_use]
    pub fn attachments(&self, plugin_id: &str) -> Vec<&Arc<Attachment>> {
        let mut found: Vec<_> =
            self.attachments.values().filter(|attachment| &*attachment.plugin == plugin_id).collect();
        found.sort_by(|a, b| (a.order, &a.created, &a.id).cmp(&(b.order, &b.created, &b.id)));
        found
    }

    #[must_use]
    pub fn attachment_count(&self) -> usize {
        self.attachments.len()
    }

    /// The attachment with its plugin, if it is alive and takes part at the stage.
    #[must_use]
    pub fn bound(&self, attachment_id: &str, stage: Stage) -> Option<&Bound> {
        let attachment = self.attachments.get(attachment_id)?;
        self.hooks(&attachment.collection, stage).iter().find(|bound| bound.attachment.id == attachment_id)
    }

    /// Whether nobody has attached the plugin to anything, nor scheduled it.
    #[must_use]
    pub fn is_idle(&self, plugin_id: &str) -> bool {
        self.attachments.values().all(|attachment| &*attachment.plugin != plugin_id)
            && self.timetable.iter().all(|appointment| &*appointment.plugin != plugin_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plugin(id: &str, enabled: bool, exports: &[&str]) -> Plugin {
        let version = Version {
            number: 1,
            sha256: String::new(),
            size: 0,
            exports: exports.iter().map(|name| (*name).to_owned()).collect(),
            imports: Vec::new(),
            capabilities: Vec::new(),
            manifest: Manifest::default(),
            compile_ms: 0,
            created: String::new(),
            state: Arc::default(),
        };
        Plugin {
            id: id.into(),
            name: id.into(),
            enabled,
            created: String::new(),
            version: Arc::new(version),
            grants: Arc::default(),
            logbook: Arc::default(),
        }
    }

    fn attachment(id: &str, plugin: &str, order: i64, enabled: bool) -> Attachment {
        Attachment {
            id: id.into(),
            plugin: plugin.into(),
            collection: "posts".into(),
            stages: vec![Stage::BeforeCreate, Stage::AfterCreate],
            order,
            enabled,
            config: "{}".into(),
            fields: Projection::default(),
            limits: Wish::default(),
            on_failure: OnFailure::Closed,
            created: id.into(),
        }
    }

    #[test]
    fn only_the_living_take_part_in_their_order() {
        let plugins = vec![plugin("p", true, &["before-create"]), plugin("off", false, &["before-create"])];
        let attachments = vec![
            attachment("late", "p", 5, true),
            attachment("b", "p", 0, true),
            attachment("a", "p", 0, true),
            attachment("disabled", "p", 0, false),
            attachment("of-disabled", "off", 0, true),
            attachment("of-nobody", "gone", 0, true),
        ];
        let table = Table::new(plugins, attachments);
        let order: Vec<_> =
            table.hooks("posts", Stage::BeforeCreate).iter().map(|bound| bound.attachment.id.as_str()).collect();
        assert_eq!(order, ["a", "b", "late"]);
        assert!(table.hooks("posts", Stage::AfterCreate).is_empty(), "not exported");
        assert!(table.hooks("other", Stage::BeforeCreate).is_empty());
        assert!(
            table.bound("a", Stage::BeforeCreate).is_some() && table.bound("disabled", Stage::BeforeCreate).is_none()
        );
        assert_eq!(table.attachments("p").len(), 4);
    }

    #[test]
    fn verbs_have_the_names_of_functions_too() {
        assert_eq!((verb("find"), verb("get"), verb("drop")), (Some(Verb::List), Some(Verb::View), None));
        assert!(Verb::ALL.into_iter().all(|known| verb(known.name()) == Some(known)));
    }
}
