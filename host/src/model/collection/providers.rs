//! The `OAuth2` providers that can be configured: what a row of the [`table`] says, and how a profile is read by it.
//!
//! Texts of a profile are templates: `{/a/b}` stands for what is there in the answer, `{/a/0}` for the first of a list,
//! `{token/a}` for something in the answer that brought the token.

mod table;

use serde_json::Value as Json;
pub use table::ALL;

/// A provider's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Provider {
    pub name: &'static str,
    pub display_name: &'static str,
    /// Of its sign, as a hexadecimal colour.
    pub color: &'static str,
    /// Empty where everybody has servers of their own, so that it has to be configured.
    pub auth_url: &'static str,
    pub token_url: &'static str,
    /// Empty where the ID token says who it is.
    pub user_info_url: &'static str,
    pub scopes: &'static str,
    pub pkce: bool,
    /// How the server proves at the token's address that it is the client.
    pub client_auth: ClientAuth,
    /// Beyond the usual ones, when it is asked who it is; `{clientId}` is the client's id.
    pub headers: &'static [(&'static str, &'static str)],
    /// What is asked by POST; empty for a GET.
    pub graphql: &'static str,
    /// Answers by a form that the browser posts, where a scope is asked for.
    pub form_post: bool,
    /// Where the keys are that sign ID tokens, and who issues those.
    pub keys: Option<(&'static str, &'static str)>,
    /// What must be so for the account to be in use.
    pub active: Option<(&'static str, &'static str)>,
    pub id: &'static str,
    pub person: &'static str,
    pub username: &'static str,
    pub email: &'static str,
    pub avatar: &'static str,
    pub trust: Trust,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientAuth {
    /// Id and secret stand in the form.
    Form,
    /// They are the name and password of basic authentication.
    Basic,
    /// Basic, which every server of `OAuth2` has to know, and the form where that is refused.
    Either,
}

/// When an address of the provider is that of the person. One that may be somebody else's is not taken at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// The provider tells none that it has not verified.
    Always,
    /// All of these are true.
    When(&'static [&'static str]),
    /// This is there.
    Present(&'static str),
    /// The list at this address, relative to that of the profile, has it as confirmed and primary.
    List(&'static str),
    /// Administrators set any address in a directory of their own, so one is needed that is known.
    SingleTenant,
}

impl Trust {
    /// Whether what a profile itself says is enough.
    #[must_use]
    pub fn holds(self, profile: &Json) -> bool {
        let is_true = |path: &&str| text_at(profile, path) == "true";
        match self {
            Self::Always => true,
            Self::When(paths) => paths.iter().all(is_true),
            Self::Present(path) => !text_at(profile, path).is_empty(),
            Self::List(_) | Self::SingleTenant => false,
        }
    }
}

/// What is at a path, if it is a text, a number or a truth; else nothing.
#[must_use]
pub fn text_at(json: &Json, path: &str) -> String {
    match json.pointer(path) {
        Some(Json::String(text)) => text.trim().to_owned(),
        Some(scalar @ (Json::Number(_) | Json::Bool(_))) => scalar.to_string(),
        _ => String::new(),
    }
}

/// A template with its places filled in. One of more than places and spaces is nothing unless each place is filled.
#[must_use]
pub fn fill(template: &str, profile: &Json, token: &Json) -> String {
    let (mut text, mut missing, mut literal) = (String::new(), false, false);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (path, behind) = after.split_once('}').unwrap_or((after, ""));
        let value = match path.strip_prefix("token") {
            Some(path) => text_at(token, path),
            None => text_at(profile, path),
        };
        literal |= !before.trim().is_empty();
        missing |= value.is_empty();
        text.push_str(before);
        text.push_str(&value);
        rest = behind;
    }
    literal |= !rest.trim().is_empty();
    text.push_str(rest);
    if literal && missing { String::new() } else { text.trim().to_owned() }
}

/// The address in a list of addresses that is confirmed and the primary one.
#[must_use]
pub fn primary_of(list: &Json) -> Option<&str> {
    let items = list.get("values").unwrap_or(list).as_array()?;
    let says = |item: &Json, keys: [&str; 2]| keys.iter().any(|key| item.get(*key) == Some(&Json::Bool(true)));
    let in_scope = |item: &Json| {
        let scope = item.get("scope").and_then(Json::as_array);
        scope.is_some_and(|scope| scope.iter().any(|word| word == "primary"))
    };
    let found = items.iter().find(|item| {
        let confirmed =
            says(item, ["verified", "is_confirmed"]) || item.get("state").is_some_and(|state| state == "confirmed");
        confirmed && (says(item, ["primary", "is_primary"]) || in_scope(item))
    });
    found?.get("email")?.as_str().filter(|email| !email.is_empty())
}

impl Provider {
    /// A sign of our own making, as an SVG: the first letter on the provider's colour.
    #[must_use]
    pub fn logo(&self) -> String {
        let letter = self.display_name.chars().next().unwrap_or('?');
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 24 24\"><rect width=\"24\" height=\"24\" rx=\"6\" fill=\"{}\"/>\
             <text x=\"12\" y=\"17\" font-family=\"sans-serif\" font-size=\"14\" font-weight=\"600\" text-anchor=\"middle\" fill=\"#fff\">{letter}</text></svg>",
            self.color
        )
    }
}

/// The row of a name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Provider> {
    ALL.iter().find(|provider| provider.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_are_unique_and_signs_are_drawn() {
        for (position, provider) in ALL.iter().enumerate() {
            assert!(ALL[..position].iter().all(|other| other.name != provider.name), "{}", provider.name);
            assert!(provider.color.len() == 7 && provider.logo().ends_with("</svg>"), "{}", provider.name);
        }
        assert_eq!(find("github").map(|provider| provider.display_name), Some("GitHub"));
        assert_eq!((ALL.len(), find("nope")), (32, None));
    }

    #[test]
    fn rows_are_complete() {
        for provider in ALL {
            let own_servers = matches!(provider.name, "mailcow" | "oidc" | "oidc2" | "oidc3");
            for url in [provider.auth_url, provider.token_url] {
                assert!(url.starts_with("https://") || (own_servers && url.is_empty()), "{}", provider.name);
            }
            let told = own_servers || provider.keys.is_some() || provider.user_info_url.starts_with("https://");
            assert!(told && provider.id.starts_with('{'), "{}", provider.name);
            for template in [provider.id, provider.person, provider.username, provider.email, provider.avatar] {
                assert_eq!(
                    template.matches('{').count(),
                    template.matches('}').count(),
                    "{}: {template}",
                    provider.name
                );
            }
        }
    }

    #[test]
    fn templates_are_filled() {
        let profile = json!({"id": 7, "first": "Ann", "last": null, "list": [{"url": " https://x "}], "deep": {}});
        let token = json!({"email": "ann@example.com"});
        for (template, expected) in [
            ("{/id}", "7"),
            ("{/first} {/last}", "Ann"),
            ("{/last}", ""),
            ("{/deep}", ""),
            ("{/list/0/url}", "https://x"),
            ("https://cdn/{/id}/{/last}.png", ""),
            ("https://cdn/{/id}.png", "https://cdn/7.png"),
            ("{token/email}", "ann@example.com"),
            ("", ""),
        ] {
            assert_eq!(fill(template, &profile, &token), expected, "{template}");
        }
    }

    #[test]
    fn an_address_is_trusted_on_proof_only() {
        let verified = Trust::When(&["/a", "/b"]);
        assert!(verified.holds(&json!({"a": true, "b": "true"})));
        for profile in [json!({"a": true}), json!({"a": true, "b": false}), json!({"a": true, "b": 1}), json!({})] {
            assert!(!verified.holds(&profile), "{profile}");
        }
        assert!(!Trust::Present("/at").holds(&json!({"at": null})) && !Trust::SingleTenant.holds(&json!({})));
        for (list, expected) in [
            (json!([{"email": "a", "verified": true}, {"email": "b", "primary": true, "verified": true}]), Some("b")),
            (json!([{"email": "a", "primary": true, "verified": false}]), None),
            (json!({"values": [{"email": "a", "is_primary": true, "is_confirmed": true}]}), Some("a")),
            (json!([{"email": "a", "scope": ["primary"], "state": "confirmed"}]), Some("a")),
            (json!([{"email": "a", "scope": ["primary"], "state": "unconfirmed"}]), None),
            (json!({"email": "a"}), None),
        ] {
            assert_eq!(primary_of(&list), expected, "{list}");
        }
    }
}
