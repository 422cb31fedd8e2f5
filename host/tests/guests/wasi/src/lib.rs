//! A guest that tries everything that WASI 0.2 has to offer, as toolchains for larger languages do by themselves.
//!
//! What it tries is the record's `title`; what it found goes into the record's `slug`.
//!
//! | title | what is tried |
//! | --- | --- |
//! | `system` | environment, arguments, working directory, directories, the input |
//! | `time` | both clocks, before and after a sleep of an hour |
//! | `random` | bytes, numbers and a seed |
//! | `print` | a line on each stream, and one without an end |
//! | `exit` | ends itself after a word on the error stream |
//! | `socket` | a socket, a name, and the network itself |
//! | `write-for-ever` | never stops printing |
//! | `too-random` | a gigabyte of random bytes |
#![forbid(unsafe_code)]

use tinybase_plugin::prelude::*;
use wasip2::cli::{environment, exit, stderr, stdin, stdout};
use wasip2::clocks::{monotonic_clock, wall_clock};
use wasip2::filesystem::preopens;
use wasip2::io::poll;
use wasip2::random::{insecure_seed, random};
use wasip2::sockets::{instance_network, ip_name_lookup, network, tcp_create_socket};

const HOUR_NS: u64 = 3_600_000_000_000;

#[before_create]
fn before_create(ctx: &Context, draft: &mut Record) -> Hook {
    let found = match draft.text("title")? {
        "system" => system(),
        "time" => time(ctx),
        "random" => format!(
            "{:?} {} {:?}",
            random::get_random_bytes(3),
            random::get_random_u64(),
            insecure_seed::insecure_seed()
        ),
        "print" => print(),
        "exit" => leave(),
        "socket" => socket(),
        "write-for-ever" => loop {
            say(&stdout::get_stdout(), "again\n");
        },
        "too-random" => format!("{}", random::get_random_bytes(1 << 30).len()),
        _ => return Ok(()),
    };
    draft.set("slug", found);
    Ok(())
}

/// A check may have all of this and is pure nevertheless.
#[validate]
fn validate(_ctx: &Context, draft: &Record, errors: &mut Errors) {
    let dice = random::get_random_u64().wrapping_add(monotonic_clock::now());
    if draft.text("title").is_ok_and(|title| title == "invalid") {
        errors.add("title", "dice", &dice.to_string());
    }
}

fn system() -> String {
    let input = stdin::get_stdin().blocking_read(10);
    format!(
        "{} {} {:?} {} {}",
        environment::get_environment().len(),
        environment::get_arguments().len(),
        environment::initial_cwd(),
        preopens::get_directories().len(),
        if input.is_err() { "closed" } else { "open" },
    )
}

fn time(ctx: &Context) -> String {
    let (before, began) = (monotonic_clock::now(), wall_clock::now());
    poll::poll(&[&monotonic_clock::subscribe_duration(HOUR_NS), &monotonic_clock::subscribe_duration(2 * HOUR_NS)]);
    let (after, ended) = (monotonic_clock::now(), wall_clock::now());
    let is_now = began.seconds == u64::try_from(ctx.now_ms / 1_000).unwrap_or(0);
    format!("{is_now} {} {}", (after - before) / HOUR_NS, (ended.seconds - began.seconds) / 3_600)
}

fn print() -> String {
    say(&stdout::get_stdout(), "to the output\n");
    say(&stderr::get_stderr(), "to the errors\n");
    say(&stdout::get_stdout(), "without an end");
    "printed".to_owned()
}

fn leave() -> String {
    say(&stderr::get_stderr(), "nothing left to do\n");
    exit::exit(Err(()));
    unreachable!("exit does not come back")
}

fn socket() -> String {
    let made = tcp_create_socket::create_tcp_socket(network::IpAddressFamily::Ipv4);
    let network = instance_network::instance_network();
    let found = ip_name_lookup::resolve_addresses(&network, "example.com");
    format!("{:?} {:?}", made.err(), found.err())
}

fn say(stream: &wasip2::io::streams::OutputStream, words: &str) {
    let _ = stream.blocking_write_and_flush(words.as_bytes());
}
