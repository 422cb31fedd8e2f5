//! A provider of accounts in the test's own process: it speaks `OpenID` Connect, and knows whom it is told of.

use axum::extract::{Form, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tinybase::crypto;

const CLIENT: &str = "a client";
const SECRET: &str = "a/secret";

/// The key of the provider's ID tokens, and its public half.
const PEM: &str = "-----BEGIN PRIVATE KEY-----\n\
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgUYxvtb0VdnWqvWyJ\n\
    SzuHYdbgel1MJhqHkDmtRBKhb4yhRANCAARNjHOnVSI4hAXd4C8Y5siKGQhnxVmF\n\
    5BqLJMsiFF7/HhpA1Uf1xdQ6LOaL0BhVCDZNaCDVfOllle9SyAraFuyE\n\
    -----END PRIVATE KEY-----\n";

#[derive(Default)]
struct Known {
    /// People by the code or token that stands for them; with the challenge of a code.
    people: Mutex<HashMap<String, (Value, String)>>,
    last: AtomicUsize,
    pictures: AtomicUsize,
    /// Held by who wants the provider to take its time.
    gate: tokio::sync::Mutex<()>,
    asked: tokio::sync::Notify,
}

pub struct Provider {
    pub base: String,
    known: Arc<Known>,
}

type Answer = (StatusCode, Json<Value>);

impl Provider {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let known = Arc::new(Known::default());
        let routes = Router::new()
            .route("/token", post(token))
            .route("/userinfo", get(user_info))
            .route("/keys", get(keys))
            .route("/avatar.png", get(picture))
            .with_state(known.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { base, known }
    }

    /// An entry of a collection's `oauth2.providers`.
    pub fn config(&self) -> Value {
        let at = |path: &str| format!("{}{path}", self.base);
        json!({
            "name": "oidc", "clientId": CLIENT, "clientSecret": SECRET, "displayName": "Ours",
            "authURL": at("/authorize"), "tokenURL": at("/token"), "userInfoURL": at("/userinfo"),
        })
    }

    /// A code with which somebody comes back from the provider.
    pub fn issue(&self, who: &Value, challenge: &str) -> String {
        let code = self.known.name("code");
        self.known.people.lock().expect("a lock").insert(code.clone(), (who.clone(), challenge.to_owned()));
        code
    }

    /// Keeps the provider from answering while the guard is held.
    pub async fn hold(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.known.gate.lock().await
    }

    /// Waits until somebody has asked.
    pub async fn asked(&self) {
        self.known.asked.notified().await;
    }

    /// How often the picture was asked for.
    pub fn pictures(&self) -> usize {
        self.known.pictures.load(Ordering::Relaxed)
    }
}

impl Known {
    fn name(&self, kind: &str) -> String {
        format!("{kind}-{}", self.last.fetch_add(1, Ordering::Relaxed))
    }
}

fn refuse(status: StatusCode, error: &str) -> Answer {
    (status, Json(json!({ "error": error })))
}

/// Takes the client's name and secret in the form alone, so that a client has to try both ways.
async fn token(
    State(known): State<Arc<Known>>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Answer {
    let said = |key: &str| form.get(key).map(String::as_str).unwrap_or_default();
    if let Some(basic) = headers.get(AUTHORIZATION) {
        let expected = STANDARD.encode("a%20client:a%2Fsecret");
        assert_eq!(basic.to_str().expect("text"), format!("Basic {expected}"));
        return refuse(StatusCode::UNAUTHORIZED, "invalid_client");
    }
    if (said("client_id"), said("client_secret")) != (CLIENT, SECRET) {
        return refuse(StatusCode::UNAUTHORIZED, "invalid_client");
    }
    let found = known.people.lock().expect("a lock").remove(said("code"));
    let Some((who, challenge)) = found else { return refuse(StatusCode::BAD_REQUEST, "invalid_grant") };
    if !challenge.is_empty() && crypto::sha256_base64url(said("code_verifier").as_bytes()) != challenge {
        return refuse(StatusCode::BAD_REQUEST, "invalid_grant");
    }
    let access = known.name("access");
    known.people.lock().expect("a lock").insert(access.clone(), (who.clone(), String::new()));
    let mut claims = json!({"iss": "https://ours", "aud": CLIENT, "exp": 4_000_000_000_u64});
    for (key, value) in who.as_object().expect("a person") {
        claims[key] = value.clone();
    }
    let id_token = crypto::sign_es256(&claims, "k", PEM).expect("a token");
    let tokens = json!({"access_token": access, "refresh_token": "again", "expires_in": 60, "id_token": id_token});
    (StatusCode::OK, Json(tokens))
}

async fn user_info(State(known): State<Arc<Known>>, headers: HeaderMap) -> Answer {
    let token = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    known.asked.notify_one();
    drop(known.gate.lock().await);
    let found = token.and_then(|token| known.people.lock().expect("a lock").get(token).cloned());
    match found {
        Some((who, _)) => (StatusCode::OK, Json(who)),
        None => refuse(StatusCode::UNAUTHORIZED, "invalid_token"),
    }
}

async fn keys() -> Answer {
    let key = json!({
        "kty": "EC", "kid": "k", "crv": "P-256",
        "x": "TYxzp1UiOIQF3eAvGObIihkIZ8VZheQaiyTLIhRe_x4", "y": "GkDVR_XF1Dos5ovQGFUINk1oINV86WWV71LICtoW7IQ",
    });
    (StatusCode::OK, Json(json!({ "keys": [key] })))
}

async fn picture(State(known): State<Arc<Known>>) -> &'static [u8] {
    known.pictures.fetch_add(1, Ordering::Relaxed);
    b"\x89PNG\r\n\x1a\n"
}
