//! What goes with a collection that is deleted, in the same transaction. Another one may be made under its name, and then has its
//! id, as in `PocketBase`: whatever was said about the former must not hold for it.
//!
//! The scopes of API keys, sign-ins that wait, accounts elsewhere, events on their way, rows of the past and answers that are kept
//! for an `Idempotency-Key` are taken away here;
//! attachments and grants by whoever keeps them ([`crate::tenant::hooks::Hooks::part`]). Files: `files::journal`.

use crate::activity::{self, Event};
use crate::db::Unit;
use crate::error::Result;
use crate::model::{Collection, Scope, Verb};
use crate::sql::Sql;
use crate::tenant::Cx;
use crate::tenant::hooks::Farewell;
use serde_json::json;
use std::sync::Arc;

/// Where records of auth collections are named by the id of their collection.
const SIGN_INS: [&str; 4] = ["_mfas", "_otps", "_authOrigins", "_externalAuths"];

/// Adds the steps to the unit that deletes collections, with their entries in the audit trail.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn prepare(cx: &Cx, unit: &mut Unit, gone: &[Arc<Collection>]) -> Result<Farewell> {
    if gone.is_empty() {
        return Ok(Farewell::none());
    }
    narrow_keys(cx, unit, gone).await?;
    for collection in gone {
        let id = collection.id.as_str();
        if collection.auth().is_some() {
            for table in SIGN_INS {
                let mut sql = Sql::new("DELETE FROM ");
                sql.name(table).push(" WHERE collectionRef = ").bind(id);
                unit.run(sql);
            }
        }
        let mut events = Sql::new("DELETE FROM _outbox WHERE collection = ");
        events.bind(id);
        unit.run(events);
        // The numbers stay, since clients go on from them; what they stood for does not.
        let mut past =
            Sql::new("UPDATE _changes SET collection = '', record = '', past = NULL, bytes = 0 WHERE collection = ");
        past.bind(id);
        unit.run(past);
        let mut answers = Sql::new(
            "DELETE FROM _idempotency WHERE EXISTS (SELECT 1 FROM json_each(_idempotency.collections) WHERE value = ",
        );
        answers.bind(id).push(")");
        unit.run(answers);
    }
    let mut farewell = cx.tenant.hooks().part(cx, gone).await;
    for statement in farewell.statements.drain(..) {
        unit.run(statement);
    }
    Ok(farewell)
}

/// Takes the scopes for collections away from all keys. The trail names those that are there now; one that is made meanwhile, by
/// whoever still saw a collection, loses them all the same.
async fn narrow_keys(cx: &Cx, unit: &mut Unit, gone: &[Arc<Collection>]) -> Result<()> {
    let lost = scopes_for(gone);
    let mut keys = Vec::new();
    let select = Sql::new("SELECT id, name, scopes FROM _api_keys ORDER BY id");
    let read = cx.tenant.store.read(|snapshot| {
        snapshot.rows(&select, |row| {
            let scopes: Vec<String> = serde_json::from_str(row.text(2)).unwrap_or_default();
            keys.push((row.text(0).to_owned(), row.text(1).to_owned(), scopes));
            Ok(())
        })
    });
    read.await?;
    let mut narrow = Sql::new(
        "UPDATE _api_keys SET scopes = (SELECT json_group_array(value) FROM json_each(_api_keys.scopes) WHERE value NOT IN \
         (SELECT value FROM json_each(",
    );
    let text = json!(lost).to_string();
    narrow.bind(text.as_str()).push(
        "))) WHERE EXISTS (SELECT 1 FROM json_each(_api_keys.scopes) WHERE value IN (SELECT value FROM json_each(",
    );
    narrow.bind(text.as_str()).push(")))");
    unit.run(narrow);
    let shown = |scopes: &[&String]| {
        let name_of = |id: &str| cx.catalog.collection(id).map_or_else(|| id.to_owned(), |known| known.name.clone());
        let shown = scopes.iter().map(|scope| match Scope::parse(scope, |id| Some(id.to_owned())) {
            Some(scope) => scope.show(name_of),
            None => (*scope).clone(),
        });
        json!({"scopes": shown.collect::<Vec<_>>()})
    };
    for (id, name, scopes) in &keys {
        let kept: Vec<_> = scopes.iter().filter(|scope| !lost.contains(scope)).collect();
        if kept.len() < scopes.len() {
            let (before, after) = (shown(&scopes.iter().collect::<Vec<_>>()), shown(&kept));
            let event = Event { action: "update", kind: "key", subject: id, name, before, after };
            unit.run(activity::entry(cx, event));
        }
    }
    Ok(())
}

/// All scopes that are for nothing but one of the collections, as they are stored.
fn scopes_for(gone: &[Arc<Collection>]) -> Vec<String> {
    let verbs = || Verb::ALL.into_iter().map(Verb::name).chain(["*"]);
    gone.iter().flat_map(|collection| verbs().map(|verb| format!("{}:{verb}", collection.id))).collect()
}
