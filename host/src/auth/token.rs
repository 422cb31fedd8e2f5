//! Tokens: what they are for, how long they live, what ends them.

use crate::crypto::{self, Claims};
use crate::error::{Error, FieldError, Result, code};
use crate::model::collection::TokenOptions;
use crate::model::{AuthOptions, Collection, Record};
use crate::records::load_record;
use crate::tenant::{Cx, Tenant};
use serde_json::Map;
use std::sync::Arc;

/// What a token is for. One made for one purpose is worth nothing for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The `Authorization` header.
    Auth,
    /// The dashboard's cookie.
    Session,
    /// Addresses of protected files.
    File,
    /// Mails that ask whether an address is the record's.
    Verification,
    /// Mails that let a new password be set.
    PasswordReset,
    /// Mails to an address that shall take the place of the record's.
    EmailChange,
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Session => "adminSession",
            Self::File => "file",
            Self::Verification => "verification",
            Self::PasswordReset => "passwordReset",
            Self::EmailChange => "emailChange",
        }
    }

    pub(super) fn options(self, auth: &AuthOptions) -> &TokenOptions {
        match self {
            Self::Auth | Self::Session => &auth.auth_token,
            Self::File => &auth.file_token,
            Self::Verification => &auth.verification_token,
            Self::PasswordReset => &auth.password_reset_token,
            Self::EmailChange => &auth.email_change_token,
        }
    }
}

/// Signs a token for a record that has come by a way to sign in; `duration_s` of `None` is the collection's.
///
/// # Errors
/// When a plugin that adds to it fails.
pub(super) async fn issue(
    cx: &Cx,
    record: &Arc<Record>,
    method: &'static str,
    refreshable: bool,
    duration_s: Option<u64>,
) -> Result<String> {
    let more = cx.hooks().token_claims(cx, record, method).await?;
    sign(&cx.tenant, record, Purpose::Auth, duration_s, |claims| {
        claims.refreshable = refreshable;
        claims.more = more;
    })
}

/// Signs the token of a session, which is not refreshed.
pub(super) fn issue_session(tenant: &Tenant, record: &Record, session: &str) -> Result<String> {
    sign(tenant, record, Purpose::Session, None, |claims| claims.session = Some(session.to_owned()))
}

/// Signs the token that an address of a protected file carries.
pub(super) fn issue_file(tenant: &Tenant, record: &Record) -> Result<String> {
    sign(tenant, record, Purpose::File, None, |_| {})
}

/// Signs a token for a mail about the record's address, or about the one that shall take its place.
pub(super) fn issue_mail(
    tenant: &Tenant,
    record: &Record,
    purpose: Purpose,
    new_email: Option<&str>,
) -> Result<String> {
    sign(tenant, record, purpose, None, |claims| {
        claims.email = Some(record.text("email").to_owned());
        claims.new_email = new_email.map(str::to_owned);
    })
}

fn sign(
    tenant: &Tenant,
    record: &Record,
    purpose: Purpose,
    duration_s: Option<u64>,
    adjust: impl FnOnce(&mut Claims),
) -> Result<String> {
    let options = record.collection.auth().ok_or_else(|| Error::internal("issue a token", "not an auth record"))?;
    let options = purpose.options(options);
    let lives_s = i64::try_from(duration_s.unwrap_or(options.duration_s)).unwrap_or(i64::MAX);
    let mut claims = Claims {
        collection_id: record.collection.id.clone(),
        exp: (tenant.world.now_ms() / 1000).saturating_add(lives_s),
        email: None,
        id: record.id().to_owned(),
        new_email: None,
        refreshable: false,
        session: None,
        kind: purpose.name().to_owned(),
        more: Map::new(),
    };
    adjust(&mut claims);
    crypto::sign(&claims, &key(record, &options.secret))
}

/// The record that a valid token belongs to, and the token's claims.
pub(super) async fn bearer(tenant: &Tenant, text: &str, purpose: Purpose) -> Option<(Arc<Record>, Claims)> {
    let claims = crypto::peek(text)?;
    if claims.kind != purpose.name() {
        return None;
    }
    let collection = tenant.catalog().collection(&claims.collection_id)?.clone();
    let options = purpose.options(collection.auth()?);
    let record = load_record(tenant, &collection, "id", &claims.id).await.ok()??;
    let claims = crypto::verify(text, &key(&record, &options.secret), tenant.world.now_ms())?;
    Some((Arc::new(record), claims))
}

/// The record of a token that came in a mail, and the token's claims.
///
/// # Errors
/// What is wrong with the token.
pub(super) async fn from_mail(
    tenant: &Tenant,
    collection: &Collection,
    text: &str,
    purpose: Purpose,
) -> Result<(Arc<Record>, Claims), FieldError> {
    if text.is_empty() {
        return Err(code::REQUIRED.into());
    }
    let (record, claims) = bearer(tenant, text, purpose).await.ok_or(code::INVALID_TOKEN)?;
    if record.collection.id != collection.id {
        return Err(code::TOKEN_COLLECTION_MISMATCH.into());
    }
    Ok((record, claims))
}

/// Whether a token, valid or not, says that it may be refreshed.
pub(super) fn is_refreshable(text: &str) -> bool {
    crypto::peek(text).is_some_and(|claims| claims.refreshable)
}

fn key(record: &Record, secret: &str) -> String {
    format!("{}{secret}", record.text("tokenKey"))
}
