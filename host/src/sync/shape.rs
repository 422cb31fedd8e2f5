//! What of a collection is copied: its table under its own name, without the columns that hold credentials.

use crate::crypto;
use crate::model::{Collection, Field};
use crate::schema::catalog::Catalog;
use crate::schema::ddl;
use crate::sql::Sql;
use serde_json::json;

/// What tables begin with that are the copy's own.
pub(super) const OWN: &str = "_tinybase_sync";

/// A table of the copy.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    /// The collection's.
    pub(super) id: String,
    pub(super) name: String,
    fields: Vec<Field>,
    /// Tells this definition from others.
    pub(super) definition: String,
}

impl Shape {
    /// Those of all collections that are copied, in their order.
    pub(super) fn all(catalog: &Catalog) -> Vec<Self> {
        let copied = |known: &Collection| !known.system && !known.is_view() && !known.name.starts_with(OWN);
        catalog.collections().filter(|known| copied(known)).map(|known| Self::of(known)).collect()
    }

    fn of(collection: &Collection) -> Self {
        let fields: Vec<Field> = collection.fields.iter().filter(|field| !field.is_credential()).cloned().collect();
        let columns: Vec<_> = fields.iter().map(|field| json!([field.id, ddl::declaration(field).text()])).collect();
        // The name counts: under another one it is another table.
        let definition = crypto::sha256_hex(json!([collection.name, columns]).to_string().as_bytes());
        Self { id: collection.id.clone(), name: collection.name.clone(), fields, definition }
    }

    /// The columns, quoted.
    fn columns(&self) -> Sql {
        let mut sql = Sql::default();
        for (index, field) in self.fields.iter().enumerate() {
            sql.push(if index > 0 { ", " } else { "" }).name(&field.name);
        }
        sql
    }

    /// How many columns it has.
    pub(super) fn width(&self) -> usize {
        self.fields.len()
    }

    /// Where the id stands among them.
    pub(super) fn id_column(&self) -> usize {
        self.fields.iter().position(Field::is_primary_key).unwrap_or_default()
    }

    /// The table beside it that takes its place once it is complete.
    pub(super) fn aside(&self) -> String {
        aside(&self.id)
    }

    pub(super) fn create(&self, table: &str) -> Sql {
        let mut sql = Sql::new("CREATE TABLE ");
        sql.name(table).push(" (");
        for (index, field) in self.fields.iter().enumerate() {
            sql.push(if index > 0 { ", " } else { "" }).append(ddl::declaration(field));
        }
        sql.push(")");
        sql
    }

    pub(super) fn select(&self, table: &str) -> Sql {
        let mut sql = Sql::new("SELECT ");
        sql.append(self.columns()).push(" FROM ").name(table);
        sql
    }

    /// The row with that id.
    pub(super) fn select_one(&self, id: &str) -> Sql {
        let mut sql = self.select(&self.name);
        sql.push(" WHERE id = ").bind(id);
        sql
    }

    /// Rows in the order of their ids.
    pub(super) fn select_page(&self, table: &str, after: &str, limit: u64) -> Sql {
        let mut sql = self.select(table);
        sql.push(" WHERE id > ").bind(after).push(" ORDER BY id LIMIT ").number(limit);
        sql
    }

    /// The beginning of an INSERT into a table.
    pub(super) fn insert(&self, table: &str) -> Sql {
        let mut sql = Sql::new("INSERT INTO ");
        sql.name(table).push(" (").append(self.columns()).push(") VALUES ");
        sql
    }
}

/// The table in which a collection is copied anew.
pub(super) fn aside(id: &str) -> String {
    format!("{OWN}_{id}")
}

/// Removes a table.
pub(super) fn drop_table(name: &str) -> Sql {
    let mut sql = Sql::new("DROP TABLE IF EXISTS ");
    sql.name(name);
    sql
}
