//! What two JSON documents differ in: only the keys that do, secrets masked, long texts cut.

use serde_json::{Map, Value as Json, json};

/// Stands for a secret.
pub(super) const MASK: &str = "***";

/// Longest value that is kept whole, in bytes of JSON.
const VALUE_MAX: usize = 2_000;

/// Keys whose values are secrets, by what they end with, in small letters.
const SECRET_ENDINGS: [&str; 6] = ["secret", "password", "token", "tokenkey", "privatekey", "accesskey"];

/// Keys that say nothing but that there was a change.
const STAMPS: [&str; 2] = ["created", "updated"];

/// What was, and what is, of all that differs. What differs only in what is not shown is a masked secret.
#[must_use]
pub fn difference(before: &Json, after: &Json) -> (Json, Json) {
    match parts(before, after) {
        (Json::Null, Json::Null) => (json!({"secret": MASK}), json!({"secret": MASK})),
        parts => parts,
    }
}

/// Null for both when they are the same.
fn parts(before: &Json, after: &Json) -> (Json, Json) {
    if before == after {
        return (Json::Null, Json::Null);
    }
    match (before, after) {
        (Json::Object(before), Json::Object(after)) => of_objects(before, after),
        (Json::Array(old), Json::Array(new)) => match (by_name(old), by_name(new)) {
            (Some(old), Some(new)) => of_objects(&old, &new),
            _ => (cut(before), cut(after)),
        },
        _ => (cut(before), cut(after)),
    }
}

fn of_objects(before: &Map<String, Json>, after: &Map<String, Json>) -> (Json, Json) {
    let (mut old, mut new) = (Map::new(), Map::new());
    let keys = before.keys().chain(after.keys().filter(|key| !before.contains_key(*key)));
    for key in keys.filter(|key| !STAMPS.contains(&key.as_str())) {
        let (was, is) = (before.get(key), after.get(key));
        if was == is {
            continue;
        }
        let (was, is) = match (was, is) {
            (was, is) if [was, is].into_iter().flatten().any(|value| is_secret(key, value)) => {
                (was.map(|_| json!(MASK)), is.map(|_| json!(MASK)))
            }
            (Some(was), Some(is)) => {
                let (was, is) = parts(was, is);
                (Some(was), Some(is))
            }
            (was, is) => (was.map(cut), is.map(cut)),
        };
        old.extend(was.map(|was| (key.clone(), was)));
        new.extend(is.map(|is| (key.clone(), is)));
    }
    if old.is_empty() && new.is_empty() { (Json::Null, Json::Null) } else { (old.into(), new.into()) }
}

/// A list of things with names, such as fields, as an object; `None` for any other list.
fn by_name(list: &[Json]) -> Option<Map<String, Json>> {
    let named = list.iter().map(|item| Some((item.get("name")?.as_str()?.to_owned(), item.clone())));
    named.collect::<Option<Map<_, _>>>().filter(|map| map.len() == list.len())
}

/// What is an object is looked into instead.
fn is_secret(key: &str, value: &Json) -> bool {
    let key = key.to_ascii_lowercase();
    !value.is_object() && SECRET_ENDINGS.iter().any(|ending| key.ends_with(ending))
}

/// A value as it is kept: without the secrets in it, and not longer than it may be.
pub(super) fn cut(value: &Json) -> Json {
    let text = match value {
        Json::Object(map) => {
            let masked = map
                .iter()
                .map(|(key, value)| (key.clone(), if is_secret(key, value) { json!(MASK) } else { cut(value) }));
            return Json::Object(masked.collect());
        }
        Json::Array(items) if items.iter().any(|item| item.is_object() || item.is_array()) => {
            return items.iter().map(cut).collect();
        }
        Json::String(text) if text.len() > VALUE_MAX => text.clone(),
        Json::Array(_) => value.to_string(),
        other => return other.clone(),
    };
    if text.len() <= VALUE_MAX {
        return value.clone();
    }
    Json::String(format!("{}..", &text[..text.floor_char_boundary(VALUE_MAX)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_told() {
        let before = json!({"a": 1, "b": {"c": 1, "d": 2}, "gone": true, "updated": 1});
        let after = json!({"a": 1, "b": {"c": 1, "d": 3}, "new": [1], "updated": 2});
        let expected = (json!({"b": {"d": 2}, "gone": true}), json!({"b": {"d": 3}, "new": [1]}));
        assert_eq!(difference(&before, &after), expected);
    }

    #[test]
    fn fields_are_compared_by_name() {
        let before = json!({"fields": [{"name": "a", "max": 1}, {"name": "b"}]});
        let after = json!({"fields": [{"name": "b"}, {"name": "a", "max": 2}]});
        assert_eq!(
            difference(&before, &after),
            (json!({"fields": {"a": {"max": 1}}}), json!({"fields": {"a": {"max": 2}}}))
        );
    }

    #[test]
    fn secrets_are_masked_and_long_texts_cut() {
        let before = json!({"smtp": {"password": "hush1"}, "nested": Json::Null});
        let after =
            json!({"smtp": {"password": "hush2"}, "nested": [{"clientSecret": "hush3"}], "long": "x".repeat(9_000)});
        let (before, after) = difference(&before, &after);
        let text = format!("{before}{after}");
        assert!(!text.contains("hush") && text.len() < 3_000, "{text}");
        assert_eq!(before["smtp"]["password"], MASK);
        // A secret that is not shown at all has changed.
        assert_eq!(difference(&json!({"a": 1}), &json!({"a": 1})).1, json!({"secret": MASK}));
    }
}
