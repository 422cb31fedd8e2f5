//! `/api/plugins`, for superusers.

use super::body::Submitted;
use super::form::text_of;
use super::reply::{Outcome, Reply, fields_json, nothing};
use super::request::{Path, Seat, Superuser, list_query};
use crate::error::{Error, FieldErrors, code};
use crate::plugins::limits::admin::LOG_LINES;
use crate::plugins::logbook::Wanted;
use crate::plugins::scan::is_name;
use crate::records::Page;
use crate::tenant::hooks::Stage;
use serde_json::{Map, Value};
use std::time::Duration;

/// Largest component.
const FILE_MAX: usize = 32 << 20;

/// Room for the other parts of the form.
const FORM_MAX: usize = FILE_MAX + (64 << 10);

pub(super) async fn list(Superuser(seat): Superuser) -> Outcome {
    Ok(Reply::Page(seat.opened.plugins.list(&seat.cx)?))
}

pub(super) async fn upload(Superuser(seat): Superuser, body: Submitted) -> Outcome {
    let mut form = body.up_to(FORM_MAX).form().await.map_err(too_large)?;
    let index = form.files.iter().position(|file| file.key == "file");
    let index = index.ok_or_else(|| Error::field("Failed to read the submitted data.", "file", code::REQUIRED))?;
    let file = form.files.swap_remove(index);
    let given = form.fields.remove("name").and_then(|name| text_of(&name)).filter(|name| !name.is_empty());
    let force = form.fields.remove("force").is_some_and(|force| is_true(&force));
    // `slugify.wasm` is called slugify unless somebody says otherwise.
    let stem = file.file_name.strip_suffix(".wasm").unwrap_or(&file.file_name);
    let name = given.or_else(|| is_name(stem).then(|| stem.to_owned()));
    let bytes = file.content.bytes().await?.to_vec();
    let (mut plugin, misfits) = seat.opened.plugins.upload(&seat.cx, bytes, name, force).await?;
    plugin["misfits"] = Value::Object(fields_json(&misfits));
    Ok(Reply::Value(plugin))
}

/// Forms say it in words.
fn is_true(value: &Value) -> bool {
    value.as_bool().or_else(|| value.as_str()?.parse().ok()).unwrap_or_default()
}

fn is_forced(input: &Map<String, Value>) -> bool {
    input.get("force").is_some_and(is_true)
}

fn too_large(error: Error) -> Error {
    match error {
        Error::TooLarge { .. } => {
            let fields = FieldErrors::one("file", code::PLUGIN_TOO_LARGE);
            Error::Invalid { message: "Failed to upload the plugin.".into(), fields }
        }
        other => other,
    }
}

pub(super) async fn figures(Superuser(seat): Superuser) -> Outcome {
    Ok(Reply::Value(seat.opened.plugins.ledger(&seat.cx)))
}

pub(super) async fn view(Superuser(seat): Superuser, Path(id): Path<String>) -> Outcome {
    Ok(Reply::Value(seat.opened.plugins.view(&seat.cx, &id)?))
}

pub(super) async fn update(Superuser(seat): Superuser, Path(id): Path<String>, body: Submitted) -> Outcome {
    // A plugin that is not there is missed before what is wrong with the body.
    seat.opened.plugins.view(&seat.cx, &id)?;
    let Some(enabled) = body.fields().await?.get("enabled").and_then(Value::as_bool) else {
        return Err(Error::field("Failed to update the plugin.", "enabled", code::REQUIRED).into());
    };
    Ok(Reply::Value(seat.opened.plugins.set_enabled(&seat.cx, &id, enabled).await?))
}

pub(super) async fn versions(Superuser(seat): Superuser, Path(id): Path<String>) -> Outcome {
    Ok(Reply::Page(seat.opened.plugins.versions(&seat.cx, &id).await?))
}

pub(super) async fn activate(Superuser(seat): Superuser, Path(id): Path<String>, body: Submitted) -> Outcome {
    seat.opened.plugins.view(&seat.cx, &id)?;
    let input = body.fields().await?;
    let number = input.get("version").and_then(version_number);
    let number = number.ok_or_else(|| Error::field("Failed to update the plugin.", "version", code::REQUIRED))?;
    Ok(Reply::Value(seat.opened.plugins.activate(&seat.cx, &id, number, is_forced(&input)).await?))
}

pub(super) async fn approve(Superuser(seat): Superuser, Path(id): Path<String>, body: Submitted) -> Outcome {
    seat.opened.plugins.view(&seat.cx, &id)?;
    let input = body.fields().await?;
    let number = input.get("version").and_then(version_number);
    let number = number.ok_or_else(|| Error::field("Failed to update the plugin.", "version", code::REQUIRED))?;
    Ok(Reply::Value(seat.opened.plugins.approve(&seat.cx, &id, number, is_forced(&input)).await?))
}

pub(super) async fn roll_back(Superuser(seat): Superuser, Path(id): Path<String>, body: Submitted) -> Outcome {
    let force = is_forced(&body.fields().await?);
    Ok(Reply::Value(seat.opened.plugins.roll_back(&seat.cx, &id, force).await?))
}

pub(super) async fn canary(Superuser(seat): Superuser, Path(id): Path<String>, body: Submitted) -> Outcome {
    seat.opened.plugins.view(&seat.cx, &id)?;
    let input = body.fields().await?;
    let wrong = |field| Error::field("Failed to update the plugin.", field, code::REQUIRED);
    let number = input.get("version").and_then(version_number).ok_or_else(|| wrong("version"))?;
    let share = input.get("share").filter(|share| !share.is_null()).ok_or_else(|| wrong("share"))?;
    // What is no percentage is refused below.
    let canary = (number, share.as_u64().and_then(|share| u8::try_from(share).ok()).unwrap_or(u8::MAX));
    Ok(Reply::Value(seat.opened.plugins.set_canary(&seat.cx, &id, Some(canary), is_forced(&input)).await?))
}

pub(super) async fn end_canary(Superuser(seat): Superuser, Path(id): Path<String>) -> Outcome {
    Ok(Reply::Value(seat.opened.plugins.set_canary(&seat.cx, &id, None, false).await?))
}

pub(super) async fn delete_version(Superuser(seat): Superuser, Path((id, version)): Path<(String, String)>) -> Outcome {
    let number = version.parse().map_err(|_| Error::not_found())?;
    Ok(seat.opened.plugins.delete_version(&seat.cx, &id, number).await.map(nothing)?)
}

pub(super) async fn breaker(Superuser(seat): Superuser, Path(id): Path<String>) -> Outcome {
    Ok(Reply::Value(seat.opened.plugins.breaker(&seat.cx, &id)?))
}

pub(super) async fn reset_breaker(Superuser(seat): Superuser, Path(id): Path<String>, body: Submitted) -> Outcome {
    let input = body.fields().await?;
    let hook = input.get("hook").and_then(Value::as_str);
    Ok(Reply::Value(seat.opened.plugins.reset_breaker(&seat.cx, &id, hook).await?))
}

pub(super) async fn metrics(Superuser(seat): Superuser, Path(id): Path<String>) -> Outcome {
    Ok(Reply::Value(seat.opened.plugins.metrics(&seat.cx, &id)?))
}

/// Versions are answered as text, and taken as that or as a number.
fn version_number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

pub(super) async fn delete(Superuser(seat): Superuser, Path(id): Path<String>) -> Outcome {
    Ok(seat.opened.plugins.delete(&seat.cx, &id).await.map(nothing)?)
}

pub(super) async fn attachments(Superuser(seat): Superuser, Path(id): Path<String>) -> Outcome {
    Ok(Reply::Page(seat.opened.plugins.attachments(&seat.cx, &id)?))
}

pub(super) async fn attach(Superuser(seat): Superuser, Path(id): Path<String>, body: Submitted) -> Outcome {
    let input = body.fields().await?;
    Ok(Reply::Value(seat.opened.plugins.attach(&seat.cx, &id, input).await?))
}

pub(super) async fn update_attachment(
    Superuser(seat): Superuser,
    Path((id, attachment)): Path<(String, String)>,
    body: Submitted,
) -> Outcome {
    let input = body.fields().await?;
    Ok(Reply::Value(seat.opened.plugins.update_attachment(&seat.cx, &id, &attachment, input).await?))
}

pub(super) async fn detach(Superuser(seat): Superuser, Path((id, attachment)): Path<(String, String)>) -> Outcome {
    Ok(seat.opened.plugins.detach(&seat.cx, &id, &attachment).await.map(nothing)?)
}

pub(super) async fn schedules(Superuser(seat): Superuser, Path(id): Path<String>) -> Outcome {
    Ok(Reply::Page(seat.opened.plugins.schedules(&seat.cx, &id)?))
}

pub(super) async fn schedule(Superuser(seat): Superuser, Path(id): Path<String>, body: Submitted) -> Outcome {
    let input = body.fields().await?;
    Ok(Reply::Value(seat.opened.plugins.schedule(&seat.cx, &id, input).await?))
}

pub(super) async fn reschedule(
    Superuser(seat): Superuser,
    Path((id, schedule)): Path<(String, String)>,
    body: Submitted,
) -> Outcome {
    let input = body.fields().await?;
    Ok(Reply::Value(seat.opened.plugins.reschedule(&seat.cx, &id, &schedule, input).await?))
}

pub(super) async fn unschedule(Superuser(seat): Superuser, Path((id, schedule)): Path<(String, String)>) -> Outcome {
    Ok(seat.opened.plugins.unschedule(&seat.cx, &id, &schedule).await.map(nothing)?)
}

pub(super) async fn route(Superuser(seat): Superuser, Path(id): Path<String>) -> Outcome {
    Ok(Reply::Value(seat.opened.plugins.route(&seat.cx, &id)?))
}

pub(super) async fn set_route(Superuser(seat): Superuser, Path(id): Path<String>, body: Submitted) -> Outcome {
    let input = body.fields().await?;
    Ok(Reply::Value(seat.opened.plugins.set_route(&seat.cx, &id, input).await?))
}

pub(super) async fn remove_route(Superuser(seat): Superuser, Path(id): Path<String>) -> Outcome {
    Ok(seat.opened.plugins.remove_route(&seat.cx, &id).await.map(nothing)?)
}

pub(super) async fn grants(Superuser(seat): Superuser, Path(id): Path<String>) -> Outcome {
    Ok(Reply::Value(seat.opened.plugins.grants(&seat.cx, &id)?))
}

pub(super) async fn set_grants(Superuser(seat): Superuser, Path(id): Path<String>, body: Submitted) -> Outcome {
    let input = body.stated().await?;
    Ok(Reply::Value(seat.opened.plugins.set_grants(&seat.cx, &id, input).await?))
}

pub(super) async fn config(Superuser(seat): Superuser, Path(id): Path<String>) -> Outcome {
    Ok(Reply::Value(seat.opened.plugins.config(&seat.cx, &id).await?))
}

pub(super) async fn set_config(Superuser(seat): Superuser, Path(id): Path<String>, body: Submitted) -> Outcome {
    let input = body.fields().await?;
    Ok(Reply::Value(seat.opened.plugins.set_config(&seat.cx, &id, input).await?))
}

pub(super) async fn secrets(Superuser(seat): Superuser, Path(id): Path<String>) -> Outcome {
    Ok(Reply::Page(seat.opened.plugins.secrets(&seat.cx, &id).await?))
}

pub(super) async fn set_secret(Superuser(seat): Superuser, Path(id): Path<String>, body: Submitted) -> Outcome {
    let input = body.fields().await?;
    Ok(Reply::Value(seat.opened.plugins.set_secret(&seat.cx, &id, &input).await?))
}

pub(super) async fn delete_secret(Superuser(seat): Superuser, Path((id, name)): Path<(String, String)>) -> Outcome {
    Ok(seat.opened.plugins.delete_secret(&seat.cx, &id, &name).await.map(nothing)?)
}

pub(super) async fn logs(Superuser(seat): Superuser, Path(id): Path<String>) -> Outcome {
    let plugins = &seat.opened.plugins;
    plugins.view(&seat.cx, &id)?;
    let mut query = list_query(&seat.cx);
    // All there are, unless pages are asked for.
    query.per_page.get_or_insert_with(|| LOG_LINES.to_string());
    let page = Page::parse(&query)?;
    let wait = Duration::from_secs(number(&seat, "wait")?.unwrap_or_default());
    Ok(Reply::Page(plugins.logs(&seat.cx, &id, &wanted(&seat)?, &page, wait).await?))
}

fn wanted(seat: &Seat) -> Result<Wanted, Error> {
    let wrong = |key| Error::field("Failed to read the log.", key, code::INVALID_VALUE);
    let level = seat.query("level").map(|text| text.parse().map_err(|_| wrong("level"))).transpose()?;
    let known = |name: &str| Stage::ALL.into_iter().find(|stage| stage.name() == name);
    let stage = seat.query("hook").map(|name| known(name).ok_or_else(|| wrong("hook"))).transpose()?;
    let text = |key| seat.query(key).map(str::to_owned);
    Ok(Wanted { after: number(seat, "after")?, level, stage, request_id: text("requestId"), search: text("search") })
}

fn number(seat: &Seat, key: &str) -> Result<Option<u64>, Error> {
    let wrong = || Error::field("Failed to read the log.", key, code::INVALID_VALUE);
    seat.query(key).map(|text| text.parse().map_err(|_| wrong())).transpose()
}

pub(super) async fn test(Superuser(seat): Superuser, Path(id): Path<String>, body: Submitted) -> Outcome {
    let plugins = &seat.opened.plugins;
    plugins.view(&seat.cx, &id)?;
    Ok(Reply::Value(plugins.test(&seat.cx, &id, &body.fields().await?).await?))
}
