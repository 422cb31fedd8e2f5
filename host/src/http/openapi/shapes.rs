//! The schemas of what is no record: errors, pages, logs, jobs, statements, sign-ins.

mod definitions;
mod inputs;
mod server;

use super::reference;
use crate::settings::Settings;
use serde_json::{Map, Value as Json, json};

/// Under the names by which operations refer to them.
#[expect(clippy::too_many_lines, reason = "it is a table")]
pub(super) fn all() -> Map<String, Json> {
    let text = || json!({"type": "string"});
    let whole = || json!({"type": "integer"});
    let table = [
        (
            "Error",
            object(&[
                ("status", whole()),
                ("message", text()),
                (
                    "data",
                    json!({"type": "object", "additionalProperties": {"type": "object"}, "description": "By field: `{code, message, params?}`."}),
                ),
            ]),
        ),
        (
            "AnyRecord",
            json!({
                "type": "object",
                "properties": {"id": text(), "collectionId": text(), "collectionName": text()},
                "required": ["id", "collectionId", "collectionName"],
                "additionalProperties": true,
            }),
        ),
        ("Count", object(&[("count", whole())])),
        ("Password", object(&[("identity", text()), ("password", json!({"type": "string"}))])),
        ("Email", object(&[("email", text())])),
        ("OtpId", object(&[("otpId", text())])),
        ("Otp", object(&[("otpId", text()), ("password", text())])),
        ("SignedIn", object(&[("token", text()), ("record", json!({"type": "object"}))])),
        ("FileToken", object(&[("token", text())])),
        (
            "UploadWish",
            json!({
                "type": "object",
                "properties": {
                    "field": text(), "name": text(), "size": whole(), "type": text(), "record": text(),
                    "data": {"type": "object", "description": "What else will be written, as far as the rule asks for it."},
                },
                "required": ["field", "size"],
            }),
        ),
        (
            "UploadOffer",
            object(&[
                ("upload", text()),
                ("method", text()),
                ("url", text()),
                ("headers", json!({"type": "object", "additionalProperties": {"type": "string"}})),
                ("urlExpires", text()),
                ("expires", text()),
            ]),
        ),
        ("Batch", object(&[("requests", json!({"type": "array", "items": {"type": "object"}}))])),
        (
            "LogRow",
            object(&[
                ("id", text()),
                ("created", text()),
                ("level", json!({"type": "integer", "enum": [-4, 0, 4, 8]})),
                ("message", text()),
                ("data", json!({"type": "object"})),
            ]),
        ),
        ("LogHour", object(&[("date", text()), ("total", whole())])),
        (
            "ActivityEntry",
            object(&[
                ("id", text()),
                ("actorKind", text()),
                ("actorCollection", text()),
                ("actorId", text()),
                ("actorName", text()),
                ("ip", text()),
                ("requestId", text()),
                ("action", text()),
                ("kind", text()),
                ("subject", text()),
                ("name", text()),
                ("before", json!({})),
                ("after", json!({})),
                ("created", text()),
            ]),
        ),
        (
            "Cron",
            object(&[
                ("id", text()),
                ("expression", text()),
                ("next", text()),
                ("running", json!({"type": "boolean"})),
                ("last", json!({"anyOf": [{"$ref": "#/components/schemas/CronRun"}, {"type": "null"}]})),
            ]),
        ),
        (
            "CronRun",
            object(&[
                ("id", text()),
                ("job", text()),
                ("cause", json!({"type": "string", "enum": ["schedule", "request"]})),
                ("outcome", json!({"type": "string", "enum": ["running", "done", "failed", "interrupted"]})),
                ("detail", text()),
                ("started", text()),
                ("durationMs", whole()),
            ]),
        ),
        (
            "StoragePreset",
            object(&[
                ("id", text()),
                ("name", text()),
                ("endpoint", text()),
                ("region", text()),
                ("forcePathStyle", json!({"type": "boolean"})),
                ("hint", text()),
            ]),
        ),
        (
            "StorageMove",
            object(&[
                ("state", json!({"type": "string", "enum": ["idle", "running", "done", "failed", "cancelled"]})),
                ("to", text()),
                ("files", whole()),
                ("bytes", whole()),
                ("movedFiles", whole()),
                ("movedBytes", whole()),
                ("failedFiles", whole()),
                ("problem", text()),
                ("started", text()),
                ("ended", text()),
            ]),
        ),
        ("Backup", object(&[("key", text()), ("size", whole()), ("modified", text())])),
        ("BackupName", json!({"type": "object", "properties": {"name": {"type": "string", "maxLength": 150}}})),
        (
            "BackupStatus",
            object(&[
                (
                    "running",
                    json!({"anyOf": [object(&[
                        ("action", text()), ("key", text()), ("started", text()), ("step", text()),
                        ("doneBytes", whole()), ("totalBytes", whole()),
                    ]), {"type": "null"}]}),
                ),
                (
                    "last",
                    json!({"anyOf": [partly(
                        &[
                            ("outcome", json!({"type": "string", "enum": ["done", "failed", "interrupted"]})),
                            ("action", text()), ("key", text()), ("started", text()),
                        ],
                        &[("detail", text())],
                    ), {"type": "null"}]}),
                ),
            ]),
        ),
        (
            "BackupReport",
            json!({"type": "object", "required": ["valid", "problem", "code"], "properties": {
                "valid": {"type": "boolean"}, "problem": text(), "code": text(), "created": text(), "appName": text(),
                "tinybase": text(), "engine": text(), "entries": whole(), "bytes": whole(), "filesElsewhere": whole(),
            }}),
        ),
        (
            "Statement",
            json!({
                "type": "object",
                "properties": {"query": {"type": "string", "maxLength": 5000}, "write": {"type": "boolean"}},
                "required": ["query"],
            }),
        ),
        (
            "Rows",
            object(&[
                ("execTime", whole()),
                ("affectedRows", whole()),
                ("truncated", json!({"type": "boolean"})),
                (
                    "columns",
                    json!({"type": "array", "items": object(&[
                        ("name", text()), ("type", text()), ("nullable", json!({"type": "boolean"})),
                    ])}),
                ),
                ("rows", json!({"type": "array", "items": {"type": "array", "items": {"type": ["string", "null"]}}})),
            ]),
        ),
        ("Health", object(&[("code", whole()), ("message", text()), ("data", json!({"type": "object"}))])),
    ];
    let mut all: Map<String, Json> = table.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect();
    all.extend(of_plugins());
    all.extend(of_realtime());
    all.extend(
        server::all()
            .into_iter()
            .chain(inputs::all())
            .chain(definitions::all())
            .map(|(name, schema)| (name.to_owned(), schema)),
    );
    let settings = Settings::default().to_json();
    all.insert("Settings".to_owned(), like(&settings, true));
    all.insert("SettingsPatch".to_owned(), like(&settings, false));
    all
}

/// What goes by `/api/realtime`.
fn of_realtime() -> Map<String, Json> {
    let text = || json!({"type": "string"});
    let whole = || json!({"type": "integer"});
    let texts = || json!({"type": "array", "items": {"type": "string"}});
    let table = [
        (
            "Said",
            json!({"type": "object", "properties": {"topic": {"type": "string"}, "data": {}}, "required": ["topic"]}),
        ),
        (
            "RealtimeClient",
            object(&[
                ("id", text()),
                ("transport", json!({"type": "string", "enum": ["sse", "websocket"]})),
                ("ip", text()),
                ("connected", text()),
                ("auth", object(&[("kind", text()), ("id", text()), ("collectionName", text())])),
                ("topics", texts()),
                ("topicCount", whole()),
                ("present", texts()),
                ("waitingMessages", whole()),
                ("waitingBytes", whole()),
            ]),
        ),
    ];
    table.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}

/// Plugins and what belongs to them.
fn of_plugins() -> Map<String, Json> {
    let text = || json!({"type": "string"});
    let texts = || json!({"type": "array", "items": {"type": "string"}});
    let table = [
        (
            "Plugin",
            object(&[
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
                    json!({"type": "string", "enum": ["uploaded", "waiting", "active", "disabled", "off", "open"]}),
                ),
                ("created", text()),
                ("activated", text()),
                ("approved", json!({"type": "boolean"})),
                ("healthy", json!({"type": "boolean"})),
                ("canary", json!({"oneOf": [{"type": "null"}, canary()]})),
                ("report", json!({"type": "object"})),
            ]),
        ),
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
        ("effectiveLimits", json!({"type": "object", "additionalProperties": reference("HookLimits")})),
        ("onFailure", json!({"type": "string", "enum": ["closed", "open"]})),
        ("created", text()),
    ])
}

/// What the calls of one hook get.
fn limits() -> Json {
    let whole = || json!({"type": "integer"});
    let names = ["fuel", "fuelPerKib", "wallMs", "memoryMb", "hostCalls", "bytesPerCall", "handles", "logBytes"];
    object(&names.map(|name| (name, whole())))
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
    let quota = object(&[("fuelPerSecond", maybe()), ("fuelLeft", maybe()), ("refused", json!({"type": "integer"}))]);
    object(&[
        ("tenant", json!({"type": "string"})),
        ("totals", used(&[])),
        ("quota", quota),
        ("plugins", json!({"type": "array", "items": {"type": "object"}})),
    ])
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

/// What a document is an example of: its keys with their types. Lists are lists of anything.
pub(super) fn like(example: &Json, demanded: bool) -> Json {
    match example {
        Json::Object(map) => {
            let properties: Map<String, Json> =
                map.iter().map(|(key, value)| (key.clone(), like(value, demanded))).collect();
            let mut schema = json!({"type": "object", "properties": properties});
            if demanded && !map.is_empty() {
                schema["required"] = map.keys().cloned().collect();
            }
            schema
        }
        Json::Array(_) => json!({"type": "array"}),
        Json::String(_) => json!({"type": "string"}),
        Json::Bool(_) => json!({"type": "boolean"}),
        Json::Number(number) if number.is_f64() => json!({"type": "number"}),
        Json::Number(_) => json!({"type": "integer"}),
        Json::Null => json!({}),
    }
}

/// An object that has all of these.
fn object(properties: &[(&str, Json)]) -> Json {
    let names: Vec<&str> = properties.iter().map(|(name, _)| *name).collect();
    let map: Map<String, Json> = properties.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect();
    json!({"type": "object", "properties": map, "required": names})
}

/// An object that has some for certain, and others perhaps.
fn partly(required: &[(&str, Json)], optional: &[(&str, Json)]) -> Json {
    let mut schema = object(required);
    for (name, property) in optional {
        schema["properties"][*name] = property.clone();
    }
    if required.is_empty()
        && let Some(schema) = schema.as_object_mut()
    {
        schema.remove("required");
    }
    schema
}

fn list(item: &Json) -> Json {
    json!({"type": "array", "items": item})
}

fn or_null(schema: &Json) -> Json {
    json!({"anyOf": [schema, {"type": "null"}]})
}

/// All items, without pages.
pub(super) fn items(item: &Json) -> Json {
    object(&[("items", list(item))])
}

/// A page of items.
pub(super) fn page(item: &Json) -> Json {
    object(&[
        ("page", json!({"type": "integer"})),
        ("perPage", json!({"type": "integer"})),
        ("totalItems", json!({"type": "integer"})),
        ("totalPages", json!({"type": "integer"})),
        ("items", json!({"type": "array", "items": item})),
    ])
}

/// A form with a file.
pub(super) fn upload() -> Json {
    json!({"type": "object", "properties": {"file": {"type": "string", "format": "binary"}, "name": {"type": "string"}}, "required": ["file"]})
}
