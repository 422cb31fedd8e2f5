//! Who somebody is at a provider.

use super::provider::Provider;
use crate::model::collection::providers::{fill, text_at};
use crate::model::date;
use serde_json::{Map, Value as Json, json};

/// Longest text that is taken from a provider, in bytes.
const TEXT_MAX: usize = 2_048;

/// What a token's address answered.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    pub access: String,
    pub refresh: String,
    pub id: String,
    pub expires_ms: Option<i64>,
    /// The whole answer.
    pub raw: Json,
}

#[derive(Debug)]
pub(super) struct Profile {
    /// Never empty, and the same for as long as the account is there.
    pub id: String,
    pub name: String,
    pub username: String,
    /// Verified by the provider, or empty.
    pub email: String,
    pub avatar_url: String,
    tokens: Tokens,
    raw: Json,
}

impl Profile {
    /// Reads what a provider says of somebody.
    ///
    /// # Errors
    /// When the account has no id, or is not in use.
    pub(super) fn read(provider: &Provider<'_>, raw: Json, tokens: Tokens) -> Result<Self, String> {
        let row = provider.row;
        if let Some((path, expected)) = row.active
            && text_at(&raw, path) != expected
        {
            return Err(format!("the account is not active: `{path}` is not {expected}"));
        }
        let take = |template| Some(fill(template, &raw, &tokens.raw)).filter(|text| text.len() <= TEXT_MAX);
        let id = take(row.id).filter(|id| !id.is_empty()).ok_or("the profile has no id")?;
        let trusted = provider.is_trusted() || row.trust.holds(&raw);
        Ok(Self {
            id,
            name: take(row.person).unwrap_or_default(),
            username: take(row.username).map(|name| local_part(&name).to_owned()).unwrap_or_default(),
            email: take(row.email).filter(|_| trusted).unwrap_or_default(),
            avatar_url: take(row.avatar).unwrap_or_default(),
            tokens,
            raw,
        })
    }

    /// `meta` of an answer.
    pub(super) fn to_json(&self) -> Map<String, Json> {
        let shown = json!({
            "id": self.id, "name": self.name, "username": self.username, "email": self.email,
            "avatarURL": self.avatar_url, "avatarUrl": self.avatar_url, "rawUser": self.raw,
            "accessToken": self.tokens.access, "refreshToken": self.tokens.refresh,
            "expiry": self.tokens.expires_ms.map(date::format).unwrap_or_default(),
        });
        match shown {
            Json::Object(shown) => shown,
            _ => Map::new(),
        }
    }
}

/// Where the name of an account is its address, the part before the `@`.
fn local_part(username: &str) -> &str {
    username.split('@').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::AuthOptions;
    use crate::model::collection::providers::ALL;

    fn read(config: &Json, raw: Json, token: Json) -> Result<Profile, String> {
        let stored = json!({"oauth2": {"providers": [config]}});
        let options = AuthOptions::from_stored(stored.as_object().unwrap()).unwrap();
        let provider = Provider::all(&options).next().unwrap();
        Profile::read(&provider, raw, Tokens { raw: token, ..Tokens::default() })
    }

    /// What each provider answers, cut down to what is read: id, name, username, email, avatar.
    #[test]
    #[expect(clippy::too_many_lines, reason = "a table with a row for each provider")]
    fn every_provider_is_read() {
        let cases = [
            ("apple", json!({"sub": "1", "email": "a@x.io", "email_verified": "true"}), ["1", "", "", "a@x.io", ""]),
            (
                "google",
                json!({"sub": "1", "name": "Ann", "email": "a@x.io", "email_verified": true, "picture": "p"}),
                ["1", "Ann", "", "a@x.io", "p"],
            ),
            ("microsoft", json!({"id": "1", "displayName": "Ann", "mail": "a@x.io"}), ["1", "Ann", "", "", ""]),
            (
                "yandex",
                json!({"id": "1", "real_name": "Ann", "login": "ann", "default_email": "a@x.io", "default_avatar_id": "9"}),
                ["1", "Ann", "ann", "a@x.io", "https://avatars.yandex.net/get-yapic/9/islands-200"],
            ),
            (
                "facebook",
                json!({"id": "1", "name": "Ann", "email": "a@x.io", "picture": {"data": {"url": "p"}}}),
                ["1", "Ann", "", "a@x.io", "p"],
            ),
            (
                "instagram2",
                json!({"user_id": "1", "username": "ann", "profile_picture_url": "p"}),
                ["1", "", "ann", "", "p"],
            ),
            (
                "github",
                json!({"id": 1, "name": "Ann", "login": "ann", "email": "a@x.io", "avatar_url": "p"}),
                ["1", "Ann", "ann", "", "p"],
            ),
            (
                "gitlab",
                json!({"id": 1, "name": "Ann", "username": "ann", "email": "a@x.io", "confirmed_at": "2024-01-01T00:00:00Z"}),
                ["1", "Ann", "ann", "a@x.io", ""],
            ),
            (
                "bitbucket",
                json!({"uuid": "1", "display_name": "Ann", "account_status": "active", "links": {"avatar": {"href": "p"}}}),
                ["1", "Ann", "", "", "p"],
            ),
            ("gitee", json!({"id": 1, "login": "ann", "email": "a@x.io"}), ["1", "", "ann", "", ""]),
            (
                "gitea",
                json!({"id": 1, "full_name": "Ann", "login": "ann", "email": "a@x.io"}),
                ["1", "Ann", "ann", "", ""],
            ),
            (
                "discord",
                json!({"id": "1", "username": "ann", "avatar": "h", "email": "a@x.io", "verified": false}),
                ["1", "ann", "ann", "", "https://cdn.discordapp.com/avatars/1/h.png"],
            ),
            (
                "twitter",
                json!({"data": {"id": "1", "name": "Ann", "username": "ann", "confirmed_email": "a@x.io"}}),
                ["1", "Ann", "ann", "a@x.io", ""],
            ),
            (
                "kakao",
                json!({"id": 1, "properties": {"nickname": "ann"},
                "kakao_account": {"email": "a@x.io", "is_email_valid": true, "is_email_verified": false}}),
                ["1", "", "ann", "", ""],
            ),
            (
                "vk",
                json!({"response": [{"id": 1, "first_name": "Ann", "last_name": "Lee", "screen_name": "ann"}]}),
                ["1", "Ann Lee", "ann", "t@x.io", ""],
            ),
            (
                "linear",
                json!({"data": {"viewer": {"id": "1", "name": "Ann", "displayName": "ann", "email": "a@x.io", "active": true}}}),
                ["1", "Ann", "ann", "a@x.io", ""],
            ),
            (
                "notion",
                json!({"bot": {"owner": {"user": {"id": "1", "name": "Ann", "person": {"email": "a@x.io"}}}}}),
                ["1", "Ann", "", "a@x.io", ""],
            ),
            (
                "monday",
                json!({"data": {"me": {"id": "1", "enabled": true, "name": "Ann", "email": "a@x.io", "is_verified": true}}}),
                ["1", "Ann", "", "a@x.io", ""],
            ),
            ("lark", json!({"data": {"union_id": "1", "name": "Ann", "avatar_url": "p"}}), ["1", "Ann", "", "", "p"]),
            (
                "box",
                json!({"id": "1", "name": "Ann", "login": "a@x.io", "status": "active"}),
                ["1", "Ann", "", "a@x.io", ""],
            ),
            (
                "spotify",
                json!({"id": "1", "display_name": "Ann", "email": "a@x.io", "images": [{"url": "p"}]}),
                ["1", "Ann", "", "", "p"],
            ),
            (
                "trakt",
                json!({"user": {"ids": {"uuid": "1"}, "name": "Ann", "username": "ann"}}),
                ["1", "Ann", "ann", "", ""],
            ),
            (
                "twitch",
                json!({"data": [{"id": "1", "display_name": "Ann", "login": "ann", "email": "a@x.io"}]}),
                ["1", "Ann", "ann", "a@x.io", ""],
            ),
            (
                "patreon",
                json!({"data": {"id": "1", "attributes": {"full_name": "Ann", "email": "a@x.io", "is_email_verified": true}}}),
                ["1", "Ann", "", "a@x.io", ""],
            ),
            (
                "strava",
                json!({"id": 1, "firstname": "Ann", "lastname": "Lee", "username": "ann"}),
                ["1", "Ann Lee", "ann", "", ""],
            ),
            (
                "wakatime",
                json!({"data": {"id": "1", "display_name": "Ann", "email": "a@x.io", "is_email_confirmed": true}}),
                ["1", "Ann", "", "a@x.io", ""],
            ),
            (
                "livechat",
                json!({"account_id": "1", "name": "Ann", "email": "a@x.io", "email_verified": true}),
                ["1", "Ann", "", "a@x.io", ""],
            ),
            (
                "mailcow",
                json!({"id": "1", "full_name": "Ann", "username": "ann@x.io", "email": "a@x.io", "active": 1}),
                ["1", "Ann", "ann", "a@x.io", ""],
            ),
            (
                "planningcenter",
                json!({"data": {"id": "1", "attributes": {"status": "active", "name": "Ann"}}}),
                ["1", "Ann", "", "", ""],
            ),
            (
                "oidc",
                json!({"sub": "1", "name": "Ann", "preferred_username": "ann", "email": "a@x.io", "email_verified": true}),
                ["1", "Ann", "ann", "a@x.io", ""],
            ),
            ("oidc2", json!({"sub": "1", "email": "a@x.io"}), ["1", "", "", "", ""]),
            ("oidc3", json!({"sub": "1", "email": "a@x.io", "email_verified": false}), ["1", "", "", "", ""]),
        ];
        assert_eq!(cases.len(), ALL.len());
        for (row, (name, raw, expected)) in ALL.iter().zip(cases) {
            assert_eq!(row.name, name);
            let profile = read(&json!({"name": name}), raw, json!({"email": "t@x.io"})).unwrap();
            let Profile { id, name: person, username, email, avatar_url, .. } = &profile;
            assert_eq!([id, person, username, email, avatar_url], expected, "{name}");
        }
    }

    #[test]
    fn who_is_nobody_or_not_active_is_refused() {
        assert!(read(&json!({"name": "oidc"}), json!({"sub": "", "email": "a@x.io"}), Json::Null).is_err());
        assert!(read(&json!({"name": "oidc"}), json!({"sub": "x".repeat(TEXT_MAX + 1)}), Json::Null).is_err());
        assert!(read(&json!({"name": "box"}), json!({"id": "1", "status": "inactive"}), Json::Null).is_err());
        assert!(read(&json!({"name": "mailcow"}), json!({"id": "1"}), Json::Null).is_err());
    }
}
