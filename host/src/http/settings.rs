//! `/api/settings`, for superusers.

use super::body::Submitted;
use super::form::UNREADABLE;
use super::reply::{Outcome, Reply, nothing};
use super::request::{Superuser, flag, if_match};
use crate::activity;
use crate::auth;
use crate::auth::oauth2::apple;
use crate::error::{Current, Error};
use crate::records::{Tags, sign_tag};
use crate::settings;
use crate::settings::{Asked, Seen, Settings};
use crate::tenant::Cx;
use serde_json::{Value, json};

pub(super) async fn view(Superuser(seat): Superuser) -> Outcome {
    let sources = flag(&seat.cx, "sources")?;
    Ok(tagged(&seat.cx, &seat.cx.tenant.settings.load(), sources))
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

fn tagged(cx: &Cx, settings: &Settings, sources: bool) -> Reply {
    Reply::Tagged(shown(cx, settings, sources), tag(cx, settings))
}

/// Of everything that is in force, secrets too: it is an HMAC, which tells nothing of them.
fn tag(cx: &Cx, settings: &Settings) -> String {
    sign_tag(&cx.catalog, format!("settings\0{}", json!(settings)).as_bytes())
}

/// Whether the settings are still those that a client has seen.
fn seen(cx: &Cx, tags: Tags, sources: bool) -> Seen {
    let cx = cx.clone();
    Box::new(move |now| {
        let etag = tag(&cx, now);
        if tags.match_strongly(&etag) {
            return Ok(());
        }
        let json = shown(&cx, now, sources).to_string().into_bytes();
        Err(Error::Stale(Some(Current { noun: "settings", json, etag })))
    })
}

pub(super) async fn update(Superuser(seat): Superuser, body: Submitted) -> Outcome {
    let sources = flag(&seat.cx, "sources")?;
    let patch = body.saying(UNREADABLE).fields().await?;
    auth::keys::check_settings(&seat.cx, &patch)?;
    let beside = activity::of_settings(&seat.cx);
    let seen = if_match(&seat.cx).map(|tags| seen(&seat.cx, tags, sources));
    let asked = Asked { patch, from: Some(seat.cx.facts.address()), seen, beside };
    let new = seat.opened.realtime.change_settings(asked).await?;
    Ok(tagged(&seat.cx, &new, sources))
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
