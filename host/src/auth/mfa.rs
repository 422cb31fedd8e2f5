//! The second factor. The first way to sign in that succeeds leaves a row in `_mfas`, whose id the client brings along
//! with another one; the row is good for one sign-in.

use super::own_collection;
use super::sign_in::Method;
use crate::access;
use crate::error::{Error, Result};
use crate::model::{Record, date};
use crate::records::{self, Terms, load_record};
use crate::schema::catalog::{Operation, Rule};
use crate::tenant::Cx;
use serde_json::{Map, Value as Json, json};

pub(super) const MFAS: &str = "_mfas";

const OVER: &str = "Invalid or expired MFA session.";

/// Lets a sign-in pass that has its two factors, or needs no second one.
///
/// # Errors
/// `SecondFactor` with the id to bring along when this was the first, `Invalid` when it is not the second factor it
/// claims to be.
pub(super) async fn demand(cx: &Cx, record: &Record, method: Method, id: &str) -> Result<()> {
    let Some(options) = record.collection.auth().filter(|options| options.mfa.enabled) else { return Ok(()) };
    if !wants(cx, record).await? {
        return Ok(());
    }
    let ours = &cx.as_system();
    let mfas = own_collection(ours, MFAS)?;
    if id.is_empty() {
        let input = row(record, &[("method", method.name())]);
        let waiting = records::create_record(ours, &mfas, input).await?;
        return Err(Error::SecondFactor(waiting.id().to_owned()));
    }
    let waiting = load_record(&cx.tenant, &mfas, "id", id).await?.ok_or_else(|| Error::invalid(OVER))?;
    if is_over(&waiting, options.mfa.duration_s, cx.now_ms) {
        take(ours, &waiting).await?;
        return Err(Error::invalid(OVER));
    }
    if waiting.text("recordRef") != record.id() || waiting.text("collectionRef") != record.collection.id {
        return Err(Error::invalid("Invalid MFA session."));
    }
    if waiting.text("method") == method.name() {
        return Err(Error::invalid("A different authentication method is required."));
    }
    // Of several that come at the same time one finds it.
    take(ours, &waiting).await
}

async fn take(ours: &Cx, waiting: &Record) -> Result<()> {
    match records::delete(ours, &waiting.collection, waiting.id(), &Terms::default()).await {
        Err(Error::NotFound(_) | Error::Conflict(_)) => Err(Error::invalid(OVER)),
        done => done,
    }
}

/// Whether the record is asked for a second factor. A rule that no longer makes sense spares nobody.
pub(super) async fn wants(cx: &Cx, record: &Record) -> Result<bool> {
    if !record.collection.auth().is_some_and(|options| options.mfa.enabled) {
        return Ok(false);
    }
    match cx.catalog.rule(&record.collection, Operation::SecondFactor) {
        Rule::When(rule) => access::holds(cx, rule, record, &Map::new()).await,
        Rule::Public | Rule::Locked | Rule::Broken(_) => Ok(true),
    }
}

/// Whether a row of `_mfas` or `_otps` has had its time.
pub(super) fn is_over(row: &Record, duration_s: u64, now_ms: i64) -> bool {
    row.text("created") <= oldest(duration_s, now_ms).as_str()
}

/// When a row was made that has just had its time.
pub(super) fn oldest(duration_s: u64, now_ms: i64) -> String {
    let before = i64::try_from(duration_s).unwrap_or(i64::MAX).saturating_mul(1_000);
    date::format(now_ms.saturating_sub(before))
}

/// The input of a row that belongs to a record.
pub(super) fn row(record: &Record, more: &[(&str, &str)]) -> Map<String, Json> {
    let owner = [("collectionRef", record.collection.id.as_str()), ("recordRef", record.id())];
    owner.iter().chain(more).map(|(key, value)| ((*key).to_owned(), json!(value))).collect()
}
