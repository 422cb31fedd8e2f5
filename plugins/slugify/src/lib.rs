//! Keeps a record's `slug` in step with its `title`: `Hello, World!` becomes `hello-world`.
//!
//! Attach it to `beforeCreate` and `beforeUpdate` of a collection with the text fields `title` and `slug`. A title
//! without a letter or digit from a-z and 0-9 is refused; an update that leaves the title alone leaves the slug alone.
//! It imports nothing: whatever it is given, all it can do is answer.
#![forbid(unsafe_code)]

use tinybase_plugin::prelude::*;

#[before_create]
fn on_create(_ctx: &Context, draft: &mut Record) -> Hook {
    slugify(draft)
}

#[before_update]
fn on_update(_ctx: &Context, original: &Record, draft: &mut Record) -> Hook {
    if draft.differs(original, "title") { slugify(draft) } else { Ok(()) }
}

fn slugify(draft: &mut Record) -> Hook {
    let slug = slug(draft.text("title")?);
    if slug.is_empty() {
        return refuse("title", "validation_slug_empty", "Needs at least one letter or digit from a-z and 0-9.");
    }
    draft.set("slug", slug);
    Ok(())
}

/// Lower-case letters and digits; each run of anything else becomes one dash, with none at the ends.
fn slug(title: &str) -> String {
    let mut slug = String::with_capacity(title.len());
    let mut gap = false;
    for byte in title.bytes() {
        if !byte.is_ascii_alphanumeric() {
            gap = !slug.is_empty();
            continue;
        }
        if gap {
            slug.push('-');
            gap = false;
        }
        slug.push(char::from(byte.to_ascii_lowercase()));
    }
    slug
}

#[cfg(test)]
mod tests {
    use super::*;
    use tinybase_plugin::{Refusal, testing};

    #[test]
    fn makes_slugs() {
        for (title, expected) in [
            ("Hello, World!", "hello-world"),
            ("  --A  b--c ", "a-b-c"),
            ("already-fine", "already-fine"),
            ("Crème brûlée 2", "cr-me-br-l-e-2"),
            ("日本", ""),
            ("", ""),
        ] {
            assert_eq!(slug(title), expected);
        }
    }

    #[test]
    fn a_new_record_gets_its_slug() {
        let mut draft = Record::new().with("title", "Hello, World!").with("slug", "mine");
        on_create(&testing::context("posts"), &mut draft).unwrap();
        assert_eq!(draft.text("slug"), Ok("hello-world"));
    }

    #[test]
    fn a_title_without_letters_is_refused() {
        let refusal = on_create(&testing::context("posts"), &mut Record::new().with("title", "?!")).unwrap_err();
        let Refusal::Invalid(errors) = refusal else { panic!("{refusal:?}") };
        assert_eq!((errors[0].field.as_str(), errors[0].code.as_str()), ("title", "validation_slug_empty"));
    }

    #[test]
    fn an_update_follows_the_title_only() {
        let ctx = testing::context("posts");
        let original = Record::new().with("title", "Old").with("slug", "chosen-by-hand");

        let mut draft = original.clone().with("body", "new");
        on_update(&ctx, &original, &mut draft).unwrap();
        assert_eq!(draft.text("slug"), Ok("chosen-by-hand"));

        let mut draft = original.clone().with("title", "New");
        on_update(&ctx, &original, &mut draft).unwrap();
        assert_eq!(draft.text("slug"), Ok("new"));
    }
}
