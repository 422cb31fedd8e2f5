//! `Idempotency-Key`: a write that is sent again is answered again and not made again.
//!
//! The answer is a row that the transaction of the write itself leaves, so there is no moment at which one is
//! there without the other. What was refused leaves none: it changed nothing and may be tried again.
//! Those who come with the same key at the same time wait for the first; should the first have gone away
//! before its commit, the primary key of the row decides.

use super::plan::Plan;
use super::{Answer, Terms};
use crate::crypto::sha256_hex;
use crate::db::{Failure, Unit};
use crate::error::{Error, FieldErrors, Result, code};
use crate::model::{Caller, FieldKind};
use crate::settings::network::household;
use crate::sql::{Sql, Value};
use crate::tenant::{Cx, Tenant};
use serde_json::{Map, Value as Json};
use std::collections::{BTreeSet, HashSet};
use tokio::sync::OwnedMutexGuard;

/// How long an answer is kept.
pub const KEPT_MS: i64 = 86_400_000;
/// Longest key, in bytes.
const KEY_MAX: usize = 255;
/// Largest answer that is kept; a write that would be answered with more is refused.
const REPLY_MAX: usize = 16 << 20;
/// Rows deleted at once, so that the writer is free in between.
const SWEEP_ROWS: i64 = 1_000;

/// The name of the header in `data` of an error.
const FIELD: &str = "idempotencyKey";
/// Input that is left out of the hash: a hash of it would be easier to guess than the one in the record.
const SECRETS: [&str; 3] = ["password", "passwordConfirm", "oldPassword"];

/// Whose turn it is.
#[derive(Debug)]
pub(super) enum Turn {
    /// There is no key.
    Unclaimed,
    /// The caller's: nobody else has it while this lives.
    Ours(Claim),
    /// The write was made before.
    Made(Answer),
}

/// The right to make the write that a key stands for.
#[derive(Debug)]
pub(super) struct Claim {
    id: String,
    input: String,
    /// The ids of the collections that the answer is about, and of the caller's, as JSON.
    collections: String,
    _turn: Vec<OwnedMutexGuard<()>>,
}

/// Takes the turn of the key in `terms`, waiting for whoever has it. `target` says what is written to, in which collections.
///
/// # Errors
/// `Invalid` for a key that cannot be one, `Unprocessable` when it came with another input before.
pub(super) async fn claim(
    cx: &Cx,
    terms: &Terms,
    (collections, target): (&[&str], &str),
    input: &Map<String, Json>,
) -> Result<Turn> {
    let Some(key) = terms.idempotency_key.as_deref() else { return Ok(Turn::Unclaimed) };
    if key.is_empty() || key.len() > KEY_MAX || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        let message = "The Idempotency-Key must be 1 to 255 visible ASCII characters.";
        return Err(Error::field(message, FIELD, code::INVALID_FORMAT));
    }
    let collection = cx.caller.record().map_or("", |record| record.collection.id.as_str());
    let who = cx.caller.id();
    // Guests are nobody: those of one address share their keys, and nobody else's.
    let from = match cx.caller {
        Caller::Guest => household(cx.facts.address()).to_string(),
        _ => String::new(),
    };
    let parts = [cx.caller.kind(), collection, who, &from, &cx.facts.method, target, key];
    let id = sha256_hex(parts.join("\0").as_bytes());
    let turn = cx.tenant.turns.lock(&[("", &id)]).await;
    let about: BTreeSet<&str> = collections.iter().copied().chain([collection]).filter(|id| !id.is_empty()).collect();
    let collections = serde_json::json!(about).to_string();
    let claim = Claim { id, input: fingerprint(cx, terms, input), collections, _turn: turn };
    Ok(match claim.made(cx).await? {
        Some(answer) => Turn::Made(answer),
        None => Turn::Ours(claim),
    })
}

impl Claim {
    /// The answer to the write, if it was made.
    pub(super) async fn made(&self, cx: &Cx) -> Result<Option<Answer>> {
        let mut select = Sql::new("SELECT input, etag, reply FROM _idempotency WHERE id = ");
        select.bind(self.id.as_str()).push(" AND expires_ms > ").bind(cx.now_ms);
        let read = cx.tenant.store.read(|snapshot| {
            snapshot.one(&select, |row| {
                let json = match row.value(2) {
                    Value::Blob(json) => json,
                    _ => Vec::new(),
                };
                let answer = Answer { json, etag: row.text(1).to_owned(), replayed: true };
                Ok((row.text(0) == self.input, answer))
            })
        });
        match read.await? {
            None => Ok(None),
            Some((true, answer)) => Ok(Some(answer)),
            Some((false, _)) => {
                let message = "The Idempotency-Key was used for another request before.";
                let fields = FieldErrors::one(FIELD, code::IDEMPOTENCY_KEY_REUSED);
                Err(Error::Unprocessable { message: message.into(), fields })
            }
        }
    }

    /// Has the plan leave the answer when it is carried out.
    ///
    /// # Errors
    /// `Invalid` when it is too large to be kept.
    pub(super) fn keep(&self, cx: &Cx, plan: &mut Plan, answer: &Answer) -> Result<()> {
        if answer.json.len() > REPLY_MAX {
            return Err(Error::invalid("The answer would be too large to be kept for the Idempotency-Key."));
        }
        let mut sql = Sql::new("INSERT INTO _idempotency (id, input, etag, reply, collections, expires_ms) VALUES (");
        sql.bind(self.id.as_str()).push(", ").bind(self.input.as_str()).push(", ").bind(answer.etag.as_str());
        sql.push(", ").bind(Value::Blob(answer.json.clone())).push(", ").bind(self.collections.as_str());
        sql.push(", ").bind(cx.now_ms.saturating_add(KEPT_MS));
        sql.push(") ON CONFLICT (id) DO UPDATE SET input = excluded.input, etag = excluded.etag, ");
        sql.push("reply = excluded.reply, collections = excluded.collections, expires_ms = excluded.expires_ms WHERE expires_ms <= ").bind(cx.now_ms);
        plan.change_one(sql);
        Ok(())
    }

    /// Replaces the answer by one that could only be made after the commit: with what is expanded.
    pub(super) async fn amend(&self, cx: &Cx, answer: &Answer) {
        let mut sql = Sql::new("UPDATE _idempotency SET reply = ");
        sql.bind(Value::Blob(answer.json.clone())).push(" WHERE id = ").bind(self.id.as_str());
        if let Err(failure) = cx.tenant.store.write(Unit::of(sql)).await {
            // The write is made; a repetition will be answered without what is expanded.
            tracing::warn!(?failure, "an answer could not be kept");
        }
    }
}

/// What must be the same for a request to be the same.
fn fingerprint(cx: &Cx, terms: &Terms, input: &Map<String, Json>) -> String {
    let fields = cx.catalog.collections().flat_map(|collection| &collection.fields);
    let passwords = fields.filter(|field| matches!(field.kind, FieldKind::Password(_)));
    let secrets: HashSet<&str> = passwords.map(|field| field.name.as_str()).chain(SECRETS).collect();
    let query = [terms.query.expand.as_deref(), terms.query.fields.as_deref()];
    let whole = serde_json::json!([query, without(&secrets, &Json::Object(input.clone()))]);
    sha256_hex(whole.to_string().as_bytes())
}

fn without(secrets: &HashSet<&str>, value: &Json) -> Json {
    match value {
        Json::Object(map) => {
            let kept = map.iter().filter(|(key, _)| !secrets.contains(key.as_str()));
            Json::Object(kept.map(|(key, value)| (key.clone(), without(secrets, value))).collect())
        }
        Json::Array(items) => items.iter().map(|item| without(secrets, item)).collect(),
        other => other.clone(),
    }
}

/// Forgets the answers that have been kept for long enough; how many.
///
/// # Errors
/// When the database cannot be written.
pub async fn sweep(tenant: &Tenant) -> Result<u64> {
    let now = tenant.world.now_ms();
    let mut any = Sql::new("SELECT 1 FROM _idempotency WHERE expires_ms <= ");
    any.bind(now).push(" LIMIT 1");
    let mut forgotten = 0;
    while tenant.store.read(|snapshot| super::read::is_some(snapshot, &any)).await? {
        let mut sql =
            Sql::new("DELETE FROM _idempotency WHERE id IN (SELECT id FROM _idempotency WHERE expires_ms <= ");
        sql.bind(now).push(" ORDER BY expires_ms LIMIT ").bind(SWEEP_ROWS).push(")");
        let mut unit = Unit::new();
        let slot = unit.count(sql);
        forgotten += tenant.store.write(unit).await.map_err(Failure::into_error)?.count(slot);
    }
    Ok(forgotten)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn secrets_are_left_out_at_every_depth() {
        let input = json!({"requests": [{"body": {"email": "a", "password": "b"}}], "password": "c", "n": [1]});
        let left = without(&HashSet::from(["password"]), &input);
        assert_eq!(left, json!({"requests": [{"body": {"email": "a"}}], "n": [1]}));
    }
}
