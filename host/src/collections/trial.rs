//! A view's query tried before it is saved: its fields and some rows.

use crate::error::{Error, FieldErrors, Result, code};
use crate::model::{Collection, Field, Kind, Rules, date};
use crate::records;
use crate::schema::views;
use crate::tenant::Cx;
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

const FAILED: &str = "Failed to execute the view query.";
/// In characters.
const QUERY_MAX: usize = 5000;
/// Rows that are shown.
const SAMPLE: usize = 10;

/// `{fields, sample}` of a query.
///
/// # Errors
/// `Invalid` with what is wrong with the query.
pub async fn dry_run_view(cx: &Cx, input: &Map<String, Json>) -> Result<Json> {
    let query = match input.get("query") {
        None | Some(Json::Null) => "",
        Some(query) => query.as_str().ok_or_else(|| wrong(code::INVALID_VALUE))?,
    };
    let query = query.trim().trim_end_matches(';');
    if query.is_empty() {
        return Err(wrong(code::REQUIRED));
    }
    if query.chars().count() > QUERY_MAX {
        return Err(wrong(code::LENGTH_OUT_OF_RANGE.with([("min", json!(1)), ("max", json!(QUERY_MAX))])));
    }
    let collections: Vec<_> = cx.catalog.collections().cloned().collect();
    let (query, fields) = views::fields_of(query, &collections)?
        .map_err(|words| wrong(code::INVALID_VIEW_QUERY.say(format!("Invalid query - {words}"))))?;
    // What no view shows of an account is not to be seen here either.
    let fields = fields.into_iter().filter(|field| !field.is_credential()).collect();
    let view = Arc::new(Collection {
        id: String::new(),
        name: String::new(),
        kind: Kind::View { query: query.clone() },
        system: false,
        fields,
        indexes: Vec::new(),
        rules: Rules::default(),
        created: date::format(cx.now_ms),
        updated: String::new(),
    });
    let sample = records::sample(cx, &view, &query, SAMPLE).await.map_err(|error| match error {
        // It fits the tables but not the rows, such as JSON functions of what is no JSON.
        Error::Internal(_) => wrong(code::INVALID_VIEW_QUERY.say("Invalid query - it fails on the rows there are.")),
        other => other,
    })?;
    let fields: Json = view.fields.iter().map(Field::to_json).collect();
    Ok(json!({"fields": fields, "sample": sample}))
}

fn wrong(error: impl Into<crate::error::FieldError>) -> Error {
    Error::Invalid { message: FAILED.into(), fields: FieldErrors::one("query", error) }
}
