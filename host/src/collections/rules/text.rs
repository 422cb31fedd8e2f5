//! `POST /api/rules/check`: whether a rule or filter makes sense, what is wrong where, and what it says in words.

use crate::error::{Error, FieldErrors, Result, code};
use crate::model::Collection;
use crate::rules::{self, Checked, Purpose, ast::Expr, lint};
use crate::schema::catalog::Operation;
use crate::tenant::Cx;
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

pub(super) const INVALID: &str = "An error occurred while validating the submitted data.";

/// The kinds of rules by the words they are asked for with.
pub(super) const OPERATIONS: [(&str, Operation); 7] = [
    ("list", Operation::List),
    ("view", Operation::View),
    ("create", Operation::Create),
    ("update", Operation::Update),
    ("delete", Operation::Delete),
    ("manage", Operation::Manage),
    ("auth", Operation::Authenticate),
];
/// The kind of a text that is no rule but what a client sends as `filter=`.
const FILTER: &str = "filter";

/// `{valid, errors, warnings, explanation}` for `{collection, rule, kind}`.
///
/// # Errors
/// `Invalid` when it is not clear what is to be checked; a rule with mistakes is an answer.
pub fn check_rule(cx: &Cx, input: &Map<String, Json>) -> Result<Json> {
    let collection = collection_of(cx, input)?;
    let kind = input.get("kind").and_then(Json::as_str).unwrap_or_default();
    let operation = OPERATIONS.iter().find(|(name, _)| *name == kind).map(|(_, operation)| *operation);
    if operation.is_none() && kind != FILTER {
        return Err(Error::field(INVALID, "kind", unknown_word(&OPERATIONS, Some(FILTER))));
    }
    demand_auth(&collection, operation)?;
    let purpose = match operation {
        Some(_) => Purpose::Rule,
        None => Purpose::ClientFilter { superuser: false },
    };
    match input.get("rule") {
        None => Err(Error::field(INVALID, "rule", code::REQUIRED)),
        Some(Json::Null) => Ok(sound(&said_of_none(operation), &[])),
        Some(Json::String(text)) if text.trim().is_empty() => Ok(sound(&said_of_empty(operation), &[])),
        Some(Json::String(text)) => Ok(match read(cx, &collection, text, purpose) {
            Ok((expr, checked)) => {
                let warnings: Vec<Json> = lint::lint(&expr, &collection, has_body(operation))
                    .iter()
                    .map(|warning| placed(warning, text))
                    .collect();
                sound(&checked.explain(&expr), &warnings)
            }
            Err(errors) => {
                let errors: Vec<Json> = errors.iter().map(|error| placed(error, text)).collect();
                json!({"valid": false, "errors": errors, "warnings": [], "explanation": ""})
            }
        }),
        Some(_) => Err(Error::field(INVALID, "rule", code::INVALID_VALUE)),
    }
}

/// Whether something is submitted with what a rule is asked for.
fn has_body(operation: Option<Operation>) -> bool {
    !matches!(operation, Some(Operation::List | Operation::View | Operation::Delete))
}

/// A rule with everything that is wrong with it.
pub(super) fn read(
    cx: &Cx,
    collection: &Collection,
    text: &str,
    purpose: Purpose,
) -> Result<(Expr, Checked), Vec<rules::Error>> {
    let expr = rules::parse(text).map_err(|error| vec![error])?;
    let checked = rules::check_all(&expr, collection, &*cx.catalog, purpose)?;
    Ok((expr, checked))
}

/// A mistake with its place as JavaScript counts.
pub(super) fn placed(error: &rules::Error, text: &str) -> Json {
    let place = rules::error::utf16(text, &error.span);
    json!({"start": place.start, "end": place.end, "code": error.code, "message": error.message, "hint": error.help()})
}

/// The collection that `collection` names.
pub(super) fn collection_of(cx: &Cx, input: &Map<String, Json>) -> Result<Arc<Collection>> {
    match input.get("collection").and_then(Json::as_str).filter(|name| !name.is_empty()) {
        None => Err(Error::field(INVALID, "collection", code::REQUIRED)),
        Some(name) => cx.catalog.collection(name).cloned().ok_or_else(|| {
            Error::field(INVALID, "collection", code::INVALID_VALUE.say("There is no collection of that name."))
        }),
    }
}

/// Only auth collections have a manage and an auth rule.
pub(super) fn demand_auth(collection: &Collection, operation: Option<Operation>) -> Result<()> {
    if matches!(operation, Some(Operation::Manage | Operation::Authenticate)) && collection.auth().is_none() {
        let error = code::INVALID_VALUE.say("Only auth collections have such a rule.");
        return Err(Error::field(INVALID, "collection", error));
    }
    Ok(())
}

pub(super) fn unknown_word(known: &[(&str, Operation)], more: Option<&str>) -> crate::error::FieldError {
    let words: Vec<&str> = known.iter().map(|(name, _)| *name).chain(more).collect();
    code::INVALID_VALUE.say(format!("It is one of {}.", words.join(", ")))
}

fn sound(explanation: &str, warnings: &[Json]) -> Json {
    json!({"valid": true, "errors": [], "warnings": warnings, "explanation": explanation})
}

/// What a rule that is null says.
pub(super) fn said_of_none(operation: Option<Operation>) -> String {
    match operation {
        None => "every record that the list rule shows",
        Some(Operation::Manage) => "nobody but superusers manages these records",
        Some(Operation::Authenticate) => "nobody can sign in",
        Some(_) => "superusers only",
    }
    .to_owned()
}

/// What an empty rule says.
pub(super) fn said_of_empty(operation: Option<Operation>) -> String {
    match operation {
        None => "every record that the list rule shows",
        Some(Operation::Manage) => "nobody but superusers manages these records",
        Some(_) => "everybody",
    }
    .to_owned()
}

/// Adds an error for a key that is there and has the wrong type.
pub(super) fn object<'a>(
    input: &'a Map<String, Json>,
    key: &str,
    errors: &mut FieldErrors,
) -> Option<&'a Map<String, Json>> {
    match input.get(key) {
        None | Some(Json::Null) => None,
        Some(Json::Object(object)) => Some(object),
        Some(_) => {
            errors.add(key, code::INVALID_VALUE);
            None
        }
    }
}
