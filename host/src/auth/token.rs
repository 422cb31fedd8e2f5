//! Tokens: what they are for, how long they live, what ends them.

use crate::crypto::{self, Claims};
use crate::error::{Error, Result};
use crate::model::collection::TokenOptions;
use crate::model::{AuthOptions, Record};
use crate::records::load_record;
use crate::tenant::Tenant;
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
}

impl Purpose {
    fn name(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Session => "adminSession",
            Self::File => "file",
        }
    }

    fn options(self, auth: &AuthOptions) -> &TokenOptions {
        match self {
            Self::Auth | Self::Session => &auth.auth_token,
            Self::File => &auth.file_token,
        }
    }
}

/// Signs a token for a record; `duration_s` of `None` is the collection's.
pub(super) fn issue(tenant: &Tenant, record: &Record, refreshable: bool, duration_s: Option<u64>) -> Result<String> {
    sign(tenant, record, Purpose::Auth, duration_s, |claims| claims.refreshable = refreshable)
}

/// Signs the token of a session, which is not refreshed.
pub(super) fn issue_session(tenant: &Tenant, record: &Record, session: &str) -> Result<String> {
    sign(tenant, record, Purpose::Session, None, |claims| claims.session = Some(session.to_owned()))
}

/// Signs the token that an address of a protected file carries.
pub(super) fn issue_file(tenant: &Tenant, record: &Record) -> Result<String> {
    sign(tenant, record, Purpose::File, None, |_| {})
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
        id: record.id().to_owned(),
        refreshable: false,
        session: None,
        kind: purpose.name().to_owned(),
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

/// Whether a token, valid or not, says that it may be refreshed.
pub(super) fn is_refreshable(text: &str) -> bool {
    crypto::peek(text).is_some_and(|claims| claims.refreshable)
}

fn key(record: &Record, secret: &str) -> String {
    format!("{}{secret}", record.text("tokenKey"))
}
