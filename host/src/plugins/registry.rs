//! A tenant's plugins as they are now, in memory: what hooks look at on every write. Admin verbs change the rows
//! (`rows`) and then swap the whole table; a call that runs keeps the version it began with.

use super::breaker::Breaker;
use super::fields::Projection;
use super::instance::Ready;
use super::limits::Wish;
use super::logbook::Logbook;
use super::manifest::Manifest;
use super::mount::Mount;
use super::pace::Pace;
use super::rights::Rights;
use super::tally::{History, Tallies};
use super::terms::Terms;
use super::timetable::Appointment;
use crate::error::{Error, FieldIssue, code};
use crate::model::Verb;
use crate::tenant::hooks::Stage;
use arc_swap::ArcSwap;
use parking_lot::Mutex;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
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

    /// The same without what is granted on some collections.
    #[must_use]
    pub fn without(&self, gone: impl Fn(&str) -> bool) -> Self {
        let records = self.records.iter().filter(|grant| !gone(&grant.collection)).cloned().collect();
        Self { records, rights: self.rights.clone() }
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
    /// A person has agreed to it, or nobody needs to: until then it is not called.
    pub approved: bool,
    /// Not taken back after failures.
    pub healthy: bool,
    /// A person went back from it to an earlier one, and has not activated it since.
    pub withdrawn: bool,
    /// When it was last made the one that is called; empty for never.
    pub activated: String,
    /// What the trial at the upload found out, as JSON text.
    pub report: String,
    /// What it says it needs.
    pub limits: Wish,
    pub state: Arc<State>,
}

/// What a version has in memory, handed on when the table is swapped.
#[derive(Debug, Default)]
pub struct State {
    /// Its code, loaded when it is first needed.
    pub ready: OnceCell<Arc<Ready>>,
    /// Why that could not be done when it was last tried.
    pub fault: Mutex<Option<Fault>>,
    /// By stage.
    pub breakers: [Breaker; Stage::ALL.len()],
    /// By stage.
    pub paces: [Pace; Stage::ALL.len()],
    /// Shared with the plugin's history, which outlives this.
    pub tallies: Arc<Tallies>,
}

/// Why a version's code is not there to be called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub code: String,
    /// What it is and what mends it, for superusers.
    pub message: String,
}

impl Fault {
    fn of(error: &Error) -> Self {
        if let Error::Invalid { fields, .. } = error
            && let Some(FieldIssue::Error(found)) = fields.0.get("file")
        {
            return Self { code: found.code.to_string(), message: found.message.to_string() };
        }
        Self { code: code::PLUGIN_NOT_LOADED.code.to_owned(), message: error.for_superusers() }
    }
}

impl State {
    /// Gives it code that is loaded already, unless a call was faster: one that is at it is waited for, and may fail. What was wrong
    /// before is mended by that.
    pub async fn lend(&self, ready: Arc<Ready>) {
        self.ready.get_or_init(|| async { ready }).await;
        *self.fault.lock() = None;
    }

    /// Notes why it cannot be loaded, if it has not been meanwhile: nobody would load it again, and so take that back.
    /// A server that is only busy says nothing about it.
    pub fn blame(&self, error: &Error) {
        let mut fault = self.fault.lock();
        if !self.ready.initialized() && !matches!(error, Error::Unavailable(_)) {
            *fault = Some(Fault::of(error));
        }
    }

    #[must_use]
    pub fn fault(&self) -> Option<Fault> {
        self.fault.lock().clone()
    }
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
    /// What its versions have used.
    pub history: Arc<History>,
    /// The version that is tried on a share of the calls.
    pub canary: Option<Canary>,
}

/// A version that gets some of the calls, so that it can be compared with the one that gets the others.
#[derive(Debug)]
pub struct Canary {
    /// The plugin as it would be with that version.
    pub plugin: Arc<Plugin>,
    /// Of a hundred calls.
    pub share: u8,
    /// Of each hook: they are called in a fixed order, so that of one count for all some would never come to the canary.
    calls: [AtomicU64; Stage::ALL.len()],
}

impl Canary {
    #[must_use]
    pub fn new(plugin: Arc<Plugin>, share: u8) -> Self {
        Self { plugin, share, calls: [const { AtomicU64::new(0) }; Stage::ALL.len()] }
    }

    /// Whether the next call of a hook is its: exactly its share of each hundred, spread evenly.
    fn takes(&self, stage: Stage) -> bool {
        let share = u64::from(self.share);
        let number = self.calls[stage as usize].fetch_add(1, Ordering::Relaxed) % 100;
        (number + 1) * share / 100 > number * share / 100
    }
}

impl Plugin {
    /// Whether anything at all was granted to it.
    #[must_use]
    pub fn has_rights(&self) -> bool {
        **self.grants.load() != Grants::default()
    }

    /// The plugin with the version that the next call of a hook is for.
    #[must_use]
    pub fn picked(self: &Arc<Self>, stage: Stage) -> &Arc<Self> {
        match &self.canary {
            Some(canary) if canary.plugin.version.exports(stage) && canary.takes(stage) => &canary.plugin,
            _ => self,
        }
    }

    /// What is in memory of a version that may be called now.
    #[must_use]
    pub fn state_of(&self, number: i64) -> Option<&Arc<State>> {
        let canary = self.canary.as_ref().map(|canary| &canary.plugin.version);
        [Some(&self.version), canary]
            .into_iter()
            .flatten()
            .find(|version| version.number == number)
            .map(|version| &version.state)
    }
}

impl Version {
    #[must_use]
    pub fn exports(&self, stage: Stage) -> bool {
        self.exports.iter().any(|name| name == stage.interface())
    }

    /// All that it exports.
    pub fn stages(&self) -> impl Iterator<Item = Stage> {
        Stage::ALL.into_iter().filter(|stage| self.exports(*stage))
    }
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
    pub terms: Terms,
    pub fields: Projection,
    pub on_failure: OnFailure,
    pub created: String,
}

/// An attachment with its plugin.
#[derive(Debug, Clone)]
pub struct Bound {
    pub attachment: Arc<Attachment>,
    pub plugin: Arc<Plugin>,
}

impl Bound {
    /// The same for the version that the next call is for.
    #[must_use]
    pub fn picked(&self, stage: Stage) -> Self {
        Self { attachment: self.attachment.clone(), plugin: self.plugin.picked(stage).clone() }
    }
}

/// Everything at one moment.
#[derive(Debug, Default)]
pub struct Table {
    plugins: HashMap<Arc<str>, Arc<Plugin>>,
    attachments: HashMap<String, Arc<Attachment>>,
    /// The living attachments of a collection, by stage, in the order of their calls.
    hooks: HashMap<String, [Vec<Bound>; Stage::ALL.len()]>,
    timetable: Vec<Arc<Appointment>>,
    /// By the plugin's id.
    mounts: HashMap<Arc<str>, Arc<Mount>>,
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

    /// The same with the places of plugins among the routes.
    #[must_use]
    pub fn with_mounts(self, mounts: Vec<Arc<Mount>>) -> Self {
        Self { mounts: mounts.into_iter().map(|mount| (mount.plugin.clone(), mount)).collect(), ..self }
    }

    /// A plugin's place among the routes, living or not.
    #[must_use]
    pub fn mount(&self, plugin_id: &str) -> Option<&Arc<Mount>> {
        self.mounts.get(plugin_id)
    }

    /// What is called by the clock, living or not.
    #[must_use]
    pub fn timetable(&self) -> &[Arc<Appointment>] {
        &self.timetable
    }

    fn add(&mut self, attachment: Arc<Attachment>) {
        let lives = |plugin: &&Arc<Plugin>| plugin.enabled && attachment.enabled && plugin.version.approved;
        if let Some(plugin) = self.plugins.get(&attachment.plugin).filter(lives) {
            let stages = self.hooks.entry(attachment.collection.clone()).or_default();
            // A new version may have stopped exporting what the one before it did.
            for stage in attachment.stages.iter().filter(|stage| plugin.version.exports(**stage)) {
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

    /// Whether an attachment is there with its plugin, but one of them is switched off, or nobody has agreed to the version yet.
    #[must_use]
    pub fn is_still(&self, attachment: &Attachment) -> bool {
        let plugin = self.plugins.get(&attachment.plugin);
        plugin.is_some_and(|plugin| !(plugin.enabled && attachment.enabled && plugin.version.approved))
    }

    pub fn all_attachments(&self) -> impl Iterator<Item = &Arc<Attachment>> {
        self.attachments.values()
    }

    /// The plugins that somebody or something may call by now, each with its canary beside it.
    #[must_use]
    pub fn callable<'a>(&'a self) -> Vec<&'a Arc<Plugin>> {
        let attached = self.hooks.values().flatten().flatten().map(|bound| &bound.plugin.id);
        let scheduled = self.timetable.iter().filter(|appointment| appointment.enabled).map(|one| &one.plugin);
        let routed = self.mounts.values().filter(|mount| mount.enabled).map(|mount| &mount.plugin);
        let ids: HashSet<_> = attached.chain(scheduled).chain(routed).collect();
        let plugins = ids.into_iter().filter_map(|id| self.plugins.get(id)).filter(|plugin| plugin.enabled);
        let canary = |plugin: &'a Arc<Plugin>| plugin.canary.as_ref().map(|canary| &canary.plugin);
        plugins.flat_map(|plugin| [Some(plugin), canary(plugin)]).flatten().filter(|one| one.version.approved).collect()
    }

    /// Whether nobody has attached the plugin to anything, nor scheduled it, nor given it a route.
    #[must_use]
    pub fn is_idle(&self, plugin_id: &str) -> bool {
        self.attachments.values().all(|attachment| &*attachment.plugin != plugin_id)
            && self.timetable.iter().all(|appointment| &*appointment.plugin != plugin_id)
            && self.mount(plugin_id).is_none()
    }
}

#[cfg(test)]
pub(in crate::plugins) mod tests {
    use super::*;
    use crate::plugins::{Engine, EngineConfig};
    use crate::tasks::Tasks;
    use wasmtime::component::Component;

    pub(in crate::plugins) fn plugin(id: &str, enabled: bool, exports: &[&str]) -> Plugin {
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
            approved: id != "waiting",
            healthy: true,
            withdrawn: false,
            activated: String::new(),
            report: String::new(),
            limits: Wish::default(),
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
            history: Arc::default(),
            canary: None,
        }
    }

    pub(in crate::plugins) fn attachment(id: &str, plugin: &str, order: i64, enabled: bool) -> Attachment {
        Attachment {
            id: id.into(),
            plugin: plugin.into(),
            collection: "posts".into(),
            stages: vec![Stage::BeforeCreate, Stage::AfterCreate],
            order,
            enabled,
            terms: Terms::default(),
            fields: Projection::default(),
            on_failure: OnFailure::Closed,
            created: id.into(),
        }
    }

    #[test]
    fn only_the_living_take_part_in_their_order() {
        let plugins = ["p", "off", "waiting"].map(|id| plugin(id, id != "off", &["before-create"])).into();
        let attachments = vec![
            attachment("late", "p", 5, true),
            attachment("b", "p", 0, true),
            attachment("a", "p", 0, true),
            attachment("disabled", "p", 0, false),
            attachment("of-disabled", "off", 0, true),
            attachment("of-waiting", "waiting", 0, true),
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
        let mut still: Vec<_> =
            table.all_attachments().filter(|one| table.is_still(one)).map(|one| one.id.as_str()).collect();
        still.sort_unstable();
        assert_eq!(still, ["disabled", "of-disabled", "of-waiting"]);
    }

    #[test]
    fn a_canary_gets_its_share_of_the_hooks_it_exports() {
        let canary = |share| {
            let new = Arc::new(plugin("new", true, &["before-create", "after-create"]));
            let old = plugin("old", true, &["before-create", "after-create", "validator"]);
            Arc::new(Plugin { canary: Some(Canary::new(new, share)), ..old })
        };
        for share in [0, 1, 10, 33, 99, 100] {
            let plugin = canary(share);
            // In turn, as a create calls them.
            let takes = |stage| usize::from(&*plugin.picked(stage).id == "new");
            let taken = (0..200).fold([0, 0], |[before, after], _| {
                [before + takes(Stage::BeforeCreate), after + takes(Stage::AfterCreate)]
            });
            assert_eq!(taken, [usize::from(share) * 2; 2]);
        }
        assert_eq!(&*canary(100).picked(Stage::Validate).id, "old");
    }

    /// The code of the smallest component.
    fn ready() -> Arc<Ready> {
        let engine = Engine::new(&EngineConfig::new(1)).unwrap();
        let component = Component::new(engine.wasm(), b"\0asm\x0d\0\x01\0").unwrap();
        Arc::new(engine.ready(&component).unwrap())
    }

    #[tokio::test]
    async fn who_fails_to_load_it_says_nothing_about_code_that_is_there_by_then() {
        let (state, failed) = (State::default(), Error::internal("load a plugin", "lost"));
        state.blame(&failed);
        assert!(state.fault().is_some());
        state.lend(ready()).await;
        assert_eq!(state.fault(), None);
        state.blame(&failed);
        assert_eq!(state.fault(), None, "it would be broken for ever");
    }

    #[tokio::test]
    async fn code_is_lent_after_a_load_that_was_at_it_and_has_failed() {
        let (state, (fail, failing)) = (Arc::new(State::default()), tokio::sync::oneshot::channel::<()>());
        let tasks = Tasks::new();
        let loading = {
            let state = state.clone();
            tasks.spawn(async move {
                let load = async {
                    failing.await.unwrap();
                    Err(Error::internal("load a plugin", "lost"))
                };
                state.ready.get_or_try_init(|| load).await.is_err()
            })
        };
        tokio::task::yield_now().await;
        let lending = {
            let (state, ready) = (state.clone(), ready());
            tasks.spawn(async move { state.lend(ready).await })
        };
        tokio::task::yield_now().await;
        fail.send(()).unwrap();
        assert!(loading.await.unwrap());
        lending.await.unwrap();
        assert!(state.ready.initialized() && state.fault().is_none());
    }

    #[test]
    fn verbs_have_the_names_of_functions_too() {
        assert_eq!((verb("find"), verb("get"), verb("drop")), (Some(Verb::List), Some(Verb::View), None));
        assert!(Verb::ALL.into_iter().all(|known| verb(known.name()) == Some(known)));
    }
}
