//! The options of an auth collection. How the options fit together is looked at only when each is right.

use super::Collection;
use crate::error::{FieldError, FieldErrors, code};
use crate::model::collection::auth::{AuthOptions, OAuth2Provider, TOKENS};
use crate::model::collection::mail::MailTemplate;
use crate::model::collection::providers;
use crate::model::field::url::is_url;
use crate::model::index::Index;
use serde_json::json;

/// The range of a token's duration, in seconds; three years at most.
const TOKEN_DURATION_S: (u64, u64) = (10, 94_670_856);
/// The range of how long a sign-in in several steps may take, in seconds.
const STEP_DURATION_S: (u64, u64) = (10, 86_400);
const SECRET_CHARS: (usize, usize) = (30, 255);
const OTP_LENGTH_MIN: u64 = 4;
/// As long as what a password is read up to: longer ones could be mailed and not be typed.
const OTP_LENGTH_MAX: u64 = 71;

pub(super) fn check(new: &Collection, options: &AuthOptions, old: Option<&AuthOptions>, errors: &mut FieldErrors) {
    let mut wrong = FieldErrors::default();
    check_options(options, &mut wrong);
    if wrong.is_empty() {
        check_combination(new, options, old, &mut wrong);
    }
    for (key, issue) in wrong.0 {
        errors.0.entry(key).or_insert(issue);
    }
}

fn check_options(options: &AuthOptions, errors: &mut FieldErrors) {
    if options.manage_rule.as_deref() == Some("") {
        errors.add("manageRule", code::NIL_OR_NOT_EMPTY);
    }
    for (key, token) in TOKENS.into_iter().zip(options.tokens()) {
        let mut wrong = FieldErrors::default();
        let chars = token.secret.chars().count();
        if chars == 0 {
            wrong.add("secret", code::REQUIRED);
        } else if !(SECRET_CHARS.0..=SECRET_CHARS.1).contains(&chars) {
            wrong.add(
                "secret",
                code::LENGTH_OUT_OF_RANGE.with([("min", json!(SECRET_CHARS.0)), ("max", json!(SECRET_CHARS.1))]),
            );
        }
        check_range("duration", token.duration_s, TOKEN_DURATION_S, &mut wrong);
        errors.nest(key, wrong);
    }
    if options.password_enabled && options.identity_fields.is_empty() {
        errors.nest("passwordAuth", FieldErrors::one("identityFields", code::REQUIRED));
    }
    let mut otp = FieldErrors::default();
    if options.otp.enabled {
        check_range("duration", options.otp.duration_s, STEP_DURATION_S, &mut otp);
        check_range("length", options.otp.length, (OTP_LENGTH_MIN, OTP_LENGTH_MAX), &mut otp);
    }
    otp.nest("emailTemplate", check_mail(&options.otp.email_template));
    errors.nest("otp", otp);
    let mut mfa = FieldErrors::default();
    if options.mfa.enabled {
        check_range("duration", options.mfa.duration_s, STEP_DURATION_S, &mut mfa);
    }
    errors.nest("mfa", mfa);
    let mut alert = FieldErrors::default();
    alert.nest("emailTemplate", check_mail(&options.auth_alert.email_template));
    errors.nest("authAlert", alert);
    errors.nest("verificationTemplate", check_mail(&options.verification_template));
    errors.nest("resetPasswordTemplate", check_mail(&options.reset_password_template));
    errors.nest("confirmEmailChangeTemplate", check_mail(&options.confirm_email_change_template));
    if options.oauth2.enabled {
        let mut oauth2 = FieldErrors::default();
        oauth2.nest("providers", check_providers(&options.oauth2.providers));
        errors.nest("oauth2", oauth2);
    }
}

fn check_range(key: &str, value: u64, (min, max): (u64, u64), errors: &mut FieldErrors) {
    if value == 0 {
        errors.add(key, code::REQUIRED);
    } else if value < min {
        errors.add(key, code::MIN_GREATER_EQUAL.with([("threshold", json!(min))]));
    } else if value > max {
        errors.add(key, code::MAX_LESS_EQUAL.with([("threshold", json!(max))]));
    }
}

fn check_mail(template: &MailTemplate) -> FieldErrors {
    let mut errors = FieldErrors::default();
    for (key, text) in [("subject", &template.subject), ("body", &template.body)] {
        if text.is_empty() {
            errors.add(key, code::REQUIRED);
        }
    }
    errors
}

fn check_providers(providers: &[OAuth2Provider]) -> FieldErrors {
    let mut errors = FieldErrors::default();
    for (position, provider) in providers.iter().enumerate() {
        let OAuth2Provider { name, client_id, client_secret, auth_url, token_url, user_info_url, .. } = provider;
        let mut wrong = FieldErrors::default();
        for (key, text) in [("name", name), ("clientId", client_id), ("clientSecret", client_secret)] {
            if text.is_empty() {
                wrong.add(key, code::REQUIRED);
            }
        }
        if !name.is_empty() && providers::find(name).is_none() {
            wrong.add("name", code::MISSING_PROVIDER.with([("name", json!(name))]));
        } else if providers[..position].iter().any(|before| before.name == *name) {
            wrong.add("name", code::DUPLICATED_PROVIDER.with([("name", json!(name))]));
        }
        for (key, url) in [("authURL", auth_url), ("tokenURL", token_url), ("userInfoURL", user_info_url)] {
            if !url.is_empty() && !is_url(url) {
                wrong.add(key, code::IS_URL);
            }
        }
        errors.nest(&position.to_string(), wrong);
    }
    errors
}

fn check_combination(new: &Collection, options: &AuthOptions, old: Option<&AuthOptions>, errors: &mut FieldErrors) {
    if options.mfa.enabled {
        let ways = [options.password_enabled, options.oauth2.enabled, options.otp.enabled];
        if ways.into_iter().filter(|enabled| *enabled).count() < 2 {
            errors.nest("mfa", FieldErrors::one("enabled", code::MFA_NOT_ENOUGH_AUTHS));
        } else if new.system && old.is_some_and(|old| old.mfa.rule != options.mfa.rule) && !options.mfa.rule.is_empty()
        {
            errors.nest("mfa", FieldErrors::one("rule", code::COLLECTION_SYSTEM_RULE_CHANGE));
        }
    }
    if options.password_enabled {
        for name in &options.identity_fields {
            if let Err(error) = check_identity_field(new, name) {
                return errors.nest("passwordAuth", FieldErrors::one("identityFields", error));
            }
        }
    }
}

fn check_identity_field(new: &Collection, name: &str) -> Result<(), FieldError> {
    if new.field(name).is_none() {
        return Err(code::MISSING_FIELD.with([("fieldName", json!(name))]));
    }
    if !Index::is_unique_on(&new.indexes, name) {
        return Err(code::MISSING_UNIQUE_CONSTRAINT.with([("fieldName", json!(name))]));
    }
    Ok(())
}
