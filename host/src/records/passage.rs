//! Judges a write by its rule: in memory where the rule looks only at the request and the row, in the
//! database where it looks further; then the same question is asked again within the transaction.

use super::plan::Plan;
use super::read;
use crate::access::{self, Permit, Power};
use crate::error::{Error, Result};
use crate::model::{Collection, Draft, FieldKind, Record, Value, Verb};
use crate::rules::{Checked, Truth};
use crate::sql::Sql;
use crate::tenant::Cx;
use serde_json::{Map, Value as Json};

pub(super) enum Verdict {
    Admitted,
    Refused,
    /// The database decides: a SELECT that finds a row when the write may go on.
    Ask(Sql),
    /// The database was asked, and must answer the same at the commit.
    AdmittedIf(Sql),
}

/// Whether the caller may give this key a value. Hidden fields are for superusers, but anybody who may
/// write an auth record may set its password.
#[must_use]
pub fn may_set(cx: &Cx, collection: &Collection, key: &str) -> bool {
    if cx.caller.is_free(collection, &[Verb::Create, Verb::Update]) {
        return true;
    }
    let name = key.trim_matches(['+', '-']).split(':').next().unwrap_or_default();
    collection.field(name).is_none_or(|field| {
        !field.hidden || (collection.auth().is_some() && matches!(field.kind, FieldKind::Password(_)))
    })
}

/// The create rule on a draft, as if it were stored. Answers with what must still hold at the commit.
pub(super) async fn admit_draft(
    cx: &Cx,
    plan: &mut Plan,
    permit: &Permit,
    draft: &Draft,
    input: &Map<String, Json>,
) -> Result<Option<Sql>> {
    let Some(rule) = permit.condition() else { return Ok(None) };
    let body = resolved_body(cx, draft, input);
    let record = as_if_stored(cx, draft);
    match judge(cx, plan.changes(cx.caller.record()), rule, &record, &body) {
        Truth::True => return Ok(None),
        Truth::False => return Err(refused(cx)),
        Truth::NeedsDatabase => {}
    }
    let select = question(cx, rule, &record, &body);
    if plan.would_find(cx, &select).await? { Ok(Some(select)) } else { Err(refused(cx)) }
}

/// What is said of a create that the rule refuses: to the client whose it is, or of what a plugin asks for in its name.
pub(super) fn refused(cx: &Cx) -> Error {
    match &cx.through {
        Some(plugin) => Error::BeyondCaller(plugin.to_string()),
        None => Error::invalid("Failed to create record."),
    }
}

/// A SELECT that finds a row when a record that need not be stored meets the rule.
fn question(cx: &Cx, rule: &Checked, record: &Record, body: &Map<String, Json>) -> Sql {
    let mut select = Sql::new("SELECT 1 WHERE ");
    select.append(rule.to_sql_for_draft(record, &access::facts(cx, body), &*cx.catalog).condition);
    select
}

/// Whether the caller has power over an auth record's e-mail, password and verification, once what is planned is done.
pub(super) enum Manages {
    Yes,
    No,
    /// The database said so, and must say so again at the commit if the power is used.
    If(Sql),
}

pub(super) async fn manages(cx: &Cx, plan: &mut Plan, row: &Record, body: &Map<String, Json>) -> Result<Manages> {
    let rule = match access::power(cx, &row.collection) {
        Power::Every => return Ok(Manages::Yes),
        Power::None => return Ok(Manages::No),
        Power::When(rule) => rule,
    };
    Ok(match judge(cx, plan.changes(cx.caller.record()), rule, row, body) {
        Truth::True => Manages::Yes,
        Truth::False => Manages::No,
        Truth::NeedsDatabase => {
            let select = question(cx, rule, row, body);
            if plan.would_find(cx, &select).await? { Manages::If(select) } else { Manages::No }
        }
    })
}

/// What memory says of a rule. The caller's record is known as it was when the request came: where a write before this
/// one in the transaction has changed it, what a rule finds in it by way of a relation is for the database to say.
fn judge(cx: &Cx, caller_changed: bool, rule: &Checked, row: &Record, body: &Map<String, Json>) -> Truth {
    if caller_changed { access::judge_apart(cx, rule, row, body) } else { access::judge(cx, rule, row, body) }
}

/// The new record as the create rule sees it: it has an id, and nobody has verified it.
pub(super) fn as_if_stored(cx: &Cx, draft: &Draft) -> Record {
    let mut record = draft.record.clone();
    let collection = record.collection.clone();
    if let Some(index) = collection.field_index("id").filter(|_| record.id().is_empty()) {
        record.values[index] = Value::Text(cx.tenant.world.id());
    }
    if let Some(index) = collection.field_index("verified").filter(|_| collection.auth().is_some()) {
        record.values[index] = Value::Bool(false);
    }
    record
}

/// The update or delete rule on a stored row; `draft` is given the input so that `@request.body.*` is resolved.
pub(super) fn admit_row(
    cx: &Cx,
    caller_changed: bool,
    permit: &Permit,
    row: &Record,
    draft: &mut Draft,
    input: &Map<String, Json>,
) -> Verdict {
    let Some(rule) = permit.condition() else { return Verdict::Admitted };
    let mut random = |length: usize| cx.tenant.world.ids.lower(length);
    draft.apply_input(input, |key| may_set(cx, &row.collection, key), &mut random);
    let body = resolved_body(cx, draft, input);
    match judge(cx, caller_changed, rule, row, &body) {
        Truth::True => Verdict::Admitted,
        Truth::False => Verdict::Refused,
        Truth::NeedsDatabase => {
            let mut select = Sql::new("SELECT 1 FROM ");
            select.name(&row.collection.name).push(" WHERE id = ").bind(row.id());
            select.push(" AND ").append(read::to_condition(cx, rule, &body));
            Verdict::Ask(select)
        }
    }
}

/// The input with modifiers resolved: `tags+` becomes `tags` with the value that would be stored. What the
/// caller may not set was not sent.
pub(super) fn resolved_body(cx: &Cx, draft: &Draft, input: &Map<String, Json>) -> Map<String, Json> {
    let collection = &draft.record.collection;
    let mut body = Map::new();
    for (key, value) in input.iter().filter(|(key, _)| may_set(cx, collection, key)) {
        let name = key.trim_matches(['+', '-']).split(':').next().unwrap_or_default();
        match collection.field_index(name) {
            Some(index) if draft.set[index] && !matches!(collection.fields[index].kind, FieldKind::Password(_)) => {
                body.insert(name.to_owned(), draft.record.values[index].to_json());
            }
            _ => {
                body.insert(key.clone(), value.clone());
            }
        }
    }
    body
}
