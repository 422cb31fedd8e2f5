//! The headers that make a request conditional, or let it be sent twice: who understands them, and what that is answered with.

use serde_json::{Value as Json, json};

/// What a route understands, or answers with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Header {
    ETag,
    IfMatch,
    IfNoneMatch,
    IdempotencyKey,
}

use Header::{ETag, IdempotencyKey, IfMatch, IfNoneMatch};

/// By handler.
const HANDLERS: &[(&str, &[Header])] = &[
    ("records::view", &[ETag, IfNoneMatch]),
    ("records::create", &[ETag, IdempotencyKey]),
    ("records::update", &[ETag, IfMatch, IdempotencyKey]),
    ("records::delete", &[IfMatch]),
    ("records::update_where", &[IdempotencyKey]),
    ("records::delete_where", &[IdempotencyKey]),
    ("batch::send", &[IdempotencyKey]),
    ("collections::view", &[ETag, IfNoneMatch]),
    ("collections::create", &[ETag]),
    ("collections::update", &[ETag, IfMatch]),
    ("collections::delete", &[IfMatch]),
    ("files::view", &[ETag, IfNoneMatch]),
    ("settings::view", &[ETag]),
    ("settings::update", &[ETag, IfMatch]),
];

impl Header {
    /// Its name as a parameter, and what it is for; `None` for one that is only answered with.
    fn parameter(self) -> Option<(&'static str, &'static str)> {
        match self {
            ETag => None,
            IfMatch => Some(("If-Match", "Write only if one of these tags is that of what is there now.")),
            IfNoneMatch => Some(("If-None-Match", "Answer without a body if what is there has one of these tags.")),
            IdempotencyKey => {
                Some(("Idempotency-Key", "The same request with the same key is answered again, and written once."))
            }
        }
    }

    /// The status that it may bring, and what that says.
    fn status(self) -> Option<(&'static str, Json)> {
        let say = |words: &str| json!({"description": words});
        let refuse = |words: &str| json!({"description": words, "content": super::content_of_error()});
        match self {
            ETag => None,
            IfMatch => Some(("412", refuse("It has changed since; the answer has what is there now."))),
            IfNoneMatch => Some(("304", say("It is still the same."))),
            IdempotencyKey => Some(("422", refuse("The key was used for another request before."))),
        }
    }
}

/// Adds what the handler understands to the description of a route.
pub(super) fn describe(operation: &mut Json, handler: &str) {
    let Some((_, headers)) = HANDLERS.iter().find(|(known, _)| *known == handler) else { return };
    for header in *headers {
        if *header == ETag {
            operation["responses"]["200"]["headers"] =
                json!({"ETag": {"description": "Names what is stored now.", "schema": {"type": "string"}}});
        }
        if let Some((name, words)) = header.parameter() {
            let parameter = json!({"name": name, "in": "header", "description": words, "schema": {"type": "string"}});
            match operation["parameters"].as_array_mut() {
                Some(parameters) => parameters.push(parameter),
                None => operation["parameters"] = json!([parameter]),
            }
        }
        if let Some((status, answer)) = header.status() {
            operation["responses"][status] = answer;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_handler_is_one() {
        let known: Vec<String> = crate::http::ROUTES
            .iter()
            .map(|route| route.handler.chars().filter(|letter| !letter.is_whitespace()).collect())
            .collect();
        for (handler, _) in HANDLERS {
            assert!(known.iter().any(|one| one == handler), "{handler}");
        }
    }

    #[test]
    fn headers_come_with_their_statuses() {
        let mut operation = json!({"responses": {"200": {}}});
        describe(&mut operation, "records::update");
        let names: Vec<_> = operation["parameters"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
        assert_eq!(names, ["If-Match", "Idempotency-Key"]);
        assert!(operation["responses"]["200"]["headers"]["ETag"].is_object());
        assert!(operation["responses"]["412"]["content"].is_object() && operation["responses"]["422"].is_object());
        let before = operation.clone();
        describe(&mut operation, "records::list");
        assert_eq!(operation, before);
    }
}
