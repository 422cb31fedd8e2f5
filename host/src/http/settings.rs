//! `/api/settings`, for superusers.

use super::body::Submitted;
use super::form::UNREADABLE;
use super::reply::{Outcome, Reply, nothing};
use super::request::{Superuser, flag};
use crate::activity;
use crate::auth;
use crate::auth::oauth2::apple;
use crate::settings;
use crate::settings::{Asked, Settings};
use crate::tenant::Cx;
use serde_json::{Value, json};

pub(super) async fn view(Superuser(seat): Superuser) -> Outcome {
    let sources = flag(&seat.cx, "sources")?;
    Ok(Reply::Value(shown(&seat.cx, &seat.cx.tenant.settings.load(), sources)))
}

/// With `sources` also where each value comes from that is not what is stored, and which secrets there are.
fn shown(cx: &Cx, settings: &Settings, sources: bool) -> Value {
    let mut shown = settings.to_json();
    if sources {
        shown["sources"] = cx.tenant.regime.fixed.sources();
        shown["secrets"] = json!(settings.secrets());
    }
    shown
}

pub(super) async fn update(Superuser(seat): Superuser, body: Submitted) -> Outcome {
    let sources = flag(&seat.cx, "sources")?;
    let patch = body.saying(UNREADABLE).fields().await?;
    auth::keys::check_settings(&seat.cx, &patch)?;
    let beside = activity::of_settings(&seat.cx);
    let asked = Asked { patch, from: Some(seat.cx.facts.address()), beside };
    let new = seat.opened.realtime.change_settings(asked).await?;
    Ok(Reply::Value(shown(&seat.cx, &new, sources)))
}

pub(super) async fn apple_secret(Superuser(seat): Superuser, body: Submitted) -> Outcome {
    let body = body.saying(UNREADABLE).fields().await?;
    Ok(Reply::Value(json!({"secret": apple::client_secret(&seat.cx, &body)?})))
}

/// 204 when the mail was taken; else what was said with the server.
pub(super) async fn test_email(Superuser(seat): Superuser, body: Submitted) -> Outcome {
    let body = body.saying(UNREADABLE).fields().await?;
    Ok(auth::test_mail(&seat.cx, &body).await.map(nothing)?)
}

/// 204 when the bucket can do all that will be asked of it.
pub(super) async fn test_s3(Superuser(seat): Superuser, body: Submitted) -> Outcome {
    let body = body.saying(UNREADABLE).fields().await?;
    Ok(settings::test_s3(&seat.cx.tenant.settings.load(), &body, &seat.cx.tenant.world).await.map(nothing)?)
}
