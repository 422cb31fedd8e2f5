//! What an auth collection has beyond a base collection: how its records sign in, and its tokens.

use super::mail::{AuthAlert, MailTemplate};
use crate::error::{FieldErrors, code};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

/// Length of a token secret.
pub const SECRET_LENGTH: usize = 50;

/// The options that hold a token's duration and secret.
pub const TOKENS: [&str; 5] = ["authToken", "passwordResetToken", "emailChangeToken", "verificationToken", "fileToken"];

/// Options by wire name, except `passwordAuth`, which is flat here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AuthOptions {
    /// Must match to receive a token; `None`: nobody signs in.
    pub auth_rule: Option<String>,
    /// Gives power over other records' e-mail, password and verification.
    pub manage_rule: Option<String>,
    #[serde(skip)]
    pub password_enabled: bool,
    #[serde(skip)]
    pub identity_fields: Vec<String>,
    #[serde(rename = "oauth2")]
    pub oauth2: OAuth2,
    pub mfa: Mfa,
    pub otp: Otp,
    pub auth_token: TokenOptions,
    pub password_reset_token: TokenOptions,
    pub email_change_token: TokenOptions,
    pub verification_token: TokenOptions,
    pub file_token: TokenOptions,
    pub auth_alert: AuthAlert,
    pub verification_template: MailTemplate,
    pub reset_password_template: MailTemplate,
    pub confirm_email_change_template: MailTemplate,
    /// Stored options that this version does not know, kept so that they survive; never shown.
    #[serde(skip)]
    pub other: Map<String, Json>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TokenOptions {
    #[serde(rename = "duration")]
    pub duration_s: u64,
    /// Never leaves the server.
    pub secret: String,
}

/// Signing in with a password from a mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Otp {
    pub enabled: bool,
    #[serde(rename = "duration")]
    pub duration_s: u64,
    /// In digits.
    pub length: u64,
    pub email_template: MailTemplate,
}

/// Asking for a second way to sign in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Mfa {
    pub enabled: bool,
    #[serde(rename = "duration")]
    pub duration_s: u64,
    /// Which records are asked; empty for all.
    pub rule: String,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OAuth2 {
    pub enabled: bool,
    pub providers: Vec<OAuth2Provider>,
    pub mapped_fields: MappedFields,
}

/// The fields that a new record takes from the provider's profile; empty for none.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MappedFields {
    pub id: String,
    pub name: String,
    pub username: String,
    #[serde(rename = "avatarURL")]
    pub avatar_url: String,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OAuth2Provider {
    pub name: String,
    pub client_id: String,
    /// Never leaves the server.
    pub client_secret: String,
    #[serde(rename = "authURL")]
    pub auth_url: String,
    #[serde(rename = "tokenURL")]
    pub token_url: String,
    #[serde(rename = "userInfoURL")]
    pub user_info_url: String,
    pub display_name: String,
    /// `None`: as the provider usually has it.
    pub pkce: Option<bool>,
    pub extra: Option<Map<String, Json>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct PasswordAuth {
    enabled: bool,
    identity_fields: Vec<String>,
}

impl Default for PasswordAuth {
    fn default() -> Self {
        Self { enabled: true, identity_fields: vec!["email".to_owned()] }
    }
}

impl Default for Otp {
    fn default() -> Self {
        Self { enabled: false, duration_s: 180, length: 8, email_template: MailTemplate::otp() }
    }
}

impl Default for Mfa {
    fn default() -> Self {
        Self { enabled: false, duration_s: 600, rule: String::new() }
    }
}

impl Default for AuthOptions {
    /// The options of a new collection, without secrets.
    fn default() -> Self {
        let password = PasswordAuth::default();
        let token = |duration_s| TokenOptions { duration_s, secret: String::new() };
        Self {
            auth_rule: Some(String::new()),
            manage_rule: None,
            password_enabled: password.enabled,
            identity_fields: password.identity_fields,
            oauth2: OAuth2::default(),
            mfa: Mfa::default(),
            otp: Otp::default(),
            auth_token: token(432_000),
            password_reset_token: token(1800),
            email_change_token: token(1800),
            verification_token: token(86_400),
            file_token: token(180),
            auth_alert: AuthAlert::default(),
            verification_template: MailTemplate::verification(),
            reset_password_template: MailTemplate::reset_password(),
            confirm_email_change_template: MailTemplate::confirm_email_change(),
            other: Map::new(),
        }
    }
}

impl AuthOptions {
    /// Gives every token that has none a secret.
    pub fn add_secrets(&mut self, secret: &mut dyn FnMut(usize) -> String) {
        for token in self.tokens_mut() {
            if token.secret.is_empty() {
                token.secret = secret(SECRET_LENGTH);
            }
        }
    }

    /// The token options in the order of [`TOKENS`].
    #[must_use]
    pub fn tokens(&self) -> [&TokenOptions; 5] {
        [
            &self.auth_token,
            &self.password_reset_token,
            &self.email_change_token,
            &self.verification_token,
            &self.file_token,
        ]
    }

    fn tokens_mut(&mut self) -> [&mut TokenOptions; 5] {
        [
            &mut self.auth_token,
            &mut self.password_reset_token,
            &mut self.email_change_token,
            &mut self.verification_token,
            &mut self.file_token,
        ]
    }

    /// Every option by wire name, secrets too: what is stored.
    #[must_use]
    pub fn to_stored(&self) -> Map<String, Json> {
        let mut options = match serde_json::to_value(self) {
            Ok(Json::Object(options)) => options,
            _ => Map::new(),
        };
        let password = json!({"enabled": self.password_enabled, "identityFields": self.identity_fields});
        options.insert("passwordAuth".to_owned(), password);
        for (key, value) in &self.other {
            options.entry(key.clone()).or_insert_with(|| value.clone());
        }
        options
    }

    /// Every option by wire name, without secrets: what superusers see.
    #[must_use]
    pub fn to_json(&self) -> Map<String, Json> {
        let shown = Self { other: Map::new(), ..self.clone() };
        let mut options = shown.to_stored();
        for token in TOKENS {
            options.get_mut(token).and_then(Json::as_object_mut).map(|token| token.shift_remove("secret"));
        }
        let providers =
            options.get_mut("oauth2").and_then(|oauth2| oauth2.get_mut("providers")).and_then(Json::as_array_mut);
        for provider in providers.into_iter().flatten().filter_map(Json::as_object_mut) {
            provider.shift_remove("clientSecret");
        }
        options
    }

    /// Reads options by wire name; what is missing or null takes its default.
    ///
    /// # Errors
    /// The options whose values have the wrong type.
    pub fn from_stored(options: &Map<String, Json>) -> Result<Self, FieldErrors> {
        let options = without_nulls(options);
        let known = Self::default().to_stored();
        let password = options.get("passwordAuth").map(PasswordAuth::deserialize);
        let read = serde_json::from_value::<Self>(Json::Object(options.clone()));
        let (Ok(mut read), None | Some(Ok(_))) = (read, &password) else {
            return Err(blame(&options));
        };
        let password = password.and_then(Result::ok).unwrap_or_default();
        read.password_enabled = password.enabled;
        read.identity_fields = crate::model::field::convert::unique(password.identity_fields);
        read.other = options.into_iter().filter(|(key, _)| !known.contains_key(key)).collect();
        Ok(read)
    }

    /// Puts the options in `patch` over these. Objects are merged, everything else is replaced; secrets that are
    /// left out stay, a provider's found by its name. Unknown keys are ignored.
    ///
    /// # Errors
    /// The options whose values have the wrong type.
    pub fn apply(&mut self, patch: &Map<String, Json>) -> Result<(), FieldErrors> {
        let mut options = self.to_stored();
        let known = Self::default().to_stored();
        for (key, value) in patch.iter().filter(|(key, _)| known.contains_key(*key)) {
            match (key.as_str(), value) {
                ("authRule" | "manageRule", value) => {
                    options.insert(key.clone(), value.clone());
                }
                (_, value) => merge(options.entry(key.clone()).or_insert(Json::Null), value),
            }
        }
        let mut new = Self::from_stored(&options)?;
        for (new, old) in new.tokens_mut().into_iter().zip(self.tokens()) {
            if new.secret.is_empty() {
                new.secret.clone_from(&old.secret);
            }
        }
        for provider in new.oauth2.providers.iter_mut().filter(|provider| provider.client_secret.is_empty()) {
            if let Some(old) = self.oauth2.providers.iter().find(|old| old.name == provider.name) {
                provider.client_secret.clone_from(&old.client_secret);
            }
        }
        *self = new;
        Ok(())
    }
}

/// Objects are merged, null changes nothing, everything else replaces.
fn merge(old: &mut Json, new: &Json) {
    match (old, new) {
        (_, Json::Null) => {}
        (Json::Object(old), Json::Object(new)) => {
            for (key, value) in new {
                merge(old.entry(key.clone()).or_insert(Json::Null), value);
            }
        }
        (old, new) => old.clone_from(new),
    }
}

/// Null stands for the default, except as a rule, where it means nobody, and in what is passed to providers.
fn without_nulls(object: &Map<String, Json>) -> Map<String, Json> {
    let keep = |(key, value): (&String, &Json)| {
        let value = match value {
            Json::Null if key == "authRule" => Json::Null,
            Json::Null => return None,
            Json::Object(inner) if key != "extra" => Json::Object(without_nulls(inner)),
            Json::Array(items) => Json::Array(items.iter().map(inside).collect()),
            other => other.clone(),
        };
        Some((key.clone(), value))
    };
    object.iter().filter_map(keep).collect()
}

fn inside(item: &Json) -> Json {
    item.as_object().map_or_else(|| item.clone(), |object| Json::Object(without_nulls(object)))
}

/// Finds the options that cannot be read, by reading each alone.
fn blame(options: &Map<String, Json>) -> FieldErrors {
    let mut errors = FieldErrors::default();
    for (key, value) in options {
        let readable = if key == "passwordAuth" {
            PasswordAuth::deserialize(value).is_ok()
        } else {
            serde_json::from_value::<AuthOptions>(json!({ key: value })).is_ok()
        };
        if !readable {
            errors.add(key, code::INVALID_VALUE);
        }
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(value: Json) -> Map<String, Json> {
        serde_json::from_value(value).unwrap()
    }

    fn with_secrets() -> AuthOptions {
        let mut options = AuthOptions::default();
        let mut count = 0;
        options.add_secrets(&mut |length| {
            count += 1;
            format!("{count:0>length$}")
        });
        options
    }

    #[test]
    fn defaults_are_those_of_pocketbase() {
        let json = Json::Object(AuthOptions::default().to_json());
        assert_eq!(json["authRule"], "");
        assert_eq!(json["manageRule"], Json::Null);
        assert_eq!(json["passwordAuth"], json!({"enabled": true, "identityFields": ["email"]}));
        assert_eq!(json["mfa"], json!({"enabled": false, "duration": 600, "rule": ""}));
        assert_eq!(
            (&json["otp"]["duration"], &json["otp"]["length"], &json["otp"]["enabled"]),
            (&json!(180), &json!(8), &json!(false))
        );
        let mapped = json!({"id": "", "name": "", "username": "", "avatarURL": ""});
        assert_eq!(json["oauth2"], json!({"enabled": false, "providers": [], "mappedFields": mapped}));
        assert_eq!(json["authAlert"]["enabled"], true);
        let durations = TOKENS.map(|token| json[token]["duration"].as_u64().unwrap());
        assert_eq!(durations, [432_000, 1800, 1800, 86_400, 180]);
        for template in ["verificationTemplate", "resetPasswordTemplate", "confirmEmailChangeTemplate"] {
            assert!(json[template]["subject"].is_string() && json[template]["body"].is_string());
        }
    }

    #[test]
    fn secrets_are_stored_and_not_shown() {
        let options = with_secrets();
        assert_eq!(options.file_token.secret, format!("{:0>50}", 5));
        let stored = options.to_stored();
        assert_eq!(stored["authToken"]["secret"], options.auth_token.secret);
        assert!(!Json::Object(options.to_json()).to_string().contains("secret"));
        assert_eq!(AuthOptions::from_stored(&stored).unwrap(), options);
    }

    #[test]
    fn a_patch_merges_and_keeps_secrets() {
        let mut options = with_secrets();
        let provider = json!({"name": "github", "clientId": "a", "clientSecret": "s"});
        let patch = json!({
            "authToken": {"duration": 7200}, "otp": {"enabled": true}, "fileToken": null, "unknown": 1,
            "oauth2": {"enabled": true, "providers": [provider]},
        });
        options.apply(&object(patch)).unwrap();
        assert_eq!((options.auth_token.duration_s, options.auth_token.secret.len()), (7200, 50));
        assert_eq!((options.otp.enabled, options.otp.duration_s), (true, 180));
        assert_eq!(options.file_token.duration_s, 180);
        options.apply(&object(json!({"oauth2": {"providers": [{"name": "github", "clientId": "b"}]}}))).unwrap();
        assert_eq!((options.oauth2.enabled, options.oauth2.providers.len()), (true, 1));
        let provider = &options.oauth2.providers[0];
        assert_eq!((provider.client_id.as_str(), provider.client_secret.as_str()), ("b", "s"));
        assert!(!Json::Object(options.to_json()).to_string().contains("clientSecret"));
        assert!(options.other.is_empty());
    }

    #[test]
    fn rules_may_be_null() {
        let mut options = AuthOptions::default();
        options.apply(&object(json!({"authRule": null, "manageRule": "id = 1"}))).unwrap();
        assert_eq!((options.auth_rule.as_deref(), options.manage_rule.as_deref()), (None, Some("id = 1")));
        options.apply(&object(json!({"manageRule": null, "mfa": {"duration": 60}}))).unwrap();
        assert_eq!((options.auth_rule.as_deref(), options.manage_rule.as_deref()), (None, None));
        assert_eq!(AuthOptions::from_stored(&options.to_stored()).unwrap(), options);
    }

    #[test]
    fn stored_nulls_are_defaults_and_the_unknown_survives() {
        let stored = object(json!({
            "authRule": "", "oauth2": {"providers": null, "mappedFields": null}, "passwordAuth": {"enabled": false, "identityFields": null},
            "future": {"x": 1},
        }));
        let options = AuthOptions::from_stored(&stored).unwrap();
        assert!(options.oauth2.providers.is_empty() && !options.password_enabled);
        assert_eq!(options.to_stored()["future"], json!({"x": 1}));
        assert!(!options.to_json().contains_key("future"));
    }

    #[test]
    fn wrong_types_are_blamed() {
        let mut options = AuthOptions::default();
        let patch =
            json!({"authToken": 5, "otp": {"length": "x"}, "passwordAuth": {"enabled": 1}, "authRule": 7, "mfa": {}});
        let errors = options.apply(&object(patch)).unwrap_err();
        assert_eq!(errors.0.into_keys().collect::<Vec<_>>(), ["authRule", "authToken", "otp", "passwordAuth"]);
        assert_eq!(options, AuthOptions::default());
    }
}
