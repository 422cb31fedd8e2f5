//! Keeps deleted records: a delete goes through, and the record as it was becomes a record of the collection `trash`, in the
//! same transaction. Setting `restore` there brings it back under its old id.
//!
//! Attach it to `beforeDelete` of the collections to keep and to `beforeUpdate` of the trash; grant it `create` on all of
//! them, as the plugin. The trash has these fields:
//!
//! | field | kind | content |
//! | --- | --- | --- |
//! | `collection`, `record` | text | the record's collection and id |
//! | `data` | json | its fields |
//! | `deleted`, `restored` | date | when |
//! | `by` | text | who deleted it: `users/abc123`, or the kind of caller |
//! | `restore` | bool | set it to bring the record back |
//!
//! `{"trash": "bin"}` names another collection. Why not refuse the delete and mark the record: every list, rule, relation
//! and unique index would have to know of the mark.
//!
//! What it does not see it does not keep, and a restore brings back without:
//!
//! - **Files and passwords**: no plugin sees those.
//! - **Hidden fields**, unless the attachment to `beforeDelete` names them: `{"fields": {"read": ["id", "title", "internal"]}}`, which is
//!   the list of *all* fields that are kept. A hidden field that is `required` and was not kept makes the restore a 400. A plugin cannot
//!   tell that there are fields it does not see, so this has to be said before the first delete. What was hidden is in `data` then:
//!   let only those list and view the trash who may know it, or make `data` hidden and name it in the attachment to the trash.
#![forbid(unsafe_code)]

use serde_json::{Map, Value as Json};
use tinybase_plugin::prelude::*;

tinybase_plugin::manifest!(
    r#"{
  "name": "soft-delete",
  "config": {
    "type": "object",
    "properties": {"trash": {"type": "string", "minLength": 1}},
    "additionalProperties": false
  }
}"#
);

/// What the server sets again by itself, or gives nobody.
const NOT_KEPT: [&str; 2] = ["created", "updated"];

fn trash(ctx: &Context) -> String {
    ctx.config_text("trash").unwrap_or_else(|| "trash".to_owned())
}

#[before_delete]
fn on_delete(ctx: &Context, original: &Record) -> Hook {
    let trash = trash(ctx);
    if ctx.collection == trash {
        return Ok(()); // What is deleted from the trash is gone.
    }
    let data: Map<String, Json> = original.to()?;
    let caller = &ctx.caller;
    let by = if caller.id.is_empty() { caller.kind.clone() } else { [&caller.collection, "/", &caller.id].concat() };
    let entry = Record::new()
        .with("collection", &ctx.collection)
        .with("record", original.id())
        .with("data", Value::Json(Json::Object(data).to_string()))
        .with("deleted", ctx.now())
        .with("by", by);
    records::create(&trash, &entry)?;
    Ok(())
}

#[before_update]
fn on_update(ctx: &Context, original: &Record, draft: &mut Record) -> Hook {
    let wanted = draft.boolean("restore").unwrap_or(false) && !original.boolean("restore").unwrap_or(false);
    if ctx.collection != trash(ctx) || !wanted {
        return Ok(());
    }
    if original.text("restored").is_ok_and(|moment| !moment.is_empty()) {
        return deny(409, "It has been restored already.");
    }
    // What was kept decides, not what came with the update.
    let data: Map<String, Json> = serde_json::from_str(original.json("data")?)
        .or_else(|_| refuse("data", "validation_invalid_json", "Is no record."))?;
    let mut record = Record::new();
    let kept = data.into_iter().filter(|(name, _)| !NOT_KEPT.contains(&name.as_str()));
    record.assign(&kept.collect::<Map<_, _>>())?;
    records::create(original.text("collection")?, &record)?;
    draft.set("restored", ctx.now());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tinybase_plugin::testing;

    fn post() -> Record {
        Record::from(Vec::new())
            .with("id", "post00000000001")
            .with("title", "Hello")
            .with("meta", Value::Json(r#"{"a":[1]}"#.into()))
            .with("created", "2026-01-01 00:00:00.000Z")
    }

    #[test]
    fn what_is_deleted_can_be_brought_back() {
        let host = testing::Host::new();
        on_delete(&testing::context("posts"), &post()).unwrap();
        let kept = host.records("trash").remove(0);
        assert_eq!((kept.text("collection"), kept.text("by")), (Ok("posts"), Ok("users/user00000000001")));

        let mut draft = kept.clone().with("restore", true);
        on_update(&testing::context("trash"), &kept, &mut draft).unwrap();
        let back = host.records("posts").remove(0);
        assert_eq!(
            (back.id(), back.text("title"), back.json("meta")),
            ("post00000000001", Ok("Hello"), Ok(r#"{"a":[1]}"#))
        );
        assert!(back.get("created").is_none());
        assert_eq!(draft.text("restored"), Ok("2026-01-31 12:00:00.000Z"));

        let restored = Record::new().with("restored", "2026-01-31 12:00:00.000Z").with("restore", false);
        assert!(on_update(&testing::context("trash"), &restored, &mut restored.clone().with("restore", true)).is_err());
    }

    #[test]
    fn the_trash_keeps_nothing_of_itself() {
        let host = testing::Host::new();
        on_delete(&testing::context("trash"), &post()).unwrap();
        assert!(host.records("trash").is_empty());
        on_update(&testing::context("posts"), &post(), &mut post().with("restore", true)).unwrap();
        assert!(host.records("posts").is_empty());
    }

    #[test]
    fn nothing_is_deleted_that_cannot_be_kept() {
        let host = testing::Host::new();
        host.deny("records.create");
        assert!(on_delete(&testing::context("posts"), &post()).is_err());
    }
}
