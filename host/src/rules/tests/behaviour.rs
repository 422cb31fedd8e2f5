//! What rules see of the request, what clients may not ask, what mistakes are called, how sorts come out.

use super::super::error::code;
use super::super::{AtHand, Error, Purpose, Truth, Where, check, check_all, parse, sort};
use super::*;
use serde_json::json;

/// People `u` (auth) and their documents `p`, whose `owner` and `members` they are; `bans` of people;
/// `vault` is for superusers only.
fn world() -> World {
    let mut world = World::default();
    let fields = vec![
        text_field("name"),
        select_field("role", 1),
        select_field("kinds", 3),
        json_field("meta"),
        relation_field("best", "p", 1),
    ];
    world.add("u", auth_kind(), fields, |_| {});
    let fields = vec![
        text_field("title"),
        number_field("n"),
        bool_field("pub"),
        hidden(text_field("sec")),
        select_field("tags", 3),
        relation_field("owner", "u", 1),
        relation_field("members", "u", 5),
        relation_field("vault", "vault", 1),
        json_field("j"),
    ];
    world.add("p", Kind::Base, fields, |_| {});
    world.add("bans", Kind::Base, vec![relation_field("user", "u", 1)], |_| {});
    world.add("vault", Kind::Base, vec![text_field("name"), relation_field("doc", "p", 1)], |vault| {
        vault.rules.list = None;
    });
    world.put("u", &json!({"id": "own", "name": "Owner", "role": "x", "kinds": ["x", "y"], "email": "own@example.com", "emailVisibility": true, "verified": true, "meta": {"level": 3}, "best": "p1"}));
    world.put("u", &json!({"id": "oth", "name": "Other", "role": "y", "kinds": [], "email": "oth@example.com", "emailVisibility": false}));
    world.put("p", &json!({"id": "p1", "title": "one", "n": 1, "pub": true, "sec": "s", "tags": ["x"], "owner": "own", "members": ["own", "oth"], "vault": "v1", "j": [1]}));
    world.put("p", &json!({"id": "p2", "title": "Two", "n": 2, "owner": "oth", "members": ["oth"], "j": {"k": "v"}}));
    world.put("p", &json!({"id": "p3", "title": "", "n": 3}));
    world.put("bans", &json!({"id": "b1", "user": "oth"}));
    world.put("vault", &json!({"id": "v1", "name": "gold", "doc": "p1"}));
    world
}

/// The rows that a rule selects, from SQL; memory must say the same of each row wherever it can tell.
fn select_in(world: &World, rule: &str, facts: &Facts<'_>, purpose: Purpose) -> String {
    let checked = check_in(world, rule, purpose).unwrap_or_else(|error| panic!("{}", error.render(rule)));
    let selected = world.database().selected("p", checked.to_sql(facts, world).condition).expect(rule);
    for row in world.rows("p") {
        match checked.evaluate(facts, row, world) {
            Truth::NeedsDatabase => {}
            truth => {
                assert_eq!(truth == Truth::True, selected.iter().any(|id| id == row.id()), "{rule} for {}", row.id());
            }
        }
    }
    selected.concat()
}

fn check_in(world: &World, rule: &str, purpose: Purpose) -> Result<super::super::Checked, Error> {
    check(&parse(rule)?, &world.named("p"), world, purpose)
}

fn owner(world: &World) -> Facts<'_> {
    Facts { auth: world.record("u_id", "own"), ..facts() }
}

#[test]
fn a_rule_sees_the_signed_in_record() {
    let world = world();
    for (rule, owner_sees, guest_sees) in [
        ("owner = @request.auth.id", "p1", "p3"),
        ("@request.auth.id != ''", "p1p2p3", ""),
        ("@request.auth.role = 'x'", "p1p2p3", ""),
        ("@request.auth.verified = true", "p1p2p3", ""),
        ("@request.auth.email = 'own@example.com'", "p1p2p3", ""),
        ("@request.auth.collectionName = 'u' && @request.auth.collectionId = 'u_id'", "p1p2p3", ""),
        ("@request.auth.nosuch = null", "p1p2p3", "p1p2p3"),
        ("@request.auth.nosuch.deeper = null", "p1p2p3", "p1p2p3"),
        ("members.id ?= @request.auth.id", "p1", "p3"),
        ("@request.auth.kinds:each ?= 'y'", "p1p2p3", ""),
        ("@request.auth.kinds:length = 2", "p1p2p3", ""),
        ("@request.auth.name:lower = 'owner'", "p1p2p3", ""),
        ("@request.auth.meta.level >= n", "p1p2p3", ""),
        ("@request.auth.best.title = title", "p1", "p3"),
        ("id = @request.auth.best.id", "p1", ""),
        ("id = @request.auth.best", "p1", ""),
        ("@request.auth.p_via_owner.title ?= 'one'", "p1p2p3", ""),
        ("owner.name = @request.auth.name", "p1", "p3"),
        ("@collection.bans.user != @request.auth.id", "p1p2p3", "p1p2p3"),
        ("@collection.bans.user ?= owner", "p2", "p2"),
        // The other member has no best document, however the first comparison chooses.
        ("members.best.tags:each ?= 'x' && members.best.title != ''", "", ""),
        ("members.best.tags:each ?= 'x' && members.best.title ?!= ''", "p1", "p1"),
    ] {
        assert_eq!(select_in(&world, rule, &owner(&world), Purpose::Rule), owner_sees, "{rule} for the owner");
        assert_eq!(select_in(&world, rule, &facts(), Purpose::Rule), guest_sees, "{rule} for a guest");
    }
}

#[test]
fn a_rule_sees_the_request() {
    let world = world();
    let body = json!({"title": "ABC", "n": "5", "tags": ["x", "y"], "owner": "own", "members": ["own", "oth"], "empty": null, "deep": {"a": [7]}, "j": [1]});
    let body = body.as_object().expect("it is an object");
    let query = [("key".to_owned(), "Abc".to_owned()), ("blank".to_owned(), String::new())];
    let headers = [("x_token".to_owned(), "t".to_owned())];
    let facts = Facts { body, query: &query, headers: &headers, method: "POST", context: "oauth2", ..facts() };
    for (rule, holds) in [
        ("@request.method = 'POST' && @request.context = 'oauth2'", true),
        ("@request.query.key = 'Abc' && @request.query.key:lower = 'abc'", true),
        ("@request.query.blank:isset = true && @request.query.nope:isset = false", true),
        ("@request.query.nope = '' && @request.headers.nope = null", true),
        ("@request.query.key.deeper = null", true),
        ("@request.headers.x_token = 't' && @request.headers.x_token:isset = true", true),
        ("@request.body.title = 'ABC' && @request.body.title:lower = 'abc'", true),
        ("@request.body.n > 4 && @request.body.n < 6", true),
        ("@request.body.n:isset = true && @request.body.pub:isset = false", true),
        ("@request.body.empty:isset = true && @request.body.empty = null", true),
        ("@request.body.deep.a.0 = 7", true),
        ("@request.body.tags:length = 2 && @request.body.pub:isset != true", true),
        ("@request.body.tags:each ?= 'x'", true),
        ("@request.body.tags:each = 'x'", false),
        ("@request.body.owner.name = 'Owner'", true),
        ("@request.body.members.name = 'Owner'", false),
        ("@request.body.members.name ?= 'Owner'", true),
        ("@request.body.vault.name = ''", true),
        ("@request.body.owner.nosuch = null", true),
        ("@request.body.pub:changed = false && @request.body.title:changed = true", true),
        ("@request.body.pub:lower = '' && @request.body.pub:lower ~ '' && @request.body.nosuch:lower !~ 'a'", true),
        ("@request.body.nosuch:lower != 'a' && @request.body.nosuch:lower < 'b'", true),
        ("@request.body.nosuch ~ ''", false),
    ] {
        assert_eq!(select_in(&world, rule, &facts, Purpose::Rule), if holds { "p1p2p3" } else { "" }, "{rule}");
    }
    assert_eq!(select_in(&world, "@request.body.j:changed = false", &facts, Purpose::Rule), "p1");
}

/// PocketBase's answers for a list that was not sent, that is null, that is empty, that has one item and two.
#[test]
fn a_submitted_list_is_taken_for_a_value() {
    let world = world();
    let bodies =
        [json!({}), json!({"tags": null}), json!({"tags": []}), json!({"tags": ["x"]}), json!({"tags": ["x", "y"]})];
    for (rule, answers) in [
        ("@request.body.tags:each = ''", "-----"),
        ("@request.body.tags:each != ''", "---++"),
        ("@request.body.tags:each ?= ''", "-----"),
        ("@request.body.tags:each ?!= ''", "+++++"),
        ("@request.body.tags:each = null", "-----"),
        ("@request.body.tags:each != null", "---++"),
        ("@request.body.tags:each ?= null", "-----"),
        ("@request.body.tags:each ?!= null", "+++++"),
        ("'' = @request.body.tags:each", "-----"),
        ("'' ?!= @request.body.tags:each", "+++++"),
        ("@request.body.tags:each = @request.body.title", "-----"),
        ("@request.auth.id ?!= @request.body.tags:each", "+++++"),
        ("@request.body.tags:each = @request.body.members:each", "-----"),
        ("@request.body.tags:each = @request.body.tags:each", "---+-"),
        ("@request.body.tags:each ?= @request.body.tags:each", "---++"),
        ("@request.body.tags:each = 'x'", "---+-"),
        ("@request.body.tags:each != 'x'", "+++--"),
        ("@request.body.tags:each ?= 'y'", "----+"),
        ("@request.body.tags:each ?!= 'x'", "+++-+"),
        ("@request.body.tags:each ~ ''", "---++"),
        ("@request.body.tags:each !~ 'y'", "---+-"),
        ("@request.body.tags:each > 0", "---++"),
        ("@request.body.tags:each ?!= '' && @request.body.tags:each ?= 'x'", "---++"),
        ("@request.body.tags:length = 0", "+++--"),
    ] {
        for (body, answer) in bodies.iter().zip(answers.chars()) {
            let facts = Facts { body: body.as_object().expect("it is an object"), ..facts() };
            let expected = if answer == '+' { "p1p2p3" } else { "" };
            assert_eq!(select_in(&world, rule, &facts, Purpose::Rule), expected, "{rule}: {body}");
        }
    }
}

/// A list of one, as fields of one value are.
#[test]
fn a_submitted_value_is_its_only_item() {
    let world = world();
    for (rule, unsent, empty) in [
        ("@request.body.owner:each = ''", "", "p1p2p3"),
        ("@request.body.owner:each != ''", "p1p2p3", ""),
        ("@request.body.owner:each ?!= null", "p1p2p3", ""),
        ("@request.body.owner:each = owner", "", "p3"),
    ] {
        for (body, expected) in [(json!({}), unsent), (json!({"owner": ""}), empty)] {
            let facts = Facts { body: body.as_object().expect("it is an object"), ..facts() };
            assert_eq!(select_in(&world, rule, &facts, Purpose::Rule), expected, "{rule}: {body}");
        }
    }
}

#[test]
fn what_the_request_decides_needs_no_row() {
    let world = world();
    let decided = |rule: &str, facts: &Facts<'_>| {
        let Where { decided, condition } = check_in(&world, rule, Purpose::Rule).expect(rule).to_sql(facts, &world);
        assert_eq!(decided.is_some(), condition.params().is_empty());
        decided
    };
    assert_eq!(decided("@request.auth.id != ''", &facts()), Some(false));
    assert_eq!(decided("@request.auth.id != '' && title = 'x'", &facts()), Some(false));
    assert_eq!(decided("@request.auth.id != '' || title = 'x'", &owner(&world)), Some(true));
    assert_eq!(decided("@request.auth.id != '' && title = 'x'", &owner(&world)), None);
}

#[test]
fn conditions_are_such_that_an_index_serves_them() {
    let world = world();
    for (rule, text) in [
        ("@request.auth.id != '' && owner = @request.auth.id", "`p`.`owner` = ?"),
        ("owner.id = @request.auth.id", "`p`.`owner` = ?"),
        ("title = ''", "(`p`.`title` = '' OR `p`.`title` IS NULL)"),
        ("@request.auth.name = title", "? = `p`.`title`"),
        ("owner.name = 'x'", "(SELECT `~1`.`name` FROM `u` AS `~1` WHERE `~1`.`id` = `p`.`owner`) = ?"),
        ("@collection.bans.user ?= @request.auth.id", "EXISTS (SELECT 1 FROM `bans` AS `~1` WHERE `~1`.`user` = ?)"),
        (
            "vault_via_doc.name ?= 'x'",
            // Without an index on `doc` all of `vault` is looked at, so that is done once and not for each row.
            "(`p`.`id` IN (SELECT `~1`.`doc` FROM `vault` AS `~1` WHERE `~1`.`name` = ?))",
        ),
        (
            "@collection.bans.user ?= @request.auth.id && @collection.bans.user ?= owner",
            "EXISTS (SELECT 1 FROM `bans` AS `~1` WHERE (`~1`.`user` = ? AND `~1`.`user` = `p`.`owner`))",
        ),
    ] {
        let condition = check_in(&world, rule, Purpose::Rule).expect(rule).to_sql(&owner(&world), &world).condition;
        assert_eq!(condition.text(), text, "{rule}");
    }
}

#[test]
fn a_client_may_not_ask_everything() {
    let world = world();
    let client = Purpose::ClientFilter { superuser: false };
    let superuser = Purpose::ClientFilter { superuser: true };
    for (filter, code) in [
        ("sec = 's'", code::UNKNOWN_FIELD),
        ("@request.auth.id = ''", code::SUPERUSER_ONLY),
        ("@collection.bans.user ?= 'x'", code::SUPERUSER_ONLY),
        ("vault.name = 'gold'", code::LOCKED_RELATION),
        // What is locked and what is not there are told apart by nothing.
        ("vault_via_doc.name ?= 'gold'", code::UNKNOWN_FIELD),
        ("owner.p_via_owner.sec ?= 's'", code::UNKNOWN_FIELD),
    ] {
        assert_eq!(check_in(&world, filter, client).expect_err(filter).code, code, "{filter}");
        assert!(
            check_in(&world, filter, superuser).is_ok() && check_in(&world, filter, Purpose::Rule).is_ok(),
            "{filter}"
        );
    }
    // The id of a related record is what the relation itself holds.
    assert_eq!(select_in(&world, "vault.id = 'v1'", &facts(), client), "p1");
    assert_eq!(select_in(&world, "vault.name = 'gold'", &facts(), superuser), "p1");
    // Nobody is told apart by an e-mail address that is not visible.
    for (filter, seen) in [
        ("owner.email = 'own@example.com'", "p1"),
        ("owner.email = 'oth@example.com'", ""),
        ("owner.email ~ 'example'", "p1"),
        ("members.email ?~ 'example'", "p1"),
        ("members.email ~ 'example'", ""),
    ] {
        assert_eq!(select_in(&world, filter, &facts(), client), seen, "{filter}");
    }
    assert_eq!(select_in(&world, "owner.email = 'oth@example.com'", &facts(), superuser), "p2");
}

#[test]
fn a_list_rule_guards_the_rows_a_filter_looks_at() {
    let mut world = world();
    let rule = |world: &mut World, text: &str| {
        let users = world.collections.iter_mut().find(|known| known.name == "u").expect("it is there");
        Arc::make_mut(users).rules.list = Some(text.to_owned());
    };
    let client = Purpose::ClientFilter { superuser: false };
    rule(&mut world, "name = 'Owner' || @request.auth.id = id");
    // p3 has no owner: there is no row to guard.
    assert_eq!(select_in(&world, "owner.name != 'nobody'", &facts(), client), "p1p3");
    assert_eq!(select_in(&world, "owner.name = 'Other' || n > 0", &facts(), client), "p1p3");
    assert_eq!(select_in(&world, "members.name ?= 'Other'", &facts(), client), "");
    assert_eq!(select_in(&world, "members.name ?~ 'O'", &facts(), client), "p1");
    let other = Facts { auth: world.record("u_id", "oth"), ..facts() };
    assert_eq!(select_in(&world, "members.name ?= 'Other'", &other, client), "p1p2");
    rule(&mut world, "no such rule");
    assert_eq!(check_in(&world, "owner.name = 'x'", client).expect_err("broken").code, code::BROKEN_RELATION);
}

#[test]
fn mistakes_are_named_and_placed() {
    let world = world();
    for (rule, code, place) in [
        ("titel = 'x'", code::UNKNOWN_FIELD, "titel"),
        ("owner.nmae = 'x'", code::UNKNOWN_FIELD, "nmae"),
        ("title.x = 1", code::NOT_RELATION, "title"),
        ("u_via_owner.name = 1", code::UNKNOWN_FIELD, "u_via_owner"),
        ("bans_via_user.id = 1", code::NOT_RELATION, "bans_via_user"),
        ("x_via_y.id = 1", code::UNKNOWN_COLLECTION, "x_via_y"),
        ("@nwo > 1", code::UNKNOWN_MACRO, "@nwo"),
        ("@request.foo = 1", code::UNKNOWN_FIELD, "@request.foo"),
        ("@request.auth = 1", code::UNKNOWN_FIELD, "@request.auth"),
        ("@collection.nope.id = 1", code::UNKNOWN_COLLECTION, "nope"),
        ("@collection.bans = 1", code::SYNTAX, "@collection.bans"),
        ("@collection.bans.nope = 1", code::UNKNOWN_FIELD, "nope"),
        ("title:upper = 'X'", code::UNKNOWN_MODIFIER, "title:upper"),
        ("@request.body.title:length = 1", code::MODIFIER, "@request.body.title:length"),
        ("@request.body.nope:changed = true", code::MODIFIER, "@request.body.nope:changed"),
        ("j.k:each = 1", code::MODIFIER, "k"),
        ("j.9999999999 = 1", code::SYNTAX, "9999999999"),
        ("j..k = 1", code::SYNTAX, "j..k"),
        ("#x = 1", code::UNKNOWN_FIELD, "#x"),
        ("soundex(title) = 'x'", code::UNKNOWN_FUNCTION, "soundex(title)"),
        ("geoDistance(1, 2, 3) = 1", code::ARGUMENTS, "geoDistance(1, 2, 3)"),
        ("geoDistance('1', 2, 3, 4) = 1", code::ARGUMENTS, "geoDistance('1', 2, 3, 4)"),
        ("strftime(title) = 1", code::ARGUMENTS, "strftime(title)"),
        ("strftime('%Y', strftime('%Y')) = 1", code::ARGUMENTS, "strftime('%Y', strftime('%Y'))"),
        ("owner.best.owner.best.owner.best.owner.name = 1", code::TOO_DEEP, "owner"),
    ] {
        let error = check_in(&world, rule, Purpose::Rule).expect_err(rule);
        assert_eq!((error.code, &rule[error.span.clone()]), (code, place), "{}", error.render(rule));
    }
    let error = check_in(&world, "titel = 'x'", Purpose::Rule).expect_err("a mistake");
    assert_eq!(error.hint.as_deref(), Some("did you mean `title`?"));
}

#[test]
fn every_mistake_is_told_at_once() {
    let world = world();
    let expr = parse("titel = 1 && (n = 1 || owner.nmae = 2) && soundex(title) = 'x'").expect("it is well formed");
    let errors = check_all(&expr, &world.named("p"), &world, Purpose::Rule).expect_err("there are mistakes");
    let codes: Vec<&str> = errors.iter().map(|error| error.code).collect();
    assert_eq!(codes, [code::UNKNOWN_FIELD, code::UNKNOWN_FIELD, code::UNKNOWN_FUNCTION]);
}

/// The engine would refuse the pattern, and with it the whole list.
#[test]
fn patterns_that_are_too_long_match_nothing() {
    let mut world = world();
    let long = "x".repeat(super::super::PATTERN_BYTES_MAX.into());
    world.put("p", &json!({"id": "p4", "title": long, "n": 4, "owner": "big"}));
    world.put("u", &json!({"id": "big", "name": long}));
    assert_eq!(select_in(&world, "title ~ owner.name || n = 1", &facts(), Purpose::Rule), "p1");
    assert_eq!(select_in(&world, &format!("title ~ '{long}'"), &facts(), Purpose::Rule), "");
}

#[test]
fn filters_of_clients_are_limited() {
    let world = world();
    let client = Purpose::ClientFilter { superuser: true };
    let code = |filter: &str, purpose| check_in(&world, filter, purpose).err().map(|error| error.code);
    assert_eq!(code(&vec!["n=1"; 200].join("||"), client), None);
    assert_eq!(code(&vec!["n=1"; 201].join("||"), client), Some(code::TOO_MANY));
    assert_eq!(code(&vec!["n=1"; 201].join("||"), Purpose::Rule), None);
    assert_eq!(code(&format!("title = '{}'", "x".repeat(3400)), client), None);
    assert_eq!(code(&format!("title = '{}'", "x".repeat(3500)), client), Some(code::TOO_LONG));
    let many: Vec<String> = (0..60).map(|alias| format!("@collection.bans:a{alias}.id ?= id")).collect();
    assert_eq!(code(&many.join("&&"), Purpose::Rule), Some(code::TOO_MANY));
}

/// What the limits allow, SQLite must be able to prepare and run.
#[test]
fn the_largest_rules_run() {
    let world = world();
    let database = world.database();
    let run = |rule: &str| {
        let checked = check_in(&world, rule, Purpose::Rule).unwrap_or_else(|error| panic!("{error}: {rule}"));
        database.selected("p", checked.to_sql(&owner(&world), &world).condition).expect("it runs");
    };
    run(&vec!["members.name ?= 'x'"; 500].join(" || "));
    run(&vec!["title != 'x'"; 500].join(" && "));
    run(&vec!["@request.auth.best.members.name ?= title"; 200].join(" && "));
    run(&(0..super::super::DEPTH_MAX).fold("members.name = 'x'".to_owned(), |inner, level| {
        if level % 2 == 0 { format!("owner.name != 'x' && ({inner})") } else { format!("title ~ 'x' || ({inner})") }
    }));
    let aliases: Vec<String> = (0..49).map(|alias| format!("@collection.bans:a{alias}.id ?= id")).collect();
    run(&aliases.join(" || "));
    let chained: Vec<String> =
        (0..24).map(|alias| format!("@collection.p:a{alias}.members.id ?= @collection.bans.id")).collect();
    assert!(check_in(&world, &chained.join(" && "), Purpose::Rule).is_err());
    run(&chained[..16].join(" && "));
    run(&vec!["owner.best.owner.best.owner.best.title != 'x'"; 100].join(" && "));
}

#[test]
fn sorts_come_out_in_order() {
    let mut world = world();
    let ids = |world: &World, text: &str, purpose: Purpose| {
        let sorted =
            sort(text, &world.named("p"), world, purpose).unwrap_or_else(|error| panic!("{}", error.render(text)));
        let order = sorted.to_sql(&facts(), world);
        let mut sql = Sql::new("SELECT id FROM p WHERE ");
        sql.append(order.guard.condition).push(" ORDER BY ").append(order.terms);
        world.database().texts(&sql).expect(text).concat()
    };
    let client = Purpose::ClientFilter { superuser: false };
    for (text, order) in [
        ("-n", "p3p2p1"),
        ("+n", "p1p2p3"),
        (" n ", "p1p2p3"),
        ("title", "p3p2p1"),
        ("title:lower", "p3p1p2"),
        ("-owner.name,n", "p1p2p3"),
        ("owner.name,-n", "p3p2p1"),
        ("members.name,n", "p3p1p2"),
        ("-members.name,n", "p1p2p3"),
        ("-tags:length,-n", "p1p3p2"),
        ("-j.k,-n", "p2p3p1"),
        // Only the visible address counts.
        ("-owner.email,n", "p1p2p3"),
        ("owner.id,n", "p3p2p1"),
        ("vault.id,n", "p2p3p1"),
    ] {
        assert_eq!(ids(&world, text, client), order, "{text}");
    }
    assert_eq!(ids(&world, "-@rowid", client).len(), 6);
    assert_eq!(ids(&world, "@random", client).len(), 6);
    let users = world.collections.iter_mut().find(|known| known.name == "u").expect("it is there");
    Arc::make_mut(users).rules.list = Some("name = 'Owner'".to_owned());
    assert_eq!(ids(&world, "owner.name,n", client), "p3p1");
    assert_eq!(ids(&world, "owner.name,n", Purpose::ClientFilter { superuser: true }), "p3p2p1");
}

#[test]
fn sorts_are_checked() {
    let world = world();
    let client = Purpose::ClientFilter { superuser: false };
    let code = |text: &str| sort(text, &world.named("p"), &world, client).err().map(|error| error.code);
    for (text, expected) in [
        ("", None),
        (" ", None),
        ("n,-title,@random,@rowid", None),
        ("n,n,n,n,n,n,n,n", None),
        ("n,n,n,n,n,n,n,n,n", Some(code::TOO_MANY)),
        ("sec", Some(code::UNKNOWN_FIELD)),
        ("nope", Some(code::UNKNOWN_FIELD)),
        ("n,,title", Some(code::SYNTAX)),
        ("n title", Some(code::SYNTAX)),
        ("--n", Some(code::SYNTAX)),
        ("'x'", Some(code::SYNTAX)),
        ("j.\"k", Some(code::SYNTAX)),
        ("n // x", Some(code::SYNTAX)),
        ("null", Some(code::UNSUPPORTED)),
        ("@now", Some(code::UNSUPPORTED)),
        ("@request.auth.id", Some(code::SUPERUSER_ONLY)),
        ("vault.name", Some(code::LOCKED_RELATION)),
        (&"n".repeat(256), Some(code::TOO_LONG)),
    ] {
        assert_eq!(code(text), expected, "{text:?}");
    }
}

fn is_shared<T: Send + Sync + Clone + 'static>() {}

#[test]
fn checked_rules_know_what_they_look_at() {
    let world = world();
    for (rule, auth, specific, collections) in [
        ("title = 'x'", false, false, vec![]),
        ("owner.name = 'x' && @now > '2020'", false, false, vec!["u_id"]),
        ("owner = @request.auth.id", true, true, vec![]),
        ("@request.query.k = 'x' || @collection.bans.id ?= id", false, true, vec!["bans_id"]),
        ("@request.method = 'GET'", false, false, vec![]),
        ("members.best.title ?= 'x'", false, false, vec!["p_id", "u_id"]),
    ] {
        let checked = check_in(&world, rule, Purpose::Rule).expect(rule);
        assert_eq!((checked.needs_auth(), checked.is_caller_specific()), (auth, specific), "{rule}");
        assert_eq!(checked.collections().collect::<Vec<_>>(), collections, "{rule}");
    }
    is_shared::<super::super::Checked>();
    is_shared::<super::super::Sort>();
}

#[test]
fn memory_says_when_it_cannot_tell() {
    let mut world = world();
    world.add("v", Kind::View { query: "SELECT id, title FROM p".to_owned() }, vec![text_field("title")], |_| {});
    let row = world.record("p_id", "p1").expect("it is there");
    let truth = |rule: &str, related: &dyn Related| {
        check_in(&world, rule, Purpose::Rule).expect(rule).evaluate(&facts(), row, related)
    };
    let alone = Alone(&world);
    assert_eq!(truth("owner.name = 'Owner'", &world), Truth::True);
    assert_eq!(truth("owner.name = 'Owner'", &alone), Truth::NeedsDatabase);
    assert_eq!(truth("owner.name = 'Owner' || n = 1", &alone), Truth::True);
    assert_eq!(truth("owner.name = 'Owner' && n = 2", &alone), Truth::False);
    assert_eq!(truth("owner = 'own' && members ~ 'oth' && tags:each = 'x' && j.0 = 1", &alone), Truth::True);
    assert_eq!(truth("@collection.bans.id ?= ''", &alone), Truth::NeedsDatabase);
    assert_eq!(truth("@collection.bans.user ?= 'oth'", &world), Truth::True);
    assert_eq!(truth("vault_via_doc.id ?!= ''", &alone), Truth::NeedsDatabase);
    assert_eq!(truth("vault_via_doc.id ?!= ''", &world), Truth::True);
    let own = AtHand { lookup: &world, record: world.record("u_id", "own") };
    assert_eq!(truth("owner.name = 'Owner'", &own), Truth::True);
    assert_eq!(truth("members.name = 'Owner'", &own), Truth::NeedsDatabase);
    let view = world.record_of("v", &json!({"id": "p1", "title": "one"}));
    let rule = check(&parse("title = 'one'").expect("valid"), &view.collection, &world, Purpose::Rule).expect("valid");
    assert_eq!(rule.evaluate(&facts(), &view, &alone), Truth::NeedsDatabase);
}

#[test]
fn a_draft_is_judged_as_if_it_were_stored() {
    let world = world();
    let draft =
        world.record_of("p", &json!({"id": "new", "title": "5", "n": 6.0, "tags": ["x"], "owner": "own", "j": "1.0"}));
    let rule = "n > '5' && n ~ '6' && title = 5 || n = '6' && title = '5' && owner.name = 'Owner' && tags:each = 'x' && p_via_x.id = ''";
    let rule = rule.replace(" && p_via_x.id = ''", " && vault_via_doc.id = ''");
    let checked = check_in(&world, &rule, Purpose::Rule).expect("valid");
    let mut sql = Sql::new("SELECT 'yes' WHERE ");
    sql.append(checked.to_sql_for_draft(&draft, &facts(), &world).condition);
    assert_eq!(world.database().texts(&sql).expect("it runs"), ["yes"]);
    let checked = check_in(&world, "@request.auth.id != '' && n > 1", Purpose::Rule).expect("valid");
    assert_eq!(checked.to_sql_for_draft(&draft, &facts(), &world).decided, Some(false));
}

/// A guard's words count as the filter's own.
#[test]
fn what_another_moment_decides_is_known() {
    let mut world = world();
    world.add("notes", Kind::Base, vec![date_field("due")], |notes| {
        notes.rules.list = Some("due > @now".to_owned());
    });
    world.add("links", Kind::Base, vec![date_field("at"), relation_field("note", "notes", 1)], |_| {});
    let filter = Purpose::ClientFilter { superuser: false };
    for (text, purpose, told) in [
        ("at < @now", Purpose::Rule, true),
        ("id = 'x' || (at != '' && @tomorrow > at)", filter, true),
        ("@second = 5", Purpose::Rule, true),
        ("at < @todayStart && @year = 2026", filter, false),
        ("note.id = 'x'", Purpose::Rule, false),
        ("note.id != 'x' && note.due = ''", filter, true),
    ] {
        let checked = check(&parse(text).unwrap(), &world.named("links"), &world, purpose).unwrap();
        assert_eq!(checked.tells_moments(), told, "{text}");
    }
}
