//! Where records sign in from. A mail tells of a sign-in from somewhere new, except of the first of all.
//!
//! Nobody is kept from signing in because this fails.

use super::letters::{self, Kind};
use super::{mfa, own_collection};
use crate::crypto::sha256_hex;
use crate::error::{Error, Result};
use crate::model::{Record, date};
use crate::records::{self, Along};
use crate::sql::Sql;
use crate::tenant::Cx;

const ORIGINS: &str = "_authOrigins";

/// Places that are remembered for each record.
const KEPT: i64 = 5;

/// Characters of the browser's name that count.
const USER_AGENT_CHARS: usize = 200;

/// Characters of a fingerprint.
const FINGERPRINT_CHARS: usize = 32;

/// Remembers where a record has signed in from.
pub(super) async fn note(cx: &Cx, record: &Record) {
    if !record.collection.auth().is_some_and(|options| options.auth_alert.enabled) {
        return;
    }
    if let Err(error) = remember(cx, record).await {
        tracing::warn!(request_id = cx.facts.id, ?error, "the origin of a sign-in could not be noted");
    }
}

async fn remember(cx: &Cx, record: &Record) -> Result<()> {
    let agent = user_agent(cx);
    let fingerprint = fingerprint(&cx.facts.ip, &agent);
    let (count, is_known) = known(cx, record, &fingerprint).await?;
    if is_known {
        return Ok(());
    }
    let is_told = count > 0 && !record.text("email").is_empty();
    let mail = if is_told && cx.tenant.mail.admit().await.is_ok() {
        let info = format!("{} - {} {agent}", date::format(cx.now_ms), cx.facts.ip);
        let to = record.text("email").to_owned();
        Some(letters::compose(cx, record, Kind::LoginAlert, to, &[("ALERT_INFO", &info)])?)
    } else {
        None
    };
    let ours = &cx.as_system();
    let origins = own_collection(ours, ORIGINS)?;
    let id = cx.tenant.world.id();
    let input = mfa::row(record, &[("id", &id), ("fingerprint", &fingerprint)]);
    let removes = vec![(origins.clone(), forget_old(record, &id))];
    let along = Along { mail: mail.map(|letter| cx.tenant.mail.promise(&letter)), removes };
    match records::create_along(ours, &origins, input, along).await {
        // Somebody has signed in from the same place at the same time, and has told of it.
        Err(Error::Invalid { fields, .. }) if fields.0.contains_key("fingerprint") => Ok(()),
        done => done.map(|_| ()),
    }
}

/// How many places are known, and whether this is one of them.
async fn known(cx: &Cx, record: &Record, fingerprint: &str) -> Result<(i64, bool)> {
    let mut select = Sql::new("SELECT count(*), coalesce(max(fingerprint = ");
    select.bind(fingerprint).push("), 0) FROM _authOrigins WHERE collectionRef = ");
    select.bind(record.collection.id.as_str()).push(" AND recordRef = ").bind(record.id());
    let found =
        cx.tenant.store.read(|snapshot| snapshot.one(&select, |row| Ok((row.integer(0), row.integer(1) == 1)))).await?;
    Ok(found.unwrap_or_default())
}

/// Drops the oldest places but for this one and the newest others.
fn forget_old(record: &Record, id: &str) -> Sql {
    let owner = |sql: &mut Sql| {
        sql.push("collectionRef = ").bind(record.collection.id.as_str());
        sql.push(" AND recordRef = ").bind(record.id()).push(" AND id != ").bind(id);
    };
    let mut sql = Sql::new("DELETE FROM _authOrigins WHERE ");
    owner(&mut sql);
    sql.push(" AND id NOT IN (SELECT id FROM _authOrigins WHERE ");
    owner(&mut sql);
    sql.push(" ORDER BY created DESC, id DESC LIMIT ").bind(KEPT - 1).push(")");
    sql
}

fn user_agent(cx: &Cx) -> String {
    let agent = cx.facts.headers.iter().find(|(name, _)| name == "user_agent").map_or("", |(_, value)| value);
    agent.chars().filter(|letter| !letter.is_control()).take(USER_AGENT_CHARS).collect()
}

fn fingerprint(ip: &str, agent: &str) -> String {
    let mut text = sha256_hex([ip, agent].concat().as_bytes());
    text.truncate(FINGERPRINT_CHARS);
    text
}
