//! The dashboard's session: a superuser's token in an httpOnly cookie, and a CSRF value that a page of
//! another origin cannot know.

use super::token::{self, Purpose};
use super::{SUPERUSERS, collection};
use crate::crypto;
use crate::error::{Error, Result};
use crate::model::{Caller, Record};
use crate::records::load_record;
use crate::tenant::{Cx, Tenant};
use std::sync::Arc;

/// Length of the CSRF value in characters of hex.
const CSRF_LENGTH: usize = 32;

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

/// Signs a superuser in to the dashboard.
///
/// # Errors
/// `Invalid` for a wrong e-mail or password alike.
pub async fn open(cx: &Cx, email: &str, password: &str) -> Result<Session> {
    let superusers = collection(cx, SUPERUSERS)?;
    let record = load_record(&cx.tenant, &superusers, "email", email).await?;
    let hash = record.as_ref().map(|record| record.text("password").to_owned());
    let matches = cx.tenant.passwords.verify(password.to_owned(), hash).await?;
    let record = record.filter(|_| matches).ok_or_else(|| Error::invalid(super::FAILED))?;
    begin(cx, Arc::new(record))
}

/// Begins a session for a superuser who has been let in already.
///
/// # Errors
/// `Internal` when the token cannot be signed.
pub fn begin(cx: &Cx, record: Arc<Record>) -> Result<Session> {
    let token = token::issue(&cx.tenant, &record, Purpose::Session, false, None)?;
    let duration_s = record.collection.auth().map_or(0, |options| options.auth_token.duration_s);
    Ok(Session { csrf: csrf(&record, &token), token, record, duration_s })
}

/// Who a cookie belongs to, and the CSRF value its requests must carry.
pub async fn caller(tenant: &Tenant, cookie: &str) -> Option<(Caller, String)> {
    let (record, _) = token::bearer(tenant, cookie, Purpose::Session).await?;
    let csrf = csrf(&record, cookie);
    (record.collection.name == SUPERUSERS).then(|| (Caller::Superuser(record), csrf))
}

/// Derived from the token, so that nothing has to be stored.
fn csrf(record: &Record, token: &str) -> String {
    let mut text = hex::encode(crypto::hmac(record.text("tokenKey").as_bytes(), token.as_bytes()));
    text.truncate(CSRF_LENGTH);
    text
}
