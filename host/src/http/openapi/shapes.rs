//! The schemas of what is no record: errors, pages, logs, jobs, statements, sign-ins.

mod definitions;
mod inputs;
mod plugins;
mod server;

use super::reference;
use crate::activity;
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
                ("plugin", text()),
                ("ip", text()),
                ("requestId", text()),
                ("action", json!({"type": "string", "enum": activity::ACTIONS})),
                ("kind", json!({"type": "string", "enum": activity::KINDS})),
                ("subject", text()),
                ("name", text()),
                ("before", json!({})),
                ("after", json!({})),
                ("hooks", list(&object(&[("plugin", text()), ("fields", list(&text()))]))),
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
    all.extend(plugins::all());
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
