//! Whether the server is well: `/api/health` for people and SDKs, `/livez` and `/readyz` for what watches it.

use super::reply::{Outcome, Reply};
use super::request::Seat;
use crate::error::Error;
use crate::host::Host;
use crate::model::Caller;
use crate::sql::Sql;
use crate::tenant::Cx;
use axum::extract::State;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Headers in which proxies tell the client's address.
const PROXY_HEADERS: [&str; 3] = ["CF-Connecting-IP", "Fly-Client-IP", "X-Forwarded-For"];

pub(super) async fn health(seat: Seat) -> Outcome {
    let data = match seat.cx.caller {
        Caller::Superuser(_) => details(&seat.cx, seat.opened.backups.is_free()),
        _ => json!({}),
    };
    Ok(Reply::Value(json!({"code": 200, "message": "API is healthy.", "data": data})))
}

fn details(cx: &Cx, can_back_up: bool) -> Value {
    let present = |name: &str| cx.facts.headers.iter().any(|(known, _)| known == name);
    let settings = cx.tenant.settings.load();
    let named = settings.trusted_proxy.headers.iter().map(String::as_str);
    let proxy = named.chain(PROXY_HEADERS).find(|name| present(&name.to_ascii_lowercase().replace('-', "_")));
    let proxy = proxy.unwrap_or_default();
    json!({"canBackup": can_back_up, "possibleProxyHeader": proxy, "realIP": cx.facts.ip})
}

/// The process answers.
pub(super) async fn live() -> &'static str {
    "ok"
}

/// The database answers too, and the server is not about to stop.
pub(super) async fn ready(State(host): State<Arc<Host>>, cx: Cx) -> Outcome<&'static str> {
    if host.leaving.load(Ordering::Relaxed) {
        return Err(Error::Unavailable("The server is about to stop.".into()).into());
    }
    cx.tenant.store.read(|snapshot| snapshot.rows(&Sql::new("SELECT 1"), |_| Ok(()))).await?;
    Ok("ok")
}
