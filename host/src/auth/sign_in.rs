//! What comes after a way to sign in has succeeded, whichever it was: the collection's auth rule, the second factor,
//! the plugins, the token, the alert.

use super::letters::text;
use super::{alert, caller_of, mfa, origin, token};
use crate::access::{self, Operation};
use crate::error::{Error, Result};
use crate::model::Record;
use crate::records::{ViewQuery, render};
use crate::schema::catalog::Rule;
use crate::tenant::Cx;
use serde_json::{Map, Value as Json};
use std::sync::Arc;

/// A way to sign in. Where two factors are demanded, they are two of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Password,
    OAuth2,
    Otp,
}

impl Method {
    /// The word in `@request.context` and in the field `method` of `_mfas`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::OAuth2 => "oauth2",
            Self::Otp => "otp",
        }
    }
}

/// A way to sign in that has succeeded.
#[derive(Debug)]
pub struct Passed<'a> {
    pub method: Method,
    /// The sign-in that this is the second factor of; see [`mfa_id`].
    pub mfa_id: String,
    /// What the answer tells besides the record and its token.
    pub meta: Option<&'a Json>,
    pub query: &'a ViewQuery,
}

/// The id of the sign-in that waits for its second factor, from the query or the body; empty when there is none.
///
/// # Errors
/// `Invalid` when it is no text.
pub fn mfa_id(cx: &Cx, body: &Map<String, Json>) -> Result<String> {
    match cx.facts.query.iter().find(|(name, value)| name == "mfaId" && !value.is_empty()) {
        Some((_, id)) => Ok(id.clone()),
        None => text(body, "mfaId").map(str::to_owned),
    }
}

/// Signs a record in: `{meta?, record, token}`.
///
/// # Errors
/// `Forbidden` when the auth rule refuses, `SecondFactor` when this was the first of two, `Invalid` when it is not the
/// second factor it claims to be.
pub async fn sign_in(cx: &Cx, record: &Arc<Record>, passed: &Passed<'_>) -> Result<Vec<u8>> {
    let cx = &cx.in_context(passed.method.name());
    let_in(cx, record, passed.method, &passed.mfa_id).await?;
    let token = token::issue(&as_owner(cx, record), record, passed.method.name(), true, None).await?;
    reply(cx, record, &token, passed.meta, passed.query).await
}

/// The same for a door with tokens of its own.
///
/// # Errors
/// As [`sign_in`].
pub(super) async fn let_in(cx: &Cx, record: &Arc<Record>, method: Method, mfa_id: &str) -> Result<()> {
    admit(cx, record).await?;
    mfa::demand(cx, record, method, mfa_id).await?;
    welcome(cx, record, method.name()).await?;
    alert::note(cx, record).await;
    Ok(())
}

/// The collection's auth rule, and from where its records may come.
///
/// # Errors
/// `Forbidden` when it refuses.
pub(super) async fn admit(cx: &Cx, record: &Arc<Record>) -> Result<()> {
    origin::check_sign_in(&cx.tenant, &record.collection, cx.facts.address())?;
    let passes = match cx.catalog.rule(&record.collection, Operation::Authenticate) {
        Rule::Public => true,
        Rule::Locked | Rule::Broken(_) => false,
        Rule::When(rule) => access::holds(&as_owner(cx, record), rule, record, &Map::new()).await?,
    };
    if passes {
        return Ok(());
    }
    Err(Error::Forbidden("The request doesn't satisfy the collection requirements to authenticate.".into()))
}

/// Asks the plugins of the collection, once there is nothing left to prove.
///
/// # Errors
/// When one refuses or fails.
pub(super) async fn welcome(cx: &Cx, record: &Arc<Record>, method: &'static str) -> Result<()> {
    cx.hooks().before_sign_in(&as_owner(cx, record), record, method).await
}

/// Whoever has proved who they are is who calls.
pub(super) fn as_owner(cx: &Cx, record: &Arc<Record>) -> Cx {
    Cx { caller: caller_of(record.clone()), ..cx.clone() }
}

/// `{meta?, record, token}`, with what the query picks of it.
///
/// # Errors
/// When the record cannot be rendered.
pub(super) async fn reply(
    cx: &Cx,
    record: &Arc<Record>,
    token: &str,
    meta: Option<&Json>,
    query: &ViewQuery,
) -> Result<Vec<u8>> {
    let mut out = b"{".to_vec();
    if let Some(meta) = meta {
        out.extend_from_slice(b"\"meta\":");
        out.extend_from_slice(meta.to_string().as_bytes());
        out.push(b',');
    }
    out.extend_from_slice(b"\"record\":");
    out.extend_from_slice(&render::own(cx, record, query.expand.as_deref()).await?);
    out.extend_from_slice(b",\"token\":\"");
    out.extend_from_slice(token.as_bytes());
    out.extend_from_slice(b"\"}");
    render::pick(out, query.fields.as_deref())
}
