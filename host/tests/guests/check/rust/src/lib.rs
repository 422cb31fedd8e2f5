//! The check of the conformance list (`host/tests/guests/check/README.md`) in Rust.

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
