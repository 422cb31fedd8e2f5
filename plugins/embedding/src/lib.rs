//! Keeps a vector of what a record's texts mean, asked of any service with the API of OpenAI's embeddings, so that records can
//! be found by nearness.
//!
//! Attach it to `afterCreate` and `afterUpdate`: the write does not wait for the service. Until the answer is there the field
//! is as it was.
//!
//! | configuration | is |
//! | --- | --- |
//! | `fields` | the fields of text, editor, e-mail or url that are joined, in this order |
//! | `target` | the field of kind `vector`; `embedding` unless it is said |
//! | `url` | `https://api.openai.com/v1/embeddings` unless it is said |
//! | `model` | `text-embedding-3-small` unless it is said |
//! | `secret` | the name of the secret that is sent as `Authorization: Bearer ..`; `OPENAI_API_KEY` unless it is said, none where it is `""` |
//! | `asksDimensions` | `true` asks the service for vectors of the length `dimensions` |
//! | `dimensions` | how many numbers a vector has to have; whatever the service says unless it is said |
//!
//! It needs `view` and `update` of the collection as the plugin, `http` to the host with the method `POST`, and `secrets` for the
//! key, which has to be bound to that host.
//!
//! The service is asked only when one of the texts has changed, and about the record as it is by then: a late or repeated
//! delivery never puts an old vector over a newer text. Records without text get no vector. What may pass (429, 5xx, no answer) is
//! tried again by the outbox; what the service refuses lies with the dead events, with its words in the plugin's log.
#![forbid(unsafe_code)]

use serde_json::json;
use tinybase_plugin::prelude::*;

tinybase_plugin::manifest!(
    r#"{
  "name": "embedding",
  "config": {
    "type": "object",
    "required": ["fields"],
    "properties": {
      "fields": {"type": "array", "items": {"type": "string"}, "minItems": 1},
      "target": {"type": "string", "minLength": 1},
      "url": {"type": "string", "pattern": "^https?://"},
      "model": {"type": "string", "minLength": 1},
      "secret": {"type": "string"},
      "dimensions": {"type": "integer", "minimum": 1, "maximum": 8192},
      "asksDimensions": {"type": "boolean"}
    },
    "additionalProperties": false
  }
}"#
);

/// Characters of text that a service is sent: models read some 8000 tokens, of three or four characters each.
const TEXT_CHARS: usize = 24_000;

/// Characters of a refusal that are logged.
const LOGGED_CHARS: usize = 300;

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
struct Settings {
    fields: Vec<String>,
    target: String,
    url: String,
    model: String,
    secret: String,
    dimensions: Option<usize>,
    asks_dimensions: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            fields: Vec::new(),
            target: "embedding".to_owned(),
            url: "https://api.openai.com/v1/embeddings".to_owned(),
            model: "text-embedding-3-small".to_owned(),
            secret: "OPENAI_API_KEY".to_owned(),
            dimensions: None,
            asks_dimensions: false,
        }
    }
}

#[derive(serde::Deserialize)]
struct Answered {
    data: Vec<Embedded>,
}

#[derive(serde::Deserialize)]
struct Embedded {
    embedding: Vec<f32>,
}

/// The configuration; a field that it names and that there is not is a mistake, not a text that never changes.
fn settings(ctx: &Context, stored: &Record) -> Result<Settings, tinybase_plugin::Failure> {
    let settings: Settings = ctx.config_as()?;
    match settings.fields.iter().find(|field| stored.get(field).is_none()) {
        Some(field) => give_up(&["`fields` names `", field, "`, and there is none that it may see"].concat()),
        None => Ok(settings),
    }
}

#[after_create]
fn created(ctx: &Context, _event: &str, stored: &Record) -> Delivery {
    let settings = settings(ctx, stored)?;
    if settings.text(stored).is_empty() { Ok(()) } else { refresh(ctx, &settings, stored.id()) }
}

#[after_update]
fn updated(ctx: &Context, _event: &str, original: &Record, stored: &Record) -> Delivery {
    let settings = settings(ctx, stored)?;
    let changed = settings.fields.iter().any(|field| stored.differs(original, field));
    if changed { refresh(ctx, &settings, stored.id()) } else { Ok(()) }
}

/// Brings the vector of a record in step with its texts as they are now.
fn refresh(ctx: &Context, settings: &Settings, id: &str) -> Delivery {
    let record = match records::get(&ctx.collection, id) {
        Ok(record) => record,
        // Deleted since.
        Err(error) if error.code == "not_found" => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let text = settings.text(&record);
    let vector = if text.is_empty() { Value::Null } else { Value::Json(settings.ask(&text)?) };
    match records::update(&ctx.collection, id, &Record::new().with(&settings.target, vector)) {
        // The vector does not fit, or there is no such field: asking the service again would not help.
        Err(error) if error.code == "invalid" => give_up(&error.message),
        written => Ok(written?),
    }
}

impl Settings {
    /// The texts of a record as the service gets them; without any, an empty one.
    fn text(&self, record: &Record) -> String {
        let texts = self.fields.iter().filter_map(|field| record.text(field).ok()).map(str::trim);
        let texts: Vec<&str> = texts.filter(|text| !text.is_empty()).collect();
        texts.join("\n\n").chars().take(TEXT_CHARS).collect()
    }

    /// The service's vector for a text, as JSON.
    fn ask(&self, text: &str) -> Result<String, tinybase_plugin::Failure> {
        let mut body = json!({"model": self.model, "input": text, "encoding_format": "float"});
        if let Some(dimensions) = self.dimensions.filter(|_| self.asks_dimensions) {
            body["dimensions"] = dimensions.into();
        }
        let mut request = http::request("POST", &self.url).header("content-type", "application/json");
        if !self.secret.is_empty() {
            request = request.header("authorization", &["Bearer ", &secrets::placeholder(&self.secret)?].concat());
        }
        let response = request.body(body.to_string()).send()?;
        if !response.is_success() {
            let said: String = response.text().unwrap_or_default().chars().take(LOGGED_CHARS).collect();
            log::write(log::Level::Warn, "the service refused", &[("said", &said)]);
        }
        let response = response.accepted()?;
        let answer: Option<Answered> = serde_json::from_slice(&response.body).ok();
        let Some(Embedded { embedding }) = answer.and_then(|answer| answer.data.into_iter().next()) else {
            return give_up("the service answered with no embedding");
        };
        if self.dimensions.is_some_and(|wanted| wanted != embedding.len()) {
            let length = embedding.len().to_string();
            return give_up(&["the service answered with ", &length, " numbers, which is not `dimensions`"].concat());
        }
        serde_json::to_string(&embedding).map_err(|error| error.to_string().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value as Json;
    use std::{cell::RefCell, rc::Rc};
    use tinybase_plugin::http::Response;
    use tinybase_plugin::testing::{self, Host};

    /// A service that answers with a status and a text, and what it was asked: keys and bodies.
    fn service(status: u16, answer: Json) -> (Host, Rc<RefCell<Vec<(String, Json)>>>) {
        let (host, asked) = (Host::new(), Rc::new(RefCell::new(Vec::new())));
        host.keep("OPENAI_API_KEY", "sk-1");
        let seen = asked.clone();
        host.serve(move |request| {
            let key = request.headers.iter().find(|(name, _)| name == "authorization").map(|(_, value)| value.clone());
            seen.borrow_mut().push((key.unwrap_or_default(), serde_json::from_slice(&request.body).unwrap()));
            Response { status, headers: Vec::new(), body: answer.to_string().into() }
        });
        (host, asked)
    }

    fn good() -> Json {
        json!({"data": [{"index": 0, "embedding": [0.25, -1, 3.5]}], "model": "m", "usage": {"total_tokens": 3}})
    }

    fn context(more: Json) -> Context {
        let mut config = json!({"fields": ["title", "text"]});
        for (key, value) in more.as_object().unwrap() {
            config[key] = value.clone();
        }
        Context { config: config.to_string(), ..testing::context("posts") }
    }

    fn post(title: &str) -> Record {
        Record::new().with("id", "post1").with("title", title).with("text", "  ").with("views", 1)
    }

    #[test]
    fn a_new_text_gets_its_vector() {
        let (host, asked) = service(200, good());
        host.insert("posts", post("Hello"));
        created(&context(json!({"dimensions": 3, "asksDimensions": true})), "e1", &post("Hello")).unwrap();
        let (key, body) = asked.borrow()[0].clone();
        assert_eq!((key.as_str(), &body["input"], &body["dimensions"]), ("Bearer sk-1", &json!("Hello"), &json!(3)));
        let stored = host.records("posts")[0].json("embedding").unwrap().to_owned();
        assert_eq!(serde_json::from_str::<Vec<f32>>(&stored).unwrap(), [0.25, -1.0, 3.5]);
    }

    #[test]
    fn the_service_is_asked_only_about_other_texts_and_about_the_newest() {
        let (host, asked) = service(200, good());
        host.insert("posts", post("Newest"));
        let ctx = context(json!({}));
        updated(&ctx, "e1", &post("Same"), &post("Same").with("views", 2)).unwrap();
        created(&ctx, "e2", &post(" ")).unwrap();
        assert!(asked.borrow().is_empty());
        updated(&ctx, "e3", &post("Older"), &post("Old")).unwrap();
        assert_eq!(asked.borrow()[0].1["input"], "Newest");
        updated(&ctx, "e4", &post("A"), &post("B").with("id", "gone")).unwrap();
        assert_eq!(asked.borrow().len(), 1, "a record that is gone");
    }

    #[test]
    fn without_text_there_is_no_vector() {
        let (host, asked) = service(200, good());
        host.insert("posts", post("").with("embedding", Value::Json("[1]".into())));
        updated(&context(json!({})), "e1", &post("Old"), &post("")).unwrap();
        assert_eq!((host.records("posts")[0].get("embedding"), asked.borrow().len()), (Some(&Value::Null), 0));
    }

    #[test]
    fn what_is_wrong_is_said() {
        let short = json!({"dimensions": 2});
        for (status, answer, config, words) in [
            (429, json!({}), json!({}), "the server answered 429"),
            (401, json!({"error": "bad key"}), json!({}), "permanent: the server answered 401"),
            (200, json!({"data": []}), json!({}), "permanent: the service answered with no embedding"),
            (200, good(), short, "permanent: the service answered with 3 numbers, which is not `dimensions`"),
        ] {
            let (host, _) = service(status, answer);
            host.insert("posts", post("Hello"));
            assert_eq!(String::from(created(&context(config), "e1", &post("Hello")).unwrap_err()), words);
            assert_eq!(host.records("posts")[0].get("embedding"), None);
            let told = host.log().iter().any(|(_, line)| line.contains("bad key"));
            assert_eq!(told, status == 401);
        }
    }
}
