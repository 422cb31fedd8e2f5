//! The dashboard's session: a superuser's token in an httpOnly cookie, and a CSRF value that a page of
//! another origin cannot know. A row for each session lets it be ended before its token expires.

use super::letters::text;
use super::sign_in::{self, Method};
use super::token::{self, Purpose};
use super::{SUPERUSERS, collection, origin, otp};
use crate::activity;
use crate::crypto;
use crate::db::{Failure, Unit};
use crate::error::{Error, Result};
use crate::model::{Caller, Record, date};
use crate::records::load_record;
use crate::sql::Sql;
use crate::tenant::{Cx, Tenant};
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

/// Length of the CSRF value in characters of hex.
const CSRF_LENGTH: usize = 32;

/// Characters of the browser's name that are kept.
const USER_AGENT_MAX: usize = 200;

/// Most sessions in a list.
const LIST_MAX: i64 = 500;

/// A session that has just begun.
#[derive(Debug)]
pub struct Session {
    /// Goes into the cookie.
    pub token: String,
    /// Comes back in the header of every request that changes something.
    pub csrf: String,
    pub record: Arc<Record>,
    pub duration_s: u64,
}

/// Who a cookie belongs to.
#[derive(Debug)]
pub struct Holder {
    pub caller: Caller,
    /// What its requests must carry.
    pub csrf: String,
    /// The session's id.
    pub id: String,
}

/// Signs a superuser in to the dashboard: with `email` and `password`, or with `otpId` and the `password` from a mail;
/// with `mfaId` when it is the second factor.
///
/// # Errors
/// `Invalid` for a wrong e-mail or password alike, `SecondFactor` when another way to sign in is demanded besides.
pub async fn open(cx: &Cx, body: &Map<String, Json>) -> Result<Session> {
    let superusers = collection(cx, SUPERUSERS)?;
    origin::check_sign_in(&cx.tenant, &superusers, cx.facts.address())?;
    let (otp_id, password) = (text(body, "otpId")?, text(body, "password")?);
    let (method, record) = if otp_id.is_empty() {
        let record = load_record(&cx.tenant, &superusers, "email", text(body, "email")?).await?;
        let hash = record.as_ref().map(|record| record.text("password").to_owned());
        let matches = cx.tenant.passwords.verify(password.to_owned(), hash).await?;
        let record = record.filter(|_| matches).ok_or_else(|| Error::invalid(super::FAILED))?;
        (Method::Password, super::renew(cx, record, password.to_owned()).await)
    } else {
        (Method::Otp, otp::redeem(cx, &superusers, otp_id, password).await?)
    };
    sign_in::let_in(&cx.in_context(method.name()), &record, method, &sign_in::mfa_id(cx, body)?).await?;
    begin(cx, record).await
}

/// Begins a session for a superuser who has been let in already.
///
/// # Errors
/// `Internal` when the token cannot be signed or the session cannot be written.
pub async fn begin(cx: &Cx, record: Arc<Record>) -> Result<Session> {
    let id = cx.tenant.world.id();
    let token = token::issue_session(&cx.tenant, &record, &id)?;
    let duration_s = record.collection.auth().map_or(0, |options| options.auth_token.duration_s);
    let mut sweep = Sql::new("DELETE FROM _sessions WHERE expires_ms <= ");
    sweep.bind(cx.now_ms);
    let mut unit = Unit::of(sweep);
    unit.run(insert(cx, &record, &id, duration_s));
    let actor = Cx { caller: Caller::Superuser(record.clone()), ..cx.clone() };
    unit.run(activity::simple(&actor, "begin", "session", &id, record.text("email"), Json::Null));
    cx.tenant.store.write(unit).await.map_err(Failure::into_error)?;
    Ok(Session { csrf: csrf(&record, &token), token, record, duration_s })
}

fn insert(cx: &Cx, record: &Record, id: &str, duration_s: u64) -> Sql {
    let agent = cx.facts.headers.iter().find(|(name, _)| name == "user_agent").map_or("", |(_, value)| value);
    let agent: String = agent.chars().filter(|letter| !letter.is_control()).take(USER_AGENT_MAX).collect();
    let lives_ms = i64::try_from(duration_s).unwrap_or(i64::MAX).saturating_mul(1_000);
    let mut sql =
        Sql::new("INSERT INTO _sessions (id, superuser, proof, ip, user_agent, created, expires_ms) VALUES (");
    sql.bind(id).push(", ").bind(record.id()).push(", ").bind(proof(record, id)).push(", ");
    sql.bind(cx.facts.ip.as_str()).push(", ").bind(agent).push(", ").bind(date::format(cx.now_ms)).push(", ");
    sql.bind(cx.now_ms.saturating_add(lives_ms)).push(")");
    sql
}

/// Who a cookie belongs to; nobody when its session has been ended.
pub async fn holder(tenant: &Tenant, cookie: &str) -> Option<Holder> {
    let (record, claims) = token::bearer(tenant, cookie, Purpose::Session).await?;
    let id = claims.session.filter(|_| record.collection.name == SUPERUSERS)?;
    if !is_open(tenant, &id, &record).await {
        return None;
    }
    let csrf = csrf(&record, cookie);
    Some(Holder { caller: Caller::Superuser(record), csrf, id })
}

/// Whether a session of a superuser has not been ended; one that cannot be looked up proves nothing.
pub async fn is_open(tenant: &Tenant, id: &str, superuser: &Record) -> bool {
    let mut select = Sql::new("SELECT 1 FROM _sessions WHERE id = ");
    select.bind(id).push(" AND superuser = ").bind(superuser.id());
    let found = tenant.store.read(|snapshot| snapshot.one(&select, |_| Ok(()))).await;
    found.is_ok_and(|found| found.is_some())
}

/// The sessions of whoever asks, newest first: `[{id, created, expires, ip, userAgent, current}]`.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(cx: &Cx, current: Option<&str>) -> Result<Vec<Json>> {
    let Some(owner) = cx.caller.record() else { return Ok(Vec::new()) };
    let mut select =
        Sql::new("SELECT id, proof, created, expires_ms, ip, user_agent FROM _sessions WHERE superuser = ");
    select.bind(owner.id()).push(" AND expires_ms > ").bind(cx.now_ms);
    select.push(" ORDER BY created DESC, id LIMIT ").bind(LIST_MAX);
    let mut items = Vec::new();
    cx.tenant
        .store
        .read(|snapshot| {
            snapshot.rows(&select, |row| {
                let id = row.text(0);
                if row.text(1) == proof(owner, id) {
                    items.push(json!({
                        "id": id, "created": row.text(2), "expires": date::format(row.integer(3)),
                        "ip": row.text(4), "userAgent": row.text(5), "current": current == Some(id),
                    }));
                }
                Ok(())
            })
        })
        .await?;
    Ok(items)
}

/// Ends a session of whoever asks.
///
/// # Errors
/// `NotFound` when there is no such session of theirs.
pub async fn end(cx: &Cx, id: &str) -> Result<()> {
    let owner = cx.caller.record().ok_or_else(Error::not_found)?;
    let mut delete = Sql::new("DELETE FROM _sessions WHERE id = ");
    delete.bind(id).push(" AND superuser = ").bind(owner.id());
    let mut unit = Unit::new();
    unit.run_expecting(delete, 1, Error::not_found());
    unit.run(activity::simple(cx, "end", "session", id, owner.text("email"), Json::Null));
    cx.tenant.store.write(unit).await.map_err(Failure::into_error)?;
    Ok(())
}

/// Forgets the sessions that have expired; how many.
///
/// # Errors
/// When the database cannot be written.
pub async fn sweep(tenant: &Tenant) -> Result<u64> {
    let mut sql = Sql::new("DELETE FROM _sessions WHERE expires_ms <= ");
    sql.bind(tenant.world.now_ms());
    let mut unit = Unit::new();
    let gone = unit.count(sql);
    Ok(tenant.store.write(unit).await.map_err(Failure::into_error)?.count(gone))
}

/// Whether it could be the CSRF value of a session, of one that is over too.
#[must_use]
pub fn is_csrf(given: &[u8]) -> bool {
    given.len() == CSRF_LENGTH && given.iter().all(|letter| matches!(letter, b'0'..=b'9' | b'a'..=b'f'))
}

/// Derived from the token, so that nothing has to be stored.
fn csrf(record: &Record, token: &str) -> String {
    derived(record, token)
}

/// What a session's row says of the superuser's token key, without telling it.
fn proof(record: &Record, id: &str) -> String {
    derived(record, id)
}

fn derived(record: &Record, from: &str) -> String {
    let mut text = hex::encode(crypto::hmac(record.text("tokenKey").as_bytes(), from.as_bytes()));
    text.truncate(CSRF_LENGTH);
    text
}
