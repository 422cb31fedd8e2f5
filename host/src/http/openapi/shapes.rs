//! The schemas of what is no record: errors, pages, logs, jobs, statements, sign-ins.

use serde_json::{Map, Value as Json, json};

/// Under the names by which operations refer to them.
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
            }),
        ),
        ("Count", object(&[("count", whole())])),
        ("Password", object(&[("identity", text()), ("password", json!({"type": "string"}))])),
        ("Email", object(&[("email", text())])),
        ("OtpId", object(&[("otpId", text())])),
        ("Otp", object(&[("otpId", text()), ("password", text())])),
        ("SignedIn", object(&[("token", text()), ("record", json!({"type": "object"}))])),
        ("FileToken", object(&[("token", text())])),
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
        (
            "Collection",
            json!({
                "type": "object",
                "properties": {
                    "id": text(), "name": text(), "type": {"type": "string", "enum": ["base", "auth", "view"]},
                    "system": {"type": "boolean"}, "fields": {"type": "array", "items": {"type": "object"}},
                    "indexes": {"type": "array", "items": {"type": "string"}},
                    "listRule": {"type": ["string", "null"]}, "viewRule": {"type": ["string", "null"]},
                    "createRule": {"type": ["string", "null"]}, "updateRule": {"type": ["string", "null"]},
                    "deleteRule": {"type": ["string", "null"]},
                },
            }),
        ),
        ("Health", object(&[("code", whole()), ("message", text()), ("data", json!({"type": "object"}))])),
    ];
    table.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}

/// An object that has all of these.
fn object(properties: &[(&str, Json)]) -> Json {
    let names: Vec<&str> = properties.iter().map(|(name, _)| *name).collect();
    let map: Map<String, Json> = properties.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect();
    json!({"type": "object", "properties": map, "required": names})
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
