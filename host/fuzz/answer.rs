//! Whatever is thrown at the rule language is answered: with a condition, or with a mistake that has a place. Used by
//! the fuzz target, and by a test without one (`host/tests/it/fuzzing.rs`).

use serde_json::{Map, Value, json};
use std::sync::LazyLock;
use tinybase::model::{Collection, Draft};
use tinybase::rules::{self, Alone, Facts, Lookup, Purpose};

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
    let body = Map::new();
    let facts =
        Facts { context: "default", method: "GET", auth: None, body: &body, query: &[], headers: &[], now_ms: 0 };
    let row = Draft::new(WORLD.0[1].clone()).record;
    for purpose in
        [Purpose::Rule, Purpose::ClientFilter { superuser: true }, Purpose::ClientFilter { superuser: false }]
    {
        let mistakes = match rules::parse(text) {
            Err(error) => vec![error],
            Ok(expr) => match rules::check_all(&expr, base, &*WORLD, purpose) {
                Err(errors) => errors,
                Ok(checked) => {
                    let _ = checked.to_sql(&facts, &*WORLD);
                    let _ = checked.to_sql_for_draft(&row, &facts, &*WORLD);
                    let _ = checked.evaluate(&facts, &row, &Alone(&*WORLD));
                    let _ = checked.explain(&expr);
                    rules::lint::lint(&expr, base, false)
                }
            },
        };
        for mistake in mistakes.into_iter().chain(rules::sort(text, base, &*WORLD, purpose).err()) {
            assert!(text.get(mistake.span.clone()).is_some(), "{mistake:?}");
            assert!(mistake.render(text).contains('^'));
        }
    }
}
