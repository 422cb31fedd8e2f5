//! A guest for the moments that are no writes: called by the clock, before a sign-in, and for the claims of a token.
//!
//! | moment | what it does |
//! | --- | --- |
//! | a schedule called `fails` | answers with an error |
//! | a schedule called `loops` | never answers |
//! | any other schedule | creates a record in the collection `runs`: the schedule's name, who called, the configuration |
//! | a sign-in of a record whose `name` is `blocked` | refuses with 403 |
//! | of `invalid` | refuses with an error of the field `name` |
//! | of `panics` | traps |
//! | of `noted` | creates a record in `runs`: the way to sign in, who called, the id |
//! | a token for `greedy` | claims to be somebody else |
//! | for `long` | claims 4 KiB |
//! | for `sulking` | answers with an error |
//! | for `plain` | claims nothing |
//! | for anybody else | claims `role` (the name) and `way` (the way to sign in) |
#![forbid(unsafe_code)]

use tinybase_plugin::prelude::*;

#[scheduled]
fn run(ctx: &Context, name: &str) -> Delivery {
    match name {
        "fails" => Err("nothing works today".into()),
        "loops" => loop {
            std::hint::black_box(ctx);
        },
        _ => Ok(note(name, &ctx.caller.kind, &ctx.config)?),
    }
}

#[before_sign_in]
fn before_sign_in(ctx: &Context, method: &str, user: &Record) -> Hook {
    match user.text("name")? {
        "blocked" => deny(403, "You are blocked."),
        "invalid" => refuse("name", "name_invalid", "Change it first."),
        "panics" => panic!("on purpose"),
        "noted" => Ok(note(method, &ctx.caller.kind, user.id())?),
        _ => Ok(()),
    }
}

#[token_claims]
fn token_claims(_ctx: &Context, method: &str, user: &Record, claims: &mut Record) -> Delivery {
    match user.text("name")? {
        "greedy" => claims.set("id", "somebody-else"),
        "long" => claims.set("role", "x".repeat(4_096)),
        "sulking" => return Err("not today".into()),
        "plain" => claims,
        name => claims.set("role", name).set("way", method),
    };
    Ok(())
}

fn note(what: &str, who: &str, more: &str) -> Result<(), tinybase_plugin::Error> {
    records::create("runs", &Record::new().with("what", what).with("who", who).with("more", more)).map(drop)
}
