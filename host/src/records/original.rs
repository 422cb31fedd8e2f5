//! Rows read in order to be written: from the database, or from what the plan at hand has made of them.

use super::passage::{self, Verdict};
use super::plan::Plan;
use super::read;
use crate::access::Permit;
use crate::error::{Error, Result};
use crate::model::{Collection, Draft, Record};
use crate::sql::{self, Sql};
use crate::tenant::Cx;
use serde_json::{Map, Value as Json};
use std::sync::Arc;

/// A row as it is before a write, and what must still hold when the write is made.
#[derive(Debug, Clone)]
pub(super) struct Original {
    pub(super) record: Arc<Record>,
    seen: Seen,
    /// The rule again, where it looked beyond the row itself.
    pub(super) recheck: Option<Sql>,
}

#[derive(Debug, Clone)]
enum Seen {
    /// In the database, with these columns.
    Stored(Vec<sql::Value>),
    /// In the plan, whose earlier steps make sure that it is so.
    Planned,
}

impl Original {
    /// A row as it is stored.
    pub(super) fn stored(collection: &Arc<Collection>, row: &crate::db::Row<'_>) -> Self {
        let columns = (0..collection.fields.len()).map(|index| row.value(index)).collect();
        Self { record: Arc::new(read::load(collection, row)), seen: Seen::Stored(columns), recheck: None }
    }

    /// A record as the plan has left it.
    pub(super) fn planned(record: Arc<Record>) -> Self {
        Self { record, seen: Seen::Planned, recheck: None }
    }

    /// The same, or what the plan has made of it since it was read; `None` when it will be gone.
    pub(super) fn in_plan(self, plan: &Plan) -> Option<Self> {
        match plan.overlay().get(&self.record.collection, self.record.id()) {
            None => Some(self),
            Some(planned) => planned.record.clone().map(Self::planned),
        }
    }

    /// How much memory its values take, roughly.
    pub(super) fn bytes(&self) -> usize {
        let Seen::Stored(row) = &self.seen else { return 0 };
        let long = row.iter().map(|value| match value {
            sql::Value::Text(text) => text.len(),
            sql::Value::Blob(bytes) => bytes.len(),
            _ => 0,
        });
        long.sum()
    }

    /// `id = ?`, and that the other columns are as they were read.
    pub(super) fn append_condition(&self, sql: &mut Sql) {
        sql.push("id = ").bind(self.record.id());
        let Seen::Stored(row) = &self.seen else { return };
        for (field, value) in self.record.collection.fields.iter().zip(row) {
            if field.name != "id" {
                sql.push(" AND ").name(&field.name).push(" IS ").bind(value.clone());
            }
        }
    }
}

/// The row that an update or delete is about; the rule is judged on it as it is before the write.
///
/// # Errors
/// `NotFound` when there is none or the rule hides it.
pub(super) async fn fetch(
    cx: &Cx,
    plan: &mut Plan,
    permit: &Permit,
    collection: &Arc<Collection>,
    id: &str,
    input: &Map<String, Json>,
) -> Result<Original> {
    let planned = plan.overlay().get(collection, id).cloned();
    let (original, verdict) = match planned {
        Some(planned) => {
            let original = Original::planned(planned.record.ok_or_else(Error::not_found)?);
            let verdict = judge(cx, plan.changes(cx.caller.record()), permit, &original, input);
            (original, verdict)
        }
        None => stored(cx, plan, permit, collection, id, input).await?,
    };
    let recheck = match verdict {
        Verdict::Admitted => None,
        Verdict::AdmittedIf(condition) => Some(condition),
        Verdict::Ask(condition) if plan.would_find(cx, &condition).await? => Some(condition),
        Verdict::Refused | Verdict::Ask(_) => return Err(Error::not_found()),
    };
    Ok(Original { recheck, ..original })
}

fn judge(cx: &Cx, caller_changed: bool, permit: &Permit, original: &Original, input: &Map<String, Json>) -> Verdict {
    let mut draft = Draft::of(&original.record);
    passage::admit_row(cx, caller_changed, permit, &original.record, &mut draft, input)
}

/// Reads the row and, where the database has to judge and the plan has not changed it, asks in the same snapshot.
async fn stored(
    cx: &Cx,
    plan: &Plan,
    permit: &Permit,
    collection: &Arc<Collection>,
    id: &str,
    input: &Map<String, Json>,
) -> Result<(Original, Verdict)> {
    let (is_blank, caller_changed) = (plan.is_blank(), plan.changes(cx.caller.record()));
    let mut select = read::plain_select(&cx.catalog, collection);
    select.push(" WHERE id = ").bind(id);
    let found = cx
        .tenant
        .store
        .read(|snapshot| {
            let original = snapshot.one(&select, |row| Ok(Original::stored(collection, row)))?;
            let Some(original) = original else { return Ok(None) };
            let verdict = match judge(cx, caller_changed, permit, &original, input) {
                Verdict::Ask(condition) if is_blank => {
                    if read::is_some(snapshot, &condition)? {
                        Verdict::AdmittedIf(condition)
                    } else {
                        Verdict::Refused
                    }
                }
                verdict => verdict,
            };
            Ok(Some((original, verdict)))
        })
        .await?;
    found.ok_or_else(Error::not_found)
}
