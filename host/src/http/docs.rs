//! `/api/docs`: a page that shows `/api/openapi.json` to people. Its own script and style, nothing from elsewhere.

use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName};

/// Our own script, our own style, our own API.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

type File = ([(HeaderName, &'static str); 3], &'static str);

pub(super) async fn page() -> File {
    file("text/html; charset=utf-8", include_str!("docs/page.html"))
}

pub(super) async fn script() -> File {
    file("text/javascript; charset=utf-8", include_str!("docs/page.js"))
}

pub(super) async fn style() -> File {
    file("text/css; charset=utf-8", include_str!("docs/page.css"))
}

fn file(kind: &'static str, text: &'static str) -> File {
    ([(CONTENT_TYPE, kind), (CONTENT_SECURITY_POLICY, POLICY), (CACHE_CONTROL, "no-cache")], text)
}
