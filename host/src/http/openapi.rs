//! `/api/openapi.json`: the API as `OpenAPI` 3.1, made when it is asked for, of the table of routes and the collections.
//!
//! Everybody is told what there is for them: the routes that they may call at all, and the collections whose rules do
//! not shut them out; superusers are told everything. `/api/types.ts` and `/llms.txt` say the same in other ways.

mod headers;
mod shapes;
mod words;

use super::reply::{Outcome, Reply};
use super::request::flag;
use super::table::Route;
use crate::collections::{input_schema, record_schema, type_names, typescript};
use crate::model::{Area, Caller, Collection};
use crate::tenant::Cx;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;
use words::{Answer, Body, Who, Words};

/// Pages of the dashboard and of the description itself are no part of the API, and what plugins answer is theirs to describe.
const PAGES: [&str; 4] = ["/_", "/api/docs", "/api/x/", "/llms.txt"];

const RECORDS: &str = "/api/collections/{collection}/records";

type Text = ([(HeaderName, &'static str); 2], String);

pub(super) async fn document(cx: Cx) -> Outcome {
    let without = flag(&cx, "skipCollections")?;
    Ok(Reply::Value(describe(&cx, without)))
}

pub(super) async fn types(cx: Cx) -> Text {
    let sight = Sight::of(&cx);
    text("text/typescript; charset=utf-8", typescript(&sight.collections(&cx), sight == Sight::All))
}

pub(super) async fn llms(cx: Cx) -> Text {
    text("text/plain; charset=utf-8", for_machines(&cx))
}

fn text(kind: &'static str, body: String) -> Text {
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-store")], body)
}

/// What somebody is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sight {
    /// What needs no token.
    Open,
    /// What any token may open.
    SignedIn,
    All,
}

impl Sight {
    fn of(cx: &Cx) -> Self {
        match cx.caller {
            Caller::Guest => Self::Open,
            Caller::Superuser(_) | Caller::System => Self::All,
            Caller::Key(ref key) if key.may_enter(Area::Schema, false) => Self::All,
            // Whoever is not known to see everything does not.
            _ => Self::SignedIn,
        }
    }

    /// Whether somebody who sees so much is shut out by a rule.
    fn allows(self, rule: Option<&str>) -> bool {
        match self {
            Self::All => true,
            Self::SignedIn => rule.is_some(),
            Self::Open => rule.is_some_and(|rule| rule.trim().is_empty()),
        }
    }

    fn shows(self, who: Who) -> bool {
        self == Self::All || who != Who::Superuser
    }

    fn collections(self, cx: &Cx) -> Vec<Arc<Collection>> {
        let rules = |collection: &Collection| collection.rules.clone();
        let shown = |collection: &&Arc<Collection>| {
            let rules = rules(collection);
            let texts = [&rules.list, &rules.view, &rules.create, &rules.update, &rules.delete];
            self == Self::All || (!collection.system && texts.iter().any(|text| self.allows(text.as_deref())))
        };
        cx.catalog.collections().filter(shown).cloned().collect()
    }
}

/// Routes with what is known of them.
fn routes(sight: Sight) -> impl Iterator<Item = (&'static Route, Words)> {
    let described = super::ROUTES.iter().filter(|route| !PAGES.iter().any(|page| route.path.starts_with(page)));
    described.map(|route| (route, words::of(route))).filter(move |(_, words)| sight.shows(words.who))
}

/// Without the collections it is the same for every project.
fn describe(cx: &Cx, without_collections: bool) -> Json {
    let sight = Sight::of(cx);
    let mut paths: Map<String, Json> = Map::new();
    for (route, words) in routes(sight) {
        let path = paths.entry(route.path.to_owned()).or_insert_with(|| json!({}));
        path[route.method.to_lowercase()] = operation(route, &words);
    }
    let collections = if without_collections { Vec::new() } else { sight.collections(cx) };
    let names = type_names(&collections);
    let mut schemas = shapes::all();
    for collection in &collections {
        let name = &names[&collection.id];
        let all = sight == Sight::All;
        schemas.insert(format!("{name}Record"), record_schema(collection, all));
        if !collection.is_view() {
            schemas.insert(format!("{name}Create"), input_schema(collection, all, false));
            schemas.insert(format!("{name}Update"), input_schema(collection, all, true));
        }
        own_paths(&mut paths, sight, collection, name);
    }
    let tags: BTreeSet<&str> =
        paths.values().filter_map(Json::as_object).flat_map(Map::values).filter_map(tag).collect();
    let tags: Vec<Json> = tags.iter().map(|tag| json!({"name": tag})).collect();
    let settings = cx.tenant.settings.load();
    json!({
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {
            "title": settings.meta.app_name,
            "version": env!("CARGO_PKG_VERSION"),
            "description": words::ABOUT,
        },
        "servers": [{"url": "/"}],
        "tags": tags,
        "security": [{}, {"token": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "A token of a sign-in, with or without `Bearer`."},
            },
        },
    })
}

fn tag(operation: &Json) -> Option<&str> {
    operation["tags"][0].as_str()
}

fn operation(route: &Route, words: &Words) -> Json {
    let mut operation = json!({
        "operationId": words.id,
        "summary": words.summary,
        "tags": [words.tag],
        "responses": responses(&words.answer),
    });
    let mut parameters: Vec<Json> = Vec::new();
    for name in route.path.split('{').skip(1).filter_map(|part| part.split('}').next()) {
        let name = name.trim_start_matches('*');
        parameters.push(json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}));
    }
    parameters.extend(words.query.iter().map(|name| parameter(name)));
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    if let Some(body) = body(&words.body) {
        operation["requestBody"] = body;
    }
    if words.who != Who::Anybody {
        operation["security"] = json!([{"token": []}]);
    }
    operation["x-audience"] = json!(words.who.name());
    headers::describe(&mut operation, &words.handler);
    operation
}

fn parameter(name: &str) -> Json {
    let about = words::parameter(name);
    json!({"name": name, "in": "query", "description": about, "schema": {"type": "string"}})
}

fn reference(name: &str) -> Json {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

fn content(kind: &str, schema: &Json) -> Json {
    let mut content = Map::new();
    content.insert(kind.to_owned(), json!({"schema": schema}));
    content.into()
}

fn body(body: &Body) -> Option<Json> {
    let content = match body {
        Body::Nothing => return None,
        Body::Json(name) => content("application/json", &reference(name)),
        Body::Object => content("application/json", &json!({"type": "object"})),
        Body::Record => json!({
            "application/json": {"schema": {"type": "object"}},
            "multipart/form-data": {"schema": {"type": "object"}},
        }),
        Body::File => content("multipart/form-data", &shapes::upload()),
        Body::Text(kind) => content(kind, &json!({"type": "string"})),
    };
    Some(json!({"required": true, "content": content}))
}

/// What a change of definitions would do.
const PREVIEW: &str = "ChangePreview";

fn responses(answer: &Answer) -> Json {
    let (status, what, content) = match answer {
        Answer::Nothing => ("204", "Done.", None),
        Answer::Any => ("200", "Done.", Some(content("application/json", &json!({})))),
        Answer::One(name) => ("200", "Done.", Some(content("application/json", &reference(name)))),
        Answer::List(name) => (
            "200",
            "All of them.",
            Some(content("application/json", &json!({"type": "array", "items": reference(name)}))),
        ),
        Answer::Items(name) => {
            ("200", "All of them.", Some(content("application/json", &shapes::items(&reference(name)))))
        }
        Answer::Page(name) => {
            ("200", "A page of them.", Some(content("application/json", &shapes::page(&reference(name)))))
        }
        Answer::Text(kind) => ("200", "A text or a file.", Some(content(kind, &json!({"type": "string"})))),
        Answer::Tried(name) => {
            let told = name.iter().copied().chain([PREVIEW]).map(reference).collect::<Vec<_>>();
            let schema = if let [only] = told.as_slice() { only.clone() } else { json!({"anyOf": told}) };
            ("200", "Done; or with dryRun what would be done.", Some(content("application/json", &schema)))
        }
    };
    let mut good = json!({"description": what});
    if let Some(content) = content {
        good["content"] = content;
    }
    let mut responses = Map::new();
    responses.insert(status.to_owned(), good);
    if matches!(answer, Answer::Tried(None)) {
        responses.insert("204".to_owned(), json!({"description": "Done."}));
    }
    let refused = json!({"description": "It is refused or failed.", "content": content_of_error()});
    responses.insert("default".to_owned(), refused);
    responses.into()
}

fn content_of_error() -> Json {
    content("application/json", &reference("Error"))
}

/// The paths of one collection's records, with their types, as far as its rules do not shut this reader out.
fn own_paths(paths: &mut Map<String, Json>, sight: Sight, collection: &Collection, name: &str) {
    let rules = &collection.rules;
    let many = RECORDS.replace("{collection}", &collection.name);
    let one = format!("{many}/{{id}}");
    let read = format!("{name}Record");
    let write = |suffix: &str| {
        let schema = reference(&format!("{name}{suffix}"));
        json!({"required": true, "content": {"application/json": {"schema": schema}, "multipart/form-data": {"schema": schema}}})
    };
    let table = [
        (&many, "get", rules.list.as_deref(), "List", "records::list", Answer::Page(&read), None),
        (&many, "post", rules.create.as_deref(), "Create", "records::create", Answer::One(&read), Some("Create")),
        (&one, "get", rules.view.as_deref(), "View", "records::view", Answer::One(&read), None),
        (&one, "patch", rules.update.as_deref(), "Update", "records::update", Answer::One(&read), Some("Update")),
        (&one, "delete", rules.delete.as_deref(), "Delete", "records::delete", Answer::Nothing, None),
    ];
    for (path, method, rule, verb, like, answer, input) in table {
        let writes = method != "get";
        if !sight.allows(rule) || (writes && collection.is_view()) {
            continue;
        }
        let mut operation = json!({
            "operationId": format!("{}{name}", verb.to_lowercase()),
            "summary": format!("{verb} records of {}.", collection.name),
            "tags": [collection.name],
            "responses": responses(&answer),
        });
        let mut parameters: Vec<Json> = words::query_of(like).iter().map(|name| parameter(name)).collect();
        if path.ends_with("{id}") {
            parameters.insert(0, json!({"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}));
        }
        if !parameters.is_empty() {
            operation["parameters"] = parameters.into();
        }
        if let Some(suffix) = input {
            operation["requestBody"] = write(suffix);
        }
        if sight == Sight::All {
            operation["x-rule"] = json!(rule);
        }
        headers::describe(&mut operation, like);
        let entry = paths.entry(path.clone()).or_insert_with(|| json!({}));
        entry[method] = operation;
    }
}

/// The API in a page for language models.
fn for_machines(cx: &Cx) -> String {
    let sight = Sight::of(cx);
    let mut out = format!(
        "# {}\n\n> {}\n\n- [OpenAPI 3.1](/api/openapi.json): every route and the schema of every collection that you may use\n\
         - [TypeScript types](/api/types.ts)\n- [A page for people](/api/docs)\n\n## Routes\n\n",
        cx.tenant.settings.load().meta.app_name,
        words::ABOUT.replace('\n', " "),
    );
    for (route, words) in routes(sight) {
        let _ = writeln!(out, "- `{} {}`: {}", route.method, route.path, words.summary);
    }
    out.push_str("\n## Collections\n\n");
    for collection in sight.collections(cx) {
        let fields: Vec<_> = collection
            .fields
            .iter()
            .filter(|field| sight == Sight::All || !field.hidden)
            .map(|field| format!("{} ({})", field.name, field.kind.name()))
            .collect();
        let _ = writeln!(out, "- `{}` ({}): {}", collection.name, collection.kind_name(), fields.join(", "));
    }
    out
}
