//! The schemas of what superusers read of a server: sessions, keys, rules, imports, what it is and does.

use super::{list, object, or_null, partly, reference};
use serde_json::{Value as Json, json};

pub(super) fn all() -> Vec<(&'static str, Json)> {
    let (text, flag, whole) = (json!({"type": "string"}), json!({"type": "boolean"}), json!({"type": "integer"}));
    let texts = list(&text);
    vec![
        (
            "AdminSession",
            object(&[("csrf", text.clone()), ("record", object(&[("id", text.clone()), ("email", text.clone())]))]),
        ),
        (
            "SessionEntry",
            object(&[
                ("id", text.clone()),
                ("created", text.clone()),
                ("expires", text.clone()),
                ("ip", text.clone()),
                ("userAgent", text.clone()),
                ("current", flag.clone()),
            ]),
        ),
        ("ApiKey", api_key(false)),
        ("ToldKey", api_key(true)),
        ("RuleProblem", rule_problem()),
        (
            "RuleCheck",
            object(&[
                ("valid", flag.clone()),
                ("errors", list(&reference("RuleProblem"))),
                ("warnings", list(&reference("RuleProblem"))),
                ("explanation", text.clone()),
            ]),
        ),
        ("RuleVerdict", rule_verdict()),
        (
            "ImportReport",
            object(&[
                ("rows", whole.clone()),
                ("created", whole.clone()),
                ("updated", whole.clone()),
                ("failed", whole.clone()),
                ("dryRun", flag),
                ("errors", list(&object(&[("row", whole.clone()), ("message", text.clone()), ("data", json!({}))]))),
                (
                    "stopped",
                    or_null(&object(&[
                        ("row", whole.clone()),
                        ("status", whole.clone()),
                        ("message", text),
                        ("data", json!({})),
                        ("retryAfter", or_null(&whole)),
                    ])),
                ),
            ]),
        ),
        ("Replayed", object(&[("replayed", whole.clone()), ("gone", whole.clone())])),
        ("Deleted", object(&[("deleted", whole)])),
        ("SystemInfo", system_info(&texts["items"])),
        ("SyncDialogue", object(&[("dialogue", texts.clone())])),
        ("SyncVerification", sync_verification()),
        ("SyncStatus", sync_status()),
        ("Latency", latency()),
        ("Stats", stats()),
    ]
}

fn sync_verification() -> Json {
    let (text, whole) = (|| json!({"type": "string"}), || json!({"type": "integer"}));
    let what = json!({"type": "string", "enum": ["missing", "extra", "different"]});
    object(&[
        ("state", json!({"type": "string", "enum": ["idle", "running", "done", "failed"]})),
        ("rows", whole()),
        ("total", whole()),
        ("differences", whole()),
        ("found", list(&object(&[("collection", text()), ("id", text()), ("what", what)]))),
        ("problem", text()),
        ("started", text()),
        ("ended", text()),
    ])
}

fn sync_status() -> Json {
    let (text, whole) = (|| json!({"type": "string"}), || json!({"type": "integer"}));
    let state = json!({"type": "string", "enum": ["waiting", "copying", "following", "blocked"]});
    let collection = object(&[
        ("id", text()),
        ("name", text()),
        ("state", state),
        ("rows", whole()),
        ("copied", whole()),
        ("total", whole()),
    ]);
    object(&[
        ("state", json!({"type": "string", "enum": ["off", "starting", "copying", "following", "failing"]})),
        ("url", text()),
        ("lastSuccess", text()),
        ("error", text()),
        ("errorAt", text()),
        ("collections", list(&collection)),
        ("behind", whole()),
        ("behindMs", whole()),
        ("errors", whole()),
        ("verify", reference("SyncVerification")),
    ])
}

/// A key as it is shown; told in full once, by what makes it.
fn api_key(told: bool) -> Json {
    let (text, texts) = (|| json!({"type": "string"}), || json!({"type": "array", "items": {"type": "string"}}));
    let mut key = vec![
        ("id", text()),
        ("name", text()),
        ("scopes", texts()),
        ("readOnly", json!({"type": "boolean"})),
        ("ips", texts()),
        ("expires", text()),
        ("lastUsed", text()),
        ("oldKeyUntil", text()),
        ("createdBy", text()),
        ("created", text()),
        ("updated", text()),
    ];
    key.extend(told.then(|| ("key", text())));
    object(&key)
}

fn rule_problem() -> Json {
    let (text, whole) = (json!({"type": "string"}), json!({"type": "integer"}));
    object(&[
        ("start", whole.clone()),
        ("end", whole),
        ("code", text.clone()),
        ("message", text),
        ("hint", json!({"type": ["string", "null"]})),
    ])
}

fn rule_verdict() -> Json {
    let (text, flag, whole) = (json!({"type": "string"}), json!({"type": "boolean"}), json!({"type": "integer"}));
    let decider = object(&[
        ("start", whole.clone()),
        ("end", whole.clone()),
        ("text", text.clone()),
        ("value", flag.clone()),
        ("sides", json!({})),
    ]);
    let sql = object(&[("text", text.clone()), ("params", list(&json!({}))), ("plan", list(&text))]);
    object(&[
        ("allowed", flag.clone()),
        ("refusal", or_null(&reference("Error"))),
        ("explanation", text),
        ("errors", list(&reference("RuleProblem"))),
        ("decidedBy", or_null(&decider)),
        ("visible", or_null(&object(&[("count", whole), ("more", flag)]))),
        ("sql", or_null(&sql)),
    ])
}

fn system_info(text: &Json) -> Json {
    let (text, flag, whole) = (|| text.clone(), json!({"type": "boolean"}), || json!({"type": "integer"}));
    object(&[
        ("name", text()),
        ("version", text()),
        ("engine", object(&[("database", text()), ("plugins", text())])),
        ("platform", text()),
        ("uptimeS", whole()),
        ("durability", text()),
        ("workers", whole()),
        ("databaseThreads", whole()),
        ("pluginThreads", whole()),
        ("pluginsOff", flag),
        ("limits", json!({"type": "object", "additionalProperties": {"type": "integer"}})),
    ])
}

/// In milliseconds.
fn latency() -> Json {
    let number = || json!({"type": "number"});
    object(&["p50", "p90", "p95", "p99", "p999", "max"].map(|name| (name, number())))
}

fn stats() -> Json {
    let (text, flag) = (|| json!({"type": "string"}), json!({"type": "boolean"}));
    let (whole, number) = (|| json!({"type": "integer"}), || json!({"type": "number"}));
    let maybe = || json!({"type": ["integer", "null"]});
    let counts = || json!({"type": "object", "additionalProperties": {"type": "integer"}});
    let minute = object(&[
        ("seconds", whole()),
        ("total", whole()),
        ("perSecond", number()),
        ("latencyMs", reference("Latency")),
    ]);
    let requests = object(&[
        ("total", whole()),
        ("byStatus", counts()),
        ("latencyMs", reference("Latency")),
        ("lastMinute", minute),
    ]);
    let process = object(&[
        ("memoryBytes", maybe()),
        ("memoryPeakBytes", maybe()),
        ("cpuSeconds", number()),
        ("cores", whole()),
        ("threads", maybe()),
        ("openFiles", maybe()),
    ]);
    let database = object(&[
        ("bytes", whole()),
        ("walBytes", whole()),
        ("logsBytes", whole()),
        ("work", json!({"type": "object"})),
    ]);
    let storage = object(&[
        ("kind", json!({"type": "string", "enum": ["local", "s3"]})),
        ("files", whole()),
        ("bytes", whole()),
        ("complete", flag),
    ]);
    let of_calls = [("calls", whole()), ("failures", whole()), ("refusals", whole())];
    let mut of_plugin = of_calls.to_vec();
    of_plugin.extend([("id", text()), ("name", text()), ("version", text()), ("state", text())]);
    object(&[
        ("uptimeS", whole()),
        ("requests", requests),
        ("process", process),
        ("connections", object(&[("http", whole()), ("realtime", whole())])),
        ("database", database),
        ("storage", storage),
        ("totals", object(&[("collections", whole()), ("records", whole()), ("recordsOf", counts())])),
        ("logs", object(&[("dropped", whole())])),
        ("outbox", object(&[("pending", whole()), ("dead", whole())])),
        ("plugins", list(&partly(&of_plugin, &[("errors", counts())]))),
        ("pluginTotals", object(&of_calls)),
        ("pluginThreads", object(&[("awaited", whole()), ("background", whole())])),
    ])
}
