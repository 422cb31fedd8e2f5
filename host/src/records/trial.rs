//! A write tried without effect, and the record that its rule is judged on: for those who write rules.

use super::plan::{Plan, Refusal, lost_race};
use super::uploads::Named;
use super::{defaults, passage, read, remove, write};
use crate::error::{Error, Result};
use crate::model::{Collection, Draft, Record};
use crate::tenant::Cx;
use serde_json::{Map, Value as Json};
use std::sync::Arc;

/// A write that is only tried.
#[derive(Debug, Clone, Copy)]
pub enum Trial<'a> {
    Create(&'a Map<String, Json>),
    Update(&'a str, &'a Map<String, Json>),
    Delete(&'a str),
}

/// Does all that the write would do, its transaction included, and takes it back. Hooks do not run, as they
/// may do more than write; validators do.
///
/// # Errors
/// What the write would have answered with.
pub async fn trial(cx: &Cx, collection: &Arc<Collection>, write: Trial<'_>) -> Result<()> {
    let mut plan = Plan::trial();
    let message = match write {
        Trial::Create(input) => {
            write::plan_create(cx, &mut plan, collection, &Named::without_files(input)).await?;
            write::CREATE_FAILED
        }
        Trial::Update(id, input) => {
            write::plan_update(cx, &mut plan, collection, id, &Named::without_files(input), None).await?;
            write::UPDATE_FAILED
        }
        Trial::Delete(id) => {
            remove::plan_delete(cx, &mut plan, collection, id, None).await?;
            remove::BLOCKED
        }
    };
    match plan.commit(cx).await.map_err(|refused| refused.why) {
        Ok(()) => Ok(()),
        Err(Refusal::Conflict) => Err(lost_race()),
        Err(Refusal::Error(error)) => Err(error.with_message(message)),
    }
}

/// What the rule of a write is judged on: the stored record, or the new one as if it were stored; and what
/// `@request.body` stands for.
#[derive(Debug)]
pub struct Subject {
    pub record: Record,
    pub body: Map<String, Json>,
}

/// The subject of a write to the record `id`, or of a create.
///
/// # Errors
/// `NotFound` when there is no such record.
pub async fn subject(
    cx: &Cx,
    collection: &Arc<Collection>,
    id: Option<&str>,
    input: &Map<String, Json>,
) -> Result<Subject> {
    let Some(id) = id else {
        let mut draft = Draft::new(collection.clone());
        write::apply(cx, &mut draft, input);
        defaults::apply(cx, &mut draft);
        let body = passage::resolved_body(cx, &draft, input);
        return Ok(Subject { record: passage::as_if_stored(cx, &draft), body });
    };
    let record = read::load_record(&cx.tenant, collection, "id", id).await?.ok_or_else(Error::not_found)?;
    let mut draft = Draft::of(&record);
    write::apply(cx, &mut draft, input);
    let body = passage::resolved_body(cx, &draft, input);
    Ok(Subject { record, body })
}
