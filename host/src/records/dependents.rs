//! What hangs on an auth record without being a relation: sign-ins that wait, passwords on their way, places it has signed
//! in from, accounts elsewhere. It goes in the same commit as what it was good for, and those who listen are told.

use crate::db::RowSet;
use crate::model::{Action, Change, Collection, Record, Value};
use crate::sql::Sql;
use crate::tenant::Cx;
use std::sync::Arc;

const MFAS: &str = "_mfas";
const OTPS: &str = "_otps";
const ORIGINS: &str = "_authOrigins";
const ACCOUNTS: &str = "_externalAuths";

/// The context in which an account elsewhere is what has verified the record.
const OAUTH2: &str = "oauth2";

/// The deletes that belong to a change, each with the collection whose rows it takes.
pub(super) fn statements(cx: &Cx, change: &Change) -> Vec<(Arc<Collection>, Sql)> {
    let record = change.subject();
    if record.collection.auth().is_none() {
        return Vec::new();
    }
    let gone = match (change.action, &change.before, &change.after) {
        (Action::Delete, ..) => vec![MFAS, OTPS, ORIGINS, ACCOUNTS],
        (Action::Update, Some(before), Some(after)) => outdated(cx, before, after),
        _ => Vec::new(),
    };
    let statement = |table| {
        let collection = cx.catalog.collection(table)?.clone();
        let sql = delete(&collection, record);
        Some((collection, sql))
    };
    gone.into_iter().filter_map(statement).collect()
}

/// What became of the rows that a statement has taken and answered with.
pub(super) fn gone(collection: &Arc<Collection>, rows: &RowSet) -> Vec<Change> {
    let change = |row: &[crate::sql::Value]| {
        let values = collection.fields.iter().zip(row).map(|(field, stored)| field.load(stored.into())).collect();
        let before = Record { collection: collection.clone(), values };
        Change { action: Action::Delete, before: Some(Arc::new(before)), after: None }
    };
    rows.iter().map(change).collect()
}

fn outdated(cx: &Cx, before: &Record, after: &Record) -> Vec<&'static str> {
    let mut tables = Vec::new();
    if before.text("password") != after.text("password") {
        tables.extend([MFAS, ORIGINS]);
    }
    if before.text("tokenKey") != after.text("tokenKey") {
        tables.push(OTPS);
    }
    // Whoever linked an account before the address was known to be the record's may not be its owner.
    let is_verified = |record: &Record| record.get("verified") == Some(&Value::Bool(true));
    if !is_verified(before) && is_verified(after) && cx.facts.context != OAUTH2 {
        tables.push(ACCOUNTS);
    }
    tables
}

fn delete(of: &Collection, record: &Record) -> Sql {
    let mut sql = Sql::new("DELETE FROM ");
    sql.name(&of.name).push(" WHERE collectionRef = ").bind(record.collection.id.as_str());
    sql.push(" AND recordRef = ").bind(record.id());
    sql
}
