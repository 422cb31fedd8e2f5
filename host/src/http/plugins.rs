//! `/api/plugins`, for superusers.

use super::body::Submitted;
use super::reply::{Outcome, Reply, nothing};
use super::request::{Path, Superuser};
use crate::error::{Error, FieldErrors, code};
use crate::plugins::scan::is_name;
use serde_json::Value;

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
    let given =
        form.fields.remove("name").and_then(|name| name.as_str().map(str::to_owned)).filter(|name| !name.is_empty());
    // `slugify.wasm` is called slugify unless somebody says otherwise.
    let stem = file.file_name.strip_suffix(".wasm").unwrap_or(&file.file_name);
    let name = given.or_else(|| is_name(stem).then(|| stem.to_owned()));
    Ok(Reply::Value(seat.opened.plugins.upload(&seat.cx, file.content.bytes().await?.to_vec(), name).await?))
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
    let number = body.fields().await?.get("version").and_then(version_number);
    let number = number.ok_or_else(|| Error::field("Failed to update the plugin.", "version", code::REQUIRED))?;
    Ok(Reply::Value(seat.opened.plugins.activate(&seat.cx, &id, number).await?))
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
    Ok(Reply::Page(seat.opened.plugins.schedules(&id)?))
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

pub(super) async fn grants(Superuser(seat): Superuser, Path(id): Path<String>) -> Outcome {
    Ok(Reply::Value(seat.opened.plugins.grants(&seat.cx, &id)?))
}

pub(super) async fn set_grants(Superuser(seat): Superuser, Path(id): Path<String>, body: Submitted) -> Outcome {
    let input = body.fields().await?;
    Ok(Reply::Value(seat.opened.plugins.set_grants(&seat.cx, &id, input).await?))
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
    Ok(Reply::Page(seat.opened.plugins.logs(&seat.cx, &id)?))
}
