//! The schemas of what superusers send.

use super::{list, object, or_null, partly};
use crate::plugins::limits::wish::Measure;
use serde_json::{Value as Json, json};

pub(super) fn all() -> Vec<(&'static str, Json)> {
    let (text, flag, whole) = (json!({"type": "string"}), json!({"type": "boolean"}), json!({"type": "integer"}));
    let texts = list(&text);
    let table = [
        ("SetUp", object(&["token", "email", "password", "passwordConfirm"].map(|name| (name, text.clone())))),
        (
            "AdminSignIn",
            partly(
                &[("password", text.clone())],
                &[("email", text.clone()), ("otpId", text.clone()), ("mfaId", text.clone())],
            ),
        ),
        (
            "MailToken",
            partly(&[("token", text.clone())], &[("password", text.clone()), ("passwordConfirm", text.clone())]),
        ),
        ("CollectionsInput", partly(&[("collections", list(&json!({})))], &[("deleteMissing", flag.clone())])),
        (
            "RuleQuestion",
            object(&[
                ("collection", text.clone()),
                ("rule", json!({"type": ["string", "null"]})),
                ("kind", rule_kind(true)),
            ]),
        ),
        ("RuleTrial", rule_trial()),
        (
            "KeyInput",
            partly(
                &[],
                &[
                    ("name", text.clone()),
                    ("scopes", texts.clone()),
                    ("readOnly", flag.clone()),
                    ("ips", texts.clone()),
                    ("expires", text.clone()),
                ],
            ),
        ),
        ("KeyOverlap", partly(&[], &[("overlap", whole)])),
        ("TestMail", partly(&[("email", text.clone()), ("template", text.clone())], &[("collection", text.clone())])),
        ("TestSync", partly(&[], &[("url", text.clone()), ("authToken", text.clone())])),
        ("TestStorage", object(&[("filesystem", json!({"type": "string", "enum": ["storage", "backups"]}))])),
    ];
    table.into_iter().chain(of_plugins()).collect()
}

fn of_plugins() -> Vec<(&'static str, Json)> {
    let (text, flag, whole) = (json!({"type": "string"}), json!({"type": "boolean"}), json!({"type": "integer"}));
    let (texts, anything) = (list(&text), json!({"type": "object"}));
    vec![
        ("PluginSwitch", object(&[("enabled", flag.clone())])),
        ("PluginVersion", partly(&[("version", text.clone())], &[("force", flag.clone())])),
        ("PluginForce", partly(&[], &[("force", flag.clone())])),
        ("PluginShare", partly(&[("version", text.clone()), ("share", whole)], &[("force", flag.clone())])),
        ("PluginHook", partly(&[], &[("hook", text.clone())])),
        (
            "TrialInput",
            partly(
                &[("hook", text.clone()), ("collection", text.clone())],
                &[
                    ("record", json!({})),
                    ("original", json!({})),
                    ("config", anything.clone()),
                    ("version", text.clone()),
                    ("as", json!({})),
                ],
            ),
        ),
        (
            "AttachmentInput",
            partly(
                &[],
                &[
                    ("collection", text.clone()),
                    ("hooks", texts.clone()),
                    ("order", json!({"type": "integer"})),
                    ("enabled", flag),
                    ("config", or_null(&anything)),
                    ("fields", or_null(&projection())),
                    ("limits", or_null(&wish())),
                    ("onFailure", json!({"type": "string", "enum": ["closed", "open"]})),
                ],
            ),
        ),
    ]
}

/// Fields that an attachment may read and write; without a list, all of them.
pub(super) fn projection() -> Json {
    let texts = json!({"type": ["array", "null"], "items": {"type": "string"}});
    partly(&[], &[("read", texts.clone()), ("write", texts)])
}

/// Limits that are lower than the usual ones.
pub(super) fn wish() -> Json {
    partly(&[], &Measure::ALL.map(|measure| (measure.name(), json!({"type": ["integer", "null"]}))))
}

fn rule_kind(or_filter: bool) -> Json {
    let mut kinds = vec!["list", "view", "create", "update", "delete", "auth", "manage"];
    kinds.extend(or_filter.then_some("filter"));
    json!({"type": "string", "enum": kinds})
}

fn rule_trial() -> Json {
    let (text, anything) = (json!({"type": "string"}), json!({"type": "object"}));
    let whose = |name| object(&[("collection", text.clone()), name]);
    let who = json!({"anyOf": [
        {"type": "string", "enum": ["guest"]},
        whose(("id", text.clone())),
        whose(("claims", anything.clone())),
    ]});
    partly(
        &[("collection", text.clone()), ("action", rule_kind(false))],
        &[
            ("rule", json!({"type": ["string", "null"]})),
            ("as", who),
            ("record", text.clone()),
            ("body", anything.clone()),
            ("query", anything.clone()),
            ("headers", anything),
        ],
    )
}
