//! Signing in: who a token belongs to, passwords to tokens, superusers.
//!
//! A token is signed with the record's `tokenKey` and the collection's secret, so changing either ends
//! every token made with it. A bad token is nobody's: the request goes on as a guest's.
//!
//! Every way to sign in ends in [`sign_in`]: auth rule, second factor ([`mfa`]), token, alert. What is proved by a mail
//! is in the file of its flow; the mails themselves are composed in [`letters`] and sent by `mail`.

mod alert;
pub mod email_change;
pub mod expired;
pub mod keys;
mod letters;
mod limits;
mod methods;
mod mfa;
pub mod oauth2;
pub mod origin;
pub mod otp;
pub mod password_reset;
pub mod session;
mod sign_in;
pub mod superusers;
mod token;
pub mod verification;

use crate::crypto;
use crate::error::{Error, FieldErrors, Result, code};
use crate::model::{Caller, Collection, Record};
use crate::records::{self, ViewQuery, load_record};
use crate::tenant::{Cx, Tenant};
use serde_json::{Map, Value as Json};
use std::sync::Arc;

pub use letters::test as test_mail;
use letters::{INVALID, text};
pub use methods::methods;
pub use sign_in::{Method, Passed, mfa_id, sign_in};
pub use superusers::has_superuser;
pub use token::Purpose;

/// How plugins are told of tokens that come of no sign-in.
const REFRESH: &str = "refresh";
const IMPERSONATE: &str = "impersonate";

/// The longest that somebody may be somebody else: a hundred years.
const IMPERSONATED_MAX_S: u64 = 100 * 366 * 86_400;

/// Longest identity and password that are looked at.
const CREDENTIAL_CHARS: usize = 255;

const FAILED: &str = "Failed to authenticate.";
pub const SUPERUSERS: &str = "_superusers";

/// How often a change is tried again when another one comes first.
const TRIES: usize = 3;

/// Who presents a token; a bad, expired or revoked one is a guest's.
pub async fn caller(tenant: &Tenant, text: &str) -> Caller {
    match token::bearer(tenant, text, Purpose::Auth).await {
        Some((record, _)) => caller_of(record),
        None => Caller::Guest,
    }
}

/// Who presents a token or an API key from an address.
///
/// # Errors
/// `Unauthenticated` for a key that is not good: unlike a token it does not end by itself, and whoever uses it wants to
/// know. `Forbidden` for a key that is not good from there.
pub async fn caller_at(tenant: &Arc<Tenant>, text: &str, ip: &str) -> Result<Caller> {
    if keys::is_key(text) {
        let key = keys::bearer(tenant, text, ip).await?;
        keys::note_use(tenant, &key);
        return Ok(Caller::Key(key));
    }
    Ok(caller(tenant, text).await)
}

/// Whom the token in the address of a protected file belongs to; a bad or expired one is a guest's, and so is a
/// superuser's that comes from where they may not.
pub async fn file_caller(cx: &Cx, text: &str) -> Caller {
    let bearer = token::bearer(&cx.tenant, text, Purpose::File).await;
    let caller = bearer.map_or(Caller::Guest, |(record, _)| caller_of(record));
    let may_come = origin::check(&cx.tenant, &caller, cx.facts.address()).is_ok();
    if may_come { caller } else { Caller::Guest }
}

/// A token that lives for minutes and is good for protected files only: addresses get into logs.
///
/// # Errors
/// `Unauthenticated` when nobody is signed in.
pub fn file_token(cx: &Cx) -> Result<String> {
    let record = cx.caller.record().ok_or_else(|| Error::Unauthenticated("Missing auth context.".into()))?;
    token::issue_file(&cx.tenant, record)
}

fn caller_of(record: Arc<Record>) -> Caller {
    if record.collection.name == SUPERUSERS { Caller::Superuser(record) } else { Caller::User(record) }
}

/// The server changing an account because of who has just proved to be its owner: that account is what it lends. The proof is
/// one factor, and no sign-in: of superusers, and where there is a second factor, it lends no more than a guest has.
fn for_owner(cx: &Cx, record: &Record) -> Cx {
    let is_enough =
        record.collection.name != SUPERUSERS && record.collection.auth().is_some_and(|options| !options.mfa.enabled);
    cx.as_system_for(if is_enough { Caller::User(Arc::new(record.clone())) } else { Caller::Guest })
}

/// The auth collection of that name.
///
/// # Errors
/// `NotFound` when there is none, or it is of another type.
pub fn collection(cx: &Cx, name: &str) -> Result<Arc<Collection>> {
    let found = cx.catalog.collection(name).filter(|collection| collection.auth().is_some());
    found.cloned().ok_or_else(|| Error::NotFound("Missing or invalid auth collection context.".into()))
}

/// Signs in with `identity` and `password`; answers with `{token, record}`.
///
/// # Errors
/// `Forbidden` when the collection does not allow it, `Invalid` for blank fields and for a wrong identity
/// or password alike.
pub async fn with_password(
    cx: &Cx,
    collection: &Arc<Collection>,
    body: &Map<String, Json>,
    query: &ViewQuery,
) -> Result<Vec<u8>> {
    let options = collection.auth().ok_or_else(Error::not_found)?;
    origin::check_sign_in(&cx.tenant, collection, cx.facts.address())?;
    if !options.password_enabled {
        return Err(Error::Forbidden("The collection is not configured to allow password authentication.".into()));
    }
    let (identity, password, only) = (text(body, "identity")?, text(body, "password")?, text(body, "identityField")?);
    let mut errors = FieldErrors::default();
    for (name, value) in [("identity", identity), ("password", password)] {
        if value.is_empty() {
            errors.add(name, code::REQUIRED);
        } else if value.chars().count() > CREDENTIAL_CHARS {
            errors.add(name, code::LENGTH_OUT_OF_RANGE.with([("min", 1.into()), ("max", CREDENTIAL_CHARS.into())]));
        }
    }
    if !only.is_empty() && !options.identity_fields.iter().any(|field| field == only) {
        errors.add("identityField", code::IN_INVALID);
    }
    errors.into_result(INVALID)?;

    let record = by_identity(cx, collection, identity, only).await?;
    let hash = record.as_ref().map(|record| record.text("password").to_owned()).filter(|hash| !hash.is_empty());
    if !cx.tenant.passwords.verify(password.to_owned(), hash).await? {
        return Err(Error::invalid(FAILED));
    }
    let record = renew(cx, record.ok_or_else(|| Error::invalid(FAILED))?, password.to_owned()).await;
    sign_in(cx, &record, &Passed { method: Method::Password, mfa_id: mfa_id(cx, body)?, meta: None, query }).await
}

/// A record whose password was right, with a hash of today if it came with one of another program.
async fn renew(cx: &Cx, record: Record, password: String) -> Arc<Record> {
    if crypto::is_bcrypt(record.text("password"))
        && let Err(error) = records::rehash(cx, &record, password).await
    {
        tracing::warn!(?error, "a password keeps its old hash");
    }
    Arc::new(record)
}

async fn by_identity(cx: &Cx, collection: &Arc<Collection>, identity: &str, only: &str) -> Result<Option<Record>> {
    let Some(options) = collection.auth() else { return Ok(None) };
    let mut fields: Vec<&str> = options.identity_fields.iter().map(String::as_str).collect();
    if only.is_empty() {
        // An address is most likely an address.
        fields.sort_by_key(|field| !(identity.contains('@') && *field == "email"));
    } else {
        fields.retain(|field| *field == only);
    }
    for field in fields {
        if let Some(found) = load_record(&cx.tenant, collection, field, identity).await? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// A new token for whoever is signed in; a token that may not be refreshed is handed back as it is.
///
/// # Errors
/// `Unauthenticated` for guests, `Forbidden` for a record of another collection or one that the auth rule refuses.
pub async fn refresh(cx: &Cx, collection: &Arc<Collection>, presented: &str, query: &ViewQuery) -> Result<Vec<u8>> {
    let record = signed_in(cx, collection)?;
    sign_in::admit(cx, record).await?;
    sign_in::welcome(cx, record, REFRESH).await?;
    if token::is_refreshable(presented) {
        let token = token::issue(cx, record, REFRESH, true, None).await?;
        return sign_in::reply(cx, record, &token, None, query).await;
    }
    sign_in::reply(cx, record, presented, None, query).await
}

/// For how long somebody wants to be somebody else, in seconds; `None` for as long as the collection's tokens last.
///
/// # Errors
/// `Invalid` for what is no whole number from 0 to [`IMPERSONATED_MAX_S`].
pub fn duration_of(body: &Map<String, Json>) -> Result<Option<u64>> {
    let refused = |error| Error::field("An error occurred while validating the submitted data.", "duration", error);
    let given = match body.get("duration") {
        None | Some(Json::Null) => return Ok(None),
        Some(Json::String(text)) if text.is_empty() => return Ok(None),
        // Forms say it in words.
        Some(Json::String(text)) => text.parse::<i64>().ok(),
        Some(other) => other.as_i64(),
    };
    match given.map(u64::try_from) {
        Some(Ok(seconds)) if seconds <= IMPERSONATED_MAX_S => Ok(Some(seconds).filter(|seconds| *seconds > 0)),
        Some(Err(_)) => Err(refused(code::MIN_GREATER_EQUAL.with([("threshold", 0.into())]))),
        _ => Err(refused(code::INVALID_VALUE.into())),
    }
}

/// The signed-in record, which must be of that collection.
fn signed_in<'a>(cx: &'a Cx, collection: &Collection) -> Result<&'a Arc<Record>> {
    let Some(record) = cx.caller.record() else {
        return Err(Error::Unauthenticated("The request requires valid record authorization token.".into()));
    };
    if record.collection.id == collection.id {
        return Ok(record);
    }
    let message = format!("The request requires auth record from {} collection.", record.collection.name);
    Err(Error::Forbidden(message.into()))
}

/// One of the collections that every database begins with.
fn own_collection(cx: &Cx, name: &'static str) -> Result<Arc<Collection>> {
    cx.catalog.collection(name).cloned().ok_or_else(|| Error::internal("find a system collection", name))
}

fn lost_race() -> Error {
    Error::Conflict("The record was changed by others at the same time. Please try again.".into())
}

/// A token of another record that cannot be refreshed; for superusers, the door checks.
///
/// # Errors
/// `NotFound` when there is no such record.
pub async fn impersonate(
    cx: &Cx,
    collection: &Arc<Collection>,
    id: &str,
    duration_s: Option<u64>,
    query: &ViewQuery,
) -> Result<Vec<u8>> {
    let record = load_record(&cx.tenant, collection, "id", id).await?.ok_or_else(Error::not_found)?;
    let record = Arc::new(record);
    let duration = duration_s.filter(|seconds| *seconds > 0);
    let token = token::issue(cx, &record, IMPERSONATE, false, duration).await?;
    sign_in::reply(cx, &record, &token, None, query).await
}
