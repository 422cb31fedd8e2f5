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
//! | `/spliced` | the body, from stream to stream |
//! | `/zeroes` | as many zeroes as the body has bytes, at once |
//! | anything else | 404 |
#![forbid(unsafe_code)]
// The streams of a request exist within a component only.
#![cfg(target_arch = "wasm32")]

use tinybase_plugin::prelude::*;
use tinybase_plugin::route::wasi::{self, Guest, IncomingRequest, ResponseOutparam};
use wasip2::http::types::{Fields, OutgoingBody, OutgoingResponse};

struct Web;

impl Guest for Web {
    fn handle(asked: IncomingRequest, out: ResponseOutparam) {
        match asked.path_with_query().as_deref() {
            Some("/spliced") => stream(&asked, out, false),
            Some("/zeroes") => stream(&asked, out, true),
            _ => wasi::answer(asked, out, answer),
        }
    }
}

wasi::export!(Web with_types_in wasip2);

/// Answers on the streams themselves.
fn stream(asked: &IncomingRequest, out: ResponseOutparam, zeroes: bool) {
    let came = asked.consume().expect("the first time");
    let input = came.stream().expect("the first time");
    let response = OutgoingResponse::new(Fields::new());
    let body = response.body().expect("the first time");
    let output = body.write().expect("the first time");
    if zeroes {
        let mut length = 0;
        while let Ok(skipped) = input.blocking_skip(u64::MAX) {
            length += skipped;
        }
        output.write_zeroes(length).expect("an open stream");
    } else {
        while output.blocking_splice(&input, u64::MAX).is_ok() {}
    }
    drop(output);
    OutgoingBody::finish(body, None).expect("a whole body");
    ResponseOutparam::set(out, Ok(response));
}

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
