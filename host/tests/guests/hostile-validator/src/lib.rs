//! A validator that misbehaves as its configuration says: `{"do": "loop"}`.
//!
//! | do | what happens |
//! | --- | --- |
//! | `loop` | never answers |
//! | `grow` | takes memory until the host refuses, then touches all of it for ever |
//! | `panic` | traps |
//! | `flood` | answers with 500 field errors of 1 KiB |
//! | `give-up` | says why it cannot answer |
//! | anything else | finds nothing wrong |
#![forbid(unsafe_code)]

use std::hint::black_box;

use tinybase_plugin::prelude::*;

#[validate]
fn validate(ctx: &Context, _draft: &Record, errors: &mut Errors) {
    match ctx.config_text("do").unwrap_or_default().as_str() {
        "loop" => loop {
            black_box(());
        },
        "grow" => grow(),
        "panic" => panic!("on purpose"),
        "flood" => {
            for _ in 0..500 {
                errors.add("title", "flood", &"x".repeat(1024));
            }
        }
        "give-up" => {
            errors.add("title", "later", "It comes to nothing.");
            errors.add("", "plugin_failed", "uncaught: \u{1b}[31mx is not a function\n    at validate");
        }
        _ => {}
    }
}

/// Takes memory a page at a time and touches each, since only touched pages cost the host anything; when it gets no
/// more, it goes on touching what it has.
fn grow() {
    let mut pages: Vec<Vec<u64>> = Vec::new();
    loop {
        let mut page = Vec::new();
        if page.try_reserve_exact(512).is_ok() && pages.try_reserve(1).is_ok() {
            page.push(1);
            pages.push(page);
            continue;
        }
        for page in &mut pages {
            black_box(page)[0] += 1;
        }
    }
}
