//! Uploads that clients send to the bucket themselves: who may, and how a record takes one. The token by which it does
//! is bound to the caller, the collection, the field and the upload; the journal of files sees to it that it is good once.

use super::plan::Plan;
use super::uploads::Input;
use super::{defaults, original, passage, write};
use crate::access::{self, Operation};
use crate::crypto::{self, Claims};
use crate::error::{Error, FieldError, FieldErrors, Result, code};
use crate::files::{Incoming, Key, Offer, UPLOAD_MAX, stored_name};
use crate::model::collection::defaults::SUPERUSERS;
use crate::model::field::{Modifier, file::File};
use crate::model::record::find;
use crate::model::{Caller, Collection, Draft, Field, FieldKind, date};
use crate::settings::network::household;
use crate::tenant::Cx;
use serde_json::{Map, Value as Json, json};
use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

/// What a value has that names an upload: `{"upload": "token"}`.
const UPLOAD: &str = "upload";
/// The kind of these tokens.
const KIND: &str = "upload";
/// Longest name and longest content type of an upload, in characters.
const NAME_MAX: usize = 255;
const MIME_MAX: usize = 127;
/// The type of those who say none: what S3 has for what it was not told.
const UNTOLD: &str = "application/octet-stream";
/// Characters of the word for who asked.
const OWNER_LENGTH: usize = 16;
/// Uploads that one write may take.
const TAKEN_MAX: usize = 100;

const REFUSED: &str = "Failed to prepare the upload.";
const NOT_THERE: &str = "The upload is not there: it was not sent to the bucket, was taken by a record, has expired, or is somebody else's.";

/// What a client wants to upload.
struct Wish<'a> {
    field: &'a Field,
    name: String,
    bytes: u64,
    mime: String,
    /// The record that is to be changed; a new one without.
    record: Option<String>,
    /// What else will be written, as far as rules ask for it.
    data: Map<String, Json>,
}

/// Where a client may send a file that a record will name: `{upload, method, url, headers, urlExpires, expires}`.
///
/// # Errors
/// `Invalid` for what the field would not take, when files are not kept in a bucket, and when the create rule refuses;
/// `NotFound` when the update rule hides the record; `Unavailable` when too many uploads wait.
pub async fn offer_upload(cx: &Cx, collection: &Arc<Collection>, input: Map<String, Json>) -> Result<Json> {
    write::refuse_view(collection)?;
    let wish = wish(cx, collection, input)?;
    let Wish { field, name, bytes, mime, .. } = &wish;
    judge(cx, collection, &wish).await?;
    let Offer { key, url, address_ms, expires_ms } = cx.tenant.files.offer(*bytes, mime, &owner(cx)?).await?;
    let more = json!({"field": field.id, "key": key.to_string(), "name": name, "caller": caller(cx)});
    let claims = Claims {
        collection_id: collection.id.clone(),
        email: None,
        exp: expires_ms / 1000,
        id: cx.caller.id().to_owned(),
        new_email: None,
        refreshable: false,
        session: None,
        kind: KIND.to_owned(),
        more: more.as_object().cloned().unwrap_or_default(),
    };
    Ok(json!({
        "upload": crypto::sign(&claims, &secret(cx)?)?,
        "method": "PUT",
        "url": url,
        "headers": {"Content-Type": mime},
        "urlExpires": date::format(address_ms),
        "expires": date::format(expires_ms),
    }))
}

/// Who asks. Guests are nobody: they share what they upload with whoever has the token.
fn caller(cx: &Cx) -> Json {
    let of = cx.caller.record().map_or("", |record| record.collection.id.as_str());
    json!([cx.caller.kind(), of, cx.caller.id()])
}

/// Who asks, as far as places that wait are counted: of guests, where they are. It is part of an address in the bucket, so it
/// tells nobody who that is.
fn owner(cx: &Cx) -> Result<String> {
    let place = match cx.caller {
        Caller::Guest => household(cx.facts.address()).to_string(),
        _ => String::new(),
    };
    let mut owner = crypto::hmac_hex(secret(cx)?.as_bytes(), json!([caller(cx), place]).to_string().as_bytes());
    owner.truncate(OWNER_LENGTH);
    Ok(owner)
}

/// The key of these tokens, which is that of no others.
fn secret(cx: &Cx) -> Result<String> {
    let superusers = cx.catalog.collection(SUPERUSERS).and_then(|found| found.auth());
    let superusers = superusers.ok_or_else(|| Error::internal("sign an upload", "no superusers"))?;
    Ok(crypto::hmac_hex(superusers.auth_token.secret.as_bytes(), b"upload"))
}

fn wish<'a>(cx: &Cx, collection: &'a Collection, mut input: Map<String, Json>) -> Result<Wish<'a>> {
    let mut errors = FieldErrors::default();
    let mut text = |name: &str, max: usize| match input.shift_remove(name) {
        None | Some(Json::Null) => String::new(),
        Some(Json::String(text)) if text.chars().count() <= max => text,
        Some(Json::String(_)) => {
            errors.add(name, code::LENGTH_TOO_LONG.with([("max", max.into())]));
            String::new()
        }
        Some(_) => {
            errors.add(name, code::INVALID_VALUE);
            String::new()
        }
    };
    let (field, name, mime) = (text("field", NAME_MAX), text("name", NAME_MAX), text("type", MIME_MAX));
    let record = Some(text("record", NAME_MAX)).filter(|id| !id.is_empty());
    let mime = if mime.is_empty() { UNTOLD.to_owned() } else { mime };
    if !mime.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') || mime.trim() != mime || mime.contains("  ") {
        errors.add("type", code::INVALID_FORMAT);
    }
    let bytes = match input.shift_remove("size") {
        None | Some(Json::Null) => Err(code::REQUIRED.into()),
        Some(size) => size.as_u64().ok_or_else(|| FieldError::from(code::INVALID_VALUE)),
    };
    let data = match input.shift_remove("data") {
        None | Some(Json::Null) => Map::new(),
        Some(Json::Object(data)) => data,
        Some(_) => {
            errors.add("data", code::INVALID_VALUE);
            Map::new()
        }
    };
    let found = file_field(cx, collection, &field);
    match (found, &bytes) {
        (None, _) if field.is_empty() => errors.add("field", code::REQUIRED),
        (None, _) => errors.add("field", code::INVALID_VALUE.say("The collection has no such field of files.")),
        (Some((_, _, file)), Ok(bytes)) => {
            let largest = file.max_bytes().min(UPLOAD_MAX);
            if *bytes > largest {
                let told = [("file", name.as_str().into()), ("maxSize", largest.into())];
                errors.add("size", code::FILE_SIZE_LIMIT.with(told));
            }
        }
        (Some(_), Err(_)) => {}
    }
    let bytes = bytes.unwrap_or_else(|error| {
        errors.add("size", error);
        0
    });
    errors.into_result(REFUSED)?;
    let (_, field, _) = found.ok_or_else(|| Error::invalid(REFUSED))?;
    Ok(Wish { field, name, bytes, mime, record, data })
}

/// The field of files that a key sets or adds to, if the caller may do so.
fn file_field<'a>(cx: &Cx, collection: &'a Collection, key: &str) -> Option<(usize, &'a Field, &'a File)> {
    let Some((index, Modifier::Set | Modifier::Append | Modifier::Prepend)) = find(collection, key) else {
        return None;
    };
    let field = &collection.fields[index];
    match &field.kind {
        FieldKind::File(file) if passage::may_set(cx, collection, key) => Some((index, field, file)),
        _ => None,
    }
}

/// Asks the rule of the write that is to follow, with what is known of it.
async fn judge(cx: &Cx, collection: &Arc<Collection>, wish: &Wish<'_>) -> Result<()> {
    let mut random = |length: usize| cx.tenant.world.ids.lower(length);
    let mut fields = wish.data.clone();
    fields.insert(wish.field.name.clone(), stored_name(&wish.name, &wish.mime, &mut random).into());
    let mut plan = Plan::trial();
    if let Some(id) = &wish.record {
        let permit = access::admit(cx, collection, Operation::Update)?;
        original::fetch(cx, &mut plan, &permit, collection, id, &fields).await?;
    } else {
        let permit = access::admit(cx, collection, Operation::Create)?;
        let mut draft = Draft::new(collection.clone());
        write::apply(cx, &mut draft, &fields);
        defaults::apply(cx, &mut draft);
        passage::admit_draft(cx, &mut plan, &permit, &draft, &fields).await?;
    }
    Ok(())
}

/// Whether an input names uploads.
pub(super) fn is_named(collection: &Collection, input: &Input) -> bool {
    let is_file = |key: &str| find(collection, key).is_some_and(|(index, _)| is_file(&collection.fields[index]));
    input.fields.iter().any(|(key, value)| is_file(key) && items(value).iter().any(|item| token(item).is_some()))
}

fn is_file(field: &Field) -> bool {
    matches!(field.kind, FieldKind::File(_))
}

fn items(value: &Json) -> &[Json] {
    match value {
        Json::Array(items) => items,
        one => std::slice::from_ref(one),
    }
}

fn token(value: &Json) -> Option<&str> {
    value.as_object().filter(|object| object.len() == 1)?.get(UPLOAD)?.as_str()
}

/// The input with the uploads that it names among its files, as if they had come with it.
///
/// # Errors
/// `Invalid`, by field, for those that are not there; when the bucket cannot be read.
pub(super) async fn received<'a>(
    cx: &Cx,
    collection: &Collection,
    input: &'a Input,
    message: &'static str,
) -> Result<Cow<'a, Input>> {
    if !is_named(collection, input) {
        return Ok(Cow::Borrowed(input));
    }
    let mut input = input.clone();
    let mut errors = FieldErrors::default();
    let mut known = HashSet::new();
    for (key, value) in std::mem::take(&mut input.fields) {
        let (Some((_, field, _)), true) =
            (file_field(cx, collection, &key), items(&value).iter().any(|item| token(item).is_some()))
        else {
            input.fields.insert(key, value);
            continue;
        };
        let (named, kept): (Vec<&Json>, Vec<&Json>) = items(&value).iter().partition(|item| token(item).is_some());
        for token in named.into_iter().filter_map(token) {
            if known.len() >= TAKEN_MAX {
                errors.add(&field.name, code::TOO_MANY_FILES.with([("maxSelect", TAKEN_MAX.into())]));
                break;
            }
            match open(cx, collection, field, token).await? {
                Some((name, content)) if known.insert(content.waits_at().cloned()) => {
                    input.files.push(Incoming { key: key.clone(), file_name: name, content: Arc::new(content) });
                }
                _ => errors.add(&field.name, not_there()),
            }
        }
        if !kept.is_empty() {
            input.fields.insert(key, kept.into_iter().cloned().collect());
        }
    }
    errors.into_result(message)?;
    Ok(Cow::Owned(input))
}

async fn open(
    cx: &Cx,
    collection: &Collection,
    field: &Field,
    token: &str,
) -> Result<Option<(String, crate::files::Content)>> {
    let claims = crypto::verify(token, &secret(cx)?, cx.now_ms).filter(|claims| claims.kind == KIND);
    let is_ours = |claims: &Claims| {
        let told = |name: &str| claims.more.get(name);
        claims.collection_id == collection.id
            && told("field").and_then(Json::as_str) == Some(field.id.as_str())
            && told("caller") == Some(&caller(cx))
    };
    let Some(claims) = claims.filter(is_ours) else { return Ok(None) };
    let told = |name: &str| claims.more.get(name).and_then(Json::as_str).unwrap_or_default();
    let Some(key) = Key::parse(told("key")) else { return Ok(None) };
    Ok(cx.tenant.files.uploaded(&key).await?.map(|content| (told("name").to_owned(), content)))
}

/// What is said of an upload that no record can take, whatever the reason.
pub(super) fn not_there() -> FieldError {
    code::INVALID_FILE.say(NOT_THERE)
}
