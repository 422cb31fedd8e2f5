//! The schemas of plugins: what they are, may do and have used. Not of what they answer themselves.

use super::{inputs, list, object, partly};
use crate::http::openapi::reference;
use serde_json::{Map, Value as Json, json};

/// Plugins and what belongs to them.
pub(super) fn all() -> Map<String, Json> {
    let text = || json!({"type": "string"});
    let texts = || json!({"type": "array", "items": {"type": "string"}});
    let table = [
        ("Plugin", plugin()),
        ("Attachment", attachment()),
        (
            "PluginSchedule",
            object(&[
                ("id", text()),
                ("plugin", text()),
                ("name", text()),
                ("expression", text()),
                ("enabled", json!({"type": "boolean"})),
                ("config", json!({"type": "object"})),
                ("limits", inputs::wish()),
                ("effectiveLimits", effective()),
                ("cron", text()),
                ("created", text()),
            ]),
        ),
        (
            "PluginRoute",
            object(&[
                ("plugin", text()),
                ("path", text()),
                ("access", json!({"type": "string", "enum": ["superuser", "user", "guest"]})),
                ("enabled", json!({"type": "boolean"})),
                ("config", json!({"type": "object"})),
                ("limits", inputs::wish()),
                ("effectiveLimits", effective()),
                ("created", text()),
            ]),
        ),
        ("Grants", grants(true)),
        ("GrantsInput", grants(false)),
        ("Manifest", manifest()),
        ("HookLimits", limits()),
        ("Secret", object(&[("name", text()), ("hosts", texts()), ("updated", text())])),
        ("SecretInput", object(&[("name", text()), ("value", text()), ("hosts", texts())])),
    ];
    table.into_iter().chain(of_calls()).map(|(name, schema)| (name.to_owned(), schema)).collect()
}

fn plugin() -> Json {
    let text = || json!({"type": "string"});
    let texts = || json!({"type": "array", "items": {"type": "string"}});
    partly(
        &[
            ("id", text()),
            ("name", text()),
            ("version", text()),
            ("sha256", text()),
            ("size", json!({"type": "integer"})),
            ("exports", texts()),
            ("imports", texts()),
            ("capabilities", texts()),
            ("manifest", reference("Manifest")),
            ("compileMs", json!({"type": "integer"})),
            (
                "state",
                json!({"type": "string", "enum": ["uploaded", "waiting", "active", "disabled", "off", "open", "broken"]}),
            ),
            ("created", text()),
            ("activated", text()),
            ("approved", json!({"type": "boolean"})),
            ("healthy", json!({"type": "boolean"})),
            (
                "withdrawn",
                json!({"type": "boolean", "description": "Somebody went back from it to an earlier version, and has not activated it since."}),
            ),
            (
                "loaded",
                json!({"type": "boolean", "description": "Its code is in memory: its next call does not load it."}),
            ),
            ("canary", json!({"oneOf": [{"type": "null"}, canary()]})),
            ("report", json!({"type": "object"})),
        ],
        // What an upload tells besides.
        &[
            (
                "misfits",
                json!({"type": "object", "additionalProperties": {"type": "object"}, "description": "Of an upload: what the version refuses of the stored configurations, by field."}),
            ),
            ("problem", problem()),
        ],
    )
}

fn attachment() -> Json {
    let text = || json!({"type": "string"});
    let texts = || json!({"type": "array", "items": {"type": "string"}});
    object(&[
        ("id", text()),
        ("plugin", text()),
        ("collection", text()),
        ("hooks", texts()),
        ("order", json!({"type": "integer"})),
        ("enabled", json!({"type": "boolean"})),
        ("config", json!({"type": "object"})),
        ("fields", inputs::projection()),
        ("limits", inputs::wish()),
        ("effectiveLimits", effective()),
        ("onFailure", json!({"type": "string", "enum": ["closed", "open"]})),
        ("created", text()),
    ])
}

/// What the calls of each hook really get.
fn effective() -> Json {
    json!({"type": "object", "additionalProperties": reference("HookLimits")})
}

/// What the calls of one hook get.
fn limits() -> Json {
    let whole = || json!({"type": "integer"});
    let names = ["fuel", "fuelPerKib", "wallMs", "memoryMb", "hostCalls", "bytesPerCall", "handles", "logBytes"];
    let mut limits = object(&names.map(|name| (name, whole())));
    // Of routes.
    limits["properties"]["atOnce"] = whole();
    limits
}

fn canary() -> Json {
    object(&[("version", json!({"type": "string"})), ("share", json!({"type": "integer"}))])
}

/// How calls of plugins go.
fn of_calls() -> [(&'static str, Json); 6] {
    [
        ("Breakers", breakers()),
        ("PluginLedger", ledger()),
        ("PluginMetrics", figures()),
        ("OutboxRow", outbox_row()),
        ("PluginLine", log_line()),
        ("Trial", trial()),
    ]
}

/// What calls have used: of one hook, or of all plugins.
fn used(more: &[(&str, Json)]) -> Json {
    let (whole, number) = (|| json!({"type": "integer"}), || json!({"type": "number"}));
    let counts = || json!({"type": "object", "additionalProperties": {"type": "integer"}});
    let times = || object(&[("p50", number()), ("p99", number()), ("max", number()), ("total", number())]);
    let of_calls = [
        ("calls", whole()),
        ("refusals", whole()),
        ("skipped", whole()),
        ("failures", whole()),
        ("errors", counts()),
        ("fuel", object(&[("p50", whole()), ("p99", whole()), ("max", whole()), ("total", whole())])),
        ("wallMs", times()),
        ("queueMs", times()),
        ("guestMs", number()),
        ("hostMs", number()),
        ("hostCalls", whole()),
        ("memoryBytes", whole()),
    ];
    object(&[more, &of_calls].concat())
}

/// What all plugins of a tenant have used.
fn ledger() -> Json {
    let maybe = || json!({"type": ["integer", "null"]});
    let text = || json!({"type": "string"});
    let each = used(&[
        ("id", text()),
        ("name", text()),
        ("version", text()),
        ("state", text()),
        ("callsInPlace", json!({"type": "integer"})),
    ]);
    let quota = object(&[
        ("fuelPerSecond", maybe()),
        ("fuelLeft", maybe()),
        ("refused", json!({"type": "integer"})),
        ("limits", inputs::wish()),
    ]);
    object(&[
        ("tenant", text()),
        ("totals", used(&[])),
        ("quota", quota),
        ("plugins", json!({"type": "array", "items": each})),
    ])
}

fn problem() -> Json {
    let text = json!({"type": "string"});
    let mut problem = object(&[("code", text.clone()), ("message", text)]);
    problem["description"] = "Where the state is `broken`: why its code cannot be loaded.".into();
    problem
}

fn figures() -> Json {
    let (text, whole, number) =
        (|| json!({"type": "string"}), || json!({"type": "integer"}), || json!({"type": "number"}));
    let counts = || json!({"type": "object", "additionalProperties": {"type": "integer"}});
    let hook = used(&[("version", text()), ("hook", text())]);
    let totals = object(&[
        ("calls", whole()),
        ("refusals", whole()),
        ("skipped", whole()),
        ("failures", whole()),
        ("errors", counts()),
        ("fuel", whole()),
        ("wallMs", number()),
        ("queueMs", number()),
        ("hostMs", number()),
        ("hostCalls", whole()),
    ]);
    object(&[
        ("id", text()),
        ("name", text()),
        ("version", text()),
        ("canary", json!({"oneOf": [{"type": "null"}, canary()]})),
        ("callsInPlace", whole()),
        ("totals", totals),
        ("hooks", json!({"type": "array", "items": hook})),
    ])
}

fn breakers() -> Json {
    let (text, whole) = (|| json!({"type": "string"}), || json!({"type": "integer"}));
    let mut breaker = object(&[
        ("hook", text()),
        ("state", json!({"type": "string", "enum": ["closed", "open", "halfOpen"]})),
        ("calls", whole()),
        ("failures", whole()),
    ]);
    breaker["properties"]["probeAt"] = text();
    breaker["properties"]["pauseMs"] = whole();
    let of_version = object(&[("version", text()), ("hooks", json!({"type": "array", "items": breaker}))]);
    let mut breakers = of_version.clone();
    breakers["properties"]["canary"] = of_version;
    breakers
}

fn outbox_row() -> Json {
    let (text, whole) = (|| json!({"type": "string"}), || json!({"type": "integer"}));
    let mut row = object(&[
        ("id", text()),
        ("state", json!({"type": "string", "enum": ["pending", "dead"]})),
        ("plugin", text()),
        ("pluginName", text()),
        (
            "gone",
            json!({"type": "boolean", "description": "Its plugin was deleted, or detached from the collection: nobody can take it any more."}),
        ),
        ("attachment", text()),
        ("collection", text()),
        ("collectionId", text()),
        ("record", text()),
        ("action", text()),
        ("attempts", whole()),
        ("due", json!({"type": ["string", "null"]})),
        ("error", text()),
        ("created", text()),
    ]);
    row["properties"]["event"] = json!({"type": "object"});
    row
}

fn log_line() -> Json {
    let (text, whole) = (|| json!({"type": "string"}), || json!({"type": "integer"}));
    object(&[
        ("seq", whole()),
        ("time", text()),
        ("level", text()),
        ("message", text()),
        ("hook", json!({"type": ["string", "null"]})),
        ("requestId", text()),
    ])
}

fn trial() -> Json {
    let (text, whole, number) =
        (|| json!({"type": "string"}), || json!({"type": "integer"}), || json!({"type": "number"}));
    let usage = object(&[
        ("fuel", whole()),
        ("wallMs", number()),
        ("hostMs", number()),
        ("memoryBytes", whole()),
        ("hostCalls", whole()),
    ]);
    let mut trial = object(&[
        ("hook", text()),
        ("version", text()),
        ("result", json!({"type": "string", "enum": ["accepted", "refused", "failed"]})),
        ("usage", usage),
        ("limits", reference("HookLimits")),
        ("writes", list(&queued())),
        ("log", list(&reference("PluginLine"))),
    ]);
    trial["properties"]["changes"] = json!({"type": "object"});
    trial["properties"]["errors"] =
        json!({"type": "object", "additionalProperties": object(&[("code", text()), ("message", text())])});
    trial["properties"]["message"] = text();
    trial["properties"]["status"] = whole();
    trial["properties"]["axis"] = text();
    trial
}

/// What a call would have written, or said to somebody.
fn queued() -> Json {
    let text = || json!({"type": "string"});
    let verbs = json!({"type": "string", "enum": ["create", "update", "delete", "mail", "publish"]});
    partly(
        &[("verb", verbs)],
        &[
            ("collection", text()),
            ("id", text()),
            ("fields", json!({"type": "object"})),
            ("files", list(&text())),
            ("to", text()),
            ("subject", text()),
            ("topic", text()),
            ("data", json!({})),
        ],
    )
}

/// What a component says of itself; other keys are kept.
fn manifest() -> Json {
    partly(&[], &[("name", json!({"type": "string"})), ("config", json!({})), ("requests", reference("GrantsInput"))])
}

/// What can be granted; everything but `records` is there only when it is granted.
fn grants(shown: bool) -> Json {
    let (text, flag, whole) = (json!({"type": "string"}), json!({"type": "boolean"}), json!({"type": "integer"}));
    let texts = json!({"type": "array", "items": text});
    let records = object(&[
        ("collection", text.clone()),
        ("verbs", texts.clone()),
        ("as", json!({"type": "string", "enum": ["caller", "plugin"]})),
    ]);
    let properties = json!({
        "records": {"type": "array", "items": records},
        "http": {"type": "object", "required": ["hosts"], "properties": {
            "hosts": texts, "methods": texts, "insecure": flag, "bytesPerCall": whole, "bytesPerDay": whole,
        }},
        "secrets": texts,
        "signing": texts,
        "mail": {"type": "object", "required": ["to"], "properties": {
            "to": {"oneOf": [{"type": "string", "enum": ["any", "users"]}, texts]}, "perDay": whole,
        }},
        "realtime": texts,
        "files": {"type": "array", "items": {"type": "string", "enum": ["read", "write"]}},
        "clock": flag,
        "random": flag,
    });
    let mut grants = json!({"type": "object", "properties": properties});
    if shown {
        grants["required"] = json!(["records"]);
    }
    grants
}
