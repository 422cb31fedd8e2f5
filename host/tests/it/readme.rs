//! The walk through the README, typed as it stands there, on the real binary.

use crate::support::process::binary;
use std::path::Path;
use std::process::{Command, Stdio};

/// The shell blocks of the README's walk, in order. The server's address is the test's own.
fn script(readme: &str, base: &str) -> String {
    let walk = readme.split("## A walk through it").nth(1).expect("the walk");
    let blocks = walk.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap_or_default());
    let commands = blocks.collect::<Vec<_>>().join("\n");
    commands.replace("API=http://127.0.0.1:8090", &format!("API={base}"))
}

#[test]
fn the_walk_works_as_it_is_written() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let dir = tempfile::tempdir().expect("a folder");
    let mut server = Command::new(binary())
        .args(["serve", "--http", "127.0.0.1:0", "--dir"])
        .arg(dir.path().join("tb_data"))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the server starts");
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(server.stdout.take().expect("its output")));
    let mut banner = String::new();
    let base = loop {
        let line = lines.next().expect("the server prints its address").expect("a line");
        banner.push_str(&line);
        if let Some(at) = line.find("http://127.0.0.1:") {
            let rest = &line[at..];
            let digits = rest["http://127.0.0.1:".len()..].chars().take_while(char::is_ascii_digit).count();
            break rest[.."http://127.0.0.1:".len() + digits].to_owned();
        }
    };
    // The rest of the banner, so that the server never waits for somebody to read it.
    std::thread::spawn(move || lines.for_each(drop));

    let readme = std::fs::read_to_string(root.join("README.md")).expect("the README");
    // The plugins and the binary are where the README says; the data is the test's own.
    let bin = Path::new(binary()).parent().expect("its folder");
    let text = script(&readme, &base).replace("$PWD/target/debug", &bin.display().to_string());
    let mut shell = Command::new("bash");
    shell.arg("-c").arg(&text).current_dir(&root).env("TINYBASE_DIR", dir.path().join("tb_data"));
    let output = shell.output().expect("bash");
    server.kill().expect("it can be stopped");
    server.wait().expect("it is gone");
    let printed = format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    for expected in [
        "\"name\":\"posts\"",
        "\"before-create\"",
        "\"slug\":\"hello-webassembly-world\"",
        "\"data\":{\"title\":",
        "\"page\":1,\"perPage\":10,\"totalItems\":1",
        "event:PB_CONNECT",
        "event:posts/*",
        "WebSocket: {\"type\":\"event\"",
        "\"slug\":\"third-thoughts\"",
        "\"action\":\"delete\"",
        "\"by\":\"guest\"",
        "\"axis\":\"fuel\"",
        "\"axis\":\"memory\"",
        "\"axis\":\"hostCalls\"",
        "API is healthy.",
        "made greeter",
        "version 1 of greeter is called from now on",
    ] {
        assert!(printed.contains(expected), "the walk does not show {expected}:\n{printed}");
    }
}
