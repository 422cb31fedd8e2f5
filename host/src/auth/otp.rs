//! Signing in with a password from a mail. It is kept as a hash in `_otps`, is good for one sign-in, and may be guessed at
//! a few times only; ids that do not exist behave like those that do.

use super::letters::{self, INVALID, Kind, email_of, nobody, text};
use super::sign_in::{Method, Passed, mfa_id, sign_in};
use super::{TRIES, limits, mfa, own_collection};
use crate::crypto;
use crate::db::{Failure, Unit};
use crate::error::{Error, FieldErrors, Result, code};
use crate::model::{Collection, Record, Value};
use crate::records::{self, Along, Terms, ViewQuery, ignores_case, load_record, update_unchanged};
use crate::tenant::Cx;
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;
use std::time::Duration;

pub(super) const OTPS: &str = "_otps";

const NOT_ALLOWED: &str = "The collection is not configured to allow OTP authentication.";
const WRONG: &str = "Invalid or expired OTP";

/// Passwords that an address may have on their way; asking for one more names the last one again.
const ACTIVE_MAX: i64 = 10;

/// Length of the id of a password.
const ID_LENGTH: usize = 15;

/// Guesses at one password, and within which time.
const GUESSES: i64 = 5;
const GUESSES_WITHIN: Duration = Duration::from_mins(3);

/// Longest id and password that are looked at.
const ID_CHARS: usize = 255;
const PASSWORD_CHARS: usize = 71;

/// Length of the password that takes the place of one that somebody else may have chosen.
const RANDOM_PASSWORD: usize = 50;

/// Sends a password to the address of a record: `{otpId}`. Says the same about any address.
///
/// # Errors
/// `Forbidden` when the collection does not allow it, `Invalid` for an address that is none, `Unavailable` when too
/// many mails wait.
pub async fn request(cx: &Cx, collection: &Arc<Collection>, body: &Map<String, Json>) -> Result<Json> {
    let options = collection.auth().filter(|options| options.otp.enabled);
    let options = options.ok_or_else(|| Error::Forbidden(NOT_ALLOWED.into()))?;
    let email = email_of(body)?;
    cx.tenant.mail.admit().await?;
    let found = load_record(&cx.tenant, collection, "email", email).await?;
    let is_known = found.is_some();
    let record = found.unwrap_or_else(|| nobody(cx, collection, email));
    let (id, is_new) = place(cx, collection, email, options.otp.duration_s).await?;
    if !is_new {
        return Ok(json!({ "otpId": id }));
    }
    let password = cx.tenant.world.ids.digits(usize::try_from(options.otp.length).unwrap_or(PASSWORD_CHARS));
    let values = [("OTP", password.as_str()), ("OTP_ID", id.as_str())];
    let letter = letters::compose(cx, &record, Kind::Otp, email.to_owned(), &values)?;
    if is_known {
        let ours = &cx.as_system();
        // The password can be known to nobody but who reads that mail, so it may be noted now where it goes.
        let input = mfa::row(&record, &[("id", &id), ("password", &password), ("sentTo", email)]);
        let along = Along { mail: Some(cx.tenant.mail.promise(&letter)), removes: Vec::new() };
        records::create_along(ours, &own_collection(ours, OTPS)?, input, along).await?;
    } else {
        cx.tenant.passwords.hash(password).await?;
        letters::promise(cx, &letter, None).await?;
    }
    Ok(json!({ "otpId": id }))
}

/// An id for one more password, and whether there is room for it: else it is the id of the last one. Counted by address, so
/// that those that belong to nobody are told the same.
async fn place(cx: &Cx, collection: &Collection, email: &str, duration_s: u64) -> Result<(String, bool)> {
    let (key, within) = (asked(collection, email), Duration::from_secs(duration_s));
    // Each time that another request comes first, there is less room.
    for _ in 0..=ACTIVE_MAX {
        let look = limits::look(&key, cx.now_ms);
        let read = cx.tenant.store.read(|snapshot| snapshot.one(&look, |row| Ok((row.integer(0), row.integer(1)))));
        let (count, until_ms) = read.await?.unwrap_or_default();
        if count >= ACTIVE_MAX {
            return Ok((last_id(collection, &key, until_ms), false));
        }
        let mut unit = Unit::new();
        unit.run_expecting(limits::take(&key, count + 1, within, cx.now_ms), 1, super::lost_race());
        match cx.tenant.store.write(unit).await {
            Ok(_) if count + 1 == ACTIVE_MAX => return Ok((last_id(collection, &key, until_ms), true)),
            Ok(_) => return Ok((cx.tenant.world.id(), true)),
            Err(Failure::Refused(_)) => {}
            Err(failure) => return Err(failure.into_error()),
        }
    }
    Err(super::lost_race())
}

/// What the passwords for an address are counted under: as accounts are told apart by it.
fn asked(collection: &Collection, email: &str) -> String {
    let email = if ignores_case(collection, "email") { email.to_ascii_lowercase() } else { email.to_owned() };
    limits::key(&["asked", &collection.id, &email])
}

/// The id of the last password of a while, which is kept nowhere: it can be named again without knowing whether there is
/// such a password.
fn last_id(collection: &Collection, key: &str, until_ms: i64) -> String {
    const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let secret = collection.auth().map_or("", |options| &options.auth_token.secret);
    let digest = crypto::hmac(secret.as_bytes(), format!("{key} {until_ms}").as_bytes());
    digest.iter().take(ID_LENGTH).map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()])).collect()
}

/// Signs in with `otpId` and `password`; answers with `{record, token}`.
///
/// # Errors
/// `Forbidden` when the collection does not allow it, `Invalid` for a wrong password, `RateLimited` after too many
/// guesses, else as [`sign_in`].
pub async fn with_otp(
    cx: &Cx,
    collection: &Arc<Collection>,
    body: &Map<String, Json>,
    query: &ViewQuery,
) -> Result<Vec<u8>> {
    let record = redeem(cx, collection, text(body, "otpId")?, text(body, "password")?).await?;
    let passed = Passed { method: Method::Otp, mfa_id: mfa_id(cx, body)?, meta: None, query };
    sign_in(cx, &record, &passed).await
}

/// The record that a password from a mail belongs to; the password is worth nothing afterwards.
///
/// # Errors
/// As [`with_otp`].
pub(super) async fn redeem(cx: &Cx, collection: &Arc<Collection>, id: &str, password: &str) -> Result<Arc<Record>> {
    let options = collection.auth().filter(|options| options.otp.enabled);
    let options = options.ok_or_else(|| Error::Forbidden(NOT_ALLOWED.into()))?;
    let mut errors = FieldErrors::default();
    for (key, value, max) in [("otpId", id, ID_CHARS), ("password", password, PASSWORD_CHARS)] {
        if value.is_empty() {
            errors.add(key, code::REQUIRED);
        } else if value.chars().count() > max {
            errors.add(key, code::LENGTH_OUT_OF_RANGE.with([("min", 1.into()), ("max", max.into())]));
        }
    }
    errors.into_result(INVALID)?;
    count_guess(cx, id).await?;

    let ours = &cx.as_system();
    let found = load_record(&cx.tenant, &own_collection(ours, OTPS)?, "id", id).await?;
    let found = found.filter(|otp| {
        otp.text("collectionRef") == collection.id && !mfa::is_over(otp, options.otp.duration_s, cx.now_ms)
    });
    let hash = found.as_ref().map(|otp| otp.text("password").to_owned());
    let matches = cx.tenant.passwords.verify(password.to_owned(), hash).await?;
    let otp = found.filter(|_| matches).ok_or_else(wrong)?;
    let record = load_record(&cx.tenant, collection, "id", otp.text("recordRef")).await?.ok_or_else(wrong)?;
    // Of several that come at the same time one finds it.
    match records::delete(ours, &otp.collection, otp.id(), &Terms::default()).await {
        Err(Error::NotFound(_) | Error::Conflict(_)) => return Err(wrong()),
        done => done?,
    }
    verify(cx, record, otp.text("sentTo")).await
}

fn wrong() -> Error {
    Error::invalid(WRONG)
}

async fn count_guess(cx: &Cx, id: &str) -> Result<()> {
    let mut unit = Unit::new();
    let too_many = Error::RateLimited { retry_after: GUESSES_WITHIN };
    let key = limits::key(&["otp", id]);
    unit.run_expecting(limits::take(&key, GUESSES, GUESSES_WITHIN, cx.now_ms), 1, too_many);
    cx.tenant.store.write(unit).await.map(|_| ()).map_err(Failure::into_error)
}

/// Whoever has the password has read a mail to that address. A password that was set before anybody had proved that is
/// replaced, unless it is needed as another factor: it may be somebody else's.
async fn verify(cx: &Cx, mut record: Record, sent_to: &str) -> Result<Arc<Record>> {
    for _ in 0..TRIES {
        let is_verified = record.get("verified") == Some(&Value::Bool(true));
        if is_verified || sent_to.is_empty() || record.text("email") != sent_to {
            return Ok(Arc::new(record));
        }
        let mut input = Map::from_iter([("verified".to_owned(), json!(true))]);
        if !needs_password(cx, &record).await? {
            input.insert("password".to_owned(), json!(cx.tenant.world.ids.secret(RANDOM_PASSWORD)));
        }
        update_unchanged(&super::for_owner(cx, &record), &record, input).await?;
        let again = load_record(&cx.tenant, &record.collection, "id", record.id()).await?;
        record = again.ok_or_else(wrong)?;
    }
    Err(super::lost_race())
}

/// Whether a record was asked for a second factor before it was verified, and is so afterwards: a password that was
/// enough at any time is none.
async fn needs_password(cx: &Cx, record: &Record) -> Result<bool> {
    let cx = &cx.in_context(Method::Otp.name());
    let mut verified = record.clone();
    if let Some(index) = record.collection.field_index("verified") {
        verified.values[index] = Value::Bool(true);
    }
    Ok(mfa::wants(cx, record).await? && mfa::wants(cx, &verified).await?)
}
