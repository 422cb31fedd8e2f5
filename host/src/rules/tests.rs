//! What the tests of the language share: collections, records and a database that holds them.

use super::{Alone, Facts, Lookup, Related};
use crate::model::field::{array, boolean, date, email, geo_point, json, number, relation, select, text};
use crate::model::{Collection, Field, Kind, Record, Rules};
use crate::sql::{self, Sql};
use rusqlite::types::Value as Cell;
use serde_json::{Map, Value as Json};
use std::collections::HashMap;
use std::sync::Arc;

mod behaviour;
mod conformance;
mod engine;
mod equality;
// What the database lends to every connection; this module may not know that one.
#[expect(clippy::duplicate_mod, reason = "the tests lend what the database lends")]
#[path = "../db/functions.rs"]
mod functions;
mod garbage;
mod interference;
mod speech;
mod words;

/// 2026-11-23 12:34:56.789Z
const NOW_MS: i64 = 1_795_437_296_789;

#[derive(Default)]
struct World {
    collections: Vec<Arc<Collection>>,
    records: HashMap<(String, String), Record>,
}

/// The rows are enough to see what a property failed on.
impl std::fmt::Debug for World {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_list().entries(self.records.values().map(|record| (&record.collection.name, &record.values))).finish()
    }
}

impl Lookup for World {
    fn collection(&self, name_or_id: &str) -> Option<&Collection> {
        let found = self.collections.iter().find(|known| known.name == name_or_id || known.id == name_or_id);
        found.map(AsRef::as_ref)
    }
}

impl Related for World {
    fn record(&self, collection_id: &str, id: &str) -> Option<&Record> {
        self.records.get(&(collection_id.to_owned(), id.to_owned()))
    }

    fn pointing_at(&self, collection_id: &str, field: &str, id: &str) -> Option<Vec<&Record>> {
        let holds = |record: &&Record| {
            let value = record.get(field).expect("the field is there");
            record.collection.id == collection_id && value.items().iter().any(|item| item == id)
        };
        Some(self.records.values().filter(|record| record.collection.id == collection_id).filter(holds).collect())
    }

    fn every(&self, collection_id: &str) -> Option<Vec<&Record>> {
        Some(self.records.values().filter(|record| record.collection.id == collection_id).collect())
    }
}

impl World {
    /// Adds a collection whose id is its name with `_id` behind.
    fn add(&mut self, name: &str, kind: Kind, fields: Vec<Field>, change: impl FnOnce(&mut Collection)) {
        let id = Field::new("id", text::Text { primary_key: true, ..text::Text::default() });
        let mut fields: Vec<Field> = std::iter::once(id).chain(fields).collect();
        if matches!(kind, Kind::Auth(_)) {
            fields.extend([
                Field::new("email", email::Email::default()),
                Field::new("emailVisibility", boolean::Bool::default()),
                Field::new("verified", boolean::Bool::default()),
            ]);
        }
        let everybody = || Some(String::new());
        let rules = Rules {
            list: everybody(),
            view: everybody(),
            create: everybody(),
            update: everybody(),
            delete: everybody(),
        };
        let (created, updated) = (String::new(), String::new());
        let mut collection = Collection {
            id: format!("{name}_id"),
            name: name.to_owned(),
            kind,
            system: false,
            fields,
            indexes: Vec::new(),
            rules,
            created,
            updated,
        };
        change(&mut collection);
        self.collections.push(Arc::new(collection));
    }

    fn named(&self, name: &str) -> Arc<Collection> {
        self.collections.iter().find(|known| known.name == name).expect("the collection was added").clone()
    }

    /// A record from JSON input; ids are given.
    fn record_of(&self, collection: &str, input: &Json) -> Record {
        let collection = self.named(collection);
        let values = collection
            .fields
            .iter()
            .map(|field| input.get(&field.name).map_or_else(|| field.zero(), |value| field.normalise(value)))
            .collect();
        Record { collection, values }
    }

    fn put(&mut self, collection: &str, input: &Json) {
        let record = self.record_of(collection, input);
        self.records.insert((record.collection.id.clone(), record.id().to_owned()), record);
    }

    fn rows<'a>(&'a self, collection: &'a str) -> impl Iterator<Item = &'a Record> {
        self.records.values().filter(move |record| record.collection.name == collection)
    }

    /// A database with the tables and rows of this world.
    fn database(&self) -> Database {
        let connection = rusqlite::Connection::open_in_memory().expect("a database in memory opens");
        functions::lend(&connection).expect("functions are lent");
        for collection in &self.collections {
            let columns: Vec<String> = collection.fields.iter().map(declared).collect();
            let create = format!("CREATE TABLE `{}` ({})", collection.name, columns.join(", "));
            connection.execute(&create, ()).expect("the table is created");
        }
        for record in self.records.values() {
            let marks = vec!["?"; record.values.len()].join(", ");
            let cells: Vec<Cell> = record
                .collection
                .fields
                .iter()
                .zip(&record.values)
                .map(|(field, value)| cell(&field.store(value)))
                .collect();
            let names: Vec<String> = record.collection.fields.iter().map(|field| format!("`{}`", field.name)).collect();
            let insert = format!("INSERT INTO `{}` ({}) VALUES ({marks})", record.collection.name, names.join(", "));
            connection.execute(&insert, rusqlite::params_from_iter(cells)).expect("the row is inserted");
        }
        Database { connection }
    }
}

fn declared(field: &Field) -> String {
    let (declaration, null) = field.column();
    format!("`{}` {declaration}{}", field.name, if null { " DEFAULT NULL" } else { "" })
}

struct Database {
    connection: rusqlite::Connection,
}

impl Database {
    /// The first column of all rows.
    fn texts(&self, sql: &Sql) -> Result<Vec<String>, String> {
        let mut statement =
            self.connection.prepare_cached(sql.text()).map_err(|error| format!("{error}: {}", sql.text()))?;
        let cells: Vec<Cell> = sql.params().iter().map(cell).collect();
        let rows = statement.query_map(rusqlite::params_from_iter(cells), |row| row.get::<_, String>(0));
        let rows = rows.map_err(|error| format!("{error}: {}", sql.text()))?;
        rows.collect::<Result<_, _>>().map_err(|error| format!("{error}: {}", sql.text()))
    }

    /// The ids of the rows that meet a condition, sorted.
    fn selected(&self, table: &str, condition: Sql) -> Result<Vec<String>, String> {
        let mut sql = Sql::new("SELECT id FROM ");
        sql.name(table).push(" WHERE ").append(condition).push(" ORDER BY id");
        self.texts(&sql)
    }
}

fn cell(value: &sql::Value) -> Cell {
    match value {
        sql::Value::Null => Cell::Null,
        sql::Value::Integer(number) => Cell::Integer(*number),
        sql::Value::Real(number) => Cell::Real(*number),
        sql::Value::Text(text) => Cell::Text(text.clone()),
        sql::Value::Blob(bytes) => Cell::Blob(bytes.clone()),
    }
}

fn no_body() -> &'static Map<String, Json> {
    static EMPTY: std::sync::OnceLock<Map<String, Json>> = std::sync::OnceLock::new();
    EMPTY.get_or_init(Map::new)
}

fn facts() -> Facts<'static> {
    Facts { context: "default", method: "GET", auth: None, body: no_body(), query: &[], headers: &[], now_ms: NOW_MS }
}

fn auth_kind() -> Kind {
    Kind::Auth(Box::default())
}

fn text_field(name: &str) -> Field {
    Field::new(name, text::Text::default())
}

fn number_field(name: &str) -> Field {
    Field::new(name, number::Number::default())
}

fn bool_field(name: &str) -> Field {
    Field::new(name, boolean::Bool::default())
}

fn date_field(name: &str) -> Field {
    Field::new(name, date::Date::default())
}

fn json_field(name: &str) -> Field {
    Field::new(name, json::Json::default())
}

fn geo_field(name: &str) -> Field {
    Field::new(name, geo_point::GeoPoint::default())
}

fn select_field(name: &str, max_select: u64) -> Field {
    let values = ["x", "y", "z", "", "5"].map(str::to_owned).to_vec();
    Field::new(name, select::Select { values, max_select })
}

fn relation_field(name: &str, collection: &str, max_select: u64) -> Field {
    let collection_id = format!("{collection}_id");
    Field::new(name, relation::Relation { collection_id, max_select, ..relation::Relation::default() })
}

fn nullable(mut field: Field) -> Field {
    field.nullable = true;
    field
}

fn hidden(mut field: Field) -> Field {
    field.hidden = true;
    field
}
