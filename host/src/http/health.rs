//! Whether the server is well: `/api/health` for people and SDKs, `/livez` and `/readyz` for what watches it.

use super::reply::{Outcome, Reply};
use crate::model::Caller;
use crate::sql::Sql;
use crate::tenant::Cx;
use serde_json::{Value, json};

/// Headers in which proxies tell the client's address, as rules spell them, and as people do.
const PROXY_HEADERS: [(&str, &str); 3] = [
    ("cf_connecting_ip", "CF-Connecting-IP"),
    ("fly_client_ip", "Fly-Client-IP"),
    ("x_forwarded_for", "X-Forwarded-For"),
];

pub(super) async fn health(cx: Cx) -> Outcome {
    let data = match cx.caller {
        Caller::Superuser(_) => details(&cx),
        _ => json!({}),
    };
    Ok(Reply::Value(json!({"code": 200, "message": "API is healthy.", "data": data})))
}

fn details(cx: &Cx) -> Value {
    let present = |name: &str| cx.facts.headers.iter().any(|(known, _)| known == name);
    let proxy = PROXY_HEADERS.iter().find(|(name, _)| present(name)).map_or("", |(_, shown)| shown);
    json!({"canBackup": false, "possibleProxyHeader": proxy, "realIP": cx.facts.ip})
}

/// The process answers.
pub(super) async fn live() -> &'static str {
    "ok"
}

/// The database answers too.
pub(super) async fn ready(cx: Cx) -> Outcome<&'static str> {
    cx.tenant.store.read(|snapshot| snapshot.rows(&Sql::new("SELECT 1"), |_| Ok(()))).await?;
    Ok("ok")
}
