//! Takes out of uploaded pictures what they tell besides: where and when they were taken, with what, by whom, small pictures of
//! what was there before they were cut, and whatever lies behind their end.
//!
//! Attach it to `afterCreate` and `afterUpdate`, with a configuration such as `{"fields": ["photo"]}`: the fields of kind `file`
//! to look through. It needs `view` and `update` of the collection as the plugin, and `files` to `read` and `write`.
//!
//! It knows JPEG, PNG and WebP by their content; other files stay as they are. Nothing is decoded: the pixels, the colour
//! profile and which way up are kept to the bit, everything else but what a viewer needs is left out. A picture that has changed
//! by that is stored in the place of the one that was uploaded, under a name of its own; in a field of several files it comes last.
//!
//! - It happens after the commit: for that moment the picture is there as it was uploaded.
//! - A plugin reads at most 4 MiB in a call. A larger file stays as it is and its event lies with the dead ones: let `maxSize`
//!   of the field be 4194304 or less, so that it is refused when it is uploaded.
#![forbid(unsafe_code)]

mod strip;

use tinybase_plugin::Error;
use tinybase_plugin::prelude::*;

tinybase_plugin::manifest!(
    r#"{
  "name": "image-privacy",
  "config": {
    "type": "object",
    "required": ["fields"],
    "properties": {"fields": {"type": "array", "items": {"type": "string"}, "minItems": 1}},
    "additionalProperties": false
  }
}"#
);

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    fields: Vec<String>,
}

/// For how long it is known which files of an event are done: as long as the outbox tries.
const DAY_MS: u64 = 86_400_000;

#[after_create]
fn created(ctx: &Context, event: &str, stored: &Record) -> Delivery {
    clean_all(ctx, event, stored, &Record::new())
}

#[after_update]
fn updated(ctx: &Context, event: &str, original: &Record, stored: &Record) -> Delivery {
    clean_all(ctx, event, stored, original)
}

/// Cleans the files that a record has and had not.
fn clean_all(ctx: &Context, event: &str, stored: &Record, original: &Record) -> Delivery {
    let settings: Settings = ctx.config_as()?;
    let mut new = Vec::new();
    for field in &settings.fields {
        if stored.get(field).is_none() {
            // Who has misspelt it believes that pictures are cleaned.
            return give_up(&["`fields` names `", field, "`, and there is none that it may see"].concat());
        }
        let known = original.texts(field).unwrap_or_default();
        let names = stored.texts(field).unwrap_or_default().iter();
        new.extend(names.filter(|name| !name.is_empty() && !known.contains(name)).map(|name| (field, name)));
    }
    let (mut done, mut too_large) = (0, None);
    for (field, name) in &new {
        let mark = [event, "/", name].concat();
        if new.len() > 1 && kv::get(&mark)?.is_some() {
            continue;
        }
        match files::read(&ctx.collection, stored.id(), name) {
            Ok(content) => clean(ctx, stored.id(), field, name, &content)?,
            // Replaced by its clean twin, or gone with its record.
            Err(error) if error.code == "not_found" => continue,
            Err(error) if error.code == "too_large" => {
                too_large = Some(name);
                continue;
            }
            Err(error) => return Err(error.into()),
        }
        done += 1;
        if new.len() > 1 {
            kv::set_for(&mark, "1", DAY_MS)?;
        }
    }
    match too_large {
        None => Ok(()),
        // What a call may read was used up by the others, which the next try need not read.
        Some(_) if done > 0 => Err("the other files are done, this one is next".into()),
        Some(name) => give_up(&[name.as_str(), " is larger than a plugin may read"].concat()),
    }
}

fn clean(ctx: &Context, id: &str, field: &str, name: &str, content: &[u8]) -> Delivery {
    match strip::strip(content) {
        Some(stripped) if stripped != content => {
            if let Err(error) = files::write(&ctx.collection, id, field, name, &stripped) {
                return if is_gone(ctx, id, name, &error) { Ok(()) } else { Err(error.into()) };
            }
            let saved = (content.len().saturating_sub(stripped.len())).to_string();
            log::write(log::Level::Info, "cleaned", &[("file", name), ("bytes", &saved)]);
        }
        Some(_) => {}
        None => log::write(log::Level::Debug, "no picture that is known", &[("file", name)]),
    }
    Ok(())
}

/// Whether a file cannot be replaced because somebody has replaced or deleted it since it was read. A `conflict` may
/// also be a race with other changes of the record, which is run again.
fn is_gone(ctx: &Context, id: &str, name: &str, error: &Error) -> bool {
    match error.code.as_str() {
        "not_found" => true,
        "conflict" => files::read(&ctx.collection, id, name).is_err_and(|error| error.code == "not_found"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tinybase_plugin::testing::{self, Host};

    /// A JPEG without pixels, which tells something.
    const TELLS: &[u8] = b"\xff\xd8\xff\xfe\x00\x08secret\xff\xd9";
    const CLEAN: &[u8] = b"\xff\xd8\xff\xd9";

    fn context() -> Context {
        Context { config: r#"{"fields": ["photo", "more"]}"#.into(), ..testing::context("people") }
    }

    fn person(more: &[&str]) -> Record {
        Record::new().with("id", "person1").with("photo", "a.jpg").with("more", more)
    }

    fn host(names: &[&str]) -> Host {
        let host = Host::new();
        names.iter().for_each(|name| host.store("people", "person1", name, TELLS));
        host
    }

    fn content(name: &str) -> Vec<u8> {
        files::read("people", "person1", name).unwrap()
    }

    #[test]
    fn new_pictures_are_cleaned() {
        let host = host(&["a.jpg", "b.jpg"]);
        created(&context(), "e1", &person(&["b.jpg", "gone.jpg"])).unwrap();
        assert_eq!((content("a.jpg"), content("b.jpg")), (CLEAN.to_vec(), CLEAN.to_vec()));
        assert_eq!(host.log()[0].1, "cleaned file=a.jpg bytes=10");
    }

    #[test]
    fn what_was_there_before_is_not_looked_at_again() {
        let _host = host(&["a.jpg", "b.jpg"]);
        updated(&context(), "e1", &person(&[]), &person(&["b.jpg"])).unwrap();
        assert_eq!((content("a.jpg"), content("b.jpg")), (TELLS.to_vec(), CLEAN.to_vec()));
    }

    #[test]
    fn what_is_gone_meanwhile_needs_no_cleaning() {
        let _host = host(&["a.jpg"]);
        let gone = |name: &str, code: &str| {
            is_gone(&context(), "person1", name, &Error { code: code.into(), message: String::new() })
        };
        assert!(gone("b.jpg", "conflict") && gone("b.jpg", "not_found"));
        assert!(!gone("a.jpg", "conflict"), "another change of the record came first");
        assert!(!gone("b.jpg", "unavailable"));
    }

    #[test]
    fn what_is_clean_or_no_picture_is_not_written() {
        let host = host(&[]);
        host.store("people", "person1", "a.jpg", CLEAN);
        host.store("people", "person1", "b.txt", b"text");
        host.deny("files.write");
        created(&context(), "e1", &person(&["b.txt"])).unwrap();
        host.deny("files.read");
        let failure = created(&context(), "e2", &person(&[])).unwrap_err();
        assert_eq!(String::from(failure), "denied: files.read");
    }
}
