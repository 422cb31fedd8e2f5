//! Signing in with an account elsewhere, by `OAuth2` with PKCE.
//!
//! ```text
//! methods   state, verifier and challenge for each provider; the client keeps them
//! exchange  the code for tokens, the tokens for a profile        (provider, exchange, id_token)
//! link      the profile to a record: the one that is linked, the caller's own, the one with that address, a new one
//! ```
//!
//! A provider's e-mail address counts only where the provider vouches for it: one that is not verified is not taken.

pub mod apple;
mod avatar;
mod exchange;
mod link;
mod profile;
mod provider;

use super::letters::{UNREADABLE, text};
use super::{Method, Passed, SUPERUSERS, mfa_id, sign_in};
use crate::crypto;
use crate::error::{Error, FieldErrors, Result, code};
use crate::model::{AuthOptions, Collection};
use crate::records::ViewQuery;
use crate::tenant::Cx;
use provider::Provider;
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;
use std::time::Duration;

/// Lengths of what is made up for each offer of a provider.
const STATE_LENGTH: usize = 30;
const VERIFIER_LENGTH: usize = 43;

/// What is shorter could be a part of any word.
const SECRET_MIN: usize = 4;

/// How long the provider may take for all it is asked.
const EXCHANGE: Duration = Duration::from_secs(30);

const DISABLED: &str = "The collection is not configured to allow OAuth2 authentication.";
const NO_TOKEN: &str = "Failed to fetch OAuth2 token.";
const NO_USER: &str = "Failed to fetch OAuth2 user.";

/// The providers that a collection offers, each with what one attempt to sign in needs.
pub(super) fn offers(cx: &Cx, options: &AuthOptions) -> Vec<Json> {
    if !options.oauth2.enabled {
        return Vec::new();
    }
    Provider::all(options).filter(Provider::is_complete).map(|provider| offer(cx, &provider)).collect()
}

fn offer(cx: &Cx, provider: &Provider<'_>) -> Json {
    let ids = &cx.tenant.world.ids;
    let state = ids.secret(STATE_LENGTH);
    let verifier = if provider.pkce() { ids.secret(VERIFIER_LENGTH) } else { String::new() };
    let challenge = if provider.pkce() { crypto::sha256_base64url(verifier.as_bytes()) } else { String::new() };
    let url = provider.authorize_url(&state, &challenge);
    json!({
        "name": provider.name(), "displayName": provider.display_name(), "logo": provider.logo(), "state": state,
        "authURL": url, "authUrl": url, "codeVerifier": verifier, "codeChallenge": challenge,
        "codeChallengeMethod": if provider.pkce() { "S256" } else { "" },
    })
}

/// What a client brings back from the provider.
#[derive(Debug)]
struct Submission<'a> {
    provider: Provider<'a>,
    code: String,
    verifier: String,
    redirect_url: String,
    create_data: Map<String, Json>,
}

impl<'a> Submission<'a> {
    fn read(options: &'a AuthOptions, body: &Map<String, Json>) -> Result<Self> {
        let text = |key: &str| text(body, key).map(str::to_owned);
        let (name, code) = (text("provider")?, text("code")?);
        let mut errors = FieldErrors::default();
        for (key, value) in [("provider", &name), ("code", &code)] {
            if value.is_empty() {
                errors.add(key, code::REQUIRED);
            }
        }
        let provider = Provider::find(options, &name);
        if !name.is_empty() && provider.is_none() {
            errors.add("provider", code::INVALID_PROVIDER.with([("name", json!(name))]));
        }
        let create_data = match body.get("createData") {
            None | Some(Json::Null) => Map::new(),
            Some(Json::Object(data)) => data.clone(),
            // In a form it is a text.
            Some(Json::String(text)) => serde_json::from_str(text).unwrap_or_else(|_| {
                errors.add("createData", code::INVALID_VALUE);
                Map::new()
            }),
            Some(_) => {
                errors.add("createData", code::INVALID_VALUE);
                Map::new()
            }
        };
        errors.into_result(UNREADABLE)?;
        let Some(provider) = provider else { return Err(Error::invalid(UNREADABLE)) };
        let (url, former) = (text("redirectURL")?, text("redirectUrl")?);
        let redirect_url = if url.is_empty() { former } else { url };
        Ok(Self { provider, code, verifier: text("codeVerifier")?, redirect_url, create_data })
    }

    /// A text for the log, without what only the provider may know.
    fn without_secrets(&self, text: &str) -> String {
        let secrets = [&self.code, &self.verifier, self.provider.client_secret()];
        let secrets = secrets.into_iter().filter(|secret| secret.len() >= SECRET_MIN);
        secrets.fold(text.to_owned(), |text, secret| text.replace(secret, exchange::LEFT_OUT))
    }
}

/// Signs in with the code that a provider gave, into the record that the account is linked with; answers with
/// `{token, record, meta}`.
///
/// # Errors
/// `Forbidden` when the collection does not allow it, `Invalid` for what is missing, when the provider does not take the
/// code, or when the record cannot be made.
pub async fn with_oauth2(
    cx: &Cx,
    collection: &Arc<Collection>,
    body: &Map<String, Json>,
    query: &ViewQuery,
) -> Result<Vec<u8>> {
    let options = collection.auth().ok_or_else(Error::not_found)?;
    if !options.oauth2.enabled || collection.name == SUPERUSERS {
        return Err(Error::Forbidden(DISABLED.into()));
    }
    let submission = Submission::read(options, body)?;
    let profile = ask(cx, &submission).await?;
    let cx = cx.in_context(Method::OAuth2.name());
    let linked = link::link(&cx, collection, &submission, &profile).await?;
    let mut meta = profile.to_json();
    meta.insert("isNew".to_owned(), Json::Bool(linked.is_new));
    let meta = Some(&Json::Object(meta));
    sign_in(&cx, &linked.record, &Passed { method: Method::OAuth2, mfa_id: mfa_id(&cx, body)?, meta, query }).await
}

async fn ask(cx: &Cx, submission: &Submission<'_>) -> Result<profile::Profile> {
    let Submission { provider, code, .. } = submission;
    let outbound = &cx.tenant.outbound;
    let failed = |message: &'static str, why: &str| {
        let why = submission.without_secrets(why);
        tracing::warn!(provider = provider.name(), why, request_id = cx.facts.id, "{message}");
        Error::invalid(message)
    };
    let asking = async {
        let tokens = exchange::tokens(outbound, submission, cx.now_ms).await.map_err(|why| failed(NO_TOKEN, &why))?;
        let profile = exchange::profile(outbound, provider, tokens, cx.now_ms).await;
        profile.map_err(|why| failed(NO_USER, &why))
    };
    let asked = tokio::time::timeout(EXCHANGE, asking).await;
    let mut profile = asked.unwrap_or_else(|_| Err(failed(NO_USER, "the provider takes too long")))?;
    if profile.name.is_empty() {
        profile.name = apple::take_name(cx, code).unwrap_or_default();
    }
    Ok(profile)
}
