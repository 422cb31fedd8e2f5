//! The probe of the conformance list (`host/tests/guests/probe/README.md`) in Rust.

use tinybase_plugin::log::Level;
use tinybase_plugin::prelude::*;
use tinybase_plugin::{Error, Value};

#[before_create]
fn on_create(ctx: &Context, draft: &mut Record) -> Hook {
    log::panics();
    match draft.text("ask")? {
        "" => return Ok(()),
        "echo" => return echo(draft),
        "refuse" => {
            let mut errors = Errors::new();
            errors.add("a", "probe_a", "Not this.");
            errors.add("b", "probe_b", "Nor that.");
            return Err(errors.into());
        }
        _ => {}
    }
    let answer = answered(ctx, draft).unwrap_or_else(|error| format!("refused:{}", error.code));
    draft.set("answer", answer);
    Ok(())
}

fn answered(ctx: &Context, draft: &Record) -> Result<String, Error> {
    let [ask, a, b, c, d] = ["ask", "a", "b", "c", "d"].map(|name| draft.text(name).unwrap_or_default());
    let n = draft.number("n").unwrap_or_default() as i64;
    let done = |()| "done".to_owned();
    match ask {
        "who" => {
            let Context { tenant, collection, caller, now_ms, depth, config, .. } = ctx;
            Ok(format!("{tenant} {collection} {} {now_ms} {depth} {config}", caller.kind))
        }
        "log" => {
            log::write(Level::Warn, a, &[("b", b)]);
            Ok("done".to_owned())
        }
        "get" => records::get(a, b).map(|found| title(&found)),
        "find" => records::find(a, b, c, n as u32).map(titles),
        "named" => records::find(a, &format!("title = {}", records::quote(b)), "", 10).map(titles),
        "count" => records::count(a, b).map(|count| count.to_string()),
        "create" => records::create(a, &Record::new().with("title", b)),
        "update" => records::update(a, b, &Record::new().with("title", c)).map(done),
        "delete" => records::delete(a, b).map(done),
        "kv.get" => kv::get_text(a).map(|value| value.unwrap_or_else(|| "nothing".to_owned())),
        "kv.set" => kv::set_for(a, b, n as u64).map(done),
        "kv.increment" => kv::increment(a, n).map(|sum| sum.to_string()),
        "kv.delete" => kv::delete(a).map(done),
        "clock" => clock::now_ms().map(|now| now.to_string()),
        "random" => random::bytes(n as u32).map(listed),
        "http" => {
            let response = http::request(a, b).header("x-probe", c).body(d).send()?;
            let echo = response.header("x-echo").unwrap_or_default();
            Ok(format!("{} {echo} {}", response.status, response.text().unwrap_or_default()))
        }
        "secret" => secrets::placeholder(a),
        "sign" => secrets::hmac_sha256(a, b).map(listed),
        "mail" => {
            let letter = mail::letter(a, b, c);
            if d.is_empty() { letter } else { letter.html(d) }.send().map(done)
        }
        "publish" => realtime::publish(a, b).map(done),
        "file.read" => files::read(a, b, c).map(|content| String::from_utf8_lossy(&content).into_owned()),
        "file.write" => files::write(a, b, c, d, "from the probe").map(done),
        _ => panic!("{a}"),
    }
}

fn title(record: &Record) -> String {
    record.text("title").unwrap_or_default().to_owned()
}

fn titles(found: Vec<Record>) -> String {
    found.iter().map(title).collect::<Vec<_>>().join(",")
}

fn listed(bytes: Vec<u8>) -> String {
    bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(",")
}

fn echo(draft: &mut Record) -> Hook {
    let flag = draft.boolean("flag")?;
    let n = draft.number("n")?;
    let tags = [draft.texts("tags")?, &["more".to_owned()][..]].concat();
    let meta = format!("{{\"was\":{}}}", draft.json("meta")?);
    draft.set("flag", !flag).set("n", n * 2.0).set("tags", tags).set("meta", Value::Json(meta));
    Ok(())
}

fn told(what: &str, title: &str) -> Delivery {
    if title == "fail" {
        return Err("as it was told".into());
    }
    log::info(&format!("{what} {title}"));
    Ok(())
}

#[after_create]
fn created(_ctx: &Context, _event: &str, stored: &Record) -> Delivery {
    told("created", stored.text("title")?)
}

#[after_update]
fn updated(_ctx: &Context, _event: &str, original: &Record, stored: &Record) -> Delivery {
    told(&format!("updated {}", original.text("title")?), stored.text("title")?)
}

#[after_delete]
fn deleted(_ctx: &Context, _event: &str, original: &Record) -> Delivery {
    told("deleted", original.text("title")?)
}

#[scheduled]
fn ran(_ctx: &Context, name: &str) -> Delivery {
    told("ran", name)
}

#[before_sign_in]
fn on_sign_in(_ctx: &Context, _method: &str, user: &Record) -> Hook {
    if user.text("name")? == "blocked" { deny(403, "You are blocked.") } else { Ok(()) }
}

#[token_claims]
fn claims(_ctx: &Context, method: &str, _user: &Record, claims: &mut Record) -> Delivery {
    claims.set("way", method).set("level", 2.0);
    Ok(())
}
