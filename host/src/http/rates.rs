//! Which rate limit a request falls under: the tags of its route, then the rules of the settings.

use crate::error::Result;
use crate::model::{Caller, Collection};
use crate::settings::{Audience, RateLimits, RateRule};
use crate::tenant::Cx;
use percent_encoding::percent_decode_str;
use std::sync::Arc;

const COLLECTIONS: &str = "/api/collections/";
const FILES: &str = "/api/files/";
/// Where the dashboard signs in, which is as good a place to guess passwords as any other.
const DASHBOARD: [&str; 2] = ["/api/admin/session", "/api/admin/setup"];
const SUPERUSERS: &str = "_superusers";

/// A collection as a path names it, and what is done with it.
type Tagged<'a> = (&'a str, Vec<String>);

/// Counts a request against the rule that it falls under, if there is one.
///
/// # Errors
/// `RateLimited` when the rule allows no more.
pub(super) fn admit(cx: &Cx, path: &str) -> Result<()> {
    let settings = cx.tenant.settings.load();
    if is_free(cx, &settings.rate_limits) {
        return Ok(());
    }
    let method = cx.facts.method.as_str();
    let mut labels = Vec::new();
    let tagged = labels_of_tags(cx, tags(method, path), &mut labels);
    labels.extend([format!("{method} {path}"), path.to_owned()]);
    let Some(rule) = settings.rate_limits.find(&labels, &audience(cx)) else { return Ok(()) };
    let bucket = match tagged {
        Some((collection, tags)) => bucket_of_tags(method, &collection, &tags, rule),
        None => format!("{}\n{:?}", rule.label, rule.audience),
    };
    cx.tenant.rates.pass(bucket, cx.facts.address(), rule, cx.now_ms)
}

/// The same for a request of a batch: only what it does with a collection counts, the batch was counted already.
///
/// # Errors
/// As [`admit`].
pub(super) fn admit_part(cx: &Cx, method: &str, url: &str) -> Result<()> {
    let settings = cx.tenant.settings.load();
    if is_free(cx, &settings.rate_limits) {
        return Ok(());
    }
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let mut labels = Vec::new();
    let Some((collection, tags)) = labels_of_tags(cx, tags(method, path), &mut labels) else { return Ok(()) };
    let Some(rule) = settings.rate_limits.find(&labels, &audience(cx)) else { return Ok(()) };
    cx.tenant.rates.pass(bucket_of_tags(method, &collection, &tags, rule), cx.facts.address(), rule, cx.now_ms)
}

/// What is counted together. Rules do not share it, as each has windows of its own.
fn bucket_of_tags(method: &str, collection: &Collection, tags: &[String], rule: &RateRule) -> String {
    format!("{}\n{method}\n{}\n{}\n{:?}", collection.id, tags.join(" "), rule.label, rule.audience)
}

fn is_free(cx: &Cx, limits: &RateLimits) -> bool {
    !limits.enabled || matches!(cx.caller, Caller::Superuser(_)) || limits.excluded_ips.contains(cx.facts.address())
}

fn audience(cx: &Cx) -> Audience {
    if cx.caller.record().is_some() { Audience::Auth } else { Audience::Guest }
}

/// Adds the labels of what is done with a collection, those of the collection first; `None` when there is no such one.
fn labels_of_tags(
    cx: &Cx,
    tagged: Option<Tagged<'_>>,
    labels: &mut Vec<String>,
) -> Option<(Arc<Collection>, Vec<String>)> {
    let (name, tags) = tagged?;
    let name = percent_decode_str(name).decode_utf8().ok()?;
    let collection = cx.catalog.collection(&name)?.clone();
    labels.extend(tags.iter().map(|tag| format!("{}:{tag}", collection.name)));
    labels.extend(tags.iter().map(|tag| format!("*:{tag}")));
    Some((collection, tags))
}

/// What a request does with which collection, in the words of the rules.
fn tags<'a>(method: &str, path: &'a str) -> Option<Tagged<'a>> {
    let is_read = matches!(method, "GET" | "HEAD");
    if let Some(rest) = path.strip_prefix(FILES).filter(|rest| is_read && rest.contains('/')) {
        return Some((rest.split('/').next()?, vec!["file".to_owned()]));
    }
    if method == "POST" && DASHBOARD.contains(&path) {
        return Some((SUPERUSERS, vec![tag_of_action("auth-with-password"), "auth".to_owned()]));
    }
    let mut parts = path.strip_prefix(COLLECTIONS)?.split('/');
    let (collection, action, last) = (parts.next()?, parts.next()?, parts.next());
    let of_records = match (method, last) {
        _ if action != "records" => None,
        ("POST", _) | ("PUT", None) => Some("create"),
        ("PATCH", _) => Some("update"),
        ("DELETE", _) => Some("delete"),
        (_, None | Some("count" | "aggregate" | "export")) if is_read => Some("list"),
        _ if is_read => Some("view"),
        _ => None,
    };
    let tags = match of_records {
        Some(tag) => vec![tag.to_owned()],
        None if is_read && action == "auth-methods" => vec!["listAuthMethods".to_owned()],
        None if method != "POST" => return None,
        // It is asked for with the create rule, and takes a place among those that wait.
        None if action == "uploads" && last.is_none() => vec!["create".to_owned()],
        None if action.starts_with("auth-with-") => vec![tag_of_action(action), "auth".to_owned()],
        None if ["auth-", "request-", "confirm-"].iter().any(|start| action.starts_with(start)) => {
            vec![tag_of_action(action)]
        }
        None => return None,
    };
    Some((collection, tags))
}

/// `request-password-reset` -> `requestPasswordReset`, with abbreviations as `PocketBase` writes them.
fn tag_of_action(action: &str) -> String {
    let mut tag = String::with_capacity(action.len());
    for (index, word) in action.split('-').enumerate() {
        match word {
            "otp" => tag.push_str("OTP"),
            "oauth2" => tag.push_str("OAuth2"),
            _ if index == 0 => tag.push_str(word),
            _ => {
                let mut letters = word.chars();
                tag.extend(letters.next().map(|first| first.to_ascii_uppercase()));
                tag.push_str(letters.as_str());
            }
        }
    }
    tag
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_have_the_tags_of_pocketbase() {
        for (method, path, expected) in [
            ("GET", "/api/collections/posts/records", "posts list"),
            ("HEAD", "/api/collections/posts/records", "posts list"),
            ("GET", "/api/collections/posts/records/export", "posts list"),
            ("GET", "/api/collections/posts/records/abc", "posts view"),
            ("POST", "/api/collections/posts/records", "posts create"),
            ("PUT", "/api/collections/posts/records", "posts create"),
            ("POST", "/api/collections/posts/uploads", "posts create"),
            ("PATCH", "/api/collections/posts/records/abc", "posts update"),
            ("DELETE", "/api/collections/posts/records/abc", "posts delete"),
            ("GET", "/api/files/posts/abc/a.png", "posts file"),
            ("GET", "/api/collections/users/auth-methods", "users listAuthMethods"),
            ("POST", "/api/collections/users/auth-with-password", "users authWithPassword auth"),
            ("POST", "/api/collections/users/auth-with-oauth2", "users authWithOAuth2 auth"),
            ("POST", "/api/collections/users/auth-with-otp", "users authWithOTP auth"),
            ("POST", "/api/collections/users/request-otp", "users requestOTP"),
            ("POST", "/api/collections/users/auth-refresh", "users authRefresh"),
            ("POST", "/api/collections/users/confirm-password-reset", "users confirmPasswordReset"),
            ("POST", "/api/collections/users/request-email-change", "users requestEmailChange"),
            ("POST", "/api/admin/session", "_superusers authWithPassword auth"),
        ] {
            let (collection, tags) = tags(method, path).unwrap_or_else(|| panic!("{method} {path}"));
            assert_eq!(format!("{collection} {}", tags.join(" ")), expected, "{method} {path}");
        }
        for (method, path) in [
            ("GET", "/api/health"),
            ("POST", "/api/files/token"),
            ("GET", "/api/collections"),
            ("GET", "/api/collections/posts"),
            ("POST", "/api/collections/users/impersonate/abc"),
            ("GET", "/api/admin/session"),
        ] {
            assert_eq!(tags(method, path), None, "{method} {path}");
        }
    }
}
