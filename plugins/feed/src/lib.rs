//! Publishes the newest records of a collection as a [JSON feed](https://www.jsonfeed.org): `GET /api/x/feed`.
//!
//! | configuration of the route | default |
//! | --- | --- |
//! | `collection` | `posts` |
//! | `title` of the feed | the collection's name |
//! | `filter` for what is published, in the rule language | all |
//! | `fields` of an entry: `{title, text}` | `title`, `text` |
//!
//! It needs the verb `list` for the collection. Granted as the caller, everybody reads what the list rule shows them.
#![forbid(unsafe_code)]

use serde_json::{Value as Json, json};
use tinybase_plugin::prelude::*;

const MOST: u32 = 50;
const FEED: &str = "application/feed+json";

tinybase_plugin::manifest!(
    r#"{
  "name": "feed",
  "config": {
    "type": "object",
    "properties": {
      "collection": {"type": "string", "minLength": 1},
      "title": {"type": "string"},
      "filter": {"type": "string"},
      "fields": {
        "type": "object",
        "properties": {"title": {"type": "string", "minLength": 1}, "text": {"type": "string", "minLength": 1}},
        "additionalProperties": false
      }
    },
    "additionalProperties": false
  }
}"#
);

#[route]
fn feed(ctx: &Context, asked: &Asked) -> Answer {
    if (asked.method.as_str(), asked.path.as_str()) != ("GET", "/") {
        return Answer::text(404, "The feed is one level up.");
    }
    let config: Json = serde_json::from_str(&ctx.config).unwrap_or_default();
    let word = |key: &str, usual: &str| config[key].as_str().unwrap_or(usual).to_owned();
    let collection = word("collection", "posts");
    match records::find(&collection, &word("filter", ""), "-@rowid", MOST) {
        Ok(found) => {
            let items: Vec<Json> = found.iter().map(|record| item(record, &config["fields"])).collect();
            let feed = json!({
                "version": "https://jsonfeed.org/version/1.1",
                "title": word("title", &collection),
                "items": items,
            });
            Answer::of(200, FEED, feed.to_string()).with("cache-control", "max-age=60")
        }
        Err(error) if error.code == "denied" => Answer::text(403, "The feed may not read its collection."),
        Err(error) => Answer::text(500, &error.code),
    }
}

fn item(record: &Record, fields: &Json) -> Json {
    let text = |key: &str| record.text(fields[key].as_str().unwrap_or(key)).unwrap_or_default().to_owned();
    json!({"id": record.id(), "title": text("title"), "content_text": text("text")})
}

#[cfg(test)]
mod tests {
    use super::*;
    use tinybase_plugin::testing;

    #[test]
    fn there_is_one_path() {
        assert_eq!(feed(&testing::context(""), &Asked::new("GET", "/other")).status, 404);
        assert_eq!(feed(&testing::context(""), &Asked::new("POST", "/")).status, 404);
    }

    #[test]
    fn an_entry_is_made_of_the_fields_that_are_named() {
        let record = Record::new().with("id", "abc").with("headline", "Hello").with("text", "World");
        let entry = item(&record, &json!({"title": "headline"}));
        assert_eq!(entry, json!({"id": "abc", "title": "Hello", "content_text": "World"}));
    }
}
