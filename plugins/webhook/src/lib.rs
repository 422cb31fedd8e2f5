//! Tells another server of changes, by signed requests in the form of [Standard Webhooks](https://www.standardwebhooks.com).
//!
//! Attach it to `afterCreate`, `afterUpdate`, `afterDelete` of what is to be told. `fields.read` of the attachment narrows
//! what of a record is told.
//!
//! | configuration | is |
//! | --- | --- |
//! | `url` | where to |
//! | `secret` | the name of the secret that signs; `WEBHOOK` unless it is said |
//! | `bearer` | the name of a secret that is sent as `Authorization: Bearer ..`; none unless it is said |
//! | `timeoutMs` | how long the receiver may take; 15000 unless it is said |
//!
//! It needs `http` to the host with the method `POST`, `signing` for `secret`, and `secrets` for `bearer`.
//!
//! A request is `{"type": "posts.updated", "data": {..the record..}, "previous": {..fields that were otherwise..}}` with
//!
//! - `webhook-id`: the event's id, the same whenever it is sent again: by it a receiver knows what it has had already;
//! - `webhook-timestamp`: when it is sent, in seconds;
//! - `webhook-signature`: `v1,` and the base64 of the HMAC-SHA256 of `id.timestamp.body`. The key is the text of the secret:
//!   libraries of Standard Webhooks are given `whsec_` and the base64 of that text.
//!
//! Any 2xx ends it. What may pass (408, 425, 429, 5xx, no answer in time, no connection) is tried again by the outbox after 1 s, 4 s, ..
//! up to an hour, ten times; every other answer, a redirect among them, is final, and the event lies with the dead ones.
#![forbid(unsafe_code)]

use serde_json::{Map, Value as Json, json};
use tinybase_plugin::prelude::*;

tinybase_plugin::manifest!(
    r#"{
  "name": "webhook",
  "config": {
    "type": "object",
    "required": ["url"],
    "properties": {
      "url": {"type": "string", "pattern": "^https?://"},
      "secret": {"type": "string", "minLength": 1},
      "bearer": {"type": "string", "minLength": 1},
      "timeoutMs": {"type": "integer", "minimum": 1, "maximum": 60000}
    },
    "additionalProperties": false
  }
}"#
);

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Settings {
    url: String,
    #[serde(default = "usual_secret")]
    secret: String,
    bearer: Option<String>,
    #[serde(default = "usual_timeout")]
    timeout_ms: u32,
}

fn usual_secret() -> String {
    "WEBHOOK".to_owned()
}

fn usual_timeout() -> u32 {
    15_000
}

#[after_create]
fn created(ctx: &Context, event: &str, stored: &Record) -> Delivery {
    send(ctx, event, "created", stored, None)
}

#[after_update]
fn updated(ctx: &Context, event: &str, original: &Record, stored: &Record) -> Delivery {
    send(ctx, event, "updated", stored, Some(original))
}

#[after_delete]
fn deleted(ctx: &Context, event: &str, original: &Record) -> Delivery {
    send(ctx, event, "deleted", original, None)
}

fn send(ctx: &Context, event: &str, action: &str, record: &Record, original: Option<&Record>) -> Delivery {
    let settings: Settings = ctx.config_as()?;
    let body = body(&[&ctx.collection, ".", action].concat(), record, original)?;
    let seconds = (ctx.now_ms / 1000).to_string();
    let tag = secrets::hmac_sha256(&settings.secret, [event, ".", &seconds, ".", &body].concat())?;
    let mut request = http::request("POST", &settings.url)
        .timeout_ms(settings.timeout_ms)
        .header("content-type", "application/json")
        .header("webhook-id", event)
        .header("webhook-timestamp", &seconds)
        .header("webhook-signature", &["v1,", &base64(&tag)].concat());
    if let Some(name) = &settings.bearer {
        request = request.header("authorization", &["Bearer ", &secrets::placeholder(name)?].concat());
    }
    request.body(body).send()?.accepted().map(drop)
}

fn body(kind: &str, record: &Record, original: Option<&Record>) -> Result<String, tinybase_plugin::Error> {
    let mut body = json!({"type": kind, "data": record.to::<Map<String, Json>>()?});
    if let Some(original) = original {
        let mut previous: Map<String, Json> = original.to()?;
        previous.retain(|name, _| original.differs(record, name));
        body["previous"] = previous.into();
    }
    Ok(body.to_string())
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * place) & 63) as usize];
            text.push(if place <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{cell::RefCell, rc::Rc};
    use tinybase_plugin::http::{Request, Response};
    use tinybase_plugin::testing::{self, Host};

    /// A receiver that answers with a status, and what it was sent.
    fn receiver(status: u16) -> (Host, Rc<RefCell<Vec<Request>>>) {
        let (host, asked) = (Host::new(), Rc::new(RefCell::new(Vec::new())));
        host.keep("WEBHOOK", "the key");
        host.keep("TOKEN", "the token");
        let seen = asked.clone();
        host.serve(move |request| {
            seen.borrow_mut().push(request.clone());
            Response { status, headers: Vec::new(), body: Vec::new() }
        });
        (host, asked)
    }

    fn context(config: Json) -> Context {
        Context { config: config.to_string(), ..testing::context("posts") }
    }

    fn post(title: &str) -> Record {
        Record::new().with("id", "post00000000001").with("title", title).with("views", 1.0)
    }

    #[test]
    fn a_request_says_what_happened_and_is_signed() {
        let (_host, asked) = receiver(204);
        let ctx = context(json!({"url": "https://x.example/hook", "bearer": "TOKEN"}));
        updated(&ctx, "event1", &post("Old"), &post("New")).unwrap();
        let request = asked.borrow()[0].clone();
        let body = String::from_utf8(request.body.clone()).unwrap();
        let expected = json!({
            "type": "posts.updated", "data": {"id": "post00000000001", "title": "New", "views": 1}, "previous": {"title": "Old"},
        });
        assert_eq!(serde_json::from_str::<Json>(&body).unwrap(), expected);
        let header = |name: &str| request.headers.iter().find(|(known, _)| known == name).unwrap().1.as_str();
        assert_eq!((header("webhook-id"), header("webhook-timestamp")), ("event1", "1769860800"));
        // The test host's tag is a text of the key and what was signed.
        let signed = format!("the key:event1.1769860800.{body}");
        assert_eq!(header("webhook-signature"), format!("v1,{}", base64(signed.as_bytes())));
        assert_eq!((header("authorization"), request.timeout_ms), ("Bearer the token", 15_000));
    }

    #[test]
    fn creates_and_deletes_have_no_previous() {
        let (_host, asked) = receiver(200);
        let ctx = context(json!({"url": "https://x.example/hook"}));
        created(&ctx, "e1", &post("A")).unwrap();
        deleted(&ctx, "e2", &post("A")).unwrap();
        let types: Vec<_> = asked
            .borrow()
            .iter()
            .map(|request| {
                let body: Json = serde_json::from_slice(&request.body).unwrap();
                assert_eq!(body.get("previous"), None);
                body["type"].as_str().unwrap().to_owned()
            })
            .collect();
        assert_eq!(types, ["posts.created", "posts.deleted"]);
    }

    #[test]
    fn what_may_pass_is_tried_again_and_nothing_else() {
        for (status, permanent) in [(503, false), (429, false), (408, false), (400, true), (410, true), (302, true)] {
            let (_host, _) = receiver(status);
            let ctx = context(json!({"url": "https://x.example/hook"}));
            let words = String::from(created(&ctx, "e1", &post("A")).unwrap_err());
            assert_eq!(words.starts_with("permanent:"), permanent, "{words}");
            assert!(words.contains(&status.to_string()), "{words}");
        }
        let host = Host::new();
        host.keep("WEBHOOK", "the key");
        let words = String::from(created(&context(json!({"url": "https://x.example"})), "e1", &post("A")).unwrap_err());
        assert!(words.starts_with("unavailable"), "{words}");
    }

    #[test]
    fn base64_has_its_padding() {
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
        assert_eq!(base64(&[0xfb, 0xff, 0xfe]), "+//+");
    }
}
