//! The schemas of collections and their fields, as they are shown and sent.

use super::{list, object, or_null, partly, reference};
use serde_json::{Value as Json, json};

pub(super) fn all() -> Vec<(&'static str, Json)> {
    let preview = [("fields", list(&reference("Field"))), ("sample", list(&json!({"type": "object"})))];
    vec![
        ("Collection", collection()),
        ("CollectionInput", collection_input()),
        ("Field", field()),
        ("ViewQuery", object(&[("query", json!({"type": "string"}))])),
        ("ViewPreview", object(&preview)),
        ("ChangePreview", change_preview()),
    ]
}

/// What a change of definitions would do; `rows` are those that are there already, `definition` is null for one that goes.
fn change_preview() -> Json {
    let text = || json!({"type": "string"});
    let touched = object(&[
        ("change", json!({"type": "string", "enum": ["create", "update", "delete"]})),
        ("id", text()),
        ("name", text()),
        ("rows", json!({"type": ["integer", "null"]})),
        ("definition", or_null(&reference("Collection"))),
    ]);
    object(&[("dryRun", json!({"type": "boolean"})), ("collections", list(&touched)), ("statements", list(&text()))])
}

/// A definition as it is shown; what only its type has goes beside the rest.
fn collection() -> Json {
    let (text, rule) = (|| json!({"type": "string"}), || json!({"type": ["string", "null"]}));
    let mut collection = partly(
        &[
            ("id", text()),
            ("name", text()),
            ("type", json!({"type": "string", "enum": ["base", "auth", "view"]})),
            ("system", json!({"type": "boolean"})),
            ("fields", list(&reference("Field"))),
            ("indexes", list(&text())),
            ("listRule", rule()),
            ("viewRule", rule()),
            ("createRule", rule()),
            ("updateRule", rule()),
            ("deleteRule", rule()),
            ("created", text()),
            ("updated", text()),
        ],
        &[("viewQuery", text())],
    );
    collection["additionalProperties"] = json!(true);
    collection
}

/// A field of a definition, with the options of its kind beside what all have.
fn field() -> Json {
    let (text, flag) = (|| json!({"type": "string"}), || json!({"type": "boolean"}));
    let mut field = partly(
        &[("id", text()), ("name", text()), ("type", text())],
        &[("system", flag()), ("required", flag()), ("hidden", flag()), ("presentable", flag())],
    );
    field["additionalProperties"] = json!(true);
    field
}

/// Everything else of a definition stays as it is, or as a new one begins.
fn collection_input() -> Json {
    let (text, rule) = (json!({"type": "string"}), json!({"type": ["string", "null"]}));
    let mut input = partly(
        &[],
        &[
            ("id", text.clone()),
            ("name", text.clone()),
            ("type", text.clone()),
            ("fields", list(&json!({"type": "object"}))),
            ("indexes", list(&text)),
            ("listRule", rule.clone()),
            ("viewRule", rule.clone()),
            ("createRule", rule.clone()),
            ("updateRule", rule.clone()),
            ("deleteRule", rule),
            ("viewQuery", text),
        ],
    );
    input["additionalProperties"] = json!(true);
    input
}
