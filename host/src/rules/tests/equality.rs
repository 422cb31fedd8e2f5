//! The back ends held equal: whatever the rule, the rows and the caller, SQL and memory say the same, and
//! the shortcuts of SQL change nothing.
//!
//! `RULES_TEST_CASES` sets the number of worlds; each is asked many rules for each of its rows.

use super::super::check::Checked;
use super::super::{AtHand, Purpose, Truth, check, parse};
pub(super) use super::words::{COLUMNS, MULTIPLE_PATHS, SINGLE_PATHS};
use super::words::{FUNCTIONS, LITERALS, OPERATORS, PLAIN, REQUEST};
use super::*;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestRunner;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Worlds.
const CASES: u32 = 580;
/// Triples of rule, row and caller that are compared at least.
const TRIPLES_MIN: usize = 200_000;
/// Statements that look at what rows lead to once for all of them.
const WIDE_MIN: usize = 1_000;
/// How many there were, and of how many memory decided: with every row at hand, and with few or none.
static TRIPLES: AtomicUsize = AtomicUsize::new(0);
static WIDE: AtomicUsize = AtomicUsize::new(0);
static DECIDED: [AtomicUsize; 2] = [AtomicUsize::new(0), AtomicUsize::new(0)];

/// Joined rows that the unabridged definition may have to try; it joins everything with everything.
const NODES_DEFINED: usize = 5;

pub(super) fn operand(request: bool) -> impl Strategy<Value = String> {
    let request = if request { REQUEST } else { LITERALS };
    prop_oneof![
        6 => select(COLUMNS),
        2 => select(SINGLE_PATHS),
        4 => select(MULTIPLE_PATHS),
        5 => select(request),
        5 => select(LITERALS),
        1 => select(FUNCTIONS),
    ]
    .prop_map(str::to_owned)
}

/// Paths with a common beginning, whose comparisons speak of the same row.
const SHARED: &[&[&str]] = &[
    &[
        "tags.name",
        "tags.level",
        "tags.on",
        "tags.id",
        "tags.lead",
        "tags.lead.name",
        "tags.lead.age",
        "tags.lead.roles:each",
        "tags.lead.groups.name",
        "tags.meta.k",
    ],
    &[
        "author.groups.name",
        "author.groups.level",
        "author.groups.lead.name",
        "author.roles:each",
        "author.name",
        "author.team.name",
        "author.groups.lead.roles:each",
    ],
    &[
        "comments_via_post.score",
        "comments_via_post.by",
        "comments_via_post.by.name",
        "comments_via_post.by.roles:each",
        "comments_via_post.by.groups.name",
        "comments_via_post.id",
    ],
    &[
        "@collection.teams.name",
        "@collection.teams.level",
        "@collection.teams.lead",
        "@collection.teams.lead.name",
        "@collection.teams.lead.roles:each",
    ],
    &["sel:each", "sel", "one:each", "sel:length"],
    &["words:each", "sizes:each", "words", "maybe", "note"],
];

/// A few comparisons over paths with a common beginning.
fn shared_rule() -> impl Strategy<Value = String> {
    let op = || select(OPERATORS);
    let right = || prop_oneof![3 => select(LITERALS), 1 => select(PLAIN)];
    select(SHARED).prop_flat_map(move |group| {
        let right = prop_oneof![3 => right().boxed(), 1 => select(group).boxed()];
        let leaf = (select(group), op(), right).prop_map(|(left, op, right)| format!("{left} {op} {right}"));
        (prop::collection::vec(leaf, 2..4), prop::collection::vec(any::<bool>(), 2)).prop_map(|(leaves, joins)| {
            let mut joins = joins.into_iter().map(|all| if all { " && " } else { " || " });
            let mut leaves = leaves.into_iter();
            let first = leaves.next().unwrap_or_default();
            leaves.fold(first, |rule, leaf| format!("{rule}{}{leaf}", joins.next().unwrap_or(" && ")))
        })
    })
}

pub(super) fn rule(request: bool) -> impl Strategy<Value = String> {
    let op =
        select(vec!["=", "!=", "<", "<=", ">", ">=", "~", "!~", "?=", "?!=", "?<", "?<=", "?>", "?>=", "?~", "?!~"]);
    let plain = || select(PLAIN).prop_map(str::to_owned).boxed();
    let sides = prop_oneof![5 => (operand(request), operand(request)).boxed(), 2 => (plain(), plain()).boxed(), 1 => (plain(), operand(request)).boxed()];
    let leaf = (sides, op).prop_map(|((left, right), op)| format!("{left} {op} {right}"));
    leaf.prop_recursive(3, 5, 3, |inner| {
        (prop::collection::vec(inner, 2..4), any::<bool>())
            .prop_map(|(members, all)| format!("({})", members.join(if all { " && " } else { " || " })))
    })
}

fn short_text() -> impl Strategy<Value = Json> {
    select(vec!["", "a", "A", "b", "ab", "5", "5.0", " 5 ", "a%", "_", "x", "\\", "ä", "it's", "[1,2]", "null", "1e0"])
        .prop_map(Json::from)
}

fn number() -> impl Strategy<Value = Json> {
    select(vec![0.0, 1.0, 2.0, 5.0, 5.5, -1.0, 0.1, 1e15, 1e20, 123_456_789.123_456_7, 60.0]).prop_map(Json::from)
}

fn any_json() -> impl Strategy<Value = Json> {
    let texts = [
        "null",
        "true",
        "false",
        "1",
        "1.0",
        "2.50",
        "5",
        "\"a\"",
        "\"\"",
        "\"5\"",
        "[]",
        "[1,2]",
        "[1, 2.50, \"x\"]",
        "{\"a\":1,\"b\":\"b\"}",
        "{\"a\":[1,{\"k\": 2}],\"b\":null}",
        "{\"a\":\"A\"}",
        "{\"k\":\"a\"}",
        "{\"k\":5}",
        "{\"k\":\"2024-03-01\"}",
        "\"\\u00e9\\n\"",
        "1e3",
        "{\"a\":{\"c\":\"\\u00e9\\\"\"}}",
        "-0",
        "1e400",
        "123456789012345678901",
    ];
    select(texts.to_vec()).prop_map(|text| serde_json::from_str(text).unwrap_or(Json::Null))
}

fn date() -> impl Strategy<Value = Json> {
    select(vec!["", "2024-01-01 00:00:00.000Z", "2024-02-29 10:00:00.000Z", "2030-12-31 23:59:59.999Z"])
        .prop_map(Json::from)
}

fn choices(of: &'static [&'static str]) -> impl Strategy<Value = Json> {
    prop::sample::subsequence(of, 0..=of.len().min(3)).prop_shuffle().prop_map(Json::from)
}

fn one(of: &'static [&'static str]) -> impl Strategy<Value = Json> {
    select(of).prop_map(Json::from)
}

const TEAMS: &[&str] = &["t1", "t2", "t3"];
const POSTS: [&str; 8] = ["p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8"];
const OPTIONS: &[&str] = &["x", "y", "z", "5"];

fn user(id: &'static str) -> impl Strategy<Value = Json> {
    let plain = (
        short_text(),
        number(),
        one(&["", "t1", "t2", "t3", "gone"]),
        any_json(),
        short_text(),
        any::<bool>(),
        any::<bool>(),
    );
    (plain, choices(OPTIONS), choices(&["t1", "t2", "t3", "gone"])).prop_map(move |(plain, roles, groups)| {
        let (name, age, team, meta, email, visible, verified) = plain;
        serde_json::json!({"id": id, "name": name, "age": age, "team": team, "meta": meta, "email": email,
            "emailVisibility": visible, "verified": verified, "roles": roles, "groups": groups})
    })
}

fn team(id: &'static str) -> impl Strategy<Value = Json> {
    (short_text(), number(), any::<bool>(), any_json(), one(&["", "u1", "u2", "gone"])).prop_map(move |(name, level, on, meta, lead)| {
        serde_json::json!({"id": id, "name": name, "level": level, "on": on, "meta": meta, "lead": lead})
    })
}

fn post(id: &'static str) -> impl Strategy<Value = Json> {
    let plain = (short_text(), number(), any::<bool>(), date(), one(&["", "x", "y", "5"]), any_json());
    let point = (-180.0..180.0, -90.0..90.0).prop_map(|(lon, lat): (f64, f64)| (lon.round(), lat.round()));
    let author = one(&["", "u1", "u2", "u3", "gone"]);
    (plain, point, choices(OPTIONS), author, choices(&["t1", "t2", "t3", "gone"]), additions()).prop_map(
        move |((title, n, b, d, one, j), (lon, lat), sel, author, tags, mut post)| {
            let more = serde_json::json!({"id": id, "title": title, "n": n, "b": b, "d": d, "one": one, "j": j,
                "geo": {"lon": lon, "lat": lat}, "sel": sel, "author": author, "tags": tags});
            if let (Json::Object(post), Json::Object(more)) = (&mut post, more) {
                post.extend(more);
            }
            post
        },
    )
}

/// What is added to a post: values that may be null, and lists with repeated items.
fn additions() -> impl Strategy<Value = Json> {
    let null = || Just(Json::Null);
    let list = |item: BoxedStrategy<Json>| prop::collection::vec(item, 0..4).prop_map(Json::from);
    (
        prop_oneof![null().boxed(), number().boxed()],
        prop_oneof![null().boxed(), short_text().boxed()],
        list(short_text().boxed()),
        list(number().boxed()),
    )
        .prop_map(|(maybe, note, words, sizes)| {
            serde_json::json!({"maybe": maybe, "note": note, "words": words, "sizes": sizes})
        })
}

fn comment(id: &'static str) -> impl Strategy<Value = Json> {
    (one(&POSTS), one(&["", "u1", "u2"]), number(), choices(&POSTS)).prop_map(move |(post, by, score, refs)| {
        serde_json::json!({"id": id, "post": post, "by": by, "score": score, "refs": refs})
    })
}

/// What a client submits, in any shape.
pub(super) fn body() -> impl Strategy<Value = Map<String, Json>> {
    let value =
        |key: &'static str, value: BoxedStrategy<Json>| prop::option::of(value).prop_map(move |value| (key, value));
    let loose = || prop_oneof![short_text(), number(), any_json()].boxed();
    (
        value("title", loose()),
        value("n", loose()),
        value("b", any::<bool>().prop_map(Json::from).boxed()),
        value("sel", prop_oneof![choices(OPTIONS), loose()].boxed()),
        value("author", one(&["", "u1", "u2", "gone"]).boxed()),
        value("tags", choices(TEAMS).boxed()),
        value("one", one(&["", "x", "y", "5"]).boxed()),
        value("j", any_json().boxed()),
    )
        .prop_map(|(a, b, c, d, e, f, g, h)| {
            [a, b, c, d, e, f, g, h].into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
        })
}

/// The rows of a world.
#[derive(Debug, Clone)]
pub(super) struct Rows {
    pub users: Vec<Json>,
    pub teams: Vec<Json>,
    pub posts: Vec<Json>,
    pub comments: Vec<Json>,
}

pub(super) fn rows() -> impl Strategy<Value = Rows> {
    let users = (user("u1"), user("u2"), user("u3"));
    let teams = (team("t1"), team("t2"), team("t3"));
    let posts = Vec::from(POSTS.map(post));
    let comments = (comment("c1"), comment("c2"), comment("c3"));
    (users, teams, posts, comments).prop_map(|(users, teams, posts, comments)| Rows {
        users: vec![users.0, users.1, users.2],
        teams: vec![teams.0, teams.1, teams.2],
        posts,
        comments: vec![comments.0, comments.1, comments.2],
    })
}

fn world() -> impl Strategy<Value = World> {
    rows().prop_map(|rows| {
        let mut world = schema();
        fill(&mut world, &rows);
        world
    })
}

pub(super) fn fill(world: &mut World, rows: &Rows) {
    let Rows { users, teams, posts, comments } = rows;
    for (collection, records) in [("users", users), ("teams", teams), ("posts", posts), ("comments", comments)] {
        for record in records {
            world.put(collection, record);
        }
    }
    world.put("profile", &serde_json::json!({"id": "f1", "user": "u1", "bio": "a"}));
}

pub(super) fn schema() -> World {
    let mut world = World::default();
    let fields = vec![
        text_field("name"),
        number_field("age"),
        relation_field("team", "teams", 1),
        json_field("meta"),
        select_field("roles", 3),
        relation_field("groups", "teams", 3),
    ];
    world.add("users", auth_kind(), fields, |users| {
        users.rules.list = Some("name != 'a' || @request.auth.id = id".to_owned());
    });
    let fields = vec![
        text_field("name"),
        number_field("level"),
        bool_field("on"),
        json_field("meta"),
        relation_field("lead", "users", 1),
    ];
    world.add("teams", Kind::Base, fields, |teams| {
        teams.rules.list = Some("on = true || lead.name = 'b'".to_owned());
    });
    let fields = vec![
        text_field("title"),
        number_field("n"),
        bool_field("b"),
        date_field("d"),
        select_field("one", 1),
        select_field("sel", 3),
        json_field("j"),
        geo_field("geo"),
        relation_field("author", "users", 1),
        relation_field("tags", "teams", 3),
        nullable(number_field("maybe")),
        nullable(text_field("note")),
        Field::new("words", array::Array::default()),
        Field::new("sizes", array::Array { of: array::Of::Number, ..array::Array::default() }),
    ];
    world.add("posts", Kind::Base, fields, |_| {});
    let fields = vec![
        relation_field("post", "posts", 1),
        relation_field("by", "users", 1),
        number_field("score"),
        relation_field("refs", "posts", 4),
    ];
    world.add("comments", Kind::Base, fields, |comments| {
        comments.rules.list = Some("score < 5 || @request.auth.id = by".to_owned());
    });
    world.add("profile", Kind::Base, vec![relation_field("user", "users", 1), text_field("bio")], |profile| {
        profile.indexes.push("CREATE UNIQUE INDEX i ON profile (user)".to_owned());
    });
    world
}

/// One rule, one caller: all rows, all back ends. The dearer comparisons take turns, by `turn`.
fn compare(
    world: &World,
    database: &Database,
    checked: &Checked,
    facts: &Facts<'_>,
    (text, turn): (&str, usize),
) -> Result<(), TestCaseError> {
    let fail = |error: String| TestCaseError::fail(format!("{text}\n{error}"));
    let found = checked.to_sql(facts, world);
    let selected = database.selected("posts", found.condition.clone()).map_err(fail)?;
    if let Some(wide) = checked.to_wide_sql(facts, world) {
        let shown = wide.condition.text().to_owned();
        let widely = database.selected("posts", wide.condition).map_err(fail)?;
        prop_assert_eq!(&selected, &widely, "wide: {}\n{}", text, shown);
        WIDE.fetch_add(1, Ordering::Relaxed);
    }
    if turn.is_multiple_of(3) && checked.bind(facts, world).nodes.len() <= NODES_DEFINED {
        let defined = database.selected("posts", checked.to_sql_as_defined(facts, world)).map_err(fail)?;
        prop_assert_eq!(&selected, &defined, "shortcuts: {}\n{}", text, found.condition.text());
    }
    for (index, row) in world.rows("posts").enumerate() {
        let in_sql = selected.iter().any(|id| id == row.id());
        if (index + turn).is_multiple_of(4) {
            let mut draft = Sql::new("SELECT 'yes' WHERE ");
            draft.append(checked.to_sql_for_draft(row, facts, world).condition);
            prop_assert_eq!(!database.texts(&draft).map_err(fail)?.is_empty(), in_sql, "draft {}: {}", row.id(), text);
        }
        TRIPLES.fetch_add(1, Ordering::Relaxed);
        let own = AtHand { lookup: world, record: facts.auth };
        let at_hand = [world as &dyn Related, if turn.is_multiple_of(2) { &own } else { &Alone(world) }];
        for (place, related) in at_hand.into_iter().enumerate() {
            let truth = checked.evaluate(facts, row, related);
            if truth == Truth::NeedsDatabase {
                continue;
            }
            DECIDED[place].fetch_add(1, Ordering::Relaxed);
            let shown = found.condition.text();
            prop_assert_eq!(truth == Truth::True, in_sql, "row {}: {}\n{}\n{:?}", row.id(), text, shown, row);
        }
    }
    Ok(())
}

/// A world and what it is asked.
type Case = (World, Vec<String>, Vec<String>, Map<String, Json>, Option<&'static str>);

fn case() -> impl Strategy<Value = Case> {
    let rules = prop::collection::vec(prop_oneof![2 => rule(true).boxed(), 1 => shared_rule().boxed()], 12);
    let filters = prop::collection::vec(rule(false), 2);
    (world(), rules, filters, body(), prop::option::of(select(vec!["", "a", "5", "A"])))
}

fn agree((world, rules, filters, body, query): &Case) -> Result<(), TestCaseError> {
    let database = world.database();
    let base = world.named("posts");
    let query: Vec<(String, String)> = query.iter().map(|value| ("q".to_owned(), (*value).to_owned())).collect();
    let callers = [None, world.record("users_id", "u1"), world.record("users_id", "u2")];
    let rules = rules.iter().map(|text| (text, Purpose::Rule));
    let filters =
        filters.iter().flat_map(|text| [true, false].map(|superuser| (text, Purpose::ClientFilter { superuser })));
    for (turn, (text, purpose)) in rules.chain(filters).enumerate() {
        let expr = parse(text).map_err(|error| TestCaseError::fail(error.render(text)))?;
        let Ok(checked) = check(&expr, &base, world, purpose) else {
            prop_assert!(purpose == Purpose::ClientFilter { superuser: false } && text.contains('@'), "{}", text);
            continue;
        };
        for auth in callers {
            let facts = Facts { auth, body, query: &query, ..facts() };
            compare(world, &database, &checked, &facts, (text, turn))?;
        }
    }
    Ok(())
}

#[test]
fn back_ends_agree() {
    let config = super::super::test_config(CASES);
    let is_whole = config.cases >= CASES;
    let mut runner = TestRunner::new(config);
    if let Err(error) = runner.run(&case(), |case| agree(&case)) {
        panic!("{error}");
    }
    let triples = TRIPLES.load(Ordering::Relaxed);
    let wide = WIDE.load(Ordering::Relaxed);
    let decided = DECIDED.each_ref().map(|count| count.load(Ordering::Relaxed));
    println!(
        "{triples} triples, {wide} statements wide; {decided:?} decided in memory, with everything and with little at hand"
    );
    if is_whole {
        assert!(triples >= TRIPLES_MIN && wide >= WIDE_MIN, "{triples}, {wide}");
        // A memory that leaves everything to the database would agree with it too.
        assert!(decided[0] * 10 > triples * 8 && decided[1] * 10 > triples * 3, "{decided:?} of {triples}");
    }
}

/// Which items of one list violate depends on the row that was chosen of another: no set of them holds for all.
#[test]
fn both_sides_may_be_of_several_rows() {
    let mut world = schema();
    world.put("teams", &serde_json::json!({"id": "t1", "level": 7}));
    for (id, one) in [("p5", "5"), ("p7", "x")] {
        world.put("posts", &serde_json::json!({"id": id, "one": one, "tags": ["t1"]}));
    }
    let expr = parse("tags.level < one:each").unwrap();
    let checked = check(&expr, &world.named("posts"), &world, Purpose::Rule).unwrap();
    let wide = checked.to_wide_sql(&facts(), &world).map(|wide| wide.condition);
    let short = checked.to_sql(&facts(), &world).condition;
    for condition in [short.clone(), wide.unwrap_or(short)] {
        assert_eq!(world.database().selected("posts", condition).unwrap(), ["p7"]);
    }
}

/// An index on the relation is for single rows: along it each comment would be looked up at its own place.
#[test]
fn a_table_that_is_looked_through_is_walked_as_it_lies() {
    let world = schema();
    let database = world.database();
    database.connection.execute("CREATE INDEX by_post ON comments (post)", ()).unwrap();
    for rule in ["comments_via_post.score != 7", "comments_via_post.score = 7", "comments_via_post.score ?= 7"] {
        let checked = check(&parse(rule).unwrap(), &world.named("posts"), &world, Purpose::Rule).unwrap();
        let wide = checked.to_wide_sql(&facts(), &world).expect("another condition").condition;
        let mut sql = Sql::new("EXPLAIN QUERY PLAN SELECT count(*) FROM posts WHERE ");
        sql.append(wide);
        let mut statement = database.connection.prepare(sql.text()).unwrap();
        let params = rusqlite::params_from_iter(sql.params().iter().map(cell));
        let steps: Vec<String> = statement.query_map(params, |row| row.get(3)).unwrap().map(Result::unwrap).collect();
        assert!(!steps.iter().any(|step| step.contains("by_post")), "{rule}: {steps:?}");
    }
}

/// The ids that are looked for are a text within the engine's limits, however many rows lead to one of them.
#[test]
fn many_rows_that_lead_to_one_are_told_once() {
    const COMMENTS: usize = 300;
    let mut world = schema();
    for id in ["p1", "p2"] {
        world.put("posts", &serde_json::json!({ "id": id }));
    }
    for number in 0..COMMENTS {
        let id = format!("c{number:014}");
        world.put("comments", &serde_json::json!({"id": id, "post": "p1", "score": 7}));
    }
    let expr = parse("comments_via_post.score != 7").unwrap();
    let checked = check(&expr, &world.named("posts"), &world, Purpose::Rule).unwrap();
    let wide = checked.to_wide_sql(&facts(), &world).expect("another condition").condition;
    assert!(wide.text().contains("json_group_array"), "{}", wide.text());
    let database = world.database();
    let limit = i32::try_from(COMMENTS * "\"p1\",".len() / 2).unwrap();
    database.connection.set_limit(rusqlite::limits::Limit::SQLITE_LIMIT_LENGTH, limit);
    assert_eq!(database.selected("posts", wide).unwrap(), ["p2"]);
}
