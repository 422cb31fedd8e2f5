//! What is not visible stays invisible: attacks on what a caller may not read. Most are oracles: a right and a
//! wrong guess must be answered alike, to the byte. Attacks by writing are in `visibility_writes.rs`.

use crate::support::people::{Person, Reply, records};
use crate::support::{TestApp, open};
use serde_json::{Value, json};

/// A server where guests may read `posts`, with things on them that nobody else is to know.
pub struct Scene {
    pub app: TestApp,
    pub ann: Person,
    pub bob: Person,
    /// Holds Ann's private note, the vault's record and a hidden field.
    pub post: String,
    /// The same without any of these.
    pub bare: String,
}

fn relation(name: &str, collection: &Value, max: u64) -> Value {
    json!({"name": name, "type": "relation", "collectionId": collection["id"], "maxSelect": max})
}

fn hidden(mut field: Value) -> Value {
    field["hidden"] = json!(true);
    field
}

pub async fn scene() -> Scene {
    let app = TestApp::new().await;
    let users = app.superuser().patch("/api/collections/users", json!({"listRule": "", "viewRule": ""})).await;
    assert_eq!(users.status, 200, "{users}");
    let users = users.json;
    let text = |name: &str| json!({"name": name, "type": "text"});
    let mut vault = open("vault", json!([text("name")]));
    for rule in ["listRule", "viewRule", "createRule", "updateRule", "deleteRule"] {
        vault[rule] = Value::Null;
    }
    let vault = app.collection(vault).await;
    let mut notes = open("notes", json!([text("text"), relation("owner", &users, 1)]));
    notes["listRule"] = json!("@request.auth.id != '' && owner = @request.auth.id");
    notes["viewRule"] = notes["listRule"].clone();
    let notes = app.collection(notes).await;
    let posts = json!([
        text("title"),
        hidden(text("secret")),
        hidden(relation("keeper", &users, 1)),
        relation("author", &users, 1),
        relation("vault", &vault, 1),
        relation("notes", &notes, 5),
        {"name": "pin", "type": "password"},
    ]);
    let posts = app.collection(open("posts", posts)).await;
    // Now that there are posts, something can point at them.
    for name in ["vault", "notes"] {
        let mut fields = app.superuser().get(&format!("/api/collections/{name}")).await.json["fields"].clone();
        fields.as_array_mut().expect("fields").push(relation("post", &posts, 1));
        let reply = app.superuser().patch(&format!("/api/collections/{name}"), json!({"fields": fields})).await;
        assert_eq!(reply.status, 200, "{reply}");
    }
    let (ann, bob) = (app.user("ann@example.com").await, app.user("bob@example.com").await);
    let root = app.superuser();
    let gold = root.created("vault", json!({"name": "gold"})).await;
    let note = root.created("notes", json!({"text": "mine", "owner": ann.id})).await;
    let post = json!({"title": "one", "secret": "s3cret", "keeper": ann.id, "author": ann.id, "vault": gold, "notes": [note], "pin": "12345678"});
    let post = root.created("posts", post).await;
    let bare = root.created("posts", json!({"title": "two", "author": bob.id})).await;
    for (collection, id) in [("vault", &gold), ("notes", &note)] {
        let reply = root.update(collection, id, json!({"post": post})).await;
        assert_eq!(reply.status, 200, "{reply}");
    }
    Scene { app, ann, bob, post, bare }
}

async fn asked(person: &Person, collection: &str, filter: &str) -> Reply {
    let reply = person.list(collection, &format!("filter={filter}")).await;
    assert!(reply.status < 500, "{filter}: {reply}");
    reply
}

/// `{}` in each filter is the guess; both must be answered alike.
async fn tell_nothing(person: &Person, collection: &str, filters: &[&str], right: &str, wrong: &str) {
    for filter in filters {
        let (one, two) = (filter.replace("{}", right), filter.replace("{}", wrong));
        let (one, two) = (asked(person, collection, &one).await, asked(person, collection, &two).await);
        assert_eq!(one.to_string(), two.to_string(), "{filter} tells a right guess from a wrong one");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hidden_field_answers_no_guess() {
    let Scene { app, ann, .. } = scene().await;
    let filters = [
        "secret = '{}'",
        "secret != '{}'",
        "secret ?= '{}'",
        "secret ~ '{}'",
        "secret !~ '{}'",
        "secret > '{}'",
        "secret:lower = '{}'",
        "'{}' = secret",
        "title = 'one' && secret = '{}'",
        "title = 'nope' || secret = '{}'",
        "strftime('{}', secret) = ''",
        "author.posts_via_author.secret ?= '{}'",
        "vault.post.secret = '{}'",
        "keeper = '{}'",
        "keeper.email ~ '{}'",
    ];
    for person in [app.anon(), ann] {
        tell_nothing(&person, "posts", &filters, "s3cret", "guess!").await;
        for path in
            ["secret", "secret:lower", "-secret", "title,secret", "author.posts_via_author.secret", "keeper.name"]
        {
            assert_eq!(person.list("posts", &format!("sort={path}")).await.status, 400, "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hidden_field_is_as_unknown_as_one_that_is_not_there() {
    let Scene { app, .. } = scene().await;
    let anon = app.anon();
    for query in
        ["filter=NAME = 'x'", "filter=NAME.x.y = 1", "filter=title = '' || NAME > 1", "sort=NAME", "sort=-NAME.id"]
    {
        let there = anon.list("posts", &query.replace("NAME", "keeper")).await;
        let not_there = anon.list("posts", &query.replace("NAME", "nosuch")).await;
        assert_eq!(there.status, 400, "{query}");
        assert_eq!(there.to_string().replace("keeper", "nosuch"), not_there.to_string(), "{query}");
    }
    // Nor does a hint help to find its name.
    for near in ["secre", "secrets", "kepeer"] {
        let reply = asked(&anon, "posts", &format!("{near} = 1")).await.to_string();
        assert!(!reply.contains("`secret`") && !reply.contains("`keeper`"), "{reply}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hidden_relation_is_not_followed_by_expand() {
    let Scene { app, ann, post, .. } = scene().await;
    let anon = app.anon();
    for expand in ["keeper", "keeper.posts_via_author", "author.posts_via_keeper"] {
        let seen = anon.get(&format!("{}/{post}?expand={expand}", records("posts"))).await;
        assert!(!seen.to_string().contains("keeper"), "{expand}: {seen}");
    }
    let seen = anon.get(&format!("{}/{}?expand=posts_via_keeper", records("users"), ann.id)).await;
    assert!(seen.json.get("expand").is_none(), "{seen}");
    let root = app.superuser().get(&format!("{}/{post}?expand=keeper", records("posts"))).await;
    assert_eq!(root.json["expand"]["keeper"]["id"], json!(ann.id));
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_pick_only_from_what_is_shown() {
    let Scene { app, post, .. } = scene().await;
    for fields in
        ["secret", "*,secret", "title,secret:excerpt(9)", "*", "expand.author.email,expand.author.tokenKey", "*.*"]
    {
        for path in [format!("{}/{post}", records("posts")), records("posts")] {
            let seen = app.anon().get(&format!("{path}?expand=author,vault,notes&fields={fields}")).await;
            assert_eq!(seen.status, 200, "{fields}: {seen}");
            let shown = seen.to_string();
            for secret in ["s3cret", "gold", "mine", "ann@example.com", "tokenKey", "argon2"] {
                assert!(!shown.contains(secret), "{fields} shows {secret}: {shown}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_not_shown_answers_no_guess() {
    let Scene { app, bob, .. } = scene().await;
    let of_users = [
        "email = '{}'",
        "email != '{}'",
        "email ~ '{}'",
        "email !~ '{}'",
        "email > '{}'",
        "email <= '{}'",
        "email:lower = '{}'",
        "email:each ?= '{}'",
        "'{}' ?= email",
        "email = '{}' || id = ''",
        "strftime('%Y', email) = '{}'",
        "geoDistance(email, 1, 1, 1) = '{}'",
        "posts_via_author.author.email ?= '{}'",
    ];
    let of_posts =
        ["author.email = '{}'", "author.email !~ '{}'", "author.email:lower < '{}'", "notes.owner.email ?~ '{}'"];
    for person in [app.anon(), bob] {
        tell_nothing(&person, "users", &of_users, "ann@example.com", "zed@example.com").await;
        tell_nothing(&person, "posts", &of_posts, "ann@example.com", "zed@example.com").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_not_shown_places_nobody() {
    let Scene { app, ann, .. } = scene().await;
    let (anon, root) = (app.anon(), app.superuser());
    for sort in ["email,id", "-email,id", "email:lower,id"] {
        let before = anon.values("users", "id", &format!("sort={sort}")).await;
        for address in ["aaa@example.com", "zzz@example.com"] {
            assert_eq!(root.update("users", &ann.id, json!({"email": address})).await.status, 200);
            assert_eq!(anon.values("users", "id", &format!("sort={sort}")).await, before, "{sort} {address}");
        }
    }
    for sort in ["author.email,id", "-author.email,id"] {
        let before = anon.values("posts", "id", &format!("sort={sort}")).await;
        assert_eq!(root.update("users", &ann.id, json!({"email": "aaa@example.com"})).await.status, 200);
        assert_eq!(anon.values("posts", "id", &format!("sort={sort}")).await, before, "{sort}");
        assert_eq!(root.update("users", &ann.id, json!({"email": "zzz@example.com"})).await.status, 200);
        assert_eq!(anon.values("posts", "id", &format!("sort={sort}")).await, before, "{sort}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hashes_and_keys_are_no_operands() {
    let Scene { app, ann, .. } = scene().await;
    for person in [app.anon(), ann] {
        // A hash begins with `$argon2`.
        let of_users =
            ["password ~ '{}'", "tokenKey > '{}'", "password:lower ~ '{}'", "posts_via_author.author.password ?~ '{}'"];
        tell_nothing(&person, "users", &of_users, "$", "#nothing").await;
        tell_nothing(&person, "posts", &["pin ~ '{}'", "pin != '{}'", "author.tokenKey ~ '{}'"], "$", "#nothing").await;
        for (collection, sort) in
            [("users", "password"), ("users", "tokenKey"), ("posts", "pin"), ("posts", "author.tokenKey")]
        {
            assert_eq!(person.list(collection, &format!("sort={sort}")).await.status, 400, "{collection} {sort}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_collection_is_not_looked_into() {
    let Scene { app, ann, post, .. } = scene().await;
    for person in [app.anon(), ann] {
        let filters =
            ["vault.name = '{}'", "vault.name != '{}'", "vault_via_post.name ?= '{}'", "vault_via_post.id ?!= '{}'"];
        tell_nothing(&person, "posts", &filters, "gold", "lead").await;
        // What fields it has is not told either, nor that there is such a collection.
        let (field, none) =
            (asked(&person, "posts", "vault.name = 1").await, asked(&person, "posts", "vault.nope = 1").await);
        assert_eq!((field.status, field.to_string()), (400, none.to_string()));
        for path in ["post.x", "nope.x", "post.y.z"] {
            let field = path.split('.').next().expect("a word");
            let there = asked(&person, "posts", &format!("vault_via_{path} = 1")).await.to_string();
            let not_there = asked(&person, "posts", &format!("cellar_via_{path} = 1")).await.to_string();
            assert_eq!(there.replace("vault", "cellar"), not_there, "{field}");
        }
        assert_eq!(person.list("posts", "sort=vault.name").await.status, 400);
        assert_eq!(person.list("posts", "sort=vault_via_post.name").await.status, 400);
        let seen = person.get(&format!("{}/{post}?expand=vault,vault_via_post", records("posts"))).await;
        assert!(seen.status == 200 && seen.json.get("expand").is_none(), "{seen}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_list_rule_hides_answers_no_guess() {
    let Scene { app, ann, bob, .. } = scene().await;
    let filters = [
        "notes.text = '{}'",
        "notes.text != '{}'",
        "notes.text ?= '{}'",
        "notes.text ?!= '{}'",
        "notes.text ~ '{}'",
        "notes.text !~ '{}'",
        "notes.text < '{}'",
        "notes.text ?>= '{}'",
        "notes.text:lower = '{}'",
        "notes.text = '{}' || title = 'two'",
        "notes.text != '{}' && notes.id != ''",
        "notes_via_post.text = '{}'",
        "notes_via_post.text ?!= '{}'",
        "notes_via_post.text !~ '{}'",
        "notes_via_post.text ?= '{}' || title != ''",
        "author.notes_via_owner.text ?= '{}'",
        "author.notes_via_owner.text != '{}'",
        "strftime('%Y', notes.text) != '{}'",
    ];
    for person in [app.anon(), bob] {
        tell_nothing(&person, "posts", &filters, "mine", "zzzz").await;
    }
    assert_eq!(asked(&ann, "posts", "notes.text = 'mine'").await.json["totalItems"], 1, "their owner may ask");
    assert_eq!(asked(&ann, "posts", "notes_via_post.text ?= 'mine'").await.json["totalItems"], 1);
}

/// Some of several rows are hidden: they neither break an "all" nor take part in it.
#[tokio::test(flavor = "multi_thread")]
async fn a_hidden_row_among_others_answers_no_guess() {
    let Scene { app, ann, bob, post, .. } = scene().await;
    let root = app.superuser();
    let shared = root.created("notes", json!({"text": "shared", "owner": bob.id, "post": post})).await;
    assert_eq!(root.update("posts", &post, json!({"notes+": shared})).await.status, 200);
    let filters = [
        "notes.text != '{}'",
        "notes.text !~ '{}'",
        "notes.text ?= '{}'",
        "notes.text > '{}a'",
        "notes.text != '{}' && notes.text ?= 'shared'",
        "notes_via_post.text != '{}'",
        "notes_via_post.text > '{}a'",
        "notes_via_post.text ?= '{}'",
    ];
    tell_nothing(&bob, "posts", &filters, "mine", "other").await;
    for all in ["notes.text = 'shared'", "notes_via_post.text = 'shared'"] {
        assert_eq!(asked(&bob, "posts", all).await.json["totalItems"], 1, "of what Bob sees, all: {all}");
        assert_eq!(asked(&ann, "posts", all).await.json["totalItems"], 0, "{all}");
    }
    for sort in ["notes.text,id", "-notes.text,id", "notes_via_post.text,id", "-notes_via_post.text,id"] {
        let note = root.list("notes", "filter=text != 'shared'").await.json["items"][0]["id"]
            .as_str()
            .expect("an id")
            .to_owned();
        let mut orders = Vec::new();
        for text in ["aaa", "zzz", "mine"] {
            assert_eq!(root.update("notes", &note, json!({"text": text})).await.status, 200);
            orders.push(bob.values("posts", "id", &format!("sort={sort}")).await);
        }
        assert!(orders[0] == orders[1] && orders[1] == orders[2], "{sort}: {orders:?}");
    }
}

/// That somebody else has a note on a post is as secret as what it says.
#[tokio::test(flavor = "multi_thread")]
async fn whether_hidden_rows_point_here_is_not_told() {
    let Scene { app, bob, post, bare, .. } = scene().await;
    let root = app.superuser();
    let filters = [
        "notes_via_post.id = ''",
        "notes_via_post.id != ''",
        "notes_via_post.id ?= ''",
        "notes_via_post.text = ''",
        "notes_via_post.owner.id != ''",
        "notes_via_post.owner.email ?!= ''",
    ];
    for person in [app.anon(), bob] {
        for filter in filters {
            let found = person.values("posts", "id", &format!("sort=title&filter={filter}")).await;
            let both = found == [json!(post), json!(bare)];
            assert!(both || found.is_empty(), "{filter} tells a post with a hidden note from one without: {found:?}");
        }
    }
    assert_eq!(root.values("posts", "id", "filter=notes_via_post.id != ''").await, [json!(post)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_are_of_what_is_seen() {
    let Scene { app, ann, bob, .. } = scene().await;
    for (person, count) in [(app.anon(), 0), (bob, 0), (ann, 1)] {
        for query in
            ["", "filter=text = 'mine'", "filter=text != ''", "sort=@random", "perPage=1&page=1", "sort=-@rowid"]
        {
            let page = person.list("notes", query).await;
            assert_eq!((page.status, &page.json["totalItems"]), (200, &json!(count)), "{query}: {page}");
            assert_eq!(page.json["items"].as_array().expect("items").len(), count, "{query}");
        }
        assert_eq!(person.list("notes", "skipTotal=1").await.json["totalItems"], -1);
        assert_eq!(person.list("notes", "page=2").await.json["totalItems"], count);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expand_obeys_each_rule_on_its_way() {
    let Scene { app, ann, bob, post, .. } = scene().await;
    let path =
        format!("{}/{post}?expand=notes.owner,notes_via_post.post.vault,author.notes_via_owner", records("posts"));
    for person in [app.anon(), bob.clone()] {
        let seen = person.get(&path).await;
        assert_eq!(seen.json["expand"]["author"]["expand"], json!({}), "{seen}");
        for secret in ["mine", "gold", "ann@example.com", "notes_via_post"] {
            assert!(!seen.to_string().contains(secret), "{secret}: {seen}");
        }
    }
    let seen = ann.get(&path).await;
    assert_eq!(seen.json["expand"]["notes_via_post"][0]["text"], "mine");
    let old = format!("{}/{post}?expand=notes(post),nope(post),notes(nope),(),vault(post)", records("posts"));
    assert_eq!(ann.get(&old).await.json["expand"]["notes(post)"][0]["text"], "mine", "as PocketBase once wrote it");
    assert_eq!(bob.get(&old).await.json["expand"], json!({}));
    assert!(!seen.to_string().contains("gold"), "{seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expand_cannot_grow_without_bound() {
    let app = TestApp::with_posts().await;
    let ann = app.user("ann@example.com").await;
    let opened = app.superuser().patch("/api/collections/users", json!({"listRule": "", "viewRule": ""})).await;
    assert_eq!(opened.status, 200);
    for number in 0..40 {
        app.anon()
            .created("posts", json!({"title": format!("post {number}"), "author": ann.id, "meta": "x".repeat(200)}))
            .await;
    }
    let bomb = "author.posts_via_author.author.posts_via_author.author.posts_via_author";
    let reply = app.anon().list("posts", &format!("expand={bomb}")).await;
    assert_eq!((reply.status, reply.json["message"].as_str()), (400, Some("The expand would bring in too much.")));
    assert_eq!(app.anon().list("posts", "expand=author.posts_via_author").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_may_not_ask_of_requests_and_other_collections() {
    let Scene { app, ann, .. } = scene().await;
    for person in [app.anon(), ann] {
        for text in [
            "@request.auth.id = ''",
            "@request.body.x:isset = false",
            "@request.headers.authorization != ''",
            "@collection.vault.name ?= 'gold'",
            "@collection.vault:alias.name ?= 'gold'",
            "title = 'x' || @collection.notes.text ?~ 'm'",
            "@Collection.vault.name ?= 'gold'",
            "@request",
            "@collection // .\n.vault.name = 1",
        ] {
            let reply = asked(&person, "posts", text).await;
            assert!(matches!(reply.status, 400 | 403), "{text}: {reply}");
            assert!(!reply.to_string().contains("gold"), "{reply}");
        }
        for sort in ["@request.auth.id", "@collection.vault.name", "@now"] {
            assert!(matches!(person.list("posts", &format!("sort={sort}")).await.status, 400 | 403), "{sort}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hidden_record_is_as_missing_as_a_missing_one() {
    let Scene { app, bob, .. } = scene().await;
    let mut notes = app.superuser().get("/api/collections/notes").await.json;
    for rule in ["updateRule", "deleteRule"] {
        notes[rule] = notes["viewRule"].clone();
    }
    let changed = json!({"updateRule": notes["updateRule"], "deleteRule": notes["deleteRule"]});
    assert_eq!(app.superuser().patch("/api/collections/notes", changed).await.status, 200);
    let id = app.superuser().list("notes", "").await.json["items"][0]["id"].as_str().expect("an id").to_owned();
    let missing = "nosuchrecord000";
    for person in [app.anon(), bob] {
        for body in
            [json!({}), json!({"text": "x"}), json!({"text": 5, "owner": "nobody"}), json!({"id": "other0000000000"})]
        {
            let (there, not_there) =
                (person.update("notes", &id, body.clone()).await, person.update("notes", missing, body).await);
            assert_eq!((there.status, there.to_string()), (404, not_there.to_string()));
        }
        assert_eq!(person.view("notes", &id).await.to_string(), person.view("notes", missing).await.to_string());
        assert_eq!(person.delete("notes", &id).await.to_string(), person.delete("notes", missing).await.to_string());
        for query in ["expand=owner", "fields=text", "expand=post&fields=*"] {
            let of = |id: &str| format!("{}/{id}?{query}", records("notes"));
            assert_eq!(person.get(&of(&id)).await.to_string(), person.get(&of(missing)).await.to_string(), "{query}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_rule_shows_nobody_anything_nor_itself() {
    let Scene { app, ann, .. } = scene().await;
    let root = app.superuser();
    let rule = json!({"listRule": "vault.name = 'gold'", "viewRule": "vault.name = 'gold'"});
    assert_eq!(root.patch("/api/collections/posts", rule).await.status, 200);
    let mut fields = root.get("/api/collections/posts").await.json["fields"].clone();
    fields.as_array_mut().expect("fields").retain(|field| field["name"] != "vault");
    let changed = root.patch("/api/collections/posts", json!({"fields": fields})).await;
    // Refusing the change is as safe as a rule that lets nobody pass.
    if changed.status == 200 {
        let reply = ann.list("posts", "").await;
        assert_eq!(reply.status, 400);
        assert!(!reply.to_string().contains("gold"), "{reply}");
    } else {
        assert_eq!(changed.status, 400, "{changed}");
        assert_eq!(ann.list("posts", "").await.json["totalItems"], 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_rule_counts_at_once() {
    let Scene { app, ann, .. } = scene().await;
    assert_eq!(ann.list("notes", "").await.json["totalItems"], 1);
    assert_eq!(
        app.superuser().patch("/api/collections/notes", json!({"listRule": "owner = 'nobody'"})).await.status,
        200
    );
    assert_eq!(ann.list("notes", "").await.json["totalItems"], 0);
    assert_eq!(asked(&ann, "posts", "notes.text ?= 'mine'").await.json["totalItems"], 0);
    assert_eq!(app.superuser().patch("/api/collections/notes", json!({"listRule": null})).await.status, 200);
    assert_eq!(ann.list("notes", "").await.status, 403);
    assert_eq!(asked(&ann, "posts", "notes.text ?= 'mine'").await.status, 400);
}
