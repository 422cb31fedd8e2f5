//! Plugins at a sign-in: who has proved who they are may still be refused, and what their token tells besides.

use super::Plugins;
use super::chain::{cut, refused};
use super::contract::{Claims, Consent, FieldOut, ValueOut};
use super::fields;
use super::instance::Failed;
use super::limits::{answer, claims as caps};
use super::registry::{Bound, OnFailure};
use super::visit::Visit;
use crate::error::{Error, Result};
use crate::model::Record;
use crate::tenant::Cx;
use crate::tenant::hooks::Stage;
use serde_json::{Map, Value as Json};
use std::sync::Arc;

const REFUSED: &str = "Failed to authenticate.";

/// Claims that mean something to this server, or to everybody who reads tokens.
const RESERVED: [&str; 15] = [
    "aud",
    "collectionId",
    "email",
    "exp",
    "iat",
    "id",
    "iss",
    "jti",
    "kid",
    "nbf",
    "newEmail",
    "refreshable",
    "sub",
    "tokenKey",
    "type",
];

impl Plugins {
    pub(super) async fn run_before_sign_in(&self, cx: &Cx, record: &Arc<Record>, method: &'static str) -> Result<()> {
        let stage = Stage::BeforeSignIn;
        for bound in self.table.load_full().hooks(&record.collection.id, stage) {
            let (record, fields) = (record.clone(), bound.attachment.fields.clone());
            let bytes = fields::lower(&record, &fields).1;
            let called = self.visit(Visit::of(bound, stage, cx), bytes, move |visit, engine, ready, call| {
                let (stored, _) = fields::lower(&record, &fields);
                let context = visit.context(&record.collection.name);
                let finished = ready.call::<_, Consent>(engine, stage, call, (context, method, stored.as_slice()));
                (finished.result, finished.fuel_used)
            });
            if let Some((Err(refusal),)) = forgiven(bound, called.await)? {
                return Err(refused(REFUSED, refusal));
            }
        }
        Ok(())
    }

    pub(super) async fn run_token_claims(
        &self,
        cx: &Cx,
        record: &Arc<Record>,
        method: &'static str,
    ) -> Result<Map<String, Json>> {
        let stage = Stage::TokenClaims;
        let mut all = Map::new();
        for bound in self.table.load_full().hooks(&record.collection.id, stage) {
            let (record, fields) = (record.clone(), bound.attachment.fields.clone());
            let (bytes, before) = (fields::lower(&record, &fields).1, all.clone());
            let called = self.visit(Visit::of(bound, stage, cx), bytes, move |visit, engine, ready, call| {
                let (stored, _) = fields::lower(&record, &fields);
                let context = visit.context(&record.collection.name);
                let finished = ready.call::<_, Claims>(engine, stage, call, (context, method, stored.as_slice()));
                let finished = finished.taken(|(answer,)| {
                    let found = answer.map_err(|words| format!("answered: {}", cut(words, answer::MESSAGE_BYTES)));
                    found.and_then(|found| read(before, found)).map_err(Failed::output)
                });
                (finished.result, finished.fuel_used)
            });
            if let Some(claims) = forgiven(bound, called.await)? {
                all = claims;
            }
        }
        Ok(all)
    }
}

/// What came of a call; nothing when it failed and its attachment lets that pass.
fn forgiven<T>(bound: &Bound, called: Result<T>) -> Result<Option<T>> {
    match called {
        Err(Error::Plugin(_)) if bound.attachment.on_failure == OnFailure::Open => Ok(None),
        called => called.map(Some),
    }
}

/// Adds what a plugin claims to what others have claimed before it.
fn read(mut claims: Map<String, Json>, found: Vec<FieldOut>) -> Result<Map<String, Json>, String> {
    for FieldOut { name, value } in found {
        if !is_name(&name) {
            return Err(format!(
                "a claim is named by at most {} letters, digits and `_`, not `{}`",
                caps::NAME_BYTES,
                super::scan::printable(&name)
            ));
        }
        if RESERVED.contains(&name.as_str()) {
            return Err(format!("the claim `{name}` is the host's"));
        }
        let value = json(value).map_err(|why| format!("the claim `{name}` {why}"))?;
        claims.insert(name, value);
    }
    let bytes = serde_json::to_vec(&claims).map_or(usize::MAX, |text| text.len());
    if claims.len() > caps::CLAIMS || bytes > caps::BYTES {
        return Err(format!("a token has at most {} claims in {} bytes", caps::CLAIMS, caps::BYTES));
    }
    Ok(claims)
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= caps::NAME_BYTES
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn json(value: ValueOut) -> Result<Json, &'static str> {
    Ok(match value {
        ValueOut::Null => Json::Null,
        ValueOut::Boolean(yes) => yes.into(),
        ValueOut::Integer(number) => number.into(),
        ValueOut::Number(number) => {
            serde_json::Number::from_f64(number).map(Json::Number).ok_or("is not a number that JSON has")?
        }
        ValueOut::Text(text) => text.into(),
        ValueOut::Texts(texts) => texts.into(),
        ValueOut::Json(text) => serde_json::from_str(&text).map_err(|_| "is not JSON")?,
        ValueOut::Other(_) => return Err("is of a kind that this host does not know"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn claim(name: &str, value: ValueOut) -> Vec<FieldOut> {
        vec![FieldOut { name: name.to_owned(), value }]
    }

    #[test]
    fn claims_add_up_and_the_later_one_counts() {
        let first = read(Map::new(), claim("role", ValueOut::Text("a".into()))).unwrap();
        let second = read(first, claim("role", ValueOut::Texts(vec!["b".into()]))).unwrap();
        let all = read(second, claim("more", ValueOut::Json("{\"deep\": [1]}".into()))).unwrap();
        assert_eq!(Json::Object(all), json!({"role": ["b"], "more": {"deep": [1]}}));
    }

    #[test]
    fn what_is_no_claim_is_told() {
        for (name, value, words) in [
            ("exp", ValueOut::Integer(1), "the host's"),
            ("id", ValueOut::Null, "the host's"),
            ("", ValueOut::Null, "named by"),
            ("a b", ValueOut::Null, "named by"),
            ("a", ValueOut::Number(f64::NAN), "JSON has"),
            ("a", ValueOut::Json("{".into()), "is not JSON"),
            ("a", ValueOut::Other(("new".into(), Vec::new())), "does not know"),
            ("a", ValueOut::Text("x".repeat(caps::BYTES)), "at most"),
        ] {
            let why = read(Map::new(), claim(name, value)).unwrap_err();
            assert!(why.contains(words), "{why}");
        }
        let many = (0..=caps::CLAIMS).map(|n| FieldOut { name: format!("c{n}"), value: ValueOut::Null }).collect();
        assert!(read(Map::new(), many).unwrap_err().contains("at most"));
    }
}
