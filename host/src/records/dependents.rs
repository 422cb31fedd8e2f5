//! What hangs on an auth record without being a relation: sign-ins that wait, passwords on their way, places it has signed
//! in from, accounts elsewhere. It goes in the same commit as what it was good for.

use crate::model::{Action, Change, Record, Value};
use crate::sql::Sql;
use crate::tenant::Cx;

const MFAS: &str = "_mfas";
const OTPS: &str = "_otps";
const ORIGINS: &str = "_authOrigins";
const ACCOUNTS: &str = "_externalAuths";

/// The context in which an account elsewhere is what has verified the record.
const OAUTH2: &str = "oauth2";

/// The deletes that belong to a change.
pub(super) fn statements(cx: &Cx, change: &Change) -> Vec<Sql> {
    let record = change.subject();
    if record.collection.auth().is_none() {
        return Vec::new();
    }
    let gone = match (change.action, &change.before, &change.after) {
        (Action::Delete, ..) => vec![MFAS, OTPS, ORIGINS, ACCOUNTS],
        (Action::Update, Some(before), Some(after)) => outdated(cx, before, after),
        _ => Vec::new(),
    };
    gone.into_iter().map(|table| delete(table, record)).collect()
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

fn delete(table: &str, record: &Record) -> Sql {
    let mut sql = Sql::new("DELETE FROM ");
    sql.name(table).push(" WHERE collectionRef = ").bind(record.collection.id.as_str());
    sql.push(" AND recordRef = ").bind(record.id());
    sql
}
