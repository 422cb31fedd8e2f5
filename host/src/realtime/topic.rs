//! What a subscription asks for: a topic and options, parsed once for all who ask for the same.
//!
//! `posts/*` and `posts` are all records of a collection, `posts/ID` is one of them; the collection is named
//! or given by id. Whether there is such a collection is decided anew for each change, so a subscription
//! survives that its collection is renamed, and one that names none is simply never told anything.

use crate::records::ViewQuery;
use crate::tenant::cx::RequestFacts;
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::sync::Arc;

/// Subscriptions of one connection.
pub(super) const SUBSCRIPTIONS_MAX: usize = 1000;
/// Bytes of one subscription.
pub(super) const SUBSCRIPTION_LENGTH_MAX: usize = 2500;
/// Bytes of all subscriptions of one connection.
pub(super) const SUBSCRIPTIONS_BYTES_MAX: usize = 512 << 10;

/// Subscriptions of one connection that filter or expand: each may cost a query for each change.
pub(super) const COSTLY_MAX: usize = 50;

/// Everything that a collection's topics have behind the slash.
pub(super) const ALL: &str = "*";

/// How a connection speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Wire {
    Sse,
    Socket,
}

/// Which records of the collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    All,
    Record(String),
}

/// A parsed subscription.
#[derive(Debug)]
pub(super) struct Topic {
    pub wire: Wire,
    /// As the client wrote it, and as messages call it.
    pub name: String,
    /// Name or id of the collection.
    pub collection: String,
    pub target: Target,
    pub filter: Option<String>,
    pub view: ViewQuery,
    /// What rules can ask of a subscriber's request.
    pub facts: Arc<RequestFacts>,
}

/// What a WebSocket client says beside the topic; each goes before the same in `?options=`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(default)]
pub(super) struct Overrides {
    pub filter: Option<String>,
    pub expand: Option<String>,
    pub fields: Option<String>,
}

impl Overrides {
    pub(super) fn bytes(&self) -> usize {
        [&self.filter, &self.expand, &self.fields].into_iter().flatten().map(String::len).sum()
    }
}

/// The document in `?options=`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Options {
    query: Map<String, Value>,
    headers: Map<String, Value>,
}

impl Topic {
    /// Parses a subscription. There is none that is wrong: what means nothing matches nothing.
    pub(super) fn parse(wire: Wire, name: &str, overrides: Overrides) -> Self {
        // A line break would end the `event:` line early: no event may ever bear such a name.
        let safe = if name.contains(['\n', '\r']) { "" } else { name };
        let (path, query) = safe.split_once('?').unwrap_or((safe, ""));
        let (collection, record) = path.split_once('/').unwrap_or((path, ALL));
        let target = if record == ALL { Target::All } else { Target::Record(record.to_owned()) };
        let options = options(query);
        let mut pairs: Vec<(String, String)> =
            options.query.iter().map(|(key, value)| (key.clone(), text(value))).collect();
        let Overrides { filter, expand, fields } = overrides;
        for (key, value) in [("filter", filter), ("expand", expand), ("fields", fields)] {
            if let Some(value) = value {
                pairs.retain(|(known, _)| known != key);
                pairs.push((key.to_owned(), value));
            }
        }
        let wanted = |key: &str| {
            let found = pairs.iter().find(|(known, _)| known == key).map(|(_, value)| value.trim().to_owned());
            found.filter(|value| !value.is_empty())
        };
        let (filter, view) = (wanted("filter"), ViewQuery { expand: wanted("expand"), fields: wanted("fields") });
        let headers = options.headers.iter().map(|(key, value)| (snake_case(key), text(value))).collect();
        let facts = RequestFacts {
            method: "GET".to_owned(),
            context: "realtime",
            query: pairs,
            headers,
            ..RequestFacts::default()
        };
        Self {
            wire,
            name: name.to_owned(),
            collection: collection.to_owned(),
            target,
            filter,
            view,
            facts: Arc::new(facts),
        }
    }
}

impl Topic {
    /// The name without the options.
    pub(super) fn path(&self) -> &str {
        self.name.split_once('?').map_or(&*self.name, |(path, _)| path)
    }

    /// Whether the database may have to be asked for this topic alone.
    pub(super) fn is_costly(&self) -> bool {
        self.filter.is_some() || self.view.expand.is_some()
    }
}

/// The options in the part behind `?`; options that cannot be read are none, as in `PocketBase`.
fn options(query: &str) -> Options {
    let found = query.split('&').find_map(|pair| pair.strip_prefix("options="));
    let Some(encoded) = found else { return Options::default() };
    let spaced: Cow<'_, str> = if encoded.contains('+') { encoded.replace('+', " ").into() } else { encoded.into() };
    let json = percent_decode_str(&spaced).decode_utf8_lossy();
    serde_json::from_str(&json).unwrap_or_default()
}

/// A value as a query string or a header would hold it.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn snake_case(header: &str) -> String {
    header.to_lowercase().replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::*;
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
    use serde_json::json;

    fn parse(name: &str) -> Topic {
        Topic::parse(Wire::Sse, name, Overrides::default())
    }

    fn with_options(topic: &str, options: &Value) -> Topic {
        parse(&format!("{topic}?options={}", utf8_percent_encode(&options.to_string(), NON_ALPHANUMERIC)))
    }

    #[test]
    fn collections_and_records() {
        for (name, collection, target) in [
            ("posts/*", "posts", Target::All),
            ("posts", "posts", Target::All),
            ("posts?x=1", "posts", Target::All),
            ("posts/abc", "posts", Target::Record("abc".into())),
            ("posts/abc?options=%7B%7D", "posts", Target::Record("abc".into())),
            ("room/1/2", "room", Target::Record("1/2".into())),
            ("", "", Target::All),
            ("posts/*\ndata:x", "", Target::All),
        ] {
            let topic = parse(name);
            assert_eq!((topic.collection.as_str(), &topic.target, topic.name.as_str()), (collection, &target, name));
        }
    }

    #[test]
    fn options_are_query_and_headers() {
        let topic = with_options(
            "posts/*",
            &json!({"query": {"filter": "n > 1 && a = 'x+y'", "expand": "author", "fields": " ", "n": 5}, "headers": {"X-My-Token": "t"}}),
        );
        assert_eq!(topic.filter.as_deref(), Some("n > 1 && a = 'x+y'"));
        assert_eq!((topic.view.expand.as_deref(), topic.view.fields.as_deref()), (Some("author"), None));
        assert!(topic.facts.query.contains(&("n".into(), "5".into())));
        assert_eq!(topic.facts.headers, [("x_my_token".to_owned(), "t".to_owned())]);
        assert_eq!((topic.facts.context, topic.facts.method.as_str()), ("realtime", "GET"));
    }

    #[test]
    fn broken_options_are_none() {
        for name in ["posts/*?options=", "posts/*?options=%7B", "posts/*?options=[]", "posts/*?options=%ff"] {
            assert!(parse(name).filter.is_none(), "{name}");
        }
    }

    #[test]
    fn a_socket_says_its_options_beside_the_topic() {
        let overrides = Overrides { filter: Some("n = 2".into()), ..Overrides::default() };
        let options = utf8_percent_encode(r#"{"query":{"filter":"n = 1","expand":"a"}}"#, NON_ALPHANUMERIC).to_string();
        let topic = Topic::parse(Wire::Socket, &format!("posts/*?options={options}"), overrides);
        assert_eq!((topic.filter.as_deref(), topic.view.expand.as_deref()), (Some("n = 2"), Some("a")));
        let filters: Vec<_> = topic.facts.query.iter().filter(|(key, _)| key == "filter").collect();
        assert_eq!(filters.len(), 1);
    }
}
