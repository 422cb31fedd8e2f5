//! `/api/batch`: several writes in one request and one transaction.

use super::body::{Form, Submitted};
use super::rates;
use super::reply::{Failure, Outcome, Reply};
use super::request::terms;
use crate::error::{Error, FieldErrors, Result, code};
use crate::files::Incoming;
use crate::records::{self, BatchRequest, Input};
use crate::settings::Batch;
use crate::tenant::Cx;
use serde_json::{Map, Value};
use std::time::Duration;

/// Largest body when the settings leave it open.
const BODY_MAX: usize = 128 << 20;

/// Longest address of a request.
const URL_MAX: usize = 2_000;

const UNREADABLE: &str = "Failed to read the submitted batch data.";

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];

pub(super) async fn send(cx: Cx, body: Submitted) -> Outcome {
    let settings = cx.tenant.settings.load_full();
    let Batch { enabled, max_body_size, timeout, .. } = settings.batch;
    if !enabled {
        return Err(Error::Forbidden("Batch requests are not allowed.".into()).into());
    }
    let limit = usize::try_from(max_body_size).ok().filter(|size| *size > 0).unwrap_or(BODY_MAX);
    let Form { fields, files } = body.up_to(limit).saying(UNREADABLE).form().await?;
    let mut requests = parse(fields, &settings.batch)?;
    hand_out(files, &mut requests);
    for (index, request) in requests.iter().enumerate() {
        rates::admit_part(&cx, &request.method, &request.url).map_err(|error| Failure::Batch(Some((index, error))))?;
    }
    let terms = terms(&cx);
    let work = records::batch(&cx, &requests, &terms);
    let timeout = Duration::from_secs(u64::try_from(timeout).unwrap_or_default());
    match tokio::time::timeout(timeout, work).await {
        Ok(Ok(answer)) => Ok(Reply::Record(answer)),
        Ok(Err(failed)) => Err(failed.into()),
        Err(_) => Err(Failure::Batch(None)),
    }
}

fn parse(mut body: Map<String, Value>, settings: &Batch) -> Result<Vec<BatchRequest>> {
    let refuse = |errors: FieldErrors| errors.into_result("Invalid batch request data.");
    let items = body.shift_remove("requests").filter(|items| items != &Value::Array(Vec::new()));
    let Some(Value::Array(items)) = items else {
        refuse(FieldErrors::one("requests", code::REQUIRED))?;
        return Ok(Vec::new());
    };
    let max = usize::try_from(settings.max_requests).unwrap_or_default();
    if items.len() > max {
        refuse(FieldErrors::one("requests", code::LENGTH_TOO_LONG.with([("max", max.into())])))?;
    }
    let mut errors = FieldErrors::default();
    let mut requests = Vec::with_capacity(items.len());
    for (index, item) in items.into_iter().enumerate() {
        let request = request(item).ok_or_else(|| Error::invalid(UNREADABLE))?;
        errors.nest(&index.to_string(), check(&request));
        requests.push(request);
    }
    let mut all = FieldErrors::default();
    all.nest("requests", errors);
    refuse(all)?;
    for (name, value) in body {
        if let Some((index, field)) = place(&name)
            && let Some(request) = requests.get_mut(index)
        {
            request.body.fields.insert(field.to_owned(), value);
        }
    }
    Ok(requests)
}

/// Gives each file to the request that its part names, in place of a value under the same key.
fn hand_out(files: Vec<Incoming>, requests: &mut [BatchRequest]) {
    for file in files {
        let Some((index, key)) = place(&file.key) else { continue };
        let Some(request) = requests.get_mut(index) else { continue };
        let key = key.to_owned();
        request.body.fields.shift_remove(&key);
        request.body.files.push(Incoming { key, ..file });
    }
}

/// The request and the field that a part of a form belongs to: `requests.0.title` or `requests[0].title`.
fn place(name: &str) -> Option<(usize, &str)> {
    let rest = name.strip_prefix("requests")?;
    let (index, field) = match rest.strip_prefix('[') {
        Some(rest) => rest.split_once("].")?,
        None => rest.strip_prefix('.')?.split_once('.')?,
    };
    Some((index.parse().ok()?, field)).filter(|(_, field)| !field.is_empty())
}

/// A request of a batch; none when a part of it is of another kind: a precondition that is not understood must not be dropped.
fn request(item: Value) -> Option<BatchRequest> {
    let Value::Object(mut item) = item else { return None };
    let mut text = |key: &str| match item.remove(key) {
        None | Some(Value::Null) => Some(String::new()),
        Some(Value::String(text)) => Some(text),
        Some(_) => None,
    };
    let (method, url) = (text("method")?, text("url")?);
    let mut object = |key: &str| match item.remove(key) {
        None | Some(Value::Null) => Some(Map::new()),
        Some(Value::Object(object)) => Some(object),
        Some(_) => None,
    };
    let (headers, body) = (object("headers")?, object("body")?);
    headers.values().all(Value::is_string).then(|| BatchRequest { method, url, headers, body: Input::from(body) })
}

fn check(request: &BatchRequest) -> FieldErrors {
    let mut errors = FieldErrors::default();
    if request.method.is_empty() {
        errors.add("method", code::REQUIRED);
    } else if !METHODS.contains(&request.method.as_str()) {
        errors.add("method", code::IN_INVALID);
    }
    if request.url.is_empty() {
        errors.add("url", code::REQUIRED);
    } else if request.url.len() > URL_MAX {
        errors.add("url", code::LENGTH_TOO_LONG.with([("max", URL_MAX.into())]));
    }
    errors
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn refused(body: &Value) -> String {
        match parse(body.as_object().unwrap().clone(), &Batch { max_requests: 2, ..Batch::default() }) {
            Err(Error::Invalid { fields, .. }) => format!("{fields:?}"),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn parts_name_their_request() {
        assert_eq!(place("requests.0.title"), Some((0, "title")));
        assert_eq!(place("requests[12].tags+"), Some((12, "tags+")));
        for name in
            ["requests", "requests.0", "requests.0.", "requests.x.a", "requests[0]a", "request.0.a", "requests.-1.a"]
        {
            assert_eq!(place(name), None, "{name}");
        }
        let body = json!({"requests": [{"method": "POST", "url": "/u", "body": {"a": 1}}], "requests.0.a": 2, "requests.7.a": 3});
        let requests =
            parse(body.as_object().unwrap().clone(), &Batch { max_requests: 2, ..Batch::default() }).unwrap();
        assert_eq!(requests[0].body.fields["a"], json!(2));
    }

    #[test]
    fn the_list_is_checked_before_anything_runs() {
        assert!(refused(&json!({})).contains("validation_required"));
        assert!(refused(&json!({"requests": []})).contains("validation_required"));
        let one = json!({"method": "POST", "url": "/api/collections/a/records", "body": {"x": 1}});
        assert!(refused(&json!({"requests": [one, one, one]})).contains("validation_length_too_long"));
        let text = refused(&json!({"requests": [one, {"method": "BREW", "url": ""}, ]}));
        assert!(
            text.contains("\"1\"") && text.contains("validation_in_invalid") && text.contains("validation_required"),
            "{text}"
        );
        assert!(refused(&json!({"requests": [one]})).starts_with("Ok"), "one good request");
    }
}
