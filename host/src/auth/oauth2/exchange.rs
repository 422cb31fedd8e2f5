//! What is asked of a provider: tokens for a code, a profile for the tokens.

use super::Submission;
use super::profile::{Profile, Tokens};
use super::provider::{Provider, encode, encode_one};
use crate::crypto;
use crate::model::collection::providers::{ClientAuth, Trust, primary_of};
use crate::outbound::{self, Answer, Limits, Outbound, Reach};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hyper::Request;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue, USER_AGENT};
use serde_json::Value as Json;
use std::time::Duration;

const LIMITS: Limits = Limits { body_bytes: 512 << 10, time: Duration::from_secs(10) };

const AGENT: HeaderValue = HeaderValue::from_static("tinybase");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

/// Characters of a provider's own words that go to the log.
const WORDS_MAX: usize = 300;

/// Length from which a word of a provider may be a token.
const TOKEN_MIN: usize = 16;

/// Stands for what is not for the log.
pub(super) const LEFT_OUT: &str = "[redacted]";

/// Exchanges a code for tokens.
///
/// # Errors
/// In words for the log.
pub(super) async fn tokens(outbound: &Outbound, submission: &Submission<'_>, now_ms: i64) -> Result<Tokens, String> {
    let answer = match submission.provider.client_auth() {
        ClientAuth::Form => ask_token(outbound, submission, false).await?,
        ClientAuth::Basic => ask_token(outbound, submission, true).await?,
        ClientAuth::Either => {
            let answer = ask_token(outbound, submission, true).await?;
            // Not the code but the client was refused, so that the code is still good.
            if is_of_client(&answer) { ask_token(outbound, submission, false).await? } else { answer }
        }
    };
    let raw = json(&answer)?;
    let text = |key: &str| raw.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
    let (access, id) = (text("access_token"), text("id_token"));
    if access.is_empty() && id.is_empty() {
        return Err(format!("there is no token in the answer: {}", words(&answer)));
    }
    let lives_s = raw.get("expires_in").and_then(|time| time.as_i64().or_else(|| time.as_str()?.parse().ok()));
    let expires_ms = lives_s.map(|seconds| now_ms.saturating_add(seconds.saturating_mul(1_000)));
    Ok(Tokens { access, refresh: text("refresh_token"), id, expires_ms, raw })
}

async fn ask_token(outbound: &Outbound, submission: &Submission<'_>, basic: bool) -> Result<Answer, String> {
    let Submission { provider, code, verifier, redirect_url, .. } = submission;
    let mut form = vec![("grant_type", "authorization_code"), ("code", code.as_str())];
    if !redirect_url.is_empty() {
        form.push(("redirect_uri", redirect_url));
    }
    if provider.pkce() {
        form.push(("code_verifier", verifier));
    }
    if !basic {
        form.extend([("client_id", provider.client_id()), ("client_secret", provider.client_secret())]);
    }
    let mut request = outbound::get(provider.token_url()).map_err(|why| why.to_string())?;
    *request.method_mut() = hyper::Method::POST;
    *request.body_mut() = Bytes::from(encode(&form));
    let headers = request.headers_mut();
    headers.insert(CONTENT_TYPE, FORM);
    if basic {
        let who = [encode_one(provider.client_id()), encode_one(provider.client_secret())].join(":");
        headers.insert(AUTHORIZATION, header(&format!("Basic {}", STANDARD.encode(who)))?);
    }
    send(outbound, request).await
}

/// Whether an answer says that the client did not prove itself as it should.
fn is_of_client(answer: &Answer) -> bool {
    let said: Json = serde_json::from_slice(&answer.body).unwrap_or_default();
    let error = said.get("error").and_then(Json::as_str).unwrap_or_default();
    answer.status == 401 || matches!(error, "invalid_client" | "invalid_request" | "unauthorized_client")
}

/// Exchanges tokens for who it is.
///
/// # Errors
/// In words for the log.
pub(super) async fn profile(
    outbound: &Outbound,
    provider: &Provider<'_>,
    tokens: Tokens,
    now_ms: i64,
) -> Result<Profile, String> {
    if provider.user_info_url().is_empty() {
        let claims = id_token(outbound, provider, &tokens.id, now_ms).await?;
        return Profile::read(provider, claims, tokens);
    }
    let raw = json(&ask_user(outbound, provider, provider.user_info_url(), &tokens).await?)?;
    let access = tokens.access.clone();
    let mut profile = Profile::read(provider, raw, tokens)?;
    if let Trust::List(place) = provider.row.trust {
        let tokens = Tokens { access, ..Tokens::default() };
        let list = ask_user(outbound, provider, &beside(provider.user_info_url(), place), &tokens).await?;
        // Without the right to see it there is no address, which is no reason to refuse the person.
        let list = json(&list).unwrap_or_default();
        profile.email = primary_of(&list).map(str::to_owned).unwrap_or_default();
    }
    Ok(profile)
}

async fn ask_user(outbound: &Outbound, provider: &Provider<'_>, url: &str, tokens: &Tokens) -> Result<Answer, String> {
    let mut request = outbound::get(url).map_err(|why| why.to_string())?;
    let row = provider.row;
    if !row.graphql.is_empty() {
        *request.method_mut() = hyper::Method::POST;
        *request.body_mut() = Bytes::from_static(row.graphql.as_bytes());
        request.headers_mut().insert(CONTENT_TYPE, JSON);
    }
    for (name, value) in row.headers {
        let name = HeaderName::try_from(*name).map_err(|why| why.to_string())?;
        request.headers_mut().insert(name, header(&value.replace("{clientId}", provider.client_id()))?);
    }
    request.headers_mut().insert(AUTHORIZATION, header(&format!("Bearer {}", tokens.access))?);
    send(outbound, request).await
}

/// What an ID token says, once it is proven to be the provider's word about this client.
async fn id_token(outbound: &Outbound, provider: &Provider<'_>, token: &str, now_ms: i64) -> Result<Json, String> {
    if token.is_empty() {
        return Err("there is no ID token, and no userInfoURL to ask".to_owned());
    }
    if provider.keys_url().is_empty() {
        return Err("an ID token cannot be verified without `extra.jwksURL`".to_owned());
    }
    let keys = send(outbound, outbound::get(provider.keys_url()).map_err(|why| why.to_string())?).await?;
    let keys = json(&keys)?;
    crypto::verify_id_token(token, keys, provider.client_id(), &provider.issuers(), now_ms)
}

async fn send(outbound: &Outbound, mut request: Request<Bytes>) -> Result<Answer, String> {
    request.headers_mut().insert(ACCEPT, JSON);
    request.headers_mut().insert(USER_AGENT, AGENT);
    outbound.send(Reach::Anywhere, request, LIMITS).await.map_err(|why| why.to_string())
}

fn json(answer: &Answer) -> Result<Json, String> {
    if !answer.is_success() {
        return Err(format!("the provider answered {}: {}", answer.status, words(answer)));
    }
    serde_json::from_slice(&answer.body).map_err(|why| format!("the answer is no JSON: {why}"))
}

/// What a provider says of a failure, for the log: its error, and never a token. It may repeat what it was sent, so that
/// what looks like a token is left out.
fn words(answer: &Answer) -> String {
    let said: Json = serde_json::from_slice(&answer.body).unwrap_or_default();
    let text = |key: &str| said.get(key).and_then(Json::as_str).unwrap_or_default();
    let words = format!("{} {} {}", text("error"), text("error_description"), text("message"));
    let words = words.split_whitespace().map(|word| if is_tokenlike(word) { LEFT_OUT } else { word });
    let words = words.collect::<Vec<_>>().join(" ");
    words.chars().filter(|letter| !letter.is_control()).take(WORDS_MAX).collect()
}

/// Whether a word could be a code, a token or a secret: long, and no word that somebody would write. Addresses are for
/// people, but for what is asked in them.
fn is_tokenlike(word: &str) -> bool {
    let is_address = word.contains("://") && !word.contains(['?', '#']);
    let is_name = word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    word.len() >= TOKEN_MIN && !is_address && !is_name
}

fn header(text: &str) -> Result<HeaderValue, String> {
    let mut value = HeaderValue::try_from(text).map_err(|why| why.to_string())?;
    value.set_sensitive(true);
    Ok(value)
}

/// An address in the place of the last part of another one.
fn beside(url: &str, place: &str) -> String {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    path.rsplit_once('/').map_or_else(|| path.to_owned(), |(front, _)| format!("{front}/{place}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::HeaderMap;

    fn answer(status: u16, body: &'static str) -> Answer {
        Answer { status, headers: HeaderMap::new(), body: Bytes::from_static(body.as_bytes()) }
    }

    #[test]
    fn lists_are_beside_the_profile() {
        assert_eq!(beside("https://api.github.com/user", "user/emails"), "https://api.github.com/user/emails");
        assert_eq!(beside("https://gitee.com/api/v5/user?x=/1", "emails"), "https://gitee.com/api/v5/emails");
    }

    #[test]
    fn tokens_are_not_for_the_log() {
        let said = |body| words(&answer(400, body));
        let body = "{\"error\":\"invalid_grant\",\"error_description\":\"Bad code 4/0AeanS0a-x8Qq9Z: see https://a.b/errors\"}";
        assert_eq!(said(body), "invalid_grant Bad code [redacted] see https://a.b/errors");
        assert_eq!(
            said("{\"message\":\"no https://a.b/?code=1234 and unsupported_response_type\"}"),
            "no [redacted] and unsupported_response_type"
        );
        assert_eq!(said("{\"message\":\"a\\u0000b\\n[31m\",\"access_token\":\"secret\"}"), "ab [31m");
    }

    #[test]
    fn a_refused_client_is_told_from_a_refused_code() {
        assert!(is_of_client(&answer(401, "")) && is_of_client(&answer(400, "{\"error\":\"invalid_client\"}")));
        assert!(!is_of_client(&answer(400, "{\"error\":\"invalid_grant\"}")) && !is_of_client(&answer(200, "{}")));
    }
}
