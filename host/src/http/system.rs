//! `/api/system` for superusers, and `/metrics` for what watches the server.

use super::reply::{Failure, Outcome, Reply};
use super::request::{Seat, Superuser, presented};
use crate::crypto;
use crate::host::{Host, stats};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName};
use std::sync::Arc;

/// The format of Prometheus.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

pub(super) async fn info(_: Superuser, State(host): State<Arc<Host>>) -> Outcome {
    Ok(Reply::Value(stats::info(&host)))
}

pub(super) async fn stats(Superuser(seat): Superuser, State(host): State<Arc<Host>>) -> Outcome {
    Ok(Reply::Value(stats::stats(&host, &seat.opened).await?))
}

/// For superusers, and for whoever has the token that the operator has set.
pub(super) async fn metrics(
    seat: Seat,
    admitted: Result<Superuser, Failure>,
    State(host): State<Arc<Host>>,
    headers: HeaderMap,
) -> Outcome<([(HeaderName, &'static str); 2], String)> {
    let expected = host.config.metrics_token.as_ref().map(|token| token.0.as_bytes()).filter(|token| !token.is_empty());
    if !expected.is_some_and(|token| crypto::same(presented(&headers).as_bytes(), token)) {
        admitted?;
    }
    Ok(([(CONTENT_TYPE, TEXT), (CACHE_CONTROL, "no-store")], stats::metrics::page(&host, &seat.opened)))
}
