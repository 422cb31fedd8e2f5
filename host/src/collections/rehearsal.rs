//! A change of definitions tried without effect: what it would make of them, with which statements, and how much data they
//! are about.

use super::change::{Change, Outcome, Rehearsed};
use super::{
    CREATE_FAILED, IMPORT_FAILED, UPDATE_FAILED, import_failure, latest, plan_create, plan_import, plan_update,
};
use crate::error::Result;
use crate::model::Collection;
use crate::records::Tags;
use crate::sql::Sql;
use crate::tenant::Cx;
use serde_json::{Map, Value as Json, json};
use std::time::Duration;

/// How long counting rows may take.
const COUNT_TIME: Duration = Duration::from_secs(30);

/// The change that is tried.
#[derive(Debug, Clone, Copy)]
pub enum Wish<'a> {
    Create(&'a Map<String, Json>),
    /// Of the collection with this name or id, as long as it has one of the tags.
    Update(&'a str, &'a Map<String, Json>, Option<&'a Tags>),
    Import(&'a Map<String, Json>),
}

/// Makes the change in a transaction and takes it back: `{dryRun, collections: [{change, id, name, rows, definition}],
/// statements}`. The writer is held as long as by the change itself.
///
/// # Errors
/// What the change would have answered with.
pub async fn rehearse(cx: &Cx, wish: Wish<'_>) -> Result<Json> {
    let lock = cx.tenant.schema_lock.clone().lock_owned().await;
    let cx = &latest(cx);
    let (change, message): (Change, _) = match wish {
        Wish::Create(input) => (plan_create(cx, input)?.0, CREATE_FAILED),
        Wish::Update(name, input, if_match) => (plan_update(cx, name, input, if_match)?.0, UPDATE_FAILED),
        Wish::Import(input) => (plan_import(cx, input)?, IMPORT_FAILED),
    };
    let rehearsed = change.rehearse(cx, lock, message).await;
    let is_import = matches!(wish, Wish::Import(_));
    let Rehearsed { statements, outcomes } =
        rehearsed.map_err(|error| if is_import { import_failure(error) } else { error })?;
    let rows = count(cx, &outcomes).await?;
    let collections: Json = outcomes.iter().zip(rows).map(|(outcome, rows)| described(outcome, rows)).collect();
    Ok(json!({"dryRun": true, "collections": collections, "statements": statements}))
}

/// The rows of each collection that is there, one after the other from the same snapshot; `None` for views, whose rows are
/// those of others.
async fn count(cx: &Cx, outcomes: &[Outcome]) -> Result<Vec<Option<i64>>> {
    let stored: Vec<Option<&Collection>> = outcomes.iter().map(|outcome| outcome.old.as_deref()).collect();
    let counting = cx.tenant.store.read_slow(COUNT_TIME, |snapshot| {
        let mut rows = Vec::with_capacity(stored.len());
        for old in stored {
            rows.push(match old {
                None => Some(0),
                Some(view) if view.is_view() => None,
                Some(table) => {
                    let mut select = Sql::new("SELECT count(*) FROM ");
                    select.name(&table.name);
                    snapshot.one(&select, |row| Ok(row.integer(0)))?
                }
            });
        }
        Ok(rows)
    });
    counting.await
}

fn described(outcome: &Outcome, rows: Option<i64>) -> Json {
    let change = match (&outcome.old, &outcome.new) {
        (None, _) => "create",
        (Some(_), Some(_)) => "update",
        (Some(_), None) => "delete",
    };
    let named = outcome.old.as_ref().or(outcome.new.as_ref());
    json!({
        "change": change,
        "id": named.map(|collection| &collection.id),
        "name": named.map(|collection| &collection.name),
        "rows": rows.filter(|_| !outcome.new.as_ref().is_some_and(|new| new.is_view())),
        "definition": outcome.new.as_ref().map(|new| new.to_json()),
    })
}
