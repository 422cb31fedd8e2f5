//! Keeps a record's `slug` in step with its `title`, lets no published record be deleted, and writes each new record
//! down in the collection `journal`.

use tinybase_plugin::log::Level;
use tinybase_plugin::prelude::*;

#[before_create]
fn on_create(_ctx: &Context, draft: &mut Record) -> Hook {
    slugify(draft)
}

#[before_update]
fn on_update(_ctx: &Context, original: &Record, draft: &mut Record) -> Hook {
    if draft.differs(original, "title") { slugify(draft) } else { Ok(()) }
}

#[before_delete]
fn on_delete(_ctx: &Context, original: &Record) -> Hook {
    if original.boolean("published").unwrap_or(false) {
        return deny(403, "Published records stay.");
    }
    Ok(())
}

#[after_create]
fn created(_ctx: &Context, event: &str, stored: &Record) -> Delivery {
    let entry = Record::new().with("event", event).with("record", stored.id()).with("title", stored.text("title")?);
    records::create("journal", &entry)?;
    log::write(Level::Info, "written down", &[("record", stored.id())]);
    Ok(())
}

fn slugify(draft: &mut Record) -> Hook {
    let slug = slug(draft.text("title").unwrap_or_default());
    if slug.is_empty() {
        return refuse("title", "validation_slug_empty", "Needs a letter or a digit.");
    }
    draft.set("slug", slug);
    Ok(())
}

/// Lower-case letters and digits; each run of anything else becomes one dash, with none at the ends.
fn slug(title: &str) -> String {
    let words = title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use tinybase_plugin::testing;

    #[test]
    fn a_hook_is_a_plain_function() {
        let mut draft = Record::new().with("title", "Hello, World!");
        on_create(&testing::context("posts"), &mut draft).unwrap();
        assert_eq!(draft.text("slug"), Ok("hello-world"));
    }
}
