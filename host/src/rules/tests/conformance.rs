//! What PocketBase answers, as a table: `host/tests/rules/filter.rule`.

use super::super::{Purpose, check, parse};
use super::*;
use serde_json::json;

const TABLE: &str = include_str!("../../../tests/rules/filter.rule");

/// Five rows a..e of `p`, related to people `u` and tags `g`; comments `k` point back at `p`.
fn world() -> World {
    let mut world = World::default();
    world.add("u", Kind::Base, vec![text_field("name"), number_field("age")], |_| {});
    world.add("g", Kind::Base, vec![text_field("name"), bool_field("on")], |_| {});
    let fields = vec![
        text_field("key"),
        text_field("title"),
        number_field("n"),
        bool_field("b"),
        date_field("d"),
        select_field("one", 1),
        select_field("sel", 3),
        json_field("j"),
        geo_field("geo"),
        Field::new("mail", email::Email::default()),
        relation_field("author", "u", 1),
        relation_field("tags", "g", 5),
        hidden(text_field("secret")),
    ];
    world.add("p", Kind::Base, fields, |_| {});
    world.add("k", Kind::Base, vec![relation_field("post", "p", 1), text_field("text"), number_field("score")], |_| {});
    for (name, age) in [("Ann", 30), ("Bob", 40), ("Cid", 0)] {
        world.put("u", &json!({"id": format!("u{name}"), "name": name, "age": age}));
    }
    for (name, on) in [("red", true), ("green", true), ("blue", false)] {
        world.put("g", &json!({"id": format!("g{name}"), "name": name, "on": on}));
    }
    for row in [
        json!({"key": "a", "title": "Alpha", "n": 1, "b": true, "d": "2024-01-15 10:00:00.000Z", "one": "x", "sel": ["x", "y"], "j": {"v": 1, "s": "str", "l": [1, 2], "o": {"k": true}, "t": "x"}, "geo": {"lon": 10, "lat": 50}, "mail": "a@example.com", "author": "uAnn", "tags": ["gred", "ggreen"], "secret": "s1"}),
        json!({"key": "b", "title": "beta", "n": 2, "b": false, "d": "2024-02-20 12:30:00.000Z", "one": "y", "sel": ["x"], "j": {"v": 2, "s": "", "l": []}, "geo": {"lon": 10.1, "lat": 50}, "mail": "b@example.com", "author": "uBob", "tags": ["gred"], "secret": "s2"}),
        json!({"key": "c", "title": "gam_ma 100%", "n": 3, "b": true, "d": "2025-03-01 00:00:00.000Z", "one": "", "sel": [], "j": null, "geo": {"lon": 0, "lat": 0}, "mail": "", "author": "", "tags": [], "secret": ""}),
        json!({"key": "d", "title": "", "n": 0, "b": false, "d": "", "one": "z", "sel": ["y", "z"], "j": "text", "geo": {"lon": -70, "lat": -30}, "mail": "d@other.com", "author": "uAnn", "tags": ["gblue", "gred"], "secret": "s4"}),
        json!({"key": "e", "title": "it's \"q\" (x)", "n": -5.5, "b": false, "d": "2023-12-31 23:59:59.999Z", "one": "x", "sel": ["x", "y", "z"], "j": [1, 2, 3], "geo": {"lon": 10, "lat": 51}, "mail": "e@example.com", "author": "uCid", "tags": ["gblue"], "secret": "s5"}),
    ] {
        let mut row = row;
        row["id"] = row["key"].clone();
        world.put("p", &row);
    }
    for (id, post, text, score) in
        [("1", "a", "nice", 5), ("2", "a", "bad", 1), ("3", "b", "nice", 4), ("4", "e", "", 0)]
    {
        world.put("k", &json!({"id": id, "post": post, "text": text, "score": score}));
    }
    world
}

#[test]
fn filters_select_what_pocketbase_selects() {
    let world = world();
    let database = world.database();
    let base = world.named("p");
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (filter, keys) = line.rsplit_once("=>").expect("each line has an arrow");
        let filter = filter
            .trim()
            .replace("{Ann}", "uAnn")
            .replace("{red}", "gred")
            .replace("{back}", "k_via_post")
            .replace("{u}", "u");
        let superuser = Purpose::ClientFilter { superuser: true };
        let expr = parse(&filter).unwrap_or_else(|error| panic!("{}", error.render(&filter)));
        let checked =
            check(&expr, &base, &world, superuser).unwrap_or_else(|error| panic!("{}", error.render(&filter)));
        let condition = checked.to_sql(&facts(), &world).condition;
        let text = condition.text().to_owned();
        match database.selected("p", condition) {
            Ok(selected) if selected.concat() == keys.trim() => {}
            Ok(selected) => wrong.push(format!("{filter}\n  is {}, not {}\n  {text}", selected.concat(), keys.trim())),
            Err(error) => wrong.push(format!("{filter}\n  {error}")),
        }
        count += 1;
    }
    assert!(wrong.is_empty(), "{} of {count} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count > 100);
}
