//! Greets every new record: `Ada` in the field `name` becomes `Hello, Ada!` in the field `greeting`.

use tinybase_plugin::prelude::*;

#[before_create]
fn greet(_ctx: &Context, draft: &mut Record) -> Hook {
    let name = draft.text("name")?;
    if name.is_empty() {
        return refuse("name", "validation_required", "Who is it?");
    }
    draft.set("greeting", format!("Hello, {name}!"));
    Ok(())
}

#[test]
fn greets() {
    let mut draft = Record::new().with("name", "Ada");
    greet(&tinybase_plugin::testing::context("people"), &mut draft).unwrap();
    assert_eq!(draft.text("greeting"), Ok("Hello, Ada!"));
}
