//! Writes down who created, changed or deleted which record, as a record of the collection `audit`.
//!
//! Attach it to `afterCreate`, `afterUpdate` and `afterDelete` of the collections to watch, and grant it `list` and
//! `create` on the target, as the plugin. The target collection has these text fields:
//!
//! | field | content |
//! | --- | --- |
//! | `event` | the event's id; a unique index on it is a good idea |
//! | `action` | `create`, `update` or `delete` |
//! | `collection`, `record` | the record's collection and id |
//! | `at` | when, as `2026-01-31 12:00:00.000Z` |
//! | `by` | the caller: `users/abc123`, or just its kind, such as `superuser` |
//!
//! The configuration `{"target": "history"}` names another collection. Events are delivered at least once; an event
//! that has been written down already is not written down again.
#![forbid(unsafe_code)]

use tinybase_plugin::log::Level;
use tinybase_plugin::prelude::*;

tinybase_plugin::manifest!(
    r#"{
  "name": "audit-trail",
  "config": {
    "type": "object",
    "properties": {"target": {"type": "string", "minLength": 1}},
    "additionalProperties": false
  }
}"#
);

#[after_create]
fn created(ctx: &Context, event: &str, stored: &Record) -> Delivery {
    write_down(ctx, event, "create", stored)
}

#[after_update]
fn updated(ctx: &Context, event: &str, _original: &Record, stored: &Record) -> Delivery {
    write_down(ctx, event, "update", stored)
}

#[after_delete]
fn deleted(ctx: &Context, event: &str, original: &Record) -> Delivery {
    write_down(ctx, event, "delete", original)
}

fn write_down(ctx: &Context, event: &str, action: &str, record: &Record) -> Delivery {
    let target = ctx.config_text("target").unwrap_or_else(|| "audit".to_owned());
    if target == ctx.collection {
        return Ok(()); // An audit trail of the audit trail would never end.
    }
    if records::first(&target, &["event = ", &records::quote(event)].concat())?.is_some() {
        return Ok(());
    }
    let entry = Record::new()
        .with("event", event)
        .with("action", action)
        .with("collection", &ctx.collection)
        .with("record", record.id())
        .with("at", ctx.now())
        .with("by", caller(ctx));
    records::create(&target, &entry)?;
    log::write(Level::Info, action, &[("collection", &ctx.collection), ("record", record.id())]);
    Ok(())
}

fn caller(ctx: &Context) -> String {
    let caller = &ctx.caller;
    if caller.id.is_empty() { caller.kind.clone() } else { [&caller.collection, "/", &caller.id].concat() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tinybase_plugin::{Caller, testing};

    fn post() -> Record {
        Record::new().with("id", "post00000000001").with("title", "Hello")
    }

    #[test]
    fn writes_down_each_event_once() {
        let host = testing::Host::new();
        let ctx = testing::context("posts");
        created(&ctx, "e1", &post()).unwrap();
        created(&ctx, "e1", &post()).unwrap();
        updated(&ctx, "e2", &post(), &post()).unwrap();
        deleted(&ctx, "e3", &post()).unwrap();

        let audit = host.records("audit");
        let actions: Vec<_> = audit.iter().map(|entry| entry.text("action").unwrap()).collect();
        assert_eq!(actions, ["create", "update", "delete"]);
        assert_eq!(audit[0].text("collection"), Ok("posts"));
        assert_eq!(audit[0].text("record"), Ok("post00000000001"));
        assert_eq!(audit[0].text("at"), Ok("2026-01-31 12:00:00.000Z"));
        assert_eq!(audit[0].text("by"), Ok("users/user00000000001"));
        assert_eq!(host.log()[0].1, "create collection=posts record=post00000000001");
    }

    #[test]
    fn the_target_is_configurable_and_not_watched_itself() {
        let host = testing::Host::new();
        let config = r#"{"target": "history"}"#.to_owned();
        let caller = Caller { kind: "superuser".into(), id: String::new(), collection: String::new() };
        let ctx = Context { config, caller, ..testing::context("posts") };
        created(&ctx, "e1", &post()).unwrap();
        created(&Context { collection: "history".into(), ..ctx }, "e2", &post()).unwrap();
        assert_eq!(host.records("history").len(), 1);
        assert_eq!(host.records("history")[0].text("by"), Ok("superuser"));
    }

    #[test]
    fn a_missing_grant_is_a_failed_delivery() {
        let host = testing::Host::new();
        host.deny("records.create");
        let failure = created(&testing::context("posts"), "e1", &post()).unwrap_err();
        assert_eq!(String::from(failure), "denied: records.create");
    }
}
