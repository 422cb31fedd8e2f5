//! Rules in words, and what is warned of.

use super::super::{Purpose, check, lint, parse};
use super::*;

fn world() -> World {
    let mut world = World::default();
    world.add("u", auth_kind(), vec![text_field("name"), select_field("role", 1)], |_| {});
    let fields = vec![
        text_field("title"),
        number_field("n"),
        bool_field("pub"),
        select_field("one", 1),
        select_field("tags", 3),
        geo_field("geo"),
        relation_field("owner", "u", 1),
        relation_field("members", "u", 5),
    ];
    world.add("p", Kind::Base, fields, |_| {});
    world.add("bans", Kind::Base, vec![relation_field("user", "u", 1)], |_| {});
    world
}

#[test]
fn rules_are_said_in_words() {
    let world = world();
    for (rule, words) in [
        ("@request.auth.id != '' && owner = @request.auth.id", "somebody is signed in, and `owner` is the caller"),
        ("@request.auth.id = null || pub = true", "nobody is signed in, or `pub` is true"),
        (
            "pub = true && (n >= 5 || title ~ 'news')",
            "`pub` is true, and (`n` is at least 5, or `title` contains \"news\")",
        ),
        ("members.id ?= @request.auth.id", "at least one `members.id` is the caller"),
        ("members.name != ''", "every `members.name` is not empty"),
        (
            "tags:each = 'x' && tags:length < 3",
            "every item of `tags` is \"x\", and the number of `tags` is less than 3",
        ),
        ("@request.body.owner:isset = false", "the submitted `owner` was not sent"),
        ("@request.body.n:changed != true", "the submitted `n` would not change"),
        ("@request.auth.role = 'x'", "the caller's `role` is \"x\""),
        (
            "@collection.bans.user ?!= @request.auth.id",
            "at least one `user` among all records of `bans` is not the caller",
        ),
        (
            "title:lower = 'a' || title > @todayStart",
            "`title` in lower case is \"a\", or `title` is greater than the start of today",
        ),
        (
            "geoDistance(geo.lon, geo.lat, 1, 2) < 5",
            "the distance in kilometres from (`geo.lon`, `geo.lat`) to (1, 2) is less than 5",
        ),
        (
            "@request.method = 'GET' && @request.query.k = 'v'",
            "the method of the request is \"GET\", and the query parameter `k` is \"v\"",
        ),
    ] {
        let expr = parse(rule).expect(rule);
        let checked = check(&expr, &world.named("p"), &world, Purpose::Rule).expect(rule);
        assert_eq!(checked.explain(&expr), words, "{rule}");
    }
}

#[test]
fn what_is_hardly_meant_is_warned_of() {
    use lint::code::{GUEST_MATCHES_EMPTY, LIST_AS_TEXT, NEVER_EQUAL, UNKNOWN_OPTION};
    let world = world();
    for (rule, codes) in [
        ("owner = @request.auth.id", vec![GUEST_MATCHES_EMPTY]),
        ("pub = true || @request.auth.id ?= members.id", vec![GUEST_MATCHES_EMPTY]),
        ("@request.auth.id != '' && (pub = true || owner = @request.auth.id)", vec![]),
        ("@request.auth.role = 'x' && owner = @request.auth.id", vec![]),
        ("@request.auth.id != '' || owner = @request.auth.id", vec![GUEST_MATCHES_EMPTY]),
        ("id = @request.auth.id", vec![]),
        ("owner != @request.auth.id", vec![]),
        ("tags = 'x'", vec![LIST_AS_TEXT]),
        ("tags = '[\"x\"]' && tags ~ 'x' && tags:each = 'x'", vec![]),
        ("one = 'nope'", vec![UNKNOWN_OPTION]),
        ("one = 'x' && one != ''", vec![]),
        ("n = 'abc' || pub = 'yes'", vec![NEVER_EQUAL, NEVER_EQUAL]),
        ("n = '5' && pub = '1'", vec![]),
    ] {
        let warnings = lint::lint(&parse(rule).expect(rule), &world.named("p"), true);
        assert_eq!(warnings.iter().map(|warning| warning.code).collect::<Vec<_>>(), codes, "{rule}");
    }
    let reads = lint::lint(&parse("@request.body.n:isset = false || n = 1").expect("valid"), &world.named("p"), false);
    assert_eq!(reads.iter().map(|warning| warning.code).collect::<Vec<_>>(), [lint::code::NO_BODY]);
}
