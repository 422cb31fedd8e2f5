//! plugin-name: a title, an `n` of at most ten, and no tag `bad`.

use tinybase_plugin::prelude::*;

#[validate]
fn check(_ctx: &Context, draft: &Record, errors: &mut Errors) {
    if draft.text("title").unwrap_or_default().is_empty() {
        errors.add("title", "check_blank", "Needs a title.");
    }
    if draft.number("n").unwrap_or_default() > 10.0 {
        errors.add("n", "check_too_many", "At most ten.");
    }
    if draft.texts("tags").unwrap_or_default().iter().any(|tag| tag == "bad") {
        errors.add("tags", "check_bad_tag", "Not that one.");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tinybase_plugin::testing;

    #[test]
    fn a_check_is_a_plain_function() {
        let draft = Record::new().with("title", "").with("n", 11.0);
        let mut errors = Errors::default();
        check(&testing::context("posts"), &draft, &mut errors);
        assert!(!errors.is_empty());
    }
}
