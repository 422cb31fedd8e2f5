//! What is peculiar to Apple: the name comes once, with the browser and not with the token, and the client's secret is a
//! token that the operator signs.

use crate::crypto;
use crate::error::{Error, FieldErrors, Result, code};
use crate::tenant::Cx;
use serde_json::{Map, Value as Json, json};
use std::time::Duration;

/// How long a name waits for the code that it came with.
const NAME_KEPT: Duration = Duration::from_mins(1);
/// Longest name, in characters.
const NAME_MAX: usize = 150;

/// Length of the ids of teams and keys.
const ID_LENGTH: usize = 10;
/// Longest life of a secret, half a year, in seconds.
const SECRET_MAX_S: u64 = 15_777_000;

const AUDIENCE: &str = "https://appleid.apple.com";

/// Remembers the name in Apple's `user`, a JSON document, for when the code is exchanged.
pub fn keep_name(cx: &Cx, code: &str, user: &str) {
    let user: Json = serde_json::from_str(user).unwrap_or_default();
    let part = |key: &str| user["name"][key].as_str().unwrap_or_default().trim().to_owned();
    let name = [part("firstName"), part("lastName")].join(" ");
    let name: String = name.trim().chars().filter(|letter| !letter.is_control()).take(NAME_MAX).collect();
    if !name.is_empty() && !code.is_empty() {
        cx.tenant.notes.keep(&key(code), &name, NAME_KEPT, cx.now_ms);
    }
}

pub(super) fn take_name(cx: &Cx, code: &str) -> Option<String> {
    cx.tenant.notes.take(&key(code), cx.now_ms)
}

fn key(code: &str) -> String {
    format!("apple name {code}")
}

/// Signs a client secret with the operator's key.
///
/// # Errors
/// `Invalid`, with the fields that are wrong.
pub fn client_secret(cx: &Cx, body: &Map<String, Json>) -> Result<String> {
    let text = |key: &str| body.get(key).and_then(Json::as_str).unwrap_or_default().trim().to_owned();
    let (client, team, key_id, private_key) = (text("clientId"), text("teamId"), text("keyId"), text("privateKey"));
    let duration_s = body.get("duration").and_then(|value| value.as_u64().or_else(|| value.as_str()?.parse().ok()));
    let mut errors = FieldErrors::default();
    for (key, value) in [("clientId", &client), ("teamId", &team), ("keyId", &key_id), ("privateKey", &private_key)] {
        if value.is_empty() {
            errors.add(key, code::REQUIRED);
        }
    }
    for (key, value) in [("teamId", &team), ("keyId", &key_id)] {
        if value.chars().count() != ID_LENGTH {
            errors.add(key, code::LENGTH_OUT_OF_RANGE.with([("min", ID_LENGTH.into()), ("max", ID_LENGTH.into())]));
        }
    }
    match duration_s {
        None | Some(0) => errors.add("duration", code::REQUIRED),
        Some(seconds) if seconds > SECRET_MAX_S => {
            errors.add("duration", code::MAX_LESS_EQUAL.with([("threshold", SECRET_MAX_S.into())]));
        }
        Some(_) => {}
    }
    errors.into_result("Invalid Apple client secret data.")?;
    let issued_s = cx.now_ms / 1_000;
    let lives_s = i64::try_from(duration_s.unwrap_or_default()).unwrap_or_default();
    let claims =
        json!({"aud": AUDIENCE, "sub": client, "iss": team, "iat": issued_s, "exp": issued_s.saturating_add(lives_s)});
    crypto::sign_es256(&claims, &key_id, &private_key)
        .ok_or_else(|| Error::field("Invalid Apple client secret data.", "privateKey", code::INVALID_VALUE))
}
