//! The dashboard at `/_/`: the files of `admin/dist`, built into the binary.

use super::reply::{Failure, nothing_here};
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, VARY,
};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

#[derive(RustEmbed)]
#[folder = "../admin/dist"]
#[allow_missing = true]
struct Files;

const ROOT: &str = "/_/";
const INDEX: &str = "index.html";

/// The build puts files here whose names change with their content.
const HASHED: &str = "assets/";

/// Nothing but our own files and our own API; libraries add `<style>` elements while they run.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; \
     font-src 'self'; connect-src 'self'; media-src 'self' blob:; manifest-src 'self'; worker-src 'self' blob:; \
     base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
);

const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

const MISSING: &str = "<!doctype html><meta charset=\"utf-8\"><title>Tinybase</title>\
    <p>The dashboard is not part of this build. Run <code>make admin</code>, then build the server again.</p>";

/// Files that the build may have compressed already, by their additional ending.
const ENCODINGS: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

pub(super) async fn enter() -> Redirect {
    Redirect::temporary(ROOT)
}

pub(super) async fn index(headers: HeaderMap) -> Response {
    match Files::get(INDEX) {
        Some(file) => answer(INDEX, file, &headers),
        None => (StatusCode::NOT_FOUND, Html(MISSING)).into_response(),
    }
}

/// A file; a path without an ending is a screen of the dashboard.
pub(super) async fn file(request: Request) -> Result<Response, Failure> {
    let path = request.uri().path().strip_prefix(ROOT).unwrap_or_default();
    if let Some(file) = Files::get(path) {
        return Ok(answer(path, file, request.headers()));
    }
    let last = path.rsplit('/').next().unwrap_or_default();
    if path.starts_with(HASHED) || last.contains('.') {
        return Err(nothing_here().await);
    }
    Ok(index(request.headers().clone()).await)
}

fn answer(path: &str, file: EmbeddedFile, request: &HeaderMap) -> Response {
    let (file, encoding) = compressed(path, request).map_or((file, None), |(file, name)| (file, Some(name)));
    let mut response = Response::new(Body::from(file.data));
    let headers = response.headers_mut();
    let mime = mime_guess::from_path(path).first_or_octet_stream();
    if let Ok(mime) = HeaderValue::try_from(mime.as_ref()) {
        headers.insert(CONTENT_TYPE, mime);
    }
    headers.insert(CACHE_CONTROL, if path.starts_with(HASHED) { FOREVER } else { ASK_AGAIN });
    headers.insert(CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(VARY, HeaderValue::from(ACCEPT_ENCODING));
    if let Some(encoding) = encoding {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

fn compressed(path: &str, request: &HeaderMap) -> Option<(EmbeddedFile, &'static str)> {
    let accepted = request.get(ACCEPT_ENCODING)?.to_str().ok()?;
    let accepts =
        |name: &str| accepted.split(',').any(|item| item.split(';').next().is_some_and(|item| item.trim() == name));
    ENCODINGS
        .iter()
        .filter(|(name, _)| accepts(name))
        .find_map(|(name, ending)| Some((Files::get(&format!("{path}{ending}"))?, *name)))
}
