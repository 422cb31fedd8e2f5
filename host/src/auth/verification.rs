//! Whether an address is the record's: a mail with a token, and the token back.

use super::letters::{self, INVALID, Kind, email_of, nobody, promise, text};
use super::token::{self, Purpose};
use super::{SUPERUSERS, TRIES, limits};
use crate::error::{Error, Result, code};
use crate::model::{Collection, Value};
use crate::records::{load_record, update_unchanged};
use crate::tenant::Cx;
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

/// Sends a mail to an address of a record that is not verified yet. Says the same about any address.
///
/// # Errors
/// `Invalid` for an address that is none, `Unavailable` when too many mails wait.
pub async fn request(cx: &Cx, collection: &Arc<Collection>, body: &Map<String, Json>) -> Result<()> {
    refuse_superusers(collection)?;
    let email = email_of(body)?;
    cx.tenant.mail.admit().await?;
    let found = load_record(&cx.tenant, collection, "email", email).await?;
    let found = found.filter(|record| record.get("verified") != Some(&Value::Bool(true)));
    let key = found
        .as_ref()
        .map(|record| limits::key(&["verification", &collection.id, record.id(), record.text("tokenKey")]));
    let record = found.unwrap_or_else(|| nobody(cx, collection, email));
    let letter = letters::with_token(cx, &record, Kind::Verification, Purpose::Verification)?;
    promise(cx, &letter, key.as_deref()).await
}

/// Takes a token back.
///
/// # Errors
/// `Invalid` for a token that is not good, or a record that a hook does not let be changed.
pub async fn confirm(cx: &Cx, collection: &Arc<Collection>, body: &Map<String, Json>) -> Result<()> {
    refuse_superusers(collection)?;
    let token = text(body, "token")?;
    for _ in 0..TRIES {
        let holder = token::from_mail(&cx.tenant, collection, token, Purpose::Verification).await;
        let (record, claims) = holder.map_err(|error| Error::field(INVALID, "token", error))?;
        let wrong = match claims.email.as_deref().unwrap_or_default() {
            "" => Some(code::INVALID_TOKEN_CLAIMS),
            email if email != record.text("email") => Some(code::TOKEN_EMAIL_MISMATCH),
            _ => None,
        };
        if let Some(wrong) = wrong {
            return Err(Error::field(INVALID, "token", wrong));
        }
        if record.get("verified") == Some(&Value::Bool(true)) {
            return Ok(());
        }
        let input = Map::from_iter([("verified".to_owned(), json!(true))]);
        if update_unchanged(&super::for_owner(cx, &record), &record, input).await? {
            return Ok(());
        }
    }
    Err(super::lost_race())
}

fn refuse_superusers(collection: &Collection) -> Result<()> {
    if collection.name == SUPERUSERS { Err(Error::invalid("All superusers are verified by default.")) } else { Ok(()) }
}
