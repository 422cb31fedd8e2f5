//! `/api/rules`, for superusers who write rules.

use super::body::Submitted;
use super::reply::{Outcome, Reply, envelope};
use super::request::Superuser;
use crate::collections;

pub(super) async fn check(Superuser(seat): Superuser, body: Submitted) -> Outcome {
    Ok(Reply::Value(collections::check_rule(&seat.cx, &body.fields().await?)?))
}

pub(super) async fn attempt(Superuser(seat): Superuser, body: Submitted) -> Outcome {
    let (mut answer, refusal) = collections::try_rule(&seat.cx, &body.fields().await?).await?;
    answer["refusal"] = refusal.as_ref().map(envelope).unwrap_or_default();
    Ok(Reply::Value(answer))
}
