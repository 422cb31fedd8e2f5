//! What is asked of a key: reading and checking it.

use super::rows::{Stored, network};
use crate::error::{Error, FieldErrors, Result, code};
use crate::model::{Scope, date};
use crate::tenant::Cx;
use serde_json::{Map, Value as Json};

/// Longest name, in characters.
const NAME_MAX: usize = 100;
/// Scopes and networks of one key.
const SCOPES_MAX: usize = 200;
const IPS_MAX: usize = 100;
/// Longest time for which a rotated key stays good, in seconds: thirty days.
const OVERLAP_MAX_S: u64 = 30 * 86_400;

const INVALID: &str = "Failed to save the API key.";

/// When a key shall end.
#[derive(Debug, Clone, Copy)]
enum Expiry {
    Never,
    /// Milliseconds since 1970.
    At(i64),
}

/// The fields that are given.
#[derive(Debug, Default)]
pub(super) struct Change {
    name: Option<String>,
    scopes: Option<Vec<Scope>>,
    ips: Option<Vec<String>>,
    read_only: Option<bool>,
    expires: Option<Expiry>,
}

impl Change {
    /// Reads a body.
    ///
    /// # Errors
    /// `Invalid` with an error for each field that is wrong.
    pub(super) fn read(cx: &Cx, body: &Map<String, Json>) -> Result<Self> {
        let mut errors = FieldErrors::default();
        let mut change = Self::default();
        for (key, value) in body {
            match key.as_str() {
                "name" => change.name = Some(name(value, &mut errors)),
                "scopes" => change.scopes = scopes(cx, value, &mut errors),
                "ips" => change.ips = ips(value, &mut errors),
                "readOnly" => {
                    change.read_only = value.as_bool();
                    if change.read_only.is_none() {
                        errors.add("readOnly", code::INVALID_VALUE);
                    }
                }
                "expires" => change.expires = expires(cx, value, &mut errors),
                _ => {}
            }
        }
        errors.into_result(INVALID)?;
        Ok(change)
    }

    /// The key with the change made.
    ///
    /// # Errors
    /// `Invalid` when a name or scopes are missing.
    pub(super) fn on(self, mut stored: Stored) -> Result<Stored> {
        let key = &mut stored.key;
        key.name = self.name.unwrap_or(std::mem::take(&mut key.name));
        key.scopes = self.scopes.unwrap_or(std::mem::take(&mut key.scopes));
        key.read_only = self.read_only.unwrap_or(key.read_only);
        key.expires_ms = match self.expires {
            None => key.expires_ms,
            Some(Expiry::Never) => None,
            Some(Expiry::At(at_ms)) => Some(at_ms),
        };
        stored.ips = self.ips.unwrap_or(stored.ips);
        let mut errors = FieldErrors::default();
        for (field, is_missing) in [("name", stored.key.name.is_empty()), ("scopes", stored.key.scopes.is_empty())] {
            if is_missing {
                errors.add(field, code::REQUIRED);
            }
        }
        errors.into_result(INVALID)?;
        Ok(stored)
    }
}

fn name(value: &Json, errors: &mut FieldErrors) -> String {
    let name = value.as_str().unwrap_or_default().trim();
    if name.is_empty() {
        errors.add("name", code::REQUIRED);
    } else if name.chars().count() > NAME_MAX {
        errors.add("name", code::LENGTH_OUT_OF_RANGE.with([("min", 1.into()), ("max", NAME_MAX.into())]));
    } else if name.chars().any(char::is_control) {
        errors.add("name", code::INVALID_VALUE);
    }
    name.to_owned()
}

fn scopes(cx: &Cx, value: &Json, errors: &mut FieldErrors) -> Option<Vec<Scope>> {
    let texts = texts(value, "scopes", SCOPES_MAX, errors)?;
    // What the system keeps is not for keys, so there is no scope for it.
    let id_of = |name: &str| {
        cx.catalog.collection(name).filter(|collection| !collection.system).map(|collection| collection.id.clone())
    };
    if texts.is_empty() {
        errors.add("scopes", code::REQUIRED);
    }
    let mut wrong = FieldErrors::default();
    let mut scopes = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        match Scope::parse(text, id_of) {
            Some(scope) if scopes.contains(&scope) => {}
            Some(scope) => scopes.push(scope),
            None => wrong.add(&index.to_string(), code::INVALID_SCOPE),
        }
    }
    errors.nest("scopes", wrong);
    Some(scopes)
}

fn ips(value: &Json, errors: &mut FieldErrors) -> Option<Vec<String>> {
    let texts = texts(value, "ips", IPS_MAX, errors)?;
    let mut wrong = FieldErrors::default();
    for (index, _) in texts.iter().enumerate().filter(|(_, text)| network(text).is_none()) {
        wrong.add(&index.to_string(), code::INVALID_IP_OR_SUBNET);
    }
    errors.nest("ips", wrong);
    Some(texts)
}

fn texts(value: &Json, key: &str, most: usize, errors: &mut FieldErrors) -> Option<Vec<String>> {
    let text = |item: &Json| item.as_str().map(|text| text.trim().to_owned());
    let texts: Option<Vec<String>> = match value {
        Json::Null => Some(Vec::new()),
        Json::Array(items) => items.iter().map(text).collect(),
        _ => None,
    };
    match texts {
        Some(texts) if texts.len() <= most => Some(texts),
        Some(_) => {
            errors.add(key, code::TOO_MANY_VALUES.with([("maxSelect", most.into())]));
            None
        }
        None => {
            errors.add(key, code::INVALID_VALUE);
            None
        }
    }
}

fn expires(cx: &Cx, value: &Json, errors: &mut FieldErrors) -> Option<Expiry> {
    let text = value.as_str().unwrap_or_default();
    if value.is_null() || value.as_str() == Some("") {
        return Some(Expiry::Never);
    }
    match date::parse(text) {
        Some(at_ms) if at_ms > cx.now_ms => Some(Expiry::At(at_ms)),
        Some(_) => {
            errors.add("expires", code::INVALID_VALUE.say("The time must be in the future."));
            None
        }
        None => {
            errors.add("expires", code::INVALID_VALUE);
            None
        }
    }
}

/// For how many milliseconds the secret before stays good.
///
/// # Errors
/// `Invalid` when that is too long.
pub(super) fn overlap(body: &Map<String, Json>) -> Result<i64> {
    let wrong = |error: crate::error::FieldError| Error::field("Failed to rotate the API key.", "overlap", error);
    let seconds = match body.get("overlap") {
        None | Some(Json::Null) => 0,
        Some(value) => value.as_u64().ok_or_else(|| wrong(code::INVALID_VALUE.into()))?,
    };
    if seconds > OVERLAP_MAX_S {
        return Err(wrong(code::MAX_LESS_EQUAL.with([("threshold", OVERLAP_MAX_S.into())])));
    }
    Ok(i64::try_from(seconds).unwrap_or_default().saturating_mul(1_000))
}
