//! Caller x operation x collection -> [`Permit`]: the only place where a rule is applied.
//!
//! A permit is proof. `records` demands one for every read and write, and applies its condition in the
//! same statement or transaction, so that a rule holds for the row as it is then. Trusted callers take the
//! same path with a permit that allows everything.

use crate::db::Snapshot;
use crate::error::{Error, Result};
use crate::model::{ApiKey, Collection, Record, Verb};
use crate::rules::{AtHand, Checked, Facts, Related, Truth};
use crate::schema::catalog::{Catalog, Rule};
use crate::sql::Sql;
use crate::tenant::Cx;
use serde_json::{Map, Value as Json};
use std::sync::Arc;

pub use crate::schema::catalog::Operation;

/// What the permit allows.
#[derive(Debug)]
enum Scope {
    All,
    When { catalog: Arc<Catalog>, collection: Arc<Collection>, operation: Operation },
}

/// Proof that a caller may try an operation on a collection, on the rows its condition selects.
#[derive(Debug)]
pub struct Permit(Scope);

impl Permit {
    /// The condition that a row must meet; `None` allows every row.
    #[must_use]
    pub fn condition(&self) -> Option<&Checked> {
        match &self.0 {
            Scope::All => None,
            Scope::When { catalog, collection, operation } => match catalog.rule(collection, *operation) {
                Rule::When(checked) => Some(checked),
                Rule::Public | Rule::Locked | Rule::Broken(_) => None,
            },
        }
    }
}

/// Decides whether the caller may try at all.
///
/// # Errors
/// `Forbidden` when the rule is for superusers only; for a rule that no longer makes sense what
/// `PocketBase` answers: 400 for lists and creates, 404 for the rest.
pub fn admit(cx: &Cx, collection: &Arc<Collection>, operation: Operation) -> Result<Permit> {
    if cx.caller.is_trusted() {
        return Ok(Permit(Scope::All));
    }
    if let Some(key) = cx.caller.key() {
        return admit_key(key, collection, operation);
    }
    match cx.catalog.rule(collection, operation) {
        Rule::Public => Ok(Permit(Scope::All)),
        Rule::When(_) => {
            Ok(Permit(Scope::When { catalog: cx.catalog.clone(), collection: collection.clone(), operation }))
        }
        Rule::Locked => Err(Error::Forbidden("Only superusers can perform this action.".into())),
        Rule::Broken(_) => Err(match operation {
            Operation::List => Error::invalid("Something went wrong while processing your request."),
            Operation::Create => Error::invalid("Failed to create record."),
            _ => Error::not_found(),
        }),
    }
}

/// The scopes of a key stand in the place of rules, whether those would say more or less.
fn admit_key(key: &ApiKey, collection: &Collection, operation: Operation) -> Result<Permit> {
    match operation.verb() {
        Some(verb) if key.may(collection, verb) => Ok(Permit(Scope::All)),
        Some(verb) if !collection.system => {
            Err(Error::MissingScope(Some(format!("{}:{}", collection.name, verb.name()))))
        }
        _ => Err(Error::MissingScope(None)),
    }
}

/// What `@request.*` and the macros stand for in this operation.
#[must_use]
pub fn facts<'a>(cx: &'a Cx, body: &'a Map<String, serde_json::Value>) -> Facts<'a> {
    Facts {
        context: cx.facts.context,
        method: &cx.facts.method,
        auth: cx.caller.record().map(AsRef::as_ref),
        body,
        query: &cx.facts.query,
        headers: &cx.facts.headers,
        now_ms: cx.now_ms,
    }
}

/// Whether the caller may see a row, decided in memory; `NeedsDatabase` when the rule looks elsewhere.
#[must_use]
pub fn may_see(cx: &Cx, row: &Record, operation: Operation, related: &dyn Related) -> Truth {
    if cx.caller.is_trusted() {
        return Truth::True;
    }
    if let Some(key) = cx.caller.key() {
        let may = operation.verb().is_some_and(|verb| key.may(&row.collection, verb));
        return if may { Truth::True } else { Truth::False };
    }
    match cx.catalog.rule(&row.collection, operation) {
        Rule::Public => Truth::True,
        Rule::Locked | Rule::Broken(_) => Truth::False,
        Rule::When(checked) => {
            let body = Map::new();
            checked.evaluate(&facts(cx, &body), row, related)
        }
    }
}

/// The records that rules can be decided with without asking for them: the caller's own.
#[must_use]
fn at_hand(cx: &Cx) -> AtHand<'_> {
    AtHand { lookup: &*cx.catalog, record: cx.caller.record().map(AsRef::as_ref) }
}

/// What memory says of a condition about a row.
#[must_use]
pub fn judge(cx: &Cx, condition: &Checked, row: &Record, body: &Map<String, Json>) -> Truth {
    condition.evaluate(&facts(cx, body), row, &at_hand(cx))
}

/// The same without the caller's record at hand, which need not be any more what it was.
#[must_use]
pub fn judge_apart(cx: &Cx, condition: &Checked, row: &Record, body: &Map<String, Json>) -> Truth {
    condition.evaluate(&facts(cx, body), row, &AtHand { lookup: &*cx.catalog, record: None })
}

/// Whether a row, as it is given, meets a condition: in memory, or else by asking the database.
///
/// # Errors
/// When the database cannot be read.
pub async fn holds(cx: &Cx, condition: &Checked, row: &Record, body: &Map<String, Json>) -> Result<bool> {
    match judge(cx, condition, row, body) {
        Truth::True => Ok(true),
        Truth::False => Ok(false),
        Truth::NeedsDatabase => cx.tenant.store.read(|snapshot| meets(snapshot, cx, condition, row, body)).await,
    }
}

/// What the database says of a condition about a row that need not be in its table.
///
/// # Errors
/// When the database cannot be read.
pub fn meets(
    snapshot: &mut Snapshot<'_>,
    cx: &Cx,
    condition: &Checked,
    row: &Record,
    body: &Map<String, Json>,
) -> Result<bool> {
    let mut select = Sql::new("SELECT 1 WHERE ");
    select.append(condition.to_sql_for_draft(row, &facts(cx, body), &*cx.catalog).condition);
    Ok(snapshot.one(&select, |_| Ok(()))?.is_some())
}

/// Whether the caller has power over an auth record's e-mail, password and verification.
///
/// # Errors
/// When the database cannot be read.
pub async fn manages(cx: &Cx, row: &Record, body: &Map<String, Json>) -> Result<bool> {
    match power(cx, &row.collection) {
        Power::Every => Ok(true),
        Power::When(rule) => holds(cx, rule, row, body).await,
        Power::None => Ok(false),
    }
}

/// Over which records of an auth collection the caller has such power.
#[derive(Debug)]
pub enum Power<'a> {
    Every,
    /// Those that meet the manage rule.
    When(&'a Checked),
    None,
}

#[must_use]
pub fn power<'a>(cx: &'a Cx, collection: &Arc<Collection>) -> Power<'a> {
    if cx.caller.is_free(collection, &[Verb::Update]) {
        return Power::Every;
    }
    if cx.caller.key().is_some() {
        return Power::None;
    }
    match cx.catalog.rule(collection, Operation::Manage) {
        Rule::When(rule) => Power::When(rule),
        // An empty manage rule would give everybody power over everybody; it gives nobody any.
        Rule::Public | Rule::Locked | Rule::Broken(_) => Power::None,
    }
}
