//! Plugins that answer requests below `/api/x/{plugin}`: who may call them, the rows, and the call.

use super::Plugins;
use super::call::Call;
use super::configure::Bases;
use super::contract::ContextIn;
use super::engine::Engine;
use super::instance::{Failed, Finished, Ready};
use super::interface::{IncomingRequest, ResponseOutparam};
use super::limits::{Class, Limits};
use super::registry::Plugin;
use super::terms::Terms;
use super::visit::Visit;
use super::web::{Exchange, WebAnswer, WebRequest};
use crate::activity::{self, Event};
use crate::db::Snapshot;
use crate::error::{Error, FieldErrors, Result, code};
use crate::model::{Caller, date};
use crate::sql::Sql;
use crate::tenant::Cx;
use crate::tenant::hooks::Stage;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::Instant;
use wasmtime::component::Resource;

const ROUTE_FAILED: &str = "Failed to change the route of the plugin.";

/// What the host tells a guest of a request; nobody else may.
pub const OWN: &str = "x-tinybase-";

/// Who may call a plugin's route; the later, the more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    Superuser,
    /// Whoever is signed in.
    User,
    /// Everybody.
    Guest,
}

impl Access {
    const ALL: [Self; 3] = [Self::Superuser, Self::User, Self::Guest];

    fn name(self) -> &'static str {
        match self {
            Self::Superuser => "superuser",
            Self::User => "user",
            Self::Guest => "guest",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|access| access.name() == name)
    }

    fn admit(self, caller: &Caller) -> Result<()> {
        match (self, caller) {
            (Self::Guest, _) | (_, Caller::Superuser(_)) | (Self::User, Caller::User(_)) => Ok(()),
            (_, Caller::Guest) => {
                Err(Error::Unauthenticated("The request requires valid record authorization token.".into()))
            }
            (_, Caller::Key(_)) => Err(Error::MissingScope(None)),
            _ => Err(Error::Forbidden("The authorized record is not allowed to perform this action.".into())),
        }
    }
}

/// A plugin's place among the routes.
#[derive(Debug, Clone)]
pub struct Mount {
    pub plugin: Arc<str>,
    pub access: Access,
    pub enabled: bool,
    pub terms: Terms,
    pub created: String,
}

impl Mount {
    /// For whom it is now; one that is switched off is for nobody, and those who manage plugins do not open anything more.
    fn openness(&self) -> Access {
        if self.enabled { self.access } else { Access::Superuser }
    }
}

/// A route that somebody was let in to.
#[derive(Debug)]
pub struct Door {
    plugin: Arc<Plugin>,
    mount: Arc<Mount>,
}

impl Plugins {
    /// The route of a plugin, for whoever calls it.
    ///
    /// # Errors
    /// `NotFound` when there is none, `Unauthenticated` and `Forbidden` when it is not for the caller.
    pub fn door(&self, cx: &Cx, plugin: &str) -> Result<Door> {
        let table = self.table.load();
        let plugin =
            table.plugin_named(plugin).filter(|plugin| plugin.enabled && plugin.version.approved && exports(plugin));
        let plugin = plugin.ok_or_else(Error::not_found)?;
        let mount = table.mount(&plugin.id).filter(|mount| mount.enabled).ok_or_else(Error::not_found)?;
        mount.access.admit(&cx.caller)?;
        Ok(Door { plugin: plugin.picked(Stage::Route).clone(), mount: mount.clone() })
    }

    /// Has a plugin answer a request.
    ///
    /// # Errors
    /// `Plugin` when it fails, `Unavailable` when it or the tenant has too many requests to answer.
    pub async fn answer(&self, cx: &Cx, door: Door, mut request: WebRequest) -> Result<WebAnswer> {
        let Door { plugin, mount } = door;
        let asked = Instant::now();
        let (needs, quota) = (plugin.version.limits, self.engine.quota_of(&cx.tenant));
        let most = Limits::granted(Class::Route, mount.terms.limits, needs, quota).at_once;
        let turn = self.turns.take(&plugin.id, most)?.with_thread().await;
        let visit = Visit { plugin, stage: Stage::Route, terms: mount.terms.clone(), cx: cx.clone(), asked };
        tell(&mut request, &visit.context(""), &visit.plugin.name);
        self.visit(visit, 0, move |_, engine, ready, call| {
            // Until the call is over, also when the client has gone away.
            let _turn = turn;
            let finished = ask(engine, ready, call, request);
            (finished.result, finished.fuel_used)
        })
        .await
    }

    /// The route of a plugin as an admin sees it.
    ///
    /// # Errors
    /// `NotFound` when there is none.
    pub fn route(&self, cx: &Cx, plugin_id: &str) -> Result<Value> {
        let plugin = self.plugin(plugin_id)?;
        let table = self.table.load();
        let shown =
            |mount: &Arc<Mount>| self.with_limits(cx, view(&plugin, mount), &plugin, &mount.terms, &[Stage::Route]);
        table.mount(plugin_id).map(shown).ok_or_else(Error::not_found)
    }

    /// Gives a plugin its route, or changes it: `{access?, enabled?, config?, limits?}`. Without `access` it is for
    /// superusers.
    ///
    /// # Errors
    /// `NotFound`, `MissingScope` when a key would let in more than a person did, or `Invalid` with an error for each field that is wrong.
    pub async fn set_route(&self, cx: &Cx, plugin_id: &str, input: Map<String, Value>) -> Result<Value> {
        let turn = self.turn().await;
        let plugin = self.plugin(plugin_id)?;
        self.check_use(cx, &plugin)?;
        let old = self.table.load().mount(plugin_id).cloned();
        let mut mount = old.as_deref().cloned().unwrap_or_else(|| Mount {
            plugin: plugin.id.clone(),
            access: Access::Superuser,
            enabled: true,
            terms: Terms::default(),
            created: date::format(cx.now_ms),
        });
        let mut errors = FieldErrors::default();
        read(&mut mount, &input, &mut errors);
        // What a person grants later would be open to whom a key has chosen.
        if cx.caller.key().is_some() && mount.openness() > old.as_ref().map_or(Access::Superuser, |old| old.openness())
        {
            return Err(Error::MissingScope(None));
        }
        self.check_terms(&plugin, &mut mount.terms, &mut errors).await?;
        if !exports(&plugin) {
            errors.add("plugin", code::IN_INVALID.say("The plugin does not export wasi:http/incoming-handler."));
        }
        errors.into_result(ROUTE_FAILED)?;
        let view = view(&plugin, &mount);
        let (before, after) = match &old {
            Some(old) => activity::difference(&self::view(&plugin, old), &view),
            None => (Value::Null, view.clone()),
        };
        let event = Event { action: "route", kind: "plugin", subject: plugin_id, name: &plugin.name, before, after };
        self.change_in(turn, vec![put(&mount), activity::entry(cx, event)]).await?;
        tracing::info!(plugin = &*plugin.name, access = mount.access.name(), "a plugin has a route");
        Ok(self.with_limits(cx, view, &plugin, &mount.terms, &[Stage::Route]))
    }

    /// Takes a plugin's route away.
    ///
    /// # Errors
    /// `NotFound` when there is none.
    pub async fn remove_route(&self, cx: &Cx, plugin_id: &str) -> Result<()> {
        let turn = self.turn().await;
        let plugin = self.plugin(plugin_id)?;
        self.check_key(cx, &plugin)?;
        let before = match self.table.load().mount(plugin_id) {
            Some(mount) => view(&plugin, mount),
            None => return Err(Error::not_found()),
        };
        let event = Event {
            action: "unroute",
            kind: "plugin",
            subject: plugin_id,
            name: &plugin.name,
            before,
            after: Value::Null,
        };
        let mut delete = Sql::new("DELETE FROM _plugin_routes WHERE plugin = ");
        delete.bind(plugin_id);
        self.change_in(turn, vec![delete, activity::entry(cx, event)]).await
    }
}

fn exports(plugin: &Plugin) -> bool {
    plugin.version.exports.iter().any(|name| name == Stage::Route.interface())
}

/// Has a guest answer a request.
pub(super) fn ask(engine: &Engine, ready: &Ready, mut call: Call, request: WebRequest) -> Finished<WebAnswer> {
    call.exchange = Some(Box::new(Exchange::new(request)));
    let handles = (Resource::<IncomingRequest>::new_own(0), Resource::<ResponseOutparam>::new_own(0));
    let Finished { result, mut call, fuel_used, usage } = ready.call::<_, ()>(engine, Stage::Route, call, handles);
    let exchange = call.exchange.take().map(|exchange| *exchange).unwrap_or_default();
    Finished { result, call, fuel_used, usage }.taken(|()| exchange.into_answer().map_err(Failed::output))
}

/// Puts what the context of a hook would say into a request, in the place of what a client says so.
pub(super) fn tell(request: &mut WebRequest, context: &ContextIn<'_>, plugin: &str) {
    request.headers.retain(|(name, _)| !name.starts_with(OWN));
    let (now, prefix) = (context.now_ms.to_string(), format!("/api/x/{plugin}"));
    let facts = [
        ("caller-kind", context.caller.kind),
        ("caller-id", context.caller.id),
        ("caller-collection", context.caller.collection),
        ("tenant", context.tenant),
        ("request-id", context.request_id),
        ("now-ms", now.as_str()),
        ("prefix", prefix.as_str()),
        ("config", context.config),
    ];
    request.headers.extend(facts.map(|(name, value)| (format!("{OWN}{name}"), value.as_bytes().to_vec())));
}

fn view(plugin: &Plugin, mount: &Mount) -> Value {
    let (config, limits) = mount.terms.view();
    json!({
        "plugin": &*mount.plugin,
        "path": format!("/api/x/{}", plugin.name),
        "access": mount.access.name(),
        "enabled": mount.enabled,
        "config": config,
        "limits": limits,
        "created": mount.created,
    })
}

/// Puts the given fields into the mount; what is missing stays.
fn read(mount: &mut Mount, input: &Map<String, Value>, errors: &mut FieldErrors) {
    if let Some(value) = input.get("access").filter(|value| !value.is_null()) {
        match value.as_str().and_then(Access::parse) {
            Some(access) => mount.access = access,
            None => errors.add("access", code::IN_INVALID.say("Must be `superuser`, `user` or `guest`.")),
        }
    }
    if let Some(value) = input.get("enabled").filter(|value| !value.is_null()) {
        match value.as_bool() {
            Some(enabled) => mount.enabled = enabled,
            None => errors.add("enabled", code::INVALID_VALUE),
        }
    }
    mount.terms.read(input, errors);
}

/// Reads the routes of all plugins.
///
/// # Errors
/// When the database cannot be read.
pub(super) fn load(snapshot: &mut Snapshot<'_>, bases: &Bases) -> Result<Vec<Arc<Mount>>> {
    let select = Sql::new("SELECT plugin, access, enabled, config, limits, created FROM _plugin_routes");
    let mut found = Vec::new();
    snapshot.rows(&select, |row| {
        found.push(Arc::new(Mount {
            plugin: row.text(0).into(),
            access: Access::parse(row.text(1)).unwrap_or(Access::Superuser),
            enabled: row.integer(2) != 0,
            terms: Terms::stored(bases, row.text(0), row.text(3), row.text(4)),
            created: row.text(5).to_owned(),
        }));
        Ok(())
    })?;
    Ok(found)
}

fn put(mount: &Mount) -> Sql {
    let mut sql =
        Sql::new("INSERT OR REPLACE INTO _plugin_routes (plugin, access, enabled, config, limits, created) VALUES (");
    sql.bind(&*mount.plugin).push(", ").bind(mount.access.name()).push(", ").bind(mount.enabled).push(", ");
    sql.bind(mount.terms.own_config.as_str()).push(", ").bind(mount.terms.limits_text()).push(", ");
    sql.bind(mount.created.as_str()).push(")");
    sql
}
