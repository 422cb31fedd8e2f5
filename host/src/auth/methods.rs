//! How one can sign in to a collection.

use super::oauth2;
use crate::model::Collection;
use crate::tenant::Cx;
use serde_json::{Value as Json, json};

/// `{password, oauth2, otp, mfa, ..}`; what is switched off says nothing of how it would be.
#[must_use]
pub fn methods(cx: &Cx, collection: &Collection) -> Json {
    let Some(options) = collection.auth() else { return json!({}) };
    let fields = if options.password_enabled { &options.identity_fields[..] } else { &[] };
    let seconds = |enabled: bool, duration_s: u64| if enabled { duration_s } else { 0 };
    let (otp, mfa) = (&options.otp, &options.mfa);
    let providers = oauth2::offers(cx, options);
    json!({
        "password": {"enabled": options.password_enabled, "identityFields": fields},
        "oauth2": {"enabled": options.oauth2.enabled, "providers": providers},
        "otp": {"enabled": otp.enabled, "duration": seconds(otp.enabled, otp.duration_s)},
        "mfa": {"enabled": mfa.enabled, "duration": seconds(mfa.enabled, mfa.duration_s)},
        // As clients of older versions ask.
        "authProviders": providers,
        "emailPassword": fields.iter().any(|field| field == "email"),
        "usernamePassword": fields.iter().any(|field| field == "username"),
    })
}
