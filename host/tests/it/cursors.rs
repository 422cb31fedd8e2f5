//! `GET .../records?cursor=`: pages by keyset.

use crate::support::people::Person;
use crate::support::{TestApp, open};
use serde_json::{Value, json};

const MANY: usize = 23;

async fn things() -> TestApp {
    let app = TestApp::new().await;
    let owners = app.collection(open("owners", json!([{"name": "name", "type": "text"}]))).await["id"].clone();
    app.collection(open(
        "things",
        json!([
            {"name": "n", "type": "number"},
            {"name": "text", "type": "text"},
            {"name": "meta", "type": "json"},
            {"name": "long", "type": "editor"},
            {"name": "secret", "type": "text", "hidden": true},
            {"name": "owner", "type": "relation", "collectionId": owners, "maxSelect": 1},
        ]),
    ))
    .await;
    let owner = app.anon().created("owners", json!({"name": "Ann"})).await;
    for index in 0..MANY {
        let mut body = json!({"n": index % 4, "text": (["", "a", "B"][index % 3])});
        // Some have no meta at all, which is NULL; half have no owner.
        if index % 5 > 1 {
            body["meta"] = json!({"k": ([json!(1.5), json!("x"), json!(null)][index % 3])});
        }
        if index % 2 == 0 {
            body["owner"] = json!(owner);
        }
        app.anon().created("things", body).await;
    }
    app
}

/// The ids on all pages, one after the other.
async fn walk(person: &Person, query: &str, size: usize) -> Vec<Value> {
    let (mut ids, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = person.list("things", &format!("{query}&perPage={size}&cursor={cursor}")).await;
        assert_eq!(page.status, 200, "{query}: {page}");
        assert!(page.json.get("totalItems").is_none(), "nothing is counted");
        let items = page.json["items"].as_array().expect("items");
        assert!(items.len() <= size);
        ids.extend(items.iter().map(|item| item["id"].clone()));
        match page.json["nextCursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => return ids,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_record_comes_once_and_in_the_order_of_the_list() {
    let app = things().await;
    let anon = app.anon();
    for sort in [
        "",
        "id",
        "-id",
        "n",
        "-n",
        "n,-text",
        "-n,text",
        "meta",
        "-meta",
        "meta.k,-n",
        "-meta.k,n",
        "@rowid",
        "-@rowid",
        "text:lower,-n",
        "owner.name,-n",
        "-owner.name,n",
        "n,id,text",
        "-created,n",
    ] {
        let sort = sort.replace("-created,", "");
        // Ties are broken by the id, as the cursor does.
        let by_page = if sort.is_empty() { "id".to_owned() } else { format!("{sort},id") };
        let expected = anon.values("things", "id", &format!("sort={by_page}&perPage=100")).await;
        assert_eq!(expected.len(), MANY);
        for size in [1, 4, MANY, 100] {
            assert_eq!(walk(&anon, &format!("sort={sort}"), size).await, expected, "sort={sort}, {size} a page");
        }
    }
    let some = walk(&anon, "sort=-n&filter=n > 1", 3).await;
    assert_eq!(some, anon.values("things", "id", "sort=-n,id&filter=n > 1&perPage=100").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_meanwhile_neither_repeats_nor_hides_the_rest() {
    let app = things().await;
    let anon = app.anon();
    let all = anon.values("things", "id", "sort=n,id&perPage=100").await;
    let first = anon.list("things", "sort=n&perPage=5&cursor=").await.json;
    let cursor = first["nextCursor"].as_str().expect("a cursor");
    // The record that the cursor stands on goes, and one comes before it.
    anon.delete("things", all[4].as_str().expect("an id")).await;
    anon.created("things", json!({"n": -1})).await;
    let second = anon.values("things", "id", &format!("sort=n&perPage=5&cursor={cursor}")).await;
    assert_eq!(second, all[5..10]);
}

#[tokio::test(flavor = "multi_thread")]
async fn expand_and_fields_work_as_in_any_list() {
    let app = things().await;
    let page =
        app.anon().list("things", "sort=-owner.name&perPage=1&cursor=&expand=owner&fields=expand.owner.name").await;
    assert_eq!(page.json["items"], json!([{"expand": {"owner": {"name": "Ann"}}}]));
    assert!(page.json["nextCursor"].is_string(), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_is_good_for_its_list_only() {
    let app = things().await;
    let anon = app.anon();
    let cursor = anon.list("things", "sort=n&perPage=5&cursor=").await.json["nextCursor"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let refused = async |collection: &str, query: &str, parameter: &str, code: &str| {
        let reply = anon.list(collection, query).await;
        assert_eq!(reply.status, 400, "{query}: {reply}");
        assert_eq!(reply.json["data"][parameter]["code"], code, "{query}: {reply}");
    };
    let invalid = "validation_invalid_cursor";
    for sort in ["-n", "text", "", "n,text"] {
        refused("things", &format!("sort={sort}&cursor={cursor}"), "cursor", invalid).await;
    }
    refused("owners", &format!("cursor={cursor}"), "cursor", invalid).await;
    let mut tampered = cursor.clone();
    let last = if tampered.pop() == Some('A') { 'B' } else { 'A' };
    tampered.push(last);
    for text in [tampered.as_str(), &cursor[..cursor.len() / 2], "x", "AAAA", "%", "ž", "null", &"A".repeat(9000)] {
        refused("things", &format!("sort=n&cursor={text}"), "cursor", invalid).await;
    }
    for sort in ["@random", "n,@random"] {
        refused("things", &format!("sort={sort}&cursor="), "sort", "validation_unstable_sort").await;
    }
    let hidden = anon.list("things", "sort=secret&cursor=").await;
    assert_eq!(hidden.status, 400, "{hidden}");
}

#[tokio::test(flavor = "multi_thread")]
async fn values_that_do_not_fit_into_a_url_are_refused() {
    let app = things().await;
    for _ in 0..2 {
        app.anon().created("things", json!({"long": "x".repeat(9000)})).await;
    }
    let reply = app.anon().list("things", "sort=-long&perPage=1&cursor=").await;
    assert_eq!(
        (reply.status, &reply.json["data"]["sort"]["code"]),
        (400, &json!("validation_unstable_sort")),
        "{reply}"
    );
}

/// A number among the sort keys must not be taken for the caller's right to see addresses.
#[tokio::test(flavor = "multi_thread")]
async fn sorting_does_not_uncover_addresses() {
    let app = TestApp::new().await;
    app.superuser().patch("/api/collections/users", json!({"listRule": ""})).await;
    let (ann, bob) = (app.user("ann@example.com").await, app.user("bob@example.com").await);
    ann.update("users", &ann.id, json!({"emailVisibility": true})).await;
    for sort in ["verified", "-emailVisibility", "@rowid", "-email"] {
        let seen = ann.list("users", &format!("sort={sort}&cursor=")).await;
        assert!(!seen.json["items"].to_string().contains("bob@example.com"), "{sort}: {seen}");
        let seen = bob.list("users", &format!("sort={sort}&cursor=&perPage=1")).await;
        assert_eq!(seen.status, 200, "{seen}");
    }
}
