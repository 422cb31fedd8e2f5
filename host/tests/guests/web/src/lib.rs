//! A guest that answers requests, well or badly, as their path says.
//!
//! | path | answer |
//! | --- | --- |
//! | `/echo` | lines of what it was asked: the method, the query, who calls, the configuration, the headers, the body |
//! | `/teapot` | 418 |
//! | `/nothing` | 204 |
//! | `/large` | 5 MiB |
//! | `/forbidden` | headers that are none of its business |
//! | `/page` | HTML |
//! | `/write` | a record in `runs`, and its id |
//! | `/loop`, `/panic` | none |
//! | anything else | 404 |
#![forbid(unsafe_code)]

use tinybase_plugin::prelude::*;

#[route]
fn answer(ctx: &Context, asked: &Asked) -> Answer {
    match asked.path.as_str() {
        "/echo" => echo(ctx, asked),
        "/teapot" => Answer::text(418, "short and stout"),
        "/nothing" => Answer::empty(204),
        "/large" => Answer::text(200, &"x".repeat(5 << 20)),
        "/forbidden" => Answer::text(200, "look at the head")
            .with("set-cookie", "tinybase_session=mine; Path=/")
            .with("set-cookie", "own=1")
            .with("content-security-policy", "default-src *")
            .with("access-control-allow-origin", "https://evil.example.com")
            .with("connection", "close")
            .with("x-own", "1"),
        "/page" => Answer::html(200, "<script>alert(1)</script>"),
        "/write" => {
            match records::create("runs", &Record::new().with("what", "route").with("who", ctx.caller.kind.as_str())) {
                Ok(id) => Answer::text(200, &id),
                Err(error) => Answer::text(403, &error.code),
            }
        }
        "/loop" => loop {
            std::hint::black_box(ctx);
        },
        "/panic" => panic!("on purpose"),
        _ => Answer::text(404, "There is nothing here."),
    }
}

fn echo(ctx: &Context, asked: &Asked) -> Answer {
    let mut lines = vec![
        ["method ", &asked.method].concat(),
        ["query ", &asked.query].concat(),
        ["caller ", &ctx.caller.kind, " ", &ctx.caller.id, " ", &ctx.caller.collection].concat(),
        ["tenant ", &ctx.tenant].concat(),
        ["config ", &ctx.config].concat(),
    ];
    for (name, value) in &asked.headers {
        lines.push(["header ", name, "=", &String::from_utf8_lossy(value)].concat());
    }
    lines.push(
        ["body ", &asked.body.len().to_string(), " ", asked.text().unwrap_or("?").get(..20).unwrap_or("")].concat(),
    );
    Answer::text(200, &lines.join("\n"))
}
