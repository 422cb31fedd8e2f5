//! Whatever is thrown at the rule language is answered: with a condition, or with a mistake that has a place. Used by
//! the fuzz target, and by a test without one (`host/tests/it/fuzzing.rs`).

use serde_json::{Map, Value, json};
use std::sync::LazyLock;
use tinybase::model::{Collection, Draft, Record};
use tinybase::rules::{self, Alone, Checked, Facts, Lookup, Purpose, Truth};

struct World(Vec<std::sync::Arc<Collection>>);

impl Lookup for World {
    fn collection(&self, name_or_id: &str) -> Option<&Collection> {
        self.0.iter().find(|known| known.name == name_or_id || known.id == name_or_id).map(AsRef::as_ref)
    }
}

fn collection(definition: Value) -> std::sync::Arc<Collection> {
    let Value::Object(definition) = definition else { panic!("a definition is an object") };
    let made = Collection::from_json(&definition, "", &mut |length| "x".repeat(length));
    std::sync::Arc::new(made.expect("the definition makes sense"))
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let relation = |name: &str, id: &str, max: u64| json!({"name": name, "type": "relation", "collectionId": id, "maxSelect": max});
    let users = json!({"id": "users_id", "name": "users", "type": "auth", "listRule": "name != 'a'", "fields": [{"name": "name", "type": "text"}]});
    let posts = json!({"id": "posts_id", "name": "posts", "type": "base", "listRule": "", "fields": [
        {"name": "title", "type": "text"},
        {"name": "n", "type": "number"},
        {"name": "sec", "type": "text", "hidden": true},
        {"name": "sel", "type": "select", "values": ["x", "y"], "maxSelect": 2},
        {"name": "j", "type": "json"},
        {"name": "geo", "type": "geoPoint"},
        relation("author", "users_id", 1),
        relation("members", "users_id", 9),
        relation("parent", "posts_id", 1),
    ]});
    World(vec![collection(users), collection(posts)])
});

/// Puts a text through everything that a rule, a filter or a sort goes through; panics when it is not answered.
pub fn answer(text: &str) {
    let base = WORLD.collection("posts").expect("it is there");
    let user = Draft::new(WORLD.0[0].clone()).record;
    let Value::Object(body) =
        json!({"title": "a", "n": 5, "sel": ["x"], "author": "u", "members": ["u"], "j": {"a": [1]}})
    else {
        return;
    };
    let none = Map::new();
    let row = Draft::new(WORLD.0[1].clone()).record;
    for (auth, body, query) in [(None, &none, vec![]), (Some(&user), &body, vec![("q".to_owned(), "a%".to_owned())])] {
        let facts = Facts {
            context: "default",
            method: "GET",
            auth,
            body,
            query: &query,
            headers: &[],
            now_ms: 1_795_437_296_789,
        };
        for purpose in
            [Purpose::Rule, Purpose::ClientFilter { superuser: true }, Purpose::ClientFilter { superuser: false }]
        {
            let mistakes = match rules::parse(text) {
                Err(error) => vec![error],
                Ok(expr) => match rules::check_all(&expr, base, &*WORLD, purpose) {
                    Err(errors) => errors,
                    Ok(checked) => {
                        written(&checked, &row, &facts);
                        let _ = checked.explain(&expr);
                        rules::lint::lint(&expr, base, false)
                    }
                },
            };
            let order = rules::sort(text, base, &*WORLD, purpose);
            let order = order.map(|order| order.to_sql(&facts, &*WORLD));
            for mistake in mistakes.into_iter().chain(order.err()) {
                assert!(text.get(mistake.span.clone()).is_some(), "{mistake:?}");
                assert!(mistake.render(text).contains('^'));
            }
        }
    }
}

/// Every form of a condition has a value for each of its parameters, and memory says nothing else than the request.
fn written(checked: &Checked, row: &Record, facts: &Facts<'_>) {
    let narrow = checked.to_sql(facts, &*WORLD);
    let wide = checked.to_wide_sql(facts, &*WORLD).map(|wide| wide.condition);
    let draft = checked.to_sql_for_draft(row, facts, &*WORLD).condition;
    let past = checked.to_sql_for_past(row, &[row], facts, &*WORLD).condition;
    for sql in [&narrow.condition, &draft, &past].into_iter().chain(&wide) {
        assert_eq!(sql.text().matches('?').count(), sql.params().len(), "{}", sql.text());
    }
    let truth = checked.evaluate(facts, row, &Alone(&*WORLD));
    if let Some(decided) = narrow.decided {
        assert!(truth != if decided { Truth::False } else { Truth::True }, "{truth:?}");
    }
}
