//! The mails of the flows: which template, with what in it, for how long; and that the time an answer takes does not tell
//! whether there was anybody to write to.

use super::limits;
use super::token::{self, Purpose};
use crate::db::{Failure, Unit};
use crate::error::{Error, FieldError, FieldErrors, Result, code};
use crate::mail::{Letter, Undelivered, template};
use crate::model::collection::{AuthOptions, MailTemplate};
use crate::model::field::email::is_email;
use crate::model::{Collection, Draft, Record};
use crate::tenant::Cx;
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;
use std::time::Duration;

pub(super) const INVALID: &str = "An error occurred while validating the submitted data.";
pub(super) const UNREADABLE: &str = "An error occurred while loading the submitted data.";

/// How long the same mail is not sent again.
pub(super) const RESEND_AFTER: Duration = Duration::from_mins(2);

/// For how long a mail about a sign-in is of interest.
const ALERT_LASTS_S: u64 = 86_400;

/// Longest address.
const EMAIL_CHARS: usize = 255;

/// Length of the name of a count that nobody shares.
const NOBODY: usize = 30;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Verification,
    PasswordReset,
    EmailChange,
    Otp,
    LoginAlert,
}

impl Kind {
    const ALL: [Self; 5] = [Self::Verification, Self::PasswordReset, Self::EmailChange, Self::Otp, Self::LoginAlert];

    /// The word in `template` of a test.
    fn name(self) -> &'static str {
        match self {
            Self::Verification => "verification",
            Self::PasswordReset => "password-reset",
            Self::EmailChange => "email-change",
            Self::Otp => "otp",
            Self::LoginAlert => "login-alert",
        }
    }

    fn template(self, options: &AuthOptions) -> &MailTemplate {
        match self {
            Self::Verification => &options.verification_template,
            Self::PasswordReset => &options.reset_password_template,
            Self::EmailChange => &options.confirm_email_change_template,
            Self::Otp => &options.otp.email_template,
            Self::LoginAlert => &options.auth_alert.email_template,
        }
    }

    /// As long as what is in it is worth something.
    fn lasts_s(self, options: &AuthOptions) -> u64 {
        match self {
            Self::Verification => options.verification_token.duration_s,
            Self::PasswordReset => options.password_reset_token.duration_s,
            Self::EmailChange => options.email_change_token.duration_s,
            Self::Otp => options.otp.duration_s,
            Self::LoginAlert => ALERT_LASTS_S,
        }
    }
}

/// A mail to `recipient` about a record.
///
/// # Errors
/// `Internal` when it is no auth record.
pub(super) fn compose(
    cx: &Cx,
    record: &Record,
    kind: Kind,
    recipient: String,
    values: &[(&'static str, &str)],
) -> Result<Letter> {
    let options = record.collection.auth().ok_or_else(|| Error::internal("write a mail", "not an auth record"))?;
    let settings = cx.tenant.settings.load();
    let facts = template::Facts { app_name: &settings.meta.app_name, app_url: &settings.meta.app_url, record, values };
    let (subject, html) = template::fill(kind.template(options), &facts);
    let lasts_ms = i64::try_from(kind.lasts_s(options)).unwrap_or(i64::MAX).saturating_mul(1_000);
    Ok(Letter {
        kind: kind.name(),
        recipient,
        subject,
        html,
        text: String::new(),
        expires_ms: cx.now_ms.saturating_add(lasts_ms),
    })
}

/// A mail with a token for the record's address.
///
/// # Errors
/// `Internal` when the token cannot be signed.
pub(super) fn with_token(cx: &Cx, record: &Record, kind: Kind, purpose: Purpose) -> Result<Letter> {
    let token = token::issue_mail(&cx.tenant, record, purpose, None)?;
    compose(cx, record, kind, record.text("email").to_owned(), &[("TOKEN", &token)])
}

/// Promises a mail, unless one was promised under the same `limit` a short while ago. With `None` for the limit there is
/// nobody to write to: as much is done, and nothing is left.
///
/// # Errors
/// When the database cannot be written.
pub(super) async fn promise(cx: &Cx, letter: &Letter, limit: Option<&str>) -> Result<()> {
    let mail = cx.tenant.mail.promise(letter);
    let mut unit = Unit::new();
    let secret = cx.tenant.world.ids.secret(NOBODY);
    let key = limit.unwrap_or(&secret);
    let busy = Error::RateLimited { retry_after: RESEND_AFTER };
    unit.run_expecting(limits::take(key, 1, RESEND_AFTER, cx.now_ms), 1, busy);
    if limit.is_some() {
        mail.keep(&mut unit);
        let tenant = cx.tenant.clone();
        unit.after_commit(move |_| tenant.mail.ring());
    } else {
        mail.pretend(&mut unit);
        unit.run(limits::forget(key));
    }
    match cx.tenant.store.write(unit).await {
        Ok(_) | Err(Failure::Refused(_)) => Ok(()),
        Err(failure) => Err(failure.into_error()),
    }
}

/// A record that is not there, to do with it what would be done with one that is.
pub(super) fn nobody(cx: &Cx, collection: &Arc<Collection>, email: &str) -> Record {
    let ids = &cx.tenant.world.ids;
    let mut draft = Draft::new(collection.clone());
    for (key, value) in [("id", cx.tenant.world.id()), ("email", email.to_owned()), ("tokenKey", ids.secret(50))] {
        draft.apply(key, &json!(value), &mut |length| ids.lower(length));
    }
    draft.record
}

/// The text of a key; empty when there is none.
///
/// # Errors
/// `Invalid` when it is something else.
pub(super) fn text<'a>(body: &'a Map<String, Json>, key: &str) -> Result<&'a str> {
    match body.get(key) {
        None | Some(Json::Null) => Ok(""),
        Some(Json::String(text)) => Ok(text),
        Some(_) => Err(Error::invalid(UNREADABLE)),
    }
}

/// What is wrong with an address that somebody has typed.
pub(super) fn check_email(email: &str) -> Result<(), FieldError> {
    if email.is_empty() {
        Err(code::REQUIRED.into())
    } else if email.chars().count() > EMAIL_CHARS {
        Err(code::LENGTH_OUT_OF_RANGE.with([("min", 1.into()), ("max", EMAIL_CHARS.into())]))
    } else if is_email(email) {
        Ok(())
    } else {
        Err(code::IS_EMAIL.into())
    }
}

/// The address in `email`.
///
/// # Errors
/// `Invalid` when it is none.
pub(super) fn email_of(body: &Map<String, Json>) -> Result<&str> {
    let email = text(body, "email")?;
    check_email(email).map_err(|error| Error::field(INVALID, "email", error))?;
    Ok(email)
}

/// Sends one of a collection's mails, with made-up values, to try out the settings: `{template, email, collection?}`.
///
/// # Errors
/// `Invalid`, for a mail that could not be sent with what was said with the server.
pub async fn test(cx: &Cx, body: &Map<String, Json>) -> Result<()> {
    let (wanted, email, name) = (text(body, "template")?, text(body, "email")?, text(body, "collection")?);
    let mut errors = FieldErrors::default();
    let kind = Kind::ALL.into_iter().find(|kind| kind.name() == wanted);
    if kind.is_none() {
        errors.add("template", if wanted.is_empty() { code::REQUIRED } else { code::IN_INVALID });
    }
    if let Err(error) = check_email(email) {
        errors.add("email", error);
    }
    let collection = super::collection(cx, if name.is_empty() { super::SUPERUSERS } else { name }).ok();
    if collection.is_none() {
        errors.add("collection", code::INVALID_AUTH_COLLECTION);
    }
    errors.into_result(INVALID)?;
    let (Some(kind), Some(collection)) = (kind, collection) else { return Err(Error::invalid(INVALID)) };
    let record = nobody(cx, &collection, email);
    let token = token::issue_mail(&cx.tenant, &record, Purpose::Verification, None)?;
    let otp =
        cx.tenant.world.ids.digits(usize::try_from(collection.auth().map_or(0, |auth| auth.otp.length)).unwrap_or(0));
    let id = cx.tenant.world.id();
    let values = [("TOKEN", token.as_str()), ("OTP", &otp), ("OTP_ID", &id), ("ALERT_INFO", "a test - 127.0.0.1")];
    let letter = compose(cx, &record, kind, email.to_owned(), &values)?;
    cx.tenant.mail.send_now(&letter).await.map_err(|Undelivered { words, dialogue, .. }| {
        let message = format!("Failed to send the test email. Raw error: \n{words}");
        let error = code::MAIL_NOT_SENT.say(words).param("dialogue", json!(dialogue));
        Error::Invalid { message: message.into(), fields: FieldErrors::one("smtp", error) }
    })
}
