//! Fixtures: calls of hooks as JSON, with what is expected of each. `docs/plugin-authors.md` explains them.

use super::exchange::{Answered, Request, answer_json};
use crate::plugins::limits::Wish;
use crate::plugins::limits::wish::Measure;
use crate::plugins::rehearsal::{Outcome, Played, Scene};
use crate::tenant::hooks::Stage;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

type Object = Map<String, Value>;

/// One call.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Case {
    #[serde(default)]
    pub name: String,
    hook: String,
    #[serde(default = "posts")]
    collection: String,
    #[serde(default)]
    config: Object,
    #[serde(default)]
    caller: Caller,
    #[serde(default)]
    depth: u8,
    /// An event's id, a schedule's name, or the way of a sign-in.
    #[serde(default = "event")]
    event: String,
    /// The record as it would be stored.
    #[serde(default)]
    draft: Object,
    /// The record as it is stored, before an update or a delete.
    #[serde(default)]
    original: Object,
    /// The record as it is stored, after the write.
    #[serde(default)]
    stored: Object,
    /// What a route is asked.
    #[serde(default)]
    request: Request,
    #[serde(default)]
    limits: Limits,
    /// Definitions of collections, as the API takes them.
    #[serde(default)]
    pub collections: Vec<Object>,
    /// What is in them before the call.
    #[serde(default)]
    pub records: BTreeMap<String, Vec<Object>>,
    /// What is in the plugin's store.
    #[serde(default)]
    pub kv: BTreeMap<String, String>,
    /// `false`: nothing is granted.
    #[serde(default = "yes")]
    grants: bool,
    #[serde(default)]
    pub expect: Expect,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Caller {
    kind: String,
    id: String,
    collection: String,
}

impl Default for Caller {
    fn default() -> Self {
        Self { kind: "guest".to_owned(), id: String::new(), collection: String::new() }
    }
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Limits {
    fuel: Option<u64>,
    wall_ms: Option<u64>,
    memory_mb: Option<u64>,
    host_calls: Option<u64>,
    bytes_per_call: Option<u64>,
    handles: Option<u64>,
    log_bytes: Option<u64>,
}

impl Limits {
    fn wish(&self) -> Wish {
        let said = [
            (Measure::Fuel, self.fuel),
            (Measure::WallMs, self.wall_ms),
            (Measure::MemoryMb, self.memory_mb),
            (Measure::HostCalls, self.host_calls),
            (Measure::BytesPerCall, self.bytes_per_call),
            (Measure::Handles, self.handles),
            (Measure::LogBytes, self.log_bytes),
        ];
        said.into_iter().fold(Wish::default(), |wish, (measure, value)| wish.with(measure, value))
    }
}

/// What has to come of it. Without one of the first five it has to be accepted; a route has to answer well.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub(super) struct Expect {
    /// Exactly the fields that are changed.
    changes: Option<Object>,
    /// The field errors, by field: their codes.
    invalid: Option<BTreeMap<String, String>>,
    /// The status of a refusal.
    denied: Option<u16>,
    /// Part of what an after-hook says went wrong.
    error: Option<String>,
    /// The budget that runs out, or `trap`.
    fails: Option<String>,
    /// Of a route's answer, as the rest of [`Answered`].
    status: Option<u16>,
    headers: BTreeMap<String, String>,
    body: Option<Value>,
    /// The writes that a before-hook asks for, in order; of each at least these members.
    queued: Option<Vec<Value>>,
    /// What is in these collections afterwards, in order of creation; of each record at least these fields.
    pub records: BTreeMap<String, Vec<Value>>,
    /// Texts that have to stand in the log.
    log: Vec<String>,
}

fn posts() -> String {
    "posts".to_owned()
}

fn event() -> String {
    "event0000000001".to_owned()
}

fn yes() -> bool {
    true
}

/// The cases of a folder, each with the file it is from; a file holds one or a list of them.
pub(super) fn load(dir: &Path) -> Result<Vec<(PathBuf, Case)>, String> {
    let entries =
        fs::read_dir(dir).map_err(|error| format!("cannot read the fixtures in {}: {error}", dir.display()))?;
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "json"));
    files.sort();
    let mut cases = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
        let found = parse(&text).map_err(|error| format!("{}: {error}", file.display()))?;
        cases.extend(found.into_iter().map(|case| (file.clone(), case)));
    }
    if cases.is_empty() { Err(format!("there are no fixtures in {}", dir.display())) } else { Ok(cases) }
}

fn parse(text: &str) -> Result<Vec<Case>, String> {
    let json: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let list = if json.is_array() { json } else { json!([json]) };
    serde_json::from_value(list).map_err(|error| error.to_string())
}

impl Case {
    /// # Errors
    /// When there is no such hook.
    pub(super) fn scene(&self) -> Result<Scene, String> {
        let stage = Stage::ALL.into_iter().find(|stage| stage.name() == self.hook || stage.interface() == self.hook);
        let stage = stage.ok_or_else(|| {
            let names = Stage::ALL.map(Stage::name).join(", ");
            format!("there is no hook `{}`; there are {names}", self.hook)
        })?;
        let record = match stage {
            Stage::BeforeCreate | Stage::BeforeUpdate | Stage::Validate => &self.draft,
            Stage::BeforeDelete | Stage::AfterDelete => &self.original,
            // A schedule and a route are about no record: `stored` is empty there.
            Stage::AfterCreate
            | Stage::AfterUpdate
            | Stage::Scheduled
            | Stage::BeforeSignIn
            | Stage::TokenClaims
            | Stage::Route => &self.stored,
        };
        let Caller { kind, id, collection } = self.caller.clone();
        Ok(Scene {
            stage,
            collection: self.collection.clone(),
            caller: (kind, id, collection),
            config: Value::Object(self.config.clone()).to_string(),
            event_id: self.event.clone(),
            depth: self.depth,
            original: self.original.clone(),
            record: record.clone(),
            request: self.request.to_web(),
            wish: self.limits.wish(),
            granted: self.grants,
        })
    }

    /// The hook as an attachment calls it.
    pub(super) fn hook(&self) -> &str {
        &self.hook
    }
}

impl Expect {
    /// What of a call is otherwise than expected.
    pub(super) fn complaints(&self, played: &Played) -> Vec<String> {
        let mut complaints = Vec::new();
        if let Some(complaint) = self.of_outcome(&played.outcome) {
            complaints.push(complaint);
        }
        if let Some(expected) = &self.queued
            && !matches_each(expected, &played.queued)
        {
            complaints.push(differ("the queued writes", &json!(expected), &json!(played.queued)));
        }
        let logged: Vec<&str> = played.log.iter().filter_map(|line| line["message"].as_str()).collect();
        for text in self.log.iter().filter(|text| !logged.iter().any(|line| line.contains(text.as_str()))) {
            complaints.push(format!("the log has no line with {text:?}: {logged:?}"));
        }
        complaints
    }

    fn of_outcome(&self, outcome: &Outcome) -> Option<String> {
        let met = match outcome {
            Outcome::Accepted(changes) => {
                !self.expects_failure()
                    && self.answer().wants_nothing()
                    && self.changes.as_ref().is_none_or(|expected| same(&json!(expected), &json!(changes)))
            }
            Outcome::Invalid(found) => self.invalid.as_ref().is_some_and(|expected| {
                let found: BTreeMap<_, _> =
                    found.iter().map(|(field, code, _)| (field.as_str(), code.as_str())).collect();
                expected.iter().map(|(field, code)| (field.as_str(), code.as_str())).eq(found)
            }),
            Outcome::Denied(status, _) => self.denied == Some(*status),
            Outcome::Answered(answer) => {
                !self.expects_failure() && self.changes.is_none() && self.answer().is_met(answer)
            }
            Outcome::Error(words) => self.error.as_ref().is_some_and(|part| words.contains(part.as_str())),
            Outcome::Failed(axis, _) => self.fails.as_deref() == Some(axis.name()),
        };
        (!met).then(|| differ("the outcome", &self.wanted(), &outcome_json(outcome)))
    }

    fn answer(&self) -> Answered {
        Answered { status: self.status, headers: self.headers.clone(), body: self.body.clone() }
    }

    fn expects_failure(&self) -> bool {
        self.invalid.is_some() || self.denied.is_some() || self.error.is_some() || self.fails.is_some()
    }

    fn wanted(&self) -> Value {
        match self {
            Self { invalid: Some(invalid), .. } => json!({ "invalid": invalid }),
            Self { denied: Some(status), .. } => json!({ "denied": status }),
            Self { error: Some(part), .. } => json!({ "error": part }),
            Self { fails: Some(axis), .. } => json!({ "fails": axis }),
            Self { changes: Some(changes), .. } => json!({ "changes": changes }),
            _ if !self.answer().wants_nothing() => self.answer().json(),
            _ => json!("accepted"),
        }
    }

    /// What of a collection is otherwise than expected.
    pub(super) fn of_records(name: &str, expected: &[Value], found: &[Value]) -> Option<String> {
        (!matches_each(expected, found)).then(|| differ(&format!("`{name}`"), &json!(expected), &json!(found)))
    }
}

fn differ(what: &str, expected: &Value, found: &Value) -> String {
    format!("{what}: expected {expected}, got {found}")
}

/// An outcome in the words of the expectations.
pub(super) fn outcome_json(outcome: &Outcome) -> Value {
    match outcome {
        Outcome::Accepted(changes) => json!({ "changes": changes }),
        Outcome::Invalid(found) => {
            let found: Object = found
                .iter()
                .map(|(field, code, message)| (field.clone(), json!({"code": code, "message": message})))
                .collect();
            json!({ "invalid": found })
        }
        Outcome::Denied(status, message) => json!({"denied": status, "message": message}),
        Outcome::Error(words) => json!({ "error": words }),
        Outcome::Answered(answer) => answer_json(answer),
        Outcome::Failed(axis, detail) => json!({"fails": axis.name(), "detail": detail}),
    }
}

fn matches_each(expected: &[Value], found: &[Value]) -> bool {
    expected.len() == found.len() && expected.iter().zip(found).all(|(expected, found)| is_part(expected, found))
}

/// Whether an object has at least the members of another, and everything else is the same.
pub(super) fn is_part(part: &Value, whole: &Value) -> bool {
    match (part, whole) {
        (Value::Object(part), Value::Object(whole)) => {
            part.iter().all(|(name, value)| whole.get(name).is_some_and(|found| is_part(value, found)))
        }
        _ => same(part, whole),
    }
}

/// Equal, where `1` and `1.0` are.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(name, value)| other.get(name).is_some_and(|it| same(value, it)))
        }
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Axis;

    fn expect(json: Value) -> Expect {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn outcomes_are_told_apart() {
        let changes = |json: Value| Outcome::Accepted(json.as_object().unwrap().clone());
        let answer = |status| crate::plugins::web::WebAnswer { status, ..Default::default() };
        let invalid = Outcome::Invalid(vec![("title".into(), "too_long".into(), "Too long.".into())]);
        for (expected, outcome, met) in [
            (json!({}), changes(json!({"a": 1})), true),
            (json!({"changes": {"a": 1}}), changes(json!({"a": 1.0})), true),
            (json!({"changes": {}}), changes(json!({"a": 1})), false),
            (json!({"denied": 403}), changes(json!({})), false),
            (json!({"invalid": {"title": "too_long"}}), invalid.clone(), true),
            (json!({"invalid": {"title": "other"}}), invalid.clone(), false),
            (json!({}), invalid, false),
            (json!({"denied": 403}), Outcome::Denied(403, "No.".into()), true),
            (json!({"status": 404}), Outcome::Answered(answer(404)), true),
            (json!({}), Outcome::Answered(answer(404)), false),
            (json!({}), Outcome::Answered(answer(204)), true),
            (json!({"denied": 404}), Outcome::Answered(answer(404)), false),
            (json!({"status": 200}), changes(json!({})), false),
            (json!({"error": "timed"}), Outcome::Error("it timed out".into()), true),
            (json!({"fails": "fuel"}), Outcome::Failed(Axis::Fuel, "all used".into()), true),
            (json!({"fails": "fuel"}), Outcome::Failed(Axis::Trap, "unreachable".into()), false),
        ] {
            assert_eq!(expect(expected.clone()).of_outcome(&outcome).is_none(), met, "{expected} {outcome:?}");
        }
    }

    #[test]
    fn records_may_have_more_fields_than_expected() {
        let found = [json!({"id": "x", "n": 1.0, "meta": {"a": 1, "b": 2}})];
        assert_eq!(Expect::of_records("log", &[json!({"n": 1, "meta": {"a": 1}})], &found), None);
        assert!(Expect::of_records("log", &[json!({"n": 2})], &found).unwrap().contains("`log`"));
        assert!(Expect::of_records("log", &[], &found).is_some());
    }

    #[test]
    fn mistakes_in_a_fixture_are_named() {
        assert!(parse(r#"{"hook": "validate", "exspect": {}}"#).unwrap_err().contains("exspect"));
        assert!(parse("{").is_err());
        let case = parse(r#"[{"hook": "beforeLunch"}]"#).unwrap().remove(0);
        assert!(case.scene().unwrap_err().contains("beforeCreate"));
    }
}
