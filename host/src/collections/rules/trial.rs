//! `POST /api/rules/try`: what a rule says to a given caller about a given record or body, and why.
//!
//! The question is put as that caller, through the same permit and the same statements as a real request;
//! a rule that is not saved yet stands in a catalog of its own. Writes have no effect.

use super::super::with;
use super::decision::Question;
use super::statement;
use super::text::{
    INVALID, OPERATIONS, collection_of, demand_auth, object, placed, read, said_of_empty, said_of_none, unknown_word,
};
use crate::access::{self, Permit};
use crate::error::{Error, FieldErrors, Result, code};
use crate::model::{Caller, Collection, Kind, Record};
use crate::records::{self, Subject, Trial};
use crate::rules::{Purpose, ast::Expr};
use crate::schema::catalog::{Operation, Rule};
use crate::tenant::Cx;
use crate::tenant::cx::RequestFacts;
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

/// What is asked, as the caller that it is asked for.
struct Asked {
    cx: Cx,
    collection: Arc<Collection>,
    operation: Operation,
    id: Option<String>,
    body: Map<String, Json>,
}

/// `{allowed, explanation, errors, decidedBy, visible, sql}` for `{collection, action, rule?, as?, record?,
/// body?}`, and beside it what the caller would be refused with.
///
/// # Errors
/// `Invalid` when it is not clear what is to be tried.
pub async fn try_rule(cx: &Cx, input: &Map<String, Json>) -> Result<(Json, Option<Error>)> {
    let asked = Asked::read(cx, input).await?;
    let Asked { cx, collection, operation, id, body } = &asked;
    let text = text_of(collection, *operation).cloned();
    let subject = match (operation, id) {
        (Operation::List, None) => None,
        (Operation::Create, _) => Some(records::subject(cx, collection, None, body).await?),
        (_, Some(id)) => Some(records::subject(cx, collection, Some(id), body).await.map_err(no_record)?),
        (_, None) => return Err(Error::field(INVALID, "record", code::REQUIRED)),
    };
    let parsed = match text.as_deref().filter(|text| !text.trim().is_empty()) {
        Some(text) => match read(cx, collection, text, Purpose::Rule) {
            Ok((expr, checked)) => Some((expr, checked, text)),
            Err(errors) => {
                let errors: Vec<Json> = errors.iter().map(|error| placed(error, text)).collect();
                let refusal = access::admit(cx, collection, *operation).err();
                return Ok((
                    json!({"allowed": refusal.is_none(), "explanation": "the rule makes no sense, so only superusers pass", "errors": errors, "decidedBy": null, "visible": null, "sql": null}),
                    refusal,
                ));
            }
        },
        None => None,
    };
    let refusal = asked.refusal(subject.as_ref()).await?;
    let permit = access::admit(cx, collection, *operation).ok();
    let condition = permit.as_ref().and_then(Permit::condition);
    let question = Question { cx, collection, subject: subject.as_ref() };
    let decided_by = match &parsed {
        Some((expr, _, text)) if condition.is_some() => question.decided_by(expr, text).await?,
        _ => Json::Null,
    };
    let reads_rows = matches!(operation, Operation::List | Operation::View | Operation::Update | Operation::Delete);
    let visible = match &permit {
        Some(_) if reads_rows => statement::counted(cx, collection, condition, body).await?,
        None if reads_rows => json!({"count": 0, "more": false}),
        _ => Json::Null,
    };
    let sql = match &permit {
        Some(_) => {
            let sql = statement::statement(cx, collection, *operation, condition, subject.as_ref());
            statement::explained(cx, &sql).await?
        }
        None => Json::Null,
    };
    let explanation = said(&asked, text.as_deref(), parsed.as_ref().map(|(expr, checked, _)| (expr, checked)));
    Ok((
        json!({"allowed": refusal.is_none(), "explanation": explanation, "errors": [], "decidedBy": decided_by, "visible": visible, "sql": sql}),
        refusal,
    ))
}

impl Asked {
    async fn read(cx: &Cx, input: &Map<String, Json>) -> Result<Self> {
        let collection = collection_of(cx, input)?;
        let action = input.get("action").and_then(Json::as_str).unwrap_or_default();
        let Some((_, operation)) = OPERATIONS.iter().find(|(name, _)| *name == action) else {
            return Err(Error::field(INVALID, "action", unknown_word(&OPERATIONS, None)));
        };
        demand_auth(&collection, Some(*operation))?;
        let mut errors = FieldErrors::default();
        let body = object(input, "body", &mut errors).cloned().unwrap_or_default();
        let query = object(input, "query", &mut errors).map(pairs).unwrap_or_default();
        let headers = object(input, "headers", &mut errors).map(pairs).unwrap_or_default();
        let rule = match input.get("rule") {
            None => None,
            Some(Json::Null) => Some(None),
            Some(Json::String(text)) => Some(Some(text.clone())),
            Some(_) => {
                errors.add("rule", code::INVALID_VALUE);
                None
            }
        };
        errors.into_result(INVALID)?;
        let mut caller = caller(cx, input.get("as")).await?;
        let id = input.get("record").and_then(Json::as_str).filter(|id| !id.is_empty()).map(str::to_owned);
        if *operation == Operation::Authenticate
            && let Some(id) = &id
        {
            // Whoever signs in is judged as who they are about to be.
            caller = caller_of(records::subject(cx, &collection, Some(id), &body).await.map_err(no_record)?.record);
        }
        let (collection, catalog) = match rule {
            None => (collection, cx.catalog.clone()),
            Some(rule) => {
                let changed = Arc::new(with_rule(&collection, *operation, rule));
                (changed.clone(), with(&cx.catalog, changed))
            }
        };
        let (method, context) = match operation {
            Operation::List | Operation::View => ("GET", "default"),
            Operation::Create => ("POST", "default"),
            Operation::Update | Operation::Manage => ("PATCH", "default"),
            Operation::Delete => ("DELETE", "default"),
            Operation::Authenticate | Operation::SecondFactor => ("POST", "password"),
        };
        let facts = RequestFacts {
            id: cx.facts.id.clone(),
            method: method.to_owned(),
            context,
            query,
            headers: headers.into_iter().map(|(name, value)| (name.to_lowercase().replace('-', "_"), value)).collect(),
            ip: cx.facts.ip.clone(),
            peer: cx.facts.peer.clone(),
            query_is_broken: false,
        };
        let cx = Cx { caller, catalog, facts: Arc::new(facts), ..cx.clone() };
        Ok(Self { cx, collection, operation: *operation, id, body })
    }

    /// What the caller would be refused with; `None` when they may, and a write would succeed.
    async fn refusal(&self, subject: Option<&Subject>) -> Result<Option<Error>> {
        let Self { cx, collection, operation, id, body } = self;
        let rule = cx.catalog.rule(collection, *operation);
        let passes = match (rule, subject) {
            (Rule::When(rule), Some(subject)) => access::holds(cx, rule, &subject.record, &subject.body).await?,
            (Rule::Public, _) | (Rule::When(_), None) => true,
            (Rule::Locked | Rule::Broken(_), _) => false,
        };
        let forbidden = |words: &'static str| Some(Error::Forbidden(words.into()));
        match (operation, subject) {
            (Operation::Manage, Some(subject)) => {
                let manages = access::manages(cx, &subject.record, &subject.body).await?;
                return Ok(if manages { None } else { forbidden("The caller does not manage this record.") });
            }
            (Operation::Authenticate, _) => {
                let words = "The request doesn't satisfy the collection requirements to authenticate.";
                return Ok(if passes { None } else { forbidden(words) });
            }
            _ => {}
        }
        if let Err(refused) = access::admit(cx, collection, *operation) {
            return Ok(Some(refused));
        }
        let tried = match (operation, id) {
            (Operation::Create, _) => records::trial(cx, collection, Trial::Create(body)).await,
            (Operation::Update, Some(id)) => records::trial(cx, collection, Trial::Update(id, body)).await,
            (Operation::Delete, Some(id)) => records::trial(cx, collection, Trial::Delete(id)).await,
            _ if passes || cx.caller.is_trusted() => Ok(()),
            _ => Err(Error::not_found()),
        };
        match tried {
            Ok(()) => Ok(None),
            Err(error @ (Error::Internal(_) | Error::Unavailable(_))) => Err(error),
            Err(refused) => Ok(Some(refused)),
        }
    }
}

/// `guest`, `{collection, id}` for a stored record, `{collection, claims}` for one that is made up.
async fn caller(cx: &Cx, wanted: Option<&Json>) -> Result<Caller> {
    let wrong = |words: &'static str| Error::field(INVALID, "as", code::INVALID_VALUE.say(words));
    let who = match wanted {
        None | Some(Json::Null) => return Ok(Caller::Guest),
        Some(Json::String(word)) if word == "guest" => return Ok(Caller::Guest),
        Some(Json::Object(who)) => who,
        Some(_) => return Err(wrong("It is guest, {collection, id} or {collection, claims}.")),
    };
    let name = who.get("collection").and_then(Json::as_str).unwrap_or_default();
    let Some(collection) = cx.catalog.collection(name).filter(|found| found.auth().is_some()) else {
        return Err(wrong("There is no auth collection of that name."));
    };
    let record = match (who.get("id").and_then(Json::as_str), who.get("claims")) {
        (_, Some(claims @ Json::Object(_))) => Record::from_json_values(collection.clone(), claims),
        (Some(id), None) => records::load_record(&cx.tenant, collection, "id", id)
            .await?
            .ok_or_else(|| wrong("There is no record of that id."))?,
        _ => return Err(wrong("It is guest, {collection, id} or {collection, claims}.")),
    };
    Ok(caller_of(record))
}

fn caller_of(record: Record) -> Caller {
    let record = Arc::new(record);
    if record.collection.name == "_superusers" { Caller::Superuser(record) } else { Caller::User(record) }
}

fn no_record(error: Error) -> Error {
    match error {
        Error::NotFound(_) => Error::field(INVALID, "record", code::INVALID_VALUE.say("There is no such record.")),
        other => other,
    }
}

/// Texts by name, as a query or headers hold them.
fn pairs(object: &Map<String, Json>) -> Vec<(String, String)> {
    let text = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    object.iter().map(|(name, value)| (name.clone(), text(value))).collect()
}

fn text_of(collection: &Collection, operation: Operation) -> Option<&String> {
    match (operation, &collection.kind) {
        (Operation::List, _) => collection.rules.list.as_ref(),
        (Operation::View, _) => collection.rules.view.as_ref(),
        (Operation::Create, _) => collection.rules.create.as_ref(),
        (Operation::Update, _) => collection.rules.update.as_ref(),
        (Operation::Delete, _) => collection.rules.delete.as_ref(),
        (Operation::Authenticate, Kind::Auth(options)) => options.auth_rule.as_ref(),
        (Operation::Manage, Kind::Auth(options)) => options.manage_rule.as_ref(),
        _ => None,
    }
}

fn with_rule(collection: &Collection, operation: Operation, rule: Option<String>) -> Collection {
    let mut changed = collection.clone();
    match (operation, &mut changed.kind) {
        (Operation::List, _) => changed.rules.list = rule,
        (Operation::View, _) => changed.rules.view = rule,
        (Operation::Create, _) => changed.rules.create = rule,
        (Operation::Update, _) => changed.rules.update = rule,
        (Operation::Delete, _) => changed.rules.delete = rule,
        (Operation::Authenticate, Kind::Auth(options)) => options.auth_rule = rule,
        (Operation::Manage, Kind::Auth(options)) => options.manage_rule = rule,
        _ => {}
    }
    changed
}

fn said(asked: &Asked, text: Option<&str>, parsed: Option<(&Expr, &crate::rules::Checked)>) -> String {
    if asked.cx.caller.is_trusted() && asked.operation != Operation::Authenticate {
        return "superusers are not asked for rules".to_owned();
    }
    match (text, parsed) {
        (None, _) => said_of_none(Some(asked.operation)),
        (Some(_), None) => said_of_empty(Some(asked.operation)),
        (Some(_), Some((expr, checked))) => checked.explain(expr),
    }
}
