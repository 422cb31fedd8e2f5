//! What an admin and a watcher see of the calls: a plugin's metrics by hook and version, and the counters of all plugins.

use super::Plugins;
use super::limits::admin;
use super::logbook::Wanted;
use super::pace::Pace;
use super::registry::Plugin;
use super::tally::{Sums, Tally};
use crate::error::{Axis, Result};
use crate::records::Page;
use crate::tenant::Cx;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// A plugin's sums for whoever watches the server.
#[derive(Debug, Clone)]
pub struct Figures {
    /// Letters, digits, `.`, `_` and `-`.
    pub name: String,
    pub sums: Sums,
}

impl Plugins {
    /// What the calls of a plugin have used since the process began: `{id, name, version, canary, totals, hooks: [{version, hook,
    /// calls, inPlace, refusals, skipped, failures, errors, fuel, wallMs, queueMs, ..}]}`; newest version first.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn metrics(&self, _cx: &Cx, id: &str) -> Result<Value> {
        let plugin = self.plugin(id)?;
        let hooks: Vec<Value> =
            plugin.history.all().iter().flat_map(|(version, tallies)| tallies.view(*version)).collect();
        Ok(json!({
            "id": &*plugin.id,
            "name": &*plugin.name,
            "version": plugin.version.number.to_string(),
            "canary": super::versions::canary_view(&plugin),
            "callsInPlace": in_place(&plugin),
            "totals": plugin.history.sums().view(),
            "hooks": hooks,
        }))
    }

    /// A page of the lines that a plugin logged last, newest first. With `wait`, waits for the first for so long at most.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn logs(&self, _cx: &Cx, id: &str, wanted: &Wanted, page: &Page, wait: Duration) -> Result<Value> {
        let logbook = self.plugin(id)?.logbook.clone();
        let lines = logbook.wait(wanted, wait.min(admin::LOG_WAIT)).await;
        Ok(page.json(page.slice(&lines), i64::try_from(lines.len()).unwrap_or(i64::MAX)))
    }

    /// How many calls of a plugin's version were made where the request was, without a plugin thread.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn calls_in_place(&self, id: &str) -> Result<u64> {
        Ok(in_place(&*self.plugin(id)?))
    }

    /// What all plugins have done since the process began: `[{id, name, version, state, calls, failures, ..}]`.
    #[must_use]
    pub fn counters(&self) -> Value {
        self.of_each(|plugin| plugin.history.sums().view())
    }

    /// What each plugin has used, with what it is.
    fn of_each(&self, used: impl Fn(&Plugin) -> Value) -> Value {
        let shown = |plugin: &Arc<Plugin>| {
            let mut view = used(plugin);
            view["id"] = (*plugin.id).into();
            view["name"] = (*plugin.name).into();
            view["version"] = plugin.version.number.to_string().into();
            view["state"] = self.plugin_view(plugin, &plugin.version)["state"].take();
            view["callsInPlace"] = in_place(plugin).into();
            view
        };
        self.table.load().plugins().into_iter().map(shown).collect()
    }

    /// What the tenant's plugins have used since the process began, all together and each, and what is left of the quota:
    /// `{tenant, totals, quota: {fuelPerSecond, fuelLeft, refused, limits}, plugins}`; `totals` and each of the `plugins` as a hook of
    /// [`Plugins::metrics`], these with `{id, name, version, state, callsInPlace}`.
    #[must_use]
    pub fn ledger(&self, cx: &Cx) -> Value {
        let mut quota = self.allowance.view(&cx.tenant.settings.load(), self.world.now_ms());
        quota["limits"] = self.engine.quota_of(&cx.tenant).to_json();
        json!({
            "tenant": cx.tenant.name,
            "totals": self.whole().view(),
            "quota": quota,
            "plugins": self.of_each(|plugin| {
                let tally = Tally::default();
                plugin.history.add_to(&tally);
                tally.view()
            }),
        })
    }

    /// All hooks of all plugins of the tenant as one.
    #[must_use]
    pub fn whole(&self) -> Tally {
        let whole = Tally::default();
        self.table.load().plugins().iter().for_each(|plugin| plugin.history.add_to(&whole));
        whole
    }

    /// Calls that the tenant's quota did not let in.
    #[must_use]
    pub fn over_quota(&self) -> u64 {
        self.allowance.refused()
    }

    /// The sums of all plugins of the tenant together.
    #[must_use]
    pub fn totals(&self) -> Sums {
        self.table.load().plugins().iter().fold(Sums::default(), |sums, plugin| sums.plus(&plugin.history.sums()))
    }

    /// The sums of each plugin by name; those beyond [`admin::LABELS`] are one, called `_other`, which no plugin can be.
    #[must_use]
    pub fn figures(&self) -> Vec<Figures> {
        let table = self.table.load();
        let mut plugins = table.plugins();
        plugins.sort_by(|a, b| (&a.created, &a.id).cmp(&(&b.created, &b.id)));
        let mut figures: Vec<Figures> = Vec::new();
        for (index, plugin) in plugins.into_iter().enumerate() {
            let sums = plugin.history.sums();
            match figures.last_mut().filter(|_| index > admin::LABELS) {
                Some(other) => other.sums = other.sums.plus(&sums),
                None if index == admin::LABELS => figures.push(Figures { name: "_other".to_owned(), sums }),
                None => figures.push(Figures { name: plugin.name.to_string(), sums }),
            }
        }
        figures
    }
}

impl Figures {
    /// `(axis, failures)`.
    pub fn errors(&self) -> impl Iterator<Item = (&'static str, u64)> {
        Axis::ALL.into_iter().zip(self.sums.errors).map(|(axis, count)| (axis.name(), count))
    }
}

fn in_place(plugin: &Plugin) -> u64 {
    plugin.version.state.paces.iter().map(Pace::made_in_place).sum()
}
