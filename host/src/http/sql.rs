//! `/api/sql`, for superusers.

use super::body::Submitted;
use super::reply::{Outcome, Reply};
use super::request::Superuser;
use crate::console;

pub(super) async fn run(Superuser(seat): Superuser, body: Submitted) -> Outcome {
    Ok(Reply::Value(console::run(&seat.cx, &body.fields().await?).await?))
}
