//! What is said of a plugin at each place where it is called, be it an attachment, a schedule or a route: its configuration
//! there, and its limits.

use super::Plugins;
use super::configure::{Bases, effective};
use super::limits::wish::Measure;
use super::limits::{Class, Limits, Wish, admin};
use super::registry::Plugin;
use crate::error::{Error, FieldErrors, Result, code};
use crate::tenant::Cx;
use crate::tenant::hooks::Stage;
use serde_json::{Map, Value, json};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// What holds there, the plugin's own configuration included: JSON text of an object.
    pub config: String,
    /// What is said there of it.
    pub own_config: String,
    pub limits: Wish,
}

impl Default for Terms {
    /// Nothing is said.
    fn default() -> Self {
        Self { config: "{}".to_owned(), own_config: "{}".to_owned(), limits: Wish::default() }
    }
}

impl Terms {
    /// From the columns `config` and `limits` of a row.
    pub(super) fn stored(bases: &Bases, plugin_id: &str, config: &str, limits: &str) -> Self {
        Self {
            config: effective(bases, plugin_id, config),
            own_config: config.to_owned(),
            limits: Wish::of_json(&serde_json::from_str(limits).unwrap_or_default()),
        }
    }

    /// The column `limits`; `config` is [`Terms::own_config`].
    pub(super) fn limits_text(&self) -> String {
        self.limits.to_json().to_string()
    }

    /// Takes in what is given of `config` and `limits`; what is missing stays.
    pub(super) fn read(&mut self, input: &Map<String, Value>, errors: &mut FieldErrors) {
        read_config(&mut self.own_config, input.get("config"), errors);
        read_limits(&mut self.limits, input.get("limits"), errors);
    }

    /// `{config, limits}` as they were given.
    pub(super) fn view(&self) -> (Value, Value) {
        (serde_json::from_str(&self.own_config).unwrap_or_else(|_| json!({})), self.limits.to_json())
    }
}

impl Plugins {
    /// Holds terms to what the manifest says, and works out what holds there.
    pub(super) async fn check_terms(&self, plugin: &Plugin, terms: &mut Terms, errors: &mut FieldErrors) -> Result<()> {
        terms.config = self.check_config(plugin, &terms.own_config, errors).await?;
        Ok(())
    }

    /// Refuses a key what would have a plugin do as it says: what was granted is for people to lend, and what the plugin has
    /// seen where the key does not reach it may have kept.
    ///
    /// # Errors
    /// `MissingScope`.
    pub(super) fn check_use(&self, cx: &Cx, plugin: &Plugin) -> Result<()> {
        self.check_key(cx, plugin)?;
        if cx.caller.key().is_some() && plugin.has_rights() {
            return Err(Error::MissingScope(None));
        }
        self.check_reach_of_all(cx, plugin)
    }

    /// Adds what calls really get at each of these moments, as `effectiveLimits`: the least of the host's caps, the quota, what
    /// the plugin needs and what is asked for there.
    pub(super) fn with_limits(
        &self,
        cx: &Cx,
        mut view: Value,
        plugin: &Plugin,
        terms: &Terms,
        stages: &[Stage],
    ) -> Value {
        let granted = |stage: &Stage| {
            let (needs, quota) = (plugin.version.limits, self.engine.quota_of(&cx.tenant));
            let limits = Limits::granted(Class::of(*stage), terms.limits, needs, quota);
            (stage.name().to_owned(), limits.view())
        };
        view["effectiveLimits"] = Value::Object(stages.iter().map(granted).collect());
        view
    }
}

fn read_config(config: &mut String, value: Option<&Value>, errors: &mut FieldErrors) {
    let text = match value {
        None => return,
        Some(Value::Null) => "{}".to_owned(),
        Some(value @ Value::Object(_)) => value.to_string(),
        Some(_) => return errors.add("config", code::INVALID_VALUE.say("Must be an object.")),
    };
    if text.len() > admin::CONFIG_BYTES {
        return errors
            .add("config", code::INVALID_VALUE.say(format!("Must have at most {} bytes.", admin::CONFIG_BYTES)));
    }
    *config = text;
}

fn read_limits(limits: &mut Wish, value: Option<&Value>, errors: &mut FieldErrors) {
    let object = match value {
        None => return,
        Some(Value::Null) => &Map::new(),
        Some(Value::Object(object)) => object,
        Some(_) => {
            let names = Measure::ALL.map(Measure::name).join("`, `");
            return errors.add("limits", code::INVALID_VALUE.say(format!("Must be an object with `{names}`.")));
        }
    };
    let mut nested = FieldErrors::default();
    *limits = Wish::read(object, 1, &mut nested);
    errors.nest("limits", nested);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(input: &Value) -> (Terms, String) {
        let (mut terms, mut errors) = (Terms::default(), FieldErrors::default());
        terms.read(input.as_object().unwrap(), &mut errors);
        (terms, errors.describe())
    }

    #[test]
    fn what_is_missing_stays_and_null_is_nothing() {
        let given = json!({"config": {"a": 1}, "limits": {"fuel": 7, "wallMs": null}});
        let (mut terms, errors) = read(&given);
        assert_eq!((errors.as_str(), terms.view()), ("", (json!({"a": 1}), json!({"fuel": 7}))));
        terms.read(&Map::new(), &mut FieldErrors::default());
        assert_eq!(terms.limits.of(Measure::Fuel), Some(7));
        terms.read(json!({"config": null, "limits": null}).as_object().unwrap(), &mut FieldErrors::default());
        assert_eq!(terms, Terms::default());
    }

    #[test]
    fn mistakes_name_their_place() {
        let long = "x".repeat(admin::CONFIG_BYTES);
        for (input, place) in [
            (json!({"config": [1]}), "config"),
            (json!({"config": {"a": long}}), "config"),
            (json!({"limits": 1}), "limits"),
            (json!({"limits": {"fuel": 0}}), "limits.fuel"),
            (json!({"limits": {"memoryMb": "1"}}), "limits.memoryMb"),
            (json!({"limits": {"logBytes": -1}}), "limits.logBytes"),
            (json!({"limits": {"fule": 5}}), "limits.fule: There is no such limit"),
        ] {
            let (terms, errors) = read(&input);
            assert!(errors.contains(place), "{place}: {errors}");
            assert_eq!(terms.own_config, "{}", "{place}");
        }
    }
}
