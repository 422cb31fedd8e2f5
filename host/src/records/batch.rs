//! Several writes in one request and one transaction. Each sees what those before it make of the records,
//! and an error that only the commit finds is reported for the request that caused it.

use super::plan::{Plan, Refusal, Refused};
use super::receipts::{self, Claim, Turn};
use super::remove::{self, BLOCKED};
use super::tries::Tries;
use super::write::{CREATE_FAILED, UPDATE_FAILED, answer_written, plan_create, plan_update};
use super::{Answer, Input, Tags, Terms, ViewQuery, direct, read, render};
use crate::error::{Error, Result};
use crate::model::{Collection, Record, pairs};
use crate::tenant::Cx;
use crate::tenant::cx::RequestFacts;
use serde_json::{Map, Value as Json, json};
use std::borrow::Cow;
use std::sync::Arc;

/// The header of a request inside a batch that is about the record.
const IF_MATCH: &str = "if-match";
/// The one that it cannot have.
const AUTHORIZATION: &str = "authorization";
/// What stands behind the collection in an address.
const RECORDS: &str = "records";
/// Parameters of a request that are looked at.
const PARAMETERS_MAX: usize = 100;

/// One write of a batch, as it was received.
#[derive(Debug, Clone, Default)]
pub struct BatchRequest {
    pub method: String,
    pub url: String,
    pub headers: Map<String, Json>,
    pub body: Input,
}

/// A write that failed: its position and what it would have been answered on its own.
#[derive(Debug)]
pub struct BatchFailure {
    /// `None` when no single write is to blame.
    pub index: Option<usize>,
    pub error: Error,
}

impl BatchFailure {
    fn of(index: usize, error: Error) -> Self {
        Self { index: Some(index), error }
    }
}

impl From<Error> for BatchFailure {
    fn from(error: Error) -> Self {
        Self { index: None, error }
    }
}

/// Carries out all requests or none; answers with `[{status, body}, ..]` in their order.
///
/// # Errors
/// The first request that failed, with its position.
pub async fn batch(cx: &Cx, requests: &[BatchRequest], terms: &Terms) -> Result<Answer, BatchFailure> {
    let cx = cx.in_context("batch");
    let targets: Vec<Result<Target, Missed>> = requests.iter().map(|request| Target::parse(&cx, request)).collect();
    let collections: Vec<&str> = targets.iter().flatten().map(|target| target.collection.id.as_str()).collect();
    let claim = match receipts::claim(&cx, terms, (&collections, "batch"), &whole_input(terms, requests)).await? {
        Turn::Unclaimed => None,
        Turn::Ours(claim) => Some(claim),
        Turn::Made(answer) => return Ok(answer),
    };
    // The bucket may take its time to tell of uploads, so nobody waits for that.
    let requests = received(&cx, requests, &targets).await?;
    let keys = targets.iter().flatten().filter_map(Target::key).collect::<Vec<_>>();
    let mut tries = Tries::of_write(&cx, &collections).await;
    let _locks = cx.tenant.locks.lock(&keys).await;
    loop {
        match try_batch(tries.cx(), &requests, claim.as_ref()).await {
            Ok(Written::Now(replies)) => {
                tries.leave();
                let answer = answer(tries.cx(), &replies, true).await?;
                if let Some(claim) = claim.filter(|_| replies.iter().any(Reply::expands)) {
                    claim.amend(tries.cx(), &answer).await;
                }
                return Ok(answer);
            }
            Ok(Written::Before(answer)) => return Ok(answer),
            Err(Failed { index, why }) => {
                tries.again(why).await.map_err(|error| BatchFailure { index, error })?;
            }
        }
    }
}

/// A batch that is made.
enum Written {
    Now(Vec<Reply>),
    /// By the same request, sent earlier and given up by its client.
    Before(Answer),
}

/// Why a try failed, and at which of the requests.
struct Failed {
    index: Option<usize>,
    why: Refusal,
}

impl From<BatchFailure> for Failed {
    fn from(BatchFailure { index, error }: BatchFailure) -> Self {
        let why = match error {
            // An earlier request lost a race, which only shows when a later one looks at what it did.
            Error::Conflict(_) => Refusal::Conflict,
            error => Refusal::Error(error),
        };
        Self { index, why }
    }
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self { index: None, why: Refusal::Error(error) }
    }
}

async fn try_batch(cx: &Cx, requests: &[BatchRequest], claim: Option<&Claim>) -> Result<Written, Failed> {
    let targets: Vec<Result<Target, Missed>> = requests.iter().map(|request| Target::parse(cx, request)).collect();
    let mut plan = Plan::default();
    let replies = plan_all(cx, &mut plan, requests, &targets).await?;
    if let Some(claim) = claim {
        claim.keep(cx, &mut plan, &answer(cx, &replies, false).await?)?;
    }
    match (plan.commit(cx).await, claim) {
        (Ok(()), _) => Ok(Written::Now(replies)),
        (Err(Refused { part, why: Refusal::Conflict }), claim) => {
            let made = if let Some(claim) = claim { claim.made(cx).await? } else { None };
            made.map(Written::Before).ok_or(Failed { index: Some(part), why: Refusal::Conflict })
        }
        (Err(Refused { part, why }), _) => {
            let message = replies.get(part).map_or(UPDATE_FAILED, Reply::failed);
            Err(Failed { index: Some(part), why: why.with_message(message) })
        }
    }
}

/// The requests with the uploads that they name, if they name any.
async fn received<'a>(
    cx: &Cx,
    requests: &'a [BatchRequest],
    targets: &[Result<Target, Missed>],
) -> Result<Cow<'a, [BatchRequest]>, BatchFailure> {
    let mut received = Cow::Borrowed(requests);
    for (index, (request, target)) in requests.iter().zip(targets).enumerate() {
        if let Ok(Target { collection, .. }) = target
            && direct::is_named(collection, &request.body)
        {
            let message = if request.method == "PATCH" { UPDATE_FAILED } else { CREATE_FAILED };
            let body = direct::received(cx, collection, &request.body, message).await;
            let body = body.map_err(|error| BatchFailure::of(index, error))?.into_owned();
            received.to_mut()[index].body = body;
        }
    }
    Ok(received)
}

/// What makes the batch the same batch; nothing when it does not matter.
fn whole_input(terms: &Terms, requests: &[BatchRequest]) -> Map<String, Json> {
    if terms.idempotency_key.is_none() {
        return Map::new();
    }
    let one = |request: &BatchRequest| {
        let BatchRequest { method, url, headers, body } = request;
        json!({"method": method, "url": url, "headers": headers, "body": &*body.told()})
    };
    Map::from_iter([("requests".to_owned(), requests.iter().map(one).collect())])
}

/// What a request will be answered once the plan is committed.
enum Reply {
    Created { stored: Arc<Record>, query: ViewQuery },
    Updated { stored: Arc<Record>, query: ViewQuery },
    Deleted,
}

impl Reply {
    fn expands(&self) -> bool {
        match self {
            Self::Created { query, .. } | Self::Updated { query, .. } => query.expand.is_some(),
            Self::Deleted => false,
        }
    }

    /// What is said when the commit refuses it.
    fn failed(&self) -> &'static str {
        match self {
            Self::Created { .. } => CREATE_FAILED,
            Self::Updated { .. } => UPDATE_FAILED,
            Self::Deleted => BLOCKED,
        }
    }
}

async fn plan_all(
    cx: &Cx,
    plan: &mut Plan,
    requests: &[BatchRequest],
    targets: &[Result<Target, Missed>],
) -> Result<Vec<Reply>, BatchFailure> {
    let mut replies = Vec::with_capacity(requests.len());
    for (index, (request, target)) in requests.iter().zip(targets).enumerate() {
        plan.begin_part(index);
        let planned = match target {
            Ok(target) => plan_request(cx, plan, request, target).await,
            Err(missed) => Err(missed.into()),
        };
        replies.push(planned.map_err(|error| BatchFailure::of(plan.blamed(), error))?);
    }
    Ok(replies)
}

async fn plan_request(cx: &Cx, plan: &mut Plan, request: &BatchRequest, target: &Target) -> Result<Reply> {
    let Target { collection, id, query, if_match, .. } = target;
    let if_match = if_match.as_ref();
    let method = match (request.method.as_str(), id) {
        ("PUT", Some(id)) if exists(cx, plan, collection, id).await? => "PATCH",
        // Nothing is there that could be what was seen.
        ("PUT", _) if if_match.is_some() => return Err(Error::Stale(None)),
        ("PUT", _) => "POST",
        (method, _) => method,
    };
    let cx = &target.cx(cx, method, &request.headers);
    match (method, id.as_deref()) {
        // The id of a PUT is a value of its body.
        ("POST", _) => {
            let stored = plan_create(cx, plan, collection, &request.body.named(cx, collection)).await?;
            Ok(Reply::Created { stored, query: query.clone() })
        }
        ("PATCH", Some(id)) => {
            let stored = plan_update(cx, plan, collection, id, &request.body.named(cx, collection), if_match).await?;
            Ok(Reply::Updated { stored, query: query.clone() })
        }
        ("DELETE", Some(id)) => {
            remove::plan_delete(cx, plan, collection, id, if_match).await?;
            Ok(Reply::Deleted)
        }
        _ => Err(Missed::Route.into()),
    }
}

async fn exists(cx: &Cx, plan: &Plan, collection: &Arc<Collection>, id: &str) -> Result<bool> {
    match plan.overlay().get(collection, id) {
        Some(planned) => Ok(planned.record.is_some()),
        None => Ok(read::load_record(&cx.tenant, collection, "id", id).await?.is_some()),
    }
}

/// What a request of a batch was not sent to.
#[derive(Debug, Clone, Copy)]
enum Missed {
    /// A batch writes records, and does nothing else.
    Route,
    Collection,
}

impl From<Missed> for Error {
    fn from(missed: Missed) -> Self {
        match missed {
            Missed::Route => Self::invalid("Something went wrong while processing your request."),
            Missed::Collection => Self::not_found(),
        }
    }
}

impl From<&Missed> for Error {
    fn from(missed: &Missed) -> Self {
        (*missed).into()
    }
}

/// `/api/collections/{c}/records[?query]` of a POST and a PUT, which has its id in the body, or `/{id}` behind that of a PATCH and a
/// DELETE.
struct Target {
    collection: Arc<Collection>,
    id: Option<String>,
    query: ViewQuery,
    if_match: Option<Tags>,
    /// The first value of each parameter.
    pairs: Vec<(String, String)>,
}

impl Target {
    fn parse(cx: &Cx, request: &BatchRequest) -> Result<Self, Missed> {
        let (path, query) = request.url.split_once('?').unwrap_or((&request.url, ""));
        let rest = path.strip_prefix("/api/collections/").ok_or(Missed::Route)?;
        let parts: Vec<&str> = rest.split('/').collect();
        if parts.iter().any(|part| part.is_empty()) {
            return Err(Missed::Route);
        }
        let (name, id) = match (request.method.as_str(), parts.as_slice()) {
            ("POST", &[name, RECORDS]) => (name, None),
            ("PUT", &[name, RECORDS]) => {
                (name, request.body.fields.get("id").and_then(Json::as_str).filter(|id| !id.is_empty()))
            }
            ("PATCH" | "DELETE", &[name, RECORDS, id]) => (name, Some(id)),
            _ => return Err(Missed::Route),
        };
        // Only of what a batch does it is asked where: all else is no request of a batch, wherever it goes.
        let collection = cx.catalog.collection(name).ok_or(Missed::Collection)?.clone();
        let mut first: Vec<(String, String)> = Vec::new();
        for (key, value) in pairs(query).take(PARAMETERS_MAX).flatten() {
            if !first.iter().any(|(known, _)| *known == key) {
                first.push((key, value));
            }
        }
        let get = |name: &str| first.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        let wanted = ViewQuery { expand: get("expand"), fields: get("fields") };
        let header = request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(IF_MATCH));
        let if_match = header.and_then(|(_, value)| value.as_str()).map(Tags::parse);
        Ok(Self { id: id.map(str::to_owned), collection, query: wanted, if_match, pairs: first })
    }

    /// The batch as its rules and hooks see this request of it: with its own method, parameters and headers. Who asks is
    /// said by the batch alone.
    fn cx(&self, cx: &Cx, method: &str, headers: &Map<String, Json>) -> Cx {
        let own = headers.iter().filter_map(|(name, value)| {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            Some((name.to_lowercase().replace('-', "_"), value)).filter(|(name, _)| name != AUTHORIZATION)
        });
        let outer = cx.facts.headers.iter().filter(|(name, _)| name == AUTHORIZATION).cloned();
        let facts = RequestFacts {
            method: method.to_owned(),
            query: self.pairs.clone(),
            headers: own.chain(outer).collect(),
            ..(*cx.facts).clone()
        };
        Cx { facts: Arc::new(facts), ..cx.clone() }
    }

    /// What to lock while the batch is worked on.
    fn key(&self) -> Option<(&str, &str)> {
        self.id.as_deref().map(|id| (self.collection.id.as_str(), id))
    }
}

/// `[{status, body}, ..]`; what is expanded can only be read once it is committed.
async fn answer(cx: &Cx, replies: &[Reply], committed: bool) -> Result<Answer> {
    let mut json = vec![b'['];
    for (index, reply) in replies.iter().enumerate() {
        if index > 0 {
            json.push(b',');
        }
        match reply {
            Reply::Created { stored, query } | Reply::Updated { stored, query } => {
                json.extend_from_slice(b"{\"status\":200,\"body\":");
                if committed {
                    json.extend_from_slice(&answer_written(cx, stored, query).await?.json);
                } else {
                    let query = ViewQuery { expand: None, fields: query.fields.clone() };
                    json.extend_from_slice(&render::one(cx, stored, &query).await?);
                }
                json.push(b'}');
            }
            Reply::Deleted => json.extend_from_slice(b"{\"status\":204,\"body\":null}"),
        }
    }
    json.push(b']');
    Ok(Answer { json, ..Answer::default() })
}
