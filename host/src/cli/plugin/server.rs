//! A server that plugins are pushed to: its API, asked with a token or an API key.

use crate::cli::Failed;
use crate::outbound::{self, Limits, Outbound, Reach, Trouble};
use bytes::Bytes;
use clap::Args;
use hyper::{Method, Request};
use serde_json::{Value, json};
use std::time::Duration;

/// What one answer may cost: a large component is compiled before the server answers.
const LIMITS: Limits = Limits { body_bytes: 16 << 20, time: Duration::from_mins(10) };

/// What it may cost to find out whether a server is there at all.
const HEALTH: Limits = Limits { time: Duration::from_secs(5), ..LIMITS };

/// Statuses with which a proxy says that the server behind it does not answer.
const AWAY: std::ops::RangeInclusive<u16> = 502..=504;

/// Ends the parts of a form; a component that contains it is taken for a joke.
const BOUNDARY: &str = "tinybase-plugin-8f1c0f6d2b7e4a55";

/// Where the server is and who asks.
#[derive(Debug, Clone, Args)]
pub(super) struct Place {
    /// The server's address.
    #[arg(long, value_name = "URL", env = "TINYBASE_SERVER", default_value = "http://127.0.0.1:8090")]
    server: String,
    /// A superuser's token or an API key with the scope `plugins`, and `posts:*` to attach to `posts`; better in the variable,
    /// which no list of processes shows.
    #[arg(long, value_name = "TOKEN", env = "TINYBASE_TOKEN", hide_env_values = true)]
    token: Option<String>,
}

pub(super) struct Server {
    base: String,
    token: String,
    outbound: Outbound,
}

impl Place {
    pub(super) fn server(&self) -> Result<Server, Failed> {
        let token = self.token.clone().ok_or_else(|| {
            Failed::usage(
                "a token is needed: give --token or set TINYBASE_TOKEN. `tinybase keys create NAME --scope plugins` makes a key; \
                 to attach a plugin to `posts` it needs `--scope 'posts:*'` too",
            )
        })?;
        let base = self.server.trim_end_matches('/').to_owned();
        Ok(Server { base, token, outbound: Outbound::default() })
    }
}

impl Server {
    pub(super) fn base(&self) -> &str {
        &self.base
    }

    pub(super) async fn get(&self, path: &str) -> Result<Value, Failed> {
        self.send(Method::GET, path, None, Bytes::new(), LIMITS).await
    }

    pub(super) async fn json(&self, method: Method, path: &str, body: &Value) -> Result<Value, Failed> {
        self.send(method, path, Some("application/json"), body.to_string().into(), LIMITS).await
    }

    /// Whether there is a server, whatever it says; one that takes its time with that is not there yet.
    pub(super) async fn answers(&self) -> bool {
        let answer = self.send(Method::GET, "/api/health", None, Bytes::new(), HEALTH).await;
        !matches!(answer, Err(failed) if failed.silent)
    }

    /// The plugin of that name or id.
    pub(super) async fn plugin(&self, name: &str) -> Result<Value, Failed> {
        let page = self.get("/api/plugins").await?;
        let plugins = page["items"].as_array().cloned().unwrap_or_default();
        let found = plugins.iter().find(|plugin| plugin["name"] == name || plugin["id"] == name);
        found.cloned().ok_or_else(|| {
            let names: Vec<_> = plugins.iter().filter_map(|plugin| plugin["name"].as_str()).collect();
            let there = if names.is_empty() { "none at all".to_owned() } else { names.join(", ") };
            Failed::new(format!("{} has no plugin `{name}`; it has {there}", self.base))
        })
    }

    /// Uploads a component under a name.
    pub(super) async fn upload(&self, name: &str, component: &[u8], force: bool) -> Result<Value, Failed> {
        let mut body = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\n{name}\r\n--{BOUNDARY}\r\n\
             Content-Disposition: form-data; name=\"force\"\r\n\r\n{force}\r\n--{BOUNDARY}\r\n\
             Content-Disposition: form-data; name=\"file\"; filename=\"{name}.wasm\"\r\nContent-Type: application/wasm\r\n\r\n"
        )
        .into_bytes();
        body.extend_from_slice(component);
        body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        self.send(Method::POST, "/api/plugins", Some(&kind), body.into(), LIMITS).await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        kind: Option<&str>,
        body: Bytes,
        limits: Limits,
    ) -> Result<Value, Failed> {
        let url = format!("{}{path}", self.base);
        let mut request = outbound::get(&url).map_err(|error| Failed::usage(error.to_string()))?;
        *request.method_mut() = method;
        let headers = request.headers_mut();
        let text =
            |text: &str| text.parse().map_err(|_| Failed::usage("the token has characters that no header can have"));
        headers.insert("authorization", text(&self.token)?);
        if let Some(kind) = kind {
            headers.insert("content-type", text(kind)?);
        }
        let request: Request<Bytes> = request.map(|_| body);
        let answer = self.outbound.send(Reach::Anywhere, request, limits).await.map_err(|error| self.silent(&error))?;
        let json: Value = serde_json::from_slice(&answer.body).unwrap_or_else(|_| json!({}));
        if answer.is_success() { Ok(json) } else { Err(refused(&self.base, answer.status, &json)) }
    }

    fn silent(&self, error: &Trouble) -> Failed {
        Failed { silent: true, ..Failed::new(format!("no server answers at {}: {error}", self.base)) }
    }
}

/// A refusal with the field errors below it. What a proxy says for a server that it does not reach is no answer.
fn refused(base: &str, status: u16, json: &Value) -> Failed {
    if AWAY.contains(&status) {
        let message = match json["message"].as_str() {
            Some(message) => format!("{base} refused ({status}): {message}"),
            None => format!("no server answers at {base}: all that comes is a {status}"),
        };
        return Failed { silent: true, details: faults("", &json["data"]), ..Failed::new(message) };
    }
    let message = json["message"].as_str().unwrap_or("it did not say why");
    let scope = &json["data"]["scope"];
    let hint = match (status, scope["params"]["scope"].as_str()) {
        (401, _) => "The token or key is wrong or has ended".to_owned(),
        (403, Some("plugins")) => "`tinybase keys create NAME --scope plugins` makes a key that has it".to_owned(),
        (403, Some(scope)) => {
            format!("`tinybase keys create NAME --scope plugins --scope '{scope}'` makes a key that has it")
        }
        (403, None) if scope.is_object() => "It takes a superuser's token".to_owned(),
        (403, None) => "This token may not do that: it takes a superuser's, or an API key".to_owned(),
        _ => {
            return Failed {
                details: faults("", &json["data"]),
                ..Failed::new(format!("{base} refused ({status}): {message}"))
            };
        }
    };
    let message = format!("{base} refused ({status}): {}. {hint}", message.trim_end_matches('.'));
    // What is said of the scope is said already.
    let details = if scope.is_object() { Vec::new() } else { faults("", &json["data"]) };
    Failed { details, ..Failed::new(message) }
}

/// A line for each error of the fields, with the way to it.
pub(super) fn faults(place: &str, errors: &Value) -> Vec<String> {
    let each = errors.as_object().into_iter().flatten().map(|(field, error)| {
        let place = if place.is_empty() { field.clone() } else { format!("{place}.{field}") };
        match (error["code"].as_str(), error["message"].as_str()) {
            (Some(code), Some(message)) => vec![format!("{place}: {message} ({code})")],
            _ => faults(&place, error),
        }
    });
    each.flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_the_fields() {
        let json = json!({"message": "The plugin was not accepted.", "data": {"file": {"code": "plugin_no_hooks", "message": "It exports nothing."}}});
        let failed = refused("http://x", 400, &json);
        assert_eq!(failed.message, "http://x refused (400): The plugin was not accepted.");
        assert_eq!(failed.details, ["file: It exports nothing. (plugin_no_hooks)"]);
        let json = json!({"data": {"attachments": {"a1": {"code": "c", "message": "No."}}, "route": {"code": "d", "message": "So."}}});
        assert_eq!(refused("http://x", 400, &json).details, ["attachments.a1: No. (c)", "route: So. (d)"]);
        assert_eq!(
            refused("http://x", 401, &json!({})).message,
            "http://x refused (401): it did not say why. The token or key is wrong or has ended"
        );
    }

    #[test]
    fn a_proxy_that_reaches_no_server_is_no_answer() {
        for status in [502, 503, 504] {
            let failed = refused("http://x", status, &json!({}));
            let message = format!("no server answers at http://x: all that comes is a {status}");
            assert_eq!((failed.silent, failed.message), (true, message));
        }
        let busy = refused("http://x", 503, &json!({"message": "The server is busy."}));
        assert_eq!((busy.silent, busy.message.as_str()), (true, "http://x refused (503): The server is busy."));
        assert!(!refused("http://x", 500, &json!({})).silent);
    }

    #[test]
    fn a_key_that_lacks_a_scope_is_told_how_to_get_it() {
        let lacks = |scope: Value, message: &str| {
            let error = json!({"code": "missing_scope", "message": message, "params": {"scope": scope}});
            let failed = refused("http://x", 403, &json!({"message": message, "data": {"scope": error}}));
            assert!(failed.details.is_empty(), "{:?}", failed.details);
            failed.message
        };
        assert_eq!(
            lacks(json!("posts:*"), "The API key does not have the scope posts:*."),
            "http://x refused (403): The API key does not have the scope posts:*. \
             `tinybase keys create NAME --scope plugins --scope 'posts:*'` makes a key that has it"
        );
        assert!(
            lacks(json!("plugins"), "No.")
                .ends_with("No. `tinybase keys create NAME --scope plugins` makes a key that has it")
        );
        assert!(lacks(Value::Null, "This is not for API keys.").ends_with("keys. It takes a superuser's token"));
    }

    #[test]
    fn nothing_is_asked_without_a_token() {
        let place = Place { server: "http://x/".to_owned(), token: None };
        assert!(place.server().err().unwrap().message.contains("TINYBASE_TOKEN"));
        let place = Place { token: Some("t".to_owned()), ..place };
        assert_eq!(place.server().unwrap_or_else(|_| panic!()).base(), "http://x");
    }
}
