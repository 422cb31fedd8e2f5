//! `/api/collections`, for superusers.

use super::body::Submitted;
use super::reply::{Outcome, Reply, nothing};
use super::request::{Path, Superuser, flag, if_match, if_none_match, list_query, unbroken};
use crate::collections::{self, Definition, Wish};
use crate::error::{Error, Result, code};
use crate::records::ListQuery;
use crate::tenant::Cx;

const DRY_RUN: &str = "dryRun";

pub(super) async fn list(Superuser(seat): Superuser) -> Outcome {
    // What is picked is picked from the reply.
    let query = ListQuery { fields: None, ..list_query(&seat.cx) };
    Ok(Reply::Page(collections::list(&seat.cx, &query).await?))
}

pub(super) async fn view(Superuser(seat): Superuser, Path(name): Path<String>) -> Outcome {
    let found = collections::view(&seat.cx, &name)?;
    if if_none_match(&seat.cx).is_some_and(|tags| tags.match_weakly(&found.etag)) {
        return Ok(Reply::NotModified(found.etag));
    }
    Ok(defined(found))
}

/// What `PocketBase` says of bodies that are no definitions.
const NEW_UNREADABLE: &str = "Failed to load the collection type data due to invalid formatting.";
const CHANGE_UNREADABLE: &str = "Failed to load the submitted data due to invalid formatting.";

pub(super) async fn create(Superuser(seat): Superuser, body: Submitted) -> Outcome {
    let (is_trial, input) = (dry_run(&seat.cx)?, body.saying(NEW_UNREADABLE).fields().await?);
    if is_trial {
        return Ok(Reply::Value(collections::rehearse(&seat.cx, Wish::Create(&input)).await?));
    }
    Ok(defined(collections::create(&seat.cx, &input).await?))
}

pub(super) async fn update(Superuser(seat): Superuser, Path(name): Path<String>, body: Submitted) -> Outcome {
    let (is_trial, seen) = (dry_run(&seat.cx)?, if_match(&seat.cx));
    let input = body.saying(CHANGE_UNREADABLE).fields().await?;
    if is_trial {
        let wish = Wish::Update(&name, &input, seen.as_ref());
        return Ok(Reply::Value(collections::rehearse(&seat.cx, wish).await?));
    }
    Ok(defined(collections::update(&seat.cx, &name, &input, seen.as_ref()).await?))
}

pub(super) async fn delete(Superuser(seat): Superuser, Path(name): Path<String>) -> Outcome {
    refuse_dry_run(&seat.cx)?;
    let seen = if_match(&seat.cx);
    Ok(collections::delete(&seat.cx, &name, seen.as_ref()).await.map(nothing)?)
}

fn defined(Definition { json, etag }: Definition) -> Reply {
    Reply::Tagged(json, etag)
}

/// Whether a change is only to be tried.
///
/// # Errors
/// `Invalid` for a parameter that is nearly called so, or cannot be read: it must not be the real thing. Others are passed over, as elsewhere.
fn dry_run(cx: &Cx) -> Result<bool> {
    unbroken(cx)?;
    let plain = |name: &str| name.replace(['_', '-'], "").to_ascii_lowercase();
    let mut names = cx.facts.query.iter().map(|(name, _)| name);
    if let Some(name) = names.find(|name| *name != DRY_RUN && plain(name) == plain(DRY_RUN)) {
        let error = code::UNKNOWN_FIELD.say("There is no such parameter: it is called dryRun.");
        return Err(Error::field("There is an unknown parameter.", name, error));
    }
    flag(cx, DRY_RUN)
}

/// Refuses to do what somebody asks only to try, where that cannot be had.
fn refuse_dry_run(cx: &Cx) -> Result<()> {
    if !dry_run(cx)? {
        return Ok(());
    }
    let error = code::UNKNOWN_FIELD.say("There is no dry run of this.");
    Err(Error::field("There is no dry run of this.", DRY_RUN, error))
}

pub(super) async fn truncate(Superuser(seat): Superuser, Path(name): Path<String>) -> Outcome {
    refuse_dry_run(&seat.cx)?;
    Ok(collections::truncate(&seat.cx, &name).await.map(nothing)?)
}

pub(super) async fn import(Superuser(seat): Superuser, body: Submitted) -> Outcome {
    let (is_trial, input) = (dry_run(&seat.cx)?, body.fields().await?);
    if is_trial {
        return Ok(Reply::Value(collections::rehearse(&seat.cx, Wish::Import(&input)).await?));
    }
    Ok(collections::import(&seat.cx, &input).await.map(nothing)?)
}

pub(super) async fn dry_run_view(Superuser(seat): Superuser, body: Submitted) -> Outcome {
    Ok(Reply::Value(collections::dry_run_view(&seat.cx, &body.fields().await?).await?))
}

pub(super) async fn oauth2_providers(_: Superuser) -> Outcome {
    Ok(Reply::Value(collections::oauth2_providers()))
}

pub(super) async fn scaffolds(_: Superuser) -> Outcome {
    Ok(Reply::Value(collections::scaffolds()))
}
