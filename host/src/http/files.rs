//! `/api/files`: files of records, and the tokens that protected ones ask for.

use super::body::Submitted;
use super::chain::Framed;
use super::conditional::{self, Version, Want};
use super::reply::{Outcome, Reply};
use super::request::{Path, collection, query};
use crate::auth;
use crate::error::{Error, Result};
use crate::files::{Accepts, Object};
use crate::model::Caller;
use crate::model::field::convert::text_bool;
use crate::records::{self, Found};
use crate::tenant::Cx;
use axum::body::Body;
use axum::http::header::{self, HeaderValue};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use futures_util::TryStreamExt as _;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

/// What may be shown in place; anything else, HTML and SVG above all, is to be saved.
const SHOWN: [&str; 24] = [
    "application/pdf",
    "application/x-pdf",
    "audio/aac",
    "audio/aiff",
    "audio/basic",
    "audio/midi",
    "audio/mp3",
    "audio/mpeg",
    "audio/wav",
    "audio/wave",
    "audio/x-m4a",
    "audio/x-mpeg",
    "audio/x-wav",
    "image/avif",
    "image/bmp",
    "image/gif",
    "image/jpeg",
    "image/jpg",
    "image/png",
    "image/webp",
    "image/x-icon",
    "video/mp4",
    "video/quicktime",
    "video/webm",
];

/// Endings that tell more than the content does, for browsers that insist.
const BY_ENDING: [(&str, &str); 7] = [
    (".svg", "image/svg+xml"),
    (".css", "text/css; charset=utf-8"),
    (".js", "text/javascript; charset=utf-8"),
    (".mjs", "text/javascript; charset=utf-8"),
    (".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (".pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
];

/// A file runs no script and reaches nothing, whoever shows it.
const POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; media-src 'self'; style-src 'unsafe-inline'; sandbox");
/// A name is never used again for another content.
const CACHE: HeaderValue = HeaderValue::from_static("max-age=2592000, stale-while-revalidate=86400");
const CACHE_PRIVATE: HeaderValue = HeaderValue::from_static("private, max-age=2592000, stale-while-revalidate=86400");

pub(super) async fn token(cx: Cx) -> Outcome {
    Ok(Reply::Value(json!({ "token": auth::file_token(&cx)? })))
}

/// An address in the bucket to which a file is sent that a record will name.
pub(super) async fn offer(cx: Cx, Path(name): Path<String>, body: Submitted) -> Outcome {
    let collection = collection(&cx, &name)?;
    Ok(Reply::Value(records::offer_upload(&cx, &collection, body.fields().await?).await?))
}

pub(super) async fn view(
    cx: Cx,
    Path((name, id, file)): Path<(String, String, String)>,
    method: Method,
    headers: HeaderMap,
) -> Outcome<Response> {
    let collection = collection(&cx, &name)?;
    // Protected files are for whom the token says, whoever sends the request.
    let caller = match &cx.caller {
        // It is not in the address, so it needs no token of its own.
        Caller::Key(_) => cx.caller.clone(),
        _ => auth::file_caller(&cx, query(&cx, "token").unwrap_or_default()).await,
    };
    let cx = Cx { caller, ..cx.in_context("protectedFile") };
    let found = records::find_file(&cx, &collection, &id, &file).await?;
    let (thumb, shown_name) = thumb(&cx, &found, &file, &headers).await?;
    let object = thumb.as_ref().unwrap_or(&found.original);
    let (mime, disposition) = shown_as(&cx, &object.mime, thumb.is_some(), &shown_name);
    if let Some(response) = elsewhere(object, &mime, &disposition, &method, &headers).await? {
        return Ok(response);
    }
    let mut response = match answer(object, &method, &headers).await {
        // It was moved to the other place in this very moment.
        Err(Error::NotFound(_)) => {
            let found = records::find_file(&cx, &collection, &id, &file).await?;
            answer(&found.original, &method, &headers).await?
        }
        answered => answered?,
    };
    describe(&cx, &found, &mime, &disposition, &mut response);
    Ok(response)
}

/// Sends the client to the bucket, where that is wished; whoever asks whether a copy is still good is told here.
pub(super) async fn elsewhere(
    object: &Object,
    mime: &str,
    disposition: &str,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Option<Response>> {
    let is_conditional =
        [header::IF_NONE_MATCH, header::IF_MODIFIED_SINCE].iter().any(|name| headers.contains_key(name));
    if *method != Method::GET || is_conditional {
        return Ok(None);
    }
    let Some(address) = object.address(mime, disposition).await? else { return Ok(None) };
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::FOUND;
    response.extensions_mut().insert(Framed);
    insert(response.headers_mut(), header::LOCATION, &address);
    // Good for minutes, and for whoever has it: nobody is to keep it for others.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    Ok(Some(response))
}

/// The thumb that is asked for, and the name under which the answer is saved.
async fn thumb(cx: &Cx, found: &Found, name: &str, headers: &HeaderMap) -> Result<(Option<Object>, String)> {
    let Some(size) = query(cx, "thumb") else { return Ok((None, name.to_owned())) };
    let names = |kind| {
        let mut said = headers.get_all(header::ACCEPT).iter();
        said.any(|value| value.to_str().is_ok_and(|value| value.contains(kind)))
    };
    let accepts = Accepts { webp: names("image/webp"), avif: names("image/avif") };
    let thumb = found.thumb(cx, size, accepts).await?;
    let shown = if thumb.is_some() { format!("{size}_{name}") } else { name.to_owned() };
    Ok((thumb, shown))
}

/// The bytes that are wanted, with the headers that tell which they are.
pub(super) async fn answer(object: &Object, method: &Method, headers: &HeaderMap) -> Result<Response> {
    let size = object.size;
    let version = Version { etag: &object.etag, modified_s: object.modified_s, size };
    let (status, range) = match conditional::want(method, headers, version) {
        Want::All => (StatusCode::OK, 0..size),
        Want::Part(range) => (StatusCode::PARTIAL_CONTENT, range),
        Want::NoSuchPart => (StatusCode::RANGE_NOT_SATISFIABLE, 0..0),
        Want::NotModified => (StatusCode::NOT_MODIFIED, 0..0),
        Want::Changed => (StatusCode::PRECONDITION_FAILED, 0..0),
    };
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    let out = response.headers_mut();
    out.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    insert(out, header::ETAG, &format!("\"{}\"", object.etag));
    insert(out, header::LAST_MODIFIED, &conditional::date(object.modified_s));
    match status {
        StatusCode::NOT_MODIFIED => return Ok(response),
        StatusCode::PARTIAL_CONTENT => {
            insert(out, header::CONTENT_RANGE, &format!("bytes {}-{}/{size}", range.start, range.end - 1));
        }
        StatusCode::RANGE_NOT_SATISFIABLE => insert(out, header::CONTENT_RANGE, &format!("bytes */{size}")),
        _ => {}
    }
    out.insert(header::CONTENT_LENGTH, (range.end - range.start).into());
    if status.is_success() {
        insert(out, header::CONTENT_TYPE, &object.mime);
        if *method != Method::HEAD {
            *response.body_mut() = Body::from_stream(object.read(range).await?.map_err(broken));
        }
    }
    Ok(response)
}

/// The type that an answer tells, and whether it is to be shown or saved, under which name.
fn shown_as(cx: &Cx, mime: &str, is_thumb: bool, name: &str) -> (String, String) {
    let ending = BY_ENDING.iter().find(|(ending, _)| !is_thumb && name.to_ascii_lowercase().ends_with(ending));
    let mime = ending.map_or(mime, |(_, mime)| mime);
    let plain = mime.split(';').next().unwrap_or_default().trim();
    let download = query(cx, "download").is_some_and(text_bool);
    (mime.to_owned(), disposition(!download && SHOWN.contains(&plain), name))
}

/// How the answer may be used.
fn describe(cx: &Cx, found: &Found, mime: &str, disposition: &str, response: &mut Response) {
    response.extensions_mut().insert(Framed);
    let out = response.headers_mut();
    if out.contains_key(header::CONTENT_TYPE) {
        insert(out, header::CONTENT_TYPE, mime);
    }
    insert(out, header::CONTENT_DISPOSITION, disposition);
    out.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    out.insert(header::CACHE_CONTROL, if found.protected { CACHE_PRIVATE } else { CACHE });
    if query(cx, "thumb").is_some() {
        out.insert(header::VARY, HeaderValue::from_static("accept"));
    }
}

/// The name in quotes, and in full for those who understand it when it is not plain.
fn disposition(inline: bool, name: &str) -> String {
    let kind = if inline { "inline" } else { "attachment" };
    let plain = |c: char| (c.is_ascii_graphic() || c == ' ') && c != '"' && c != '\\';
    if name.chars().all(plain) {
        return format!("{kind}; filename=\"{name}\"");
    }
    let safe: String = name.chars().map(|c| if plain(c) { c } else { '_' }).collect();
    format!("{kind}; filename=\"{safe}\"; filename*=UTF-8''{}", utf8_percent_encode(name, NON_ALPHANUMERIC))
}

fn insert(headers: &mut HeaderMap, name: header::HeaderName, value: &str) {
    // What cannot be said in a header is left unsaid.
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// The storage failed in the middle of an answer: the connection is cut, and the log knows why.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn broken(error: Error) -> std::io::Error {
    tracing::error!(?error, "a file could not be read to its end");
    std::io::Error::other("the file could not be read")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_leave_their_quotes() {
        assert_eq!(disposition(true, "a_1.png"), "inline; filename=\"a_1.png\"");
        assert_eq!(
            disposition(false, "a\"\r\n.txt"),
            "attachment; filename=\"a___.txt\"; filename*=UTF-8''a%22%0D%0A%2Etxt"
        );
        assert_eq!(disposition(false, "ä"), "attachment; filename=\"_\"; filename*=UTF-8''%C3%A4");
    }
}
