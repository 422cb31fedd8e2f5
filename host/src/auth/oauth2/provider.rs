//! A provider as a collection has it: the row of the table, with what was configured over it.

use crate::model::AuthOptions;
use crate::model::collection::auth::OAuth2Provider;
use crate::model::collection::providers::{self, ClientAuth, Trust};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value as Json;

/// What stands as it is in a form or a query.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Options in `extra` of a provider.
const JWKS_URL: &str = "jwksURL";
const ISSUERS: &str = "issuers";
const TRUST_EMAIL: &str = "trustEmail";

/// The directories of Microsoft that anybody's can be in.
const SHARED_TENANTS: [&str; 3] = ["/common/", "/organizations/", "/consumers/"];

#[derive(Debug, Clone, Copy)]
pub(super) struct Provider<'a> {
    pub row: &'static providers::Provider,
    config: &'a OAuth2Provider,
}

impl<'a> Provider<'a> {
    /// In the order in which they were configured.
    pub(super) fn all(options: &'a AuthOptions) -> impl Iterator<Item = Self> {
        options.oauth2.providers.iter().filter_map(|config| Some(Self { row: providers::find(&config.name)?, config }))
    }

    pub(super) fn find(options: &'a AuthOptions, name: &str) -> Option<Self> {
        Self::all(options).find(|provider| provider.config.name == name)
    }

    pub(super) fn name(&self) -> &'a str {
        &self.config.name
    }

    pub(super) fn display_name(&self) -> &'a str {
        either(&self.config.display_name, self.row.display_name)
    }

    pub(super) fn logo(&self) -> String {
        self.row.logo()
    }

    pub(super) fn client_id(&self) -> &'a str {
        &self.config.client_id
    }

    pub(super) fn client_secret(&self) -> &'a str {
        &self.config.client_secret
    }

    pub(super) fn client_auth(&self) -> ClientAuth {
        self.row.client_auth
    }

    pub(super) fn token_url(&self) -> &'a str {
        either(&self.config.token_url, self.row.token_url)
    }

    pub(super) fn user_info_url(&self) -> &'a str {
        either(&self.config.user_info_url, self.row.user_info_url)
    }

    pub(super) fn pkce(&self) -> bool {
        self.config.pkce.unwrap_or(self.row.pkce)
    }

    /// Where the keys of ID tokens are; empty when there is no such place.
    pub(super) fn keys_url(&self) -> &'a str {
        let configured = self.extra(JWKS_URL).and_then(Json::as_str).unwrap_or_default();
        either(configured, self.row.keys.map_or("", |(url, _)| url))
    }

    /// Whose ID tokens are good; empty for those of whoever has the keys.
    pub(super) fn issuers(&self) -> Vec<String> {
        let configured: Vec<String> = match self.extra(ISSUERS) {
            Some(Json::String(one)) if !one.is_empty() => vec![one.clone()],
            Some(Json::Array(items)) => items.iter().filter_map(Json::as_str).map(str::to_owned).collect(),
            _ => Vec::new(),
        };
        if configured.is_empty() {
            return self.row.keys.map(|(_, issuer)| issuer.to_owned()).into_iter().collect();
        }
        configured
    }

    /// Whether addresses of this provider are those of the people, as far as that does not depend on the profile.
    pub(super) fn is_trusted(&self) -> bool {
        let said = self.extra(TRUST_EMAIL) == Some(&Json::Bool(true));
        let url = self.token_url();
        let single = self.row.trust == Trust::SingleTenant && !SHARED_TENANTS.iter().any(|shared| url.contains(shared));
        said || single
    }

    /// Whether everything is known that is needed to sign in.
    pub(super) fn is_complete(&self) -> bool {
        let tells = !self.user_info_url().is_empty() || !self.keys_url().is_empty();
        tells && !self.auth_url().is_empty() && !self.token_url().is_empty()
    }

    /// Where the browser goes; the client adds its redirect address at the end.
    pub(super) fn authorize_url(&self, state: &str, challenge: &str) -> String {
        let mut pairs = vec![("client_id", self.client_id())];
        if !challenge.is_empty() {
            pairs.extend([("code_challenge", challenge), ("code_challenge_method", "S256")]);
        }
        if self.row.form_post {
            pairs.push(("response_mode", "form_post"));
        }
        pairs.push(("response_type", "code"));
        if !self.row.scopes.is_empty() {
            pairs.push(("scope", self.row.scopes));
        }
        pairs.push(("state", state));
        let url = self.auth_url();
        let separator = if url.contains('?') { '&' } else { '?' };
        format!("{url}{separator}{}&redirect_uri=", encode(&pairs))
    }

    fn auth_url(&self) -> &'a str {
        either(&self.config.auth_url, self.row.auth_url)
    }

    fn extra(&self, key: &str) -> Option<&'a Json> {
        self.config.extra.as_ref()?.get(key)
    }
}

fn either<'a>(configured: &'a str, usual: &'static str) -> &'a str {
    if configured.is_empty() { usual } else { configured }
}

/// Pairs as a form or query has them.
pub(super) fn encode(pairs: &[(&str, &str)]) -> String {
    let one = |(key, value): &(&str, &str)| format!("{key}={}", encode_one(value));
    pairs.iter().map(one).collect::<Vec<_>>().join("&")
}

pub(super) fn encode_one(text: &str) -> String {
    utf8_percent_encode(text, PLAIN).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn options(providers: &Json) -> AuthOptions {
        let stored = json!({"oauth2": {"enabled": true, "providers": providers}});
        AuthOptions::from_stored(stored.as_object().unwrap()).unwrap()
    }

    #[test]
    fn addresses_end_where_the_client_goes_on() {
        let options = options(&json!([
            {"name": "google", "clientId": "a b"},
            {"name": "apple", "clientId": "c", "pkce": false, "authURL": "https://x.example/?a=1"},
        ]));
        let url = |name: &str, challenge| Provider::find(&options, name).unwrap().authorize_url("st", challenge);
        assert_eq!(
            url("google", "ch"),
            "https://accounts.google.com/o/oauth2/v2/auth?client_id=a%20b&code_challenge=ch&code_challenge_method=S256\
             &response_type=code&scope=https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fuserinfo.profile%20https%3A%2F%2F\
             www.googleapis.com%2Fauth%2Fuserinfo.email&state=st&redirect_uri="
        );
        assert_eq!(
            url("apple", ""),
            "https://x.example/?a=1&client_id=c&response_mode=form_post&response_type=code&scope=name%20email&state=st\
             &redirect_uri="
        );
        assert!(!Provider::find(&options, "apple").unwrap().pkce() && Provider::find(&options, "github").is_none());
    }

    #[test]
    fn what_is_missing_is_known() {
        let options = options(&json!([
            {"name": "oidc", "authURL": "https://x/a", "tokenURL": "https://x/t"},
            {"name": "oidc2", "authURL": "https://x/a", "tokenURL": "https://x/t", "userInfoURL": "https://x/u"},
            {"name": "oidc3", "authURL": "https://x/a", "tokenURL": "https://x/t",
             "extra": {"jwksURL": "https://x/k", "issuers": ["https://x"]}},
            {"name": "apple"}, {"name": "mailcow"},
        ]));
        let complete: Vec<bool> = Provider::all(&options).map(|provider| provider.is_complete()).collect();
        assert_eq!(complete, [false, true, true, true, false]);
        let issuers = |name: &str| Provider::find(&options, name).unwrap().issuers();
        assert_eq!(
            (issuers("oidc3"), issuers("apple")),
            (vec!["https://x".into()], vec!["https://appleid.apple.com".into()])
        );
    }

    #[test]
    fn a_directory_that_everybody_shares_is_not_trusted() {
        let token_url = |tenant: &str| format!("https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token");
        for (config, trusted) in [
            (json!({"name": "microsoft"}), false),
            (json!({"name": "microsoft", "tokenURL": token_url("organizations")}), false),
            (json!({"name": "microsoft", "tokenURL": token_url("6f1e0bfa")}), true),
            (json!({"name": "microsoft", "extra": {"trustEmail": true}}), true),
            (json!({"name": "oidc", "extra": {"trustEmail": "true"}}), false),
        ] {
            let options = options(&json!([config]));
            assert_eq!(Provider::all(&options).next().unwrap().is_trusted(), trusted, "{config}");
        }
    }
}
