//! Which scope of an API key opens a door that is for superusers. A route that is not here is not for keys: so a new one
//! is closed to them until somebody has thought about it.

use crate::error::{Error, Result};
use crate::model::{ApiKey, Area};
use axum::extract::MatchedPath;
use axum::http::Method;
use axum::http::request::Parts;

/// What a door asks of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    /// The verb behind it asks for the scopes of its collection.
    Records,
    /// The scope of an area.
    Area(Area),
}

/// (methods, route as the table has it; with `*` at its end all that begin so, door). The first one counts.
const DOORS: &[(&str, &str, Option<Door>)] = &[
    ("PATCH DELETE", "/api/collections/{collection}/records", Some(Door::Records)),
    ("POST", "/api/collections/{collection}/records/import", Some(Door::Records)),
    ("GET", "/api/collections", Some(Door::Area(Area::Schema))),
    ("GET", "/api/collections/meta/*", Some(Door::Area(Area::Schema))),
    ("GET", "/api/collections/{collection}", Some(Door::Area(Area::Schema))),
    // What code may do with the database is for a person to say.
    ("PUT", "/api/plugins/{id}/grants", None),
    ("POST", "/api/plugins/{id}/approve", None),
    // A trial runs with what was granted, and shows what came of it.
    ("POST", "/api/plugins/{id}/test", None),
    ("PUT", "/api/plugins/{id}/config", Some(Door::Area(Area::Plugins))),
    ("PUT", "/api/plugins/{id}/route", Some(Door::Area(Area::Plugins))),
    ("GET POST PATCH DELETE", "/api/plugins*", Some(Door::Area(Area::Plugins))),
    ("GET POST DELETE", "/api/outbox*", Some(Door::Area(Area::Plugins))),
    ("GET PATCH", "/api/settings", Some(Door::Area(Area::Settings))),
    ("GET", "/api/sync", Some(Door::Area(Area::Settings))),
    // Where the data goes to is for a person to say; that it goes there anew is not.
    ("POST", "/api/sync/verify", Some(Door::Area(Area::Settings))),
    ("POST", "/api/sync/restart", Some(Door::Area(Area::Settings))),
    ("GET", "/api/logs*", Some(Door::Area(Area::Logs))),
    ("GET", "/api/activity*", Some(Door::Area(Area::Logs))),
    ("GET", "/api/realtime/clients", Some(Door::Area(Area::Realtime))),
    ("GET", "/api/system/*", Some(Door::Area(Area::System))),
    ("GET", "/metrics", Some(Door::Area(Area::System))),
];

/// Whether a key opens the door that a request is at.
///
/// # Errors
/// `MissingScope`.
pub(super) fn check(key: &ApiKey, parts: &Parts) -> Result<()> {
    let path = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let changes = !matches!(parts.method, Method::GET | Method::HEAD);
    match door(&parts.method, path) {
        Some(Door::Records) => Ok(()),
        Some(Door::Area(area)) if key.may_enter(area, changes) => Ok(()),
        Some(Door::Area(area)) => Err(Error::MissingScope(Some(area.name().to_owned()))),
        None => Err(Error::MissingScope(None)),
    }
}

fn door(method: &Method, path: &str) -> Option<Door> {
    let method = if method == Method::HEAD { "GET" } else { method.as_str() };
    let found = DOORS.iter().find(|(methods, route, _)| {
        let fits = route.strip_suffix('*').map_or(path == *route, |front| path.starts_with(front));
        fits && methods.split(' ').any(|known| known == method)
    });
    found.and_then(|(_, _, door)| *door)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doors_are_shut_unless_they_are_in_the_table() {
        for (method, path, expected) in [
            (Method::PATCH, "/api/collections/{collection}/records", Some(Door::Records)),
            (Method::GET, "/api/collections", Some(Door::Area(Area::Schema))),
            (Method::POST, "/api/collections", None),
            (Method::HEAD, "/api/plugins/{id}", Some(Door::Area(Area::Plugins))),
            (Method::GET, "/api/plugins/{id}/grants", Some(Door::Area(Area::Plugins))),
            (Method::PUT, "/api/plugins/{id}/grants", None),
            (Method::PUT, "/api/plugins/{id}/secrets", None),
            (Method::PUT, "/api/plugins/{id}/config", Some(Door::Area(Area::Plugins))),
            (Method::PUT, "/api/plugins/{id}/route", Some(Door::Area(Area::Plugins))),
            (Method::POST, "/api/plugins/{id}/approve", None),
            (Method::POST, "/api/keys", None),
            (Method::POST, "/api/settings/test/s3", None),
            (Method::POST, "/api/sync/test", None),
            (Method::GET, "/api/sync", Some(Door::Area(Area::Settings))),
            (Method::POST, "/api/collections/{collection}/impersonate/{id}", None),
        ] {
            assert_eq!(door(&method, path), expected, "{method} {path}");
        }
    }
}
