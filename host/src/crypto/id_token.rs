//! ID tokens of other servers, and tokens that are signed for them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde_json::Value as Json;

/// How far the clocks may be apart, in seconds.
const LEEWAY_S: i64 = 60;

/// Signatures that need another key to be made than to be checked.
const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// The claims of an ID token that was signed with one of these keys, for this client, by one of these issuers (if there
/// are any), and has not expired.
///
/// # Errors
/// What is wrong with it, for the log.
pub fn verify_id_token(
    token: &str,
    keys: Json,
    client_id: &str,
    issuers: &[String],
    now_ms: i64,
) -> Result<Json, String> {
    let header = jsonwebtoken::decode_header(token).map_err(|error| format!("the ID token is malformed: {error}"))?;
    if !ALGORITHMS.contains(&header.alg) {
        return Err(format!("the ID token is signed with {:?}", header.alg));
    }
    let keys = keys_of(keys);
    let named = |kid: &str| keys.find(kid);
    let key = match (header.kid.as_deref(), keys.keys.as_slice()) {
        (Some(kid), _) => named(kid),
        (None, [only]) => Some(only),
        (None, _) => None,
    };
    let key = key.ok_or("the ID token is signed with a key that is not known")?;
    let key = DecodingKey::from_jwk(key).map_err(|error| format!("the key of the ID token is malformed: {error}"))?;
    // Times are looked at below, by the tenant's clock.
    let mut validation = Validation { validate_exp: false, ..Validation::new(header.alg) };
    validation.set_audience(&[client_id]);
    let mut required = vec!["aud", "sub"];
    if !issuers.is_empty() {
        validation.set_issuer(issuers);
        required.push("iss");
    }
    validation.set_required_spec_claims(&required);
    let decoded = jsonwebtoken::decode::<Json>(token, &key, &validation);
    let claims = decoded.map_err(|error| format!("the ID token is not valid: {error}"))?.claims;
    let seconds = |claim: &str| claims.get(claim).and_then(Json::as_i64);
    let clock = now_ms / 1_000;
    if seconds("exp").is_none_or(|exp| exp <= clock - LEEWAY_S) {
        return Err("the ID token has expired".to_owned());
    }
    if seconds("nbf").is_some_and(|nbf| nbf > clock + LEEWAY_S) {
        return Err("the ID token is not valid yet".to_owned());
    }
    Ok(claims)
}

/// The keys of a set that can be read; others are for others.
fn keys_of(mut set: Json) -> JwkSet {
    let items = set.get_mut("keys").and_then(Json::as_array_mut).map(std::mem::take).unwrap_or_default();
    JwkSet { keys: items.into_iter().filter_map(|key| serde_json::from_value(key).ok()).collect() }
}

/// Signs claims with an elliptic key of PKCS #8 in PEM; `None` when it is none.
#[must_use]
pub fn sign_es256(claims: &Json, key_id: &str, pem: &str) -> Option<String> {
    let (_, rest) = pem.split_once("-----BEGIN PRIVATE KEY-----")?;
    let (body, _) = rest.split_once("-----END PRIVATE KEY-----")?;
    let body: String = body.chars().filter(|letter| !letter.is_whitespace()).collect();
    let key = EncodingKey::from_ec_der(&STANDARD.decode(body).ok()?);
    let header = Header { kid: Some(key_id.to_owned()), ..Header::new(Algorithm::ES256) };
    jsonwebtoken::encode(&header, claims, &key).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// A key of these tests alone, and its public half.
    const PEM: &str = "-----BEGIN PRIVATE KEY-----\n\
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgUYxvtb0VdnWqvWyJ\n\
        SzuHYdbgel1MJhqHkDmtRBKhb4yhRANCAARNjHOnVSI4hAXd4C8Y5siKGQhnxVmF\n\
        5BqLJMsiFF7/HhpA1Uf1xdQ6LOaL0BhVCDZNaCDVfOllle9SyAraFuyE\n\
        -----END PRIVATE KEY-----\n";
    const OTHER_PEM: &str = "-----BEGIN PRIVATE KEY-----\n\
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgNY7O7A158QygKOB4\n\
        Aey0SXdDCza7WDL+S5VMqWRmSDKhRANCAAR343fdMi7GH2xgv39STvkpWjb+Zf0r\n\
        ckVMTPR+WMMDEHv99GdFfdTWFd+lpVlLlCFg23wBNStQyYfLLigiclBA\n\
        -----END PRIVATE KEY-----\n";
    const NOW_MS: i64 = 1_000_000_000;

    fn keys() -> Json {
        json!({"keys": [
            {"kty": "strange", "kid": "other"},
            {"kty": "EC", "kid": "k", "crv": "P-256", "alg": "ES256",
             "x": "TYxzp1UiOIQF3eAvGObIihkIZ8VZheQaiyTLIhRe_x4", "y": "GkDVR_XF1Dos5ovQGFUINk1oINV86WWV71LICtoW7IQ"},
        ]})
    }

    fn claims(change: &Json) -> Json {
        let mut claims = json!({"iss": "https://id", "aud": "me", "sub": "1", "exp": 1_000_100});
        for (key, value) in change.as_object().unwrap() {
            claims[key] = value.clone();
        }
        claims
    }

    fn verify(token: &str) -> Result<Json, String> {
        verify_id_token(token, keys(), "me", &["https://id".to_owned()], NOW_MS)
    }

    #[test]
    fn a_good_token_says_who_it_is() {
        for good in [json!({}), json!({"aud": ["you", "me"]}), json!({"exp": 999_950, "nbf": 1_000_050})] {
            let token = sign_es256(&claims(&good), "k", PEM).unwrap();
            assert_eq!(verify(&token).unwrap()["sub"], "1", "{good}");
        }
    }

    #[test]
    fn what_is_not_about_us_or_not_now_is_refused() {
        for bad in [
            json!({"aud": "you"}),
            json!({"aud": null}),
            json!({"iss": "https://id/"}),
            json!({"iss": null}),
            json!({"exp": 999_900}),
            json!({"exp": null}),
            json!({"nbf": 1_000_100}),
        ] {
            let token = sign_es256(&claims(&bad), "k", PEM).unwrap();
            assert!(verify(&token).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_somebody_else_signed_is_refused() {
        let others = sign_es256(&claims(&json!({})), "k", OTHER_PEM).unwrap();
        let unknown = sign_es256(&claims(&json!({})), "x", PEM).unwrap();
        let strange = sign_es256(&claims(&json!({})), "other", PEM).unwrap();
        // Signed with what everybody can read.
        let public = EncodingKey::from_secret(keys()["keys"][1]["x"].as_str().unwrap().as_bytes());
        let header = Header { kid: Some("k".into()), ..Header::new(Algorithm::HS256) };
        let confused = jsonwebtoken::encode(&header, &claims(&json!({})), &public).unwrap();
        let good = sign_es256(&claims(&json!({})), "k", PEM).unwrap();
        let payload = good.split('.').nth(1).unwrap();
        // {"alg":"none"}
        let unsigned = format!("eyJhbGciOiJub25lIn0.{payload}.");
        for token in [&others, &unknown, &strange, &confused, &unsigned, "", "a.b.c"] {
            assert!(verify(token).is_err(), "{token}");
        }
        assert!(sign_es256(&claims(&json!({})), "k", "no key").is_none());
    }
}
