//! A guest that uses every capability, as it is told to: before and after a create it does what the field `ask` of the
//! record says, a list of `[function, arguments..]` as JSON. Before, it puts what came of them into the field `answer`;
//! after, what `later` asks for comes as a line each into its log. `$PLACEHOLDER(NAME)` in a text stands for the placeholder of a secret.
//! Before an update and before a delete it does what `ask` says of the record as it was sent, or as it is.
#![forbid(unsafe_code)]

use serde_json::{Value as Json, json};
use tinybase_plugin::prelude::*;
use tinybase_plugin::{Error, http::Request, manifest};

manifest!(
    r#"{
  "name": "capable",
  "config": {
    "type": "object",
    "properties": {"say": {"type": "string", "maxLength": 5}, "times": {"type": "integer", "minimum": 1}},
    "additionalProperties": false
  }
}"#
);

#[before_create]
fn before_create(_ctx: &Context, draft: &mut Record) -> Hook {
    let asked = draft.text("ask").unwrap_or_default().to_owned();
    if !asked.is_empty() {
        draft.set("answer", Json::from(act_all(&asked, draft.id())).to_string());
    }
    Ok(())
}

#[before_update]
fn before_update(_ctx: &Context, original: &Record, draft: &mut Record) -> Hook {
    let asked = draft.text("ask").unwrap_or_default().to_owned();
    if asked != original.text("ask").unwrap_or_default() {
        draft.set("answer", Json::from(act_all(&asked, original.id())).to_string());
    }
    Ok(())
}

#[before_delete]
fn before_delete(_ctx: &Context, original: &Record) -> Hook {
    let asked = original.text("later").unwrap_or_default();
    if !asked.is_empty() {
        act_all(asked, original.id());
    }
    Ok(())
}

#[after_create]
fn after_create(_ctx: &Context, _event: &str, stored: &Record) -> Delivery {
    let asked = stored.text("later").unwrap_or_default();
    if !asked.is_empty() {
        for answer in act_all(asked, stored.id()) {
            log::info(&answer.to_string());
        }
    }
    Ok(())
}

fn act_all(asked: &str, id: &str) -> Vec<Json> {
    let asked = asked.replace("$ID", id);
    let list: Vec<Vec<Json>> = serde_json::from_str(&asked).expect("a list of lists");
    let told = |error: Error| json!({"error": error.code, "message": error.message});
    list.iter().map(|one| act(one).unwrap_or_else(told)).collect()
}

fn act(one: &[Json]) -> Result<Json, Error> {
    let text = |index: usize| filled(one.get(index).and_then(Json::as_str).unwrap_or_default());
    let done = |result: Result<(), Error>| result.map(|()| json!("done"));
    let record = |index: usize| one.get(index).map_or_else(|| Record::new().with("title", "made"), record);
    match one[0].as_str().unwrap_or_default() {
        "clock.now-ms" => clock::now_ms().map(|now| json!(now)),
        "random.bytes" => random::bytes(one[1].as_u64().unwrap_or_default() as u32).map(|bytes| json!(bytes)),
        "http-client.send" => send(&one[1]),
        "secrets.placeholder" => secrets::placeholder(&text(1)?).map(|token| json!(token)),
        "secrets.hmac-sha256" => secrets::sign(&text(1)?, text(2)?).map(|tag| json!(tag)),
        "mail.send" => {
            let mut letter = mail::letter(&text(1)?, &text(2)?, &text(3)?);
            for more in one.iter().skip(4).filter_map(Json::as_str) {
                letter = if more.starts_with('<') { letter.html(more) } else { letter.and_to(more) };
            }
            done(letter.send())
        }
        "realtime.publish" => done(realtime::publish(&text(1)?, &text(2)?)),
        "files.read" => {
            let content = files::read(&text(1)?, &text(2)?, &text(3)?)?;
            Ok(String::from_utf8(content).map_or(json!("no text"), |text| json!(text)))
        }
        "files.write" => done(files::write(&text(1)?, &text(2)?, &text(3)?, &text(4)?, text(5)?)),
        "records.get" => records::get(&text(1)?, &text(2)?).map(|found| json!(found.id())),
        "records.find" => records::find(&text(1)?, "", "", 10).map(|found| json!(found.len())),
        "records.count" => records::count(&text(1)?, "").map(|count| json!(count)),
        "records.create" => records::create(&text(1)?, &record(2)).map(|id| json!(id)),
        "records.update" => done(records::update(&text(1)?, &text(2)?, &record(3))),
        "records.delete" => done(records::delete(&text(1)?, &text(2)?)),
        "kv.get" => kv::get_text(&text(1)?).map(|value| json!(value)),
        "kv.set" => done(kv::set(&text(1)?, text(2)?)),
        "kv.increment" => kv::increment(&text(1)?, 1).map(|sum| json!(sum)),
        "kv.delete" => done(kv::delete(&text(1)?)),
        "log.log" => {
            log::info(&text(1)?);
            Ok(json!("done"))
        }
        other => panic!("`{other}` is not known"),
    }
}

/// The fields of an object.
fn record(object: &Json) -> Record {
    let fields = object.as_object().into_iter().flatten();
    fields.fold(Record::new(), |record, (name, value)| record.with(name, value_of(value)))
}

fn value_of(value: &Json) -> Value {
    match value {
        Json::Null => Value::Null,
        Json::Bool(truth) => Value::Boolean(*truth),
        Json::String(text) => Value::Text(text.clone()),
        Json::Number(number) => {
            number.as_i64().map_or_else(|| Value::Number(number.as_f64().unwrap_or_default()), Value::Integer)
        }
        Json::Array(_) | Json::Object(_) => Value::Json(value.to_string()),
    }
}

/// `{method, url, headers, body, timeoutMs}` -> `{status, headers, body}`.
fn send(asked: &Json) -> Result<Json, Error> {
    let text = |key: &str| filled(asked[key].as_str().unwrap_or_default());
    let mut request = Request {
        method: text("method")?,
        url: text("url")?,
        body: text("body")?.into(),
        headers: Vec::new(),
        timeout_ms: 0,
    };
    request.timeout_ms = asked["timeoutMs"].as_u64().unwrap_or_default() as u32;
    for (name, value) in asked["headers"].as_object().into_iter().flatten() {
        request = request.header(name, &filled(value.as_str().unwrap_or_default())?);
    }
    let response = request.send()?;
    let headers: serde_json::Map<String, Json> =
        response.headers.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    Ok(json!({"status": response.status, "headers": headers, "body": response.text()}))
}

fn filled(text: &str) -> Result<String, Error> {
    let Some((before, rest)) = text.split_once("$PLACEHOLDER(") else { return Ok(text.to_owned()) };
    let (name, after) = rest.split_once(')').expect("a closing parenthesis");
    Ok([before, &secrets::placeholder(name)?, &filled(after)?].concat())
}
