//! The physical side of collections: tables, indexes and the catalog that describes them.
//!
//! Not here: who may change a collection and whether the change is valid (`collections`, `model`).

pub mod catalog;
pub mod ddl;
pub mod search;
pub mod system;

use crate::clock::World;
use crate::db::{self, Store, Unit};
use crate::error::{Error, Result};
use crate::model::{Collection, date};
use crate::sql::Sql;
use catalog::Catalog;
use std::sync::Arc;

/// Loads the catalog of a tenant's database; a new database gets the system collections first.
///
/// # Errors
/// When the database cannot be read, or holds a collection that cannot be understood.
pub async fn open(store: &Store, world: &World) -> Result<Catalog> {
    let collections = load(store).await?;
    if !collections.is_empty() {
        return Ok(Catalog::new(collections));
    }
    let now = date::format(world.now_ms());
    let mut unit = Unit::new();
    for collection in system::collections(&now, &mut |length| world.ids.secret(length)) {
        add(&mut unit, &collection);
    }
    store.write_alone(unit).await.map_err(db::Failure::into_error)?;
    Ok(Catalog::new(load(store).await?))
}

/// Adds the steps that make a new collection.
pub fn add(unit: &mut Unit, collection: &Collection) {
    for statement in ddl::create(collection) {
        unit.run(statement);
    }
    unit.run(save(collection));
}

/// Adds the steps that turn one definition into another.
pub fn change(unit: &mut Unit, old: &Collection, new: &Collection) {
    for statement in ddl::change(old, new) {
        unit.run(statement);
    }
    unit.run(save(new));
}

/// Adds the steps that remove a collection and its records.
pub fn remove(unit: &mut Unit, collection: &Collection) {
    for statement in ddl::drop(collection) {
        unit.run(statement);
    }
    let mut sql = Sql::new("DELETE FROM _collections WHERE id = ");
    sql.bind(collection.id.as_str());
    unit.run(sql);
}

/// Reads the catalog anew, after a change has been committed.
///
/// # Errors
/// When the database cannot be read.
pub async fn reload(store: &Store) -> Result<Catalog> {
    Ok(Catalog::new(load(store).await?))
}

/// How many columns the metadata row has.
const COLUMNS: usize = 14;

async fn load(store: &Store) -> Result<Vec<Arc<Collection>>> {
    let sql = Sql::new(
        "SELECT id, system, type, name, fields, indexes, listRule, viewRule, createRule, updateRule, deleteRule, options, created, updated \
         FROM _collections ORDER BY rowid",
    );
    store
        .read(move |snapshot| {
            let mut collections = Vec::new();
            snapshot.rows(&sql, |row| {
                let columns: Vec<_> = (0..COLUMNS).map(|index| row.get(index)).collect();
                let collection = Collection::from_columns(&columns)
                    .map_err(|detail| Error::internal("a stored collection cannot be understood", detail))?;
                collections.push(Arc::new(collection));
                Ok(())
            })?;
            Ok(collections)
        })
        .await
}

/// Writes the metadata row of a collection.
fn save(collection: &Collection) -> Sql {
    let stored = collection.to_columns();
    let mut sql = Sql::new(
        "INSERT OR REPLACE INTO _collections \
         (id, system, type, name, fields, indexes, listRule, viewRule, createRule, updateRule, deleteRule, options, created, updated) VALUES (",
    );
    for (index, value) in stored.into_iter().enumerate() {
        if index > 0 {
            sql.push(", ");
        }
        sql.bind(value);
    }
    sql.push(")");
    sql
}
