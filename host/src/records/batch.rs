//! Several writes in one request and one transaction.

use super::plan::{Plan, Refusal, TRIES};
use super::write::{lost_race, plan_create, plan_update};
use super::{ViewQuery, read, remove, render};
use crate::error::{Error, Result};
use crate::model::{Collection, Record};
use crate::tenant::Cx;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value as Json};
use std::sync::Arc;

/// One write of a batch, as it was received.
#[derive(Debug, Clone, Default)]
pub struct BatchRequest {
    pub method: String,
    pub url: String,
    pub headers: Map<String, Json>,
    pub body: Map<String, Json>,
}

/// A write that failed: its position and what it would have been answered on its own.
#[derive(Debug)]
pub struct BatchFailure {
    pub index: usize,
    pub error: Error,
}

/// Carries out all requests or none; answers with `[{status, body}, ..]` in their order.
///
/// # Errors
/// The first request that failed, with its position.
pub async fn batch(cx: &Cx, requests: &[BatchRequest]) -> Result<Vec<u8>, BatchFailure> {
    let cx = cx.in_context("batch");
    for _ in 0..TRIES {
        let mut plan = Plan::default();
        let mut replies = Vec::with_capacity(requests.len());
        for (index, request) in requests.iter().enumerate() {
            let reply = plan_request(&cx, &mut plan, request).await.map_err(|error| BatchFailure { index, error })?;
            replies.push(reply);
        }
        let last = requests.len().saturating_sub(1);
        match plan.commit(&cx).await {
            Ok(()) => return replies_json(&cx, &replies).await.map_err(|error| BatchFailure { index: last, error }),
            Err(Refusal::Conflict) => {}
            Err(Refusal::Relation) => {
                let error = Error::invalid("A related record does not exist.");
                return Err(BatchFailure { index: last, error });
            }
            Err(Refusal::Error(error)) => return Err(BatchFailure { index: last, error }),
        }
    }
    Err(BatchFailure { index: 0, error: lost_race() })
}

/// What a request will be answered once the plan is committed.
enum Reply {
    Record { stored: Arc<Record>, query: ViewQuery },
    Nothing,
}

async fn plan_request(cx: &Cx, plan: &mut Plan, request: &BatchRequest) -> Result<Reply> {
    let target = Target::parse(cx, &request.url)?;
    let collection = &target.collection;
    match (request.method.as_str(), target.id) {
        ("POST", None) => {
            let stored = plan_create(cx, plan, collection, &request.body).await?;
            Ok(Reply::Record { stored, query: target.query })
        }
        ("PUT", None) => {
            let id = request.body.get("id").and_then(Json::as_str).unwrap_or_default();
            let exists = !id.is_empty() && read::load_record(&cx.tenant, collection, "id", id).await?.is_some();
            let stored = if exists {
                plan_update(cx, plan, collection, id, &request.body).await?
            } else {
                plan_create(cx, plan, collection, &request.body).await?
            };
            Ok(Reply::Record { stored, query: target.query })
        }
        ("PATCH", Some(id)) => {
            let stored = plan_update(cx, plan, collection, &id, &request.body).await?;
            Ok(Reply::Record { stored, query: target.query })
        }
        ("DELETE", Some(id)) => {
            remove::plan_delete(cx, plan, collection, &id).await?;
            Ok(Reply::Nothing)
        }
        _ => Err(Error::not_found()),
    }
}

/// `/api/collections/{c}/records[/{id}][?query]`.
struct Target {
    collection: Arc<Collection>,
    id: Option<String>,
    query: ViewQuery,
}

impl Target {
    fn parse(cx: &Cx, url: &str) -> Result<Self> {
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let rest = path.strip_prefix("/api/collections/").ok_or_else(Error::not_found)?;
        let (name, rest) = rest.split_once("/records").ok_or_else(Error::not_found)?;
        let collection = cx.catalog.collection(name).ok_or_else(Error::not_found)?.clone();
        let id = match rest {
            "" | "/" => None,
            rest => Some(rest.strip_prefix('/').ok_or_else(Error::not_found)?.to_owned()),
        };
        let mut wanted = ViewQuery::default();
        for (key, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            let value = percent_decode_str(&value.replace('+', " ")).decode_utf8_lossy().into_owned();
            match key {
                "expand" => wanted.expand = Some(value),
                "fields" => wanted.fields = Some(value),
                _ => {}
            }
        }
        Ok(Self { collection, id, query: wanted })
    }
}

async fn replies_json(cx: &Cx, replies: &[Reply]) -> Result<Vec<u8>> {
    let mut out = vec![b'['];
    for (index, reply) in replies.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        match reply {
            Reply::Record { stored, query } => {
                out.extend_from_slice(b"{\"status\":200,\"body\":");
                out.extend_from_slice(&render::one(cx, stored, query).await?);
                out.push(b'}');
            }
            Reply::Nothing => out.extend_from_slice(b"{\"status\":204,\"body\":null}"),
        }
    }
    out.push(b']');
    Ok(out)
}
