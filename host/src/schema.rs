//! The physical side of collections: tables, indexes and the catalog that describes them.
//!
//! Not here: who may change a collection and whether the change is valid (`collections`, `model`).

pub mod catalog;
mod change;
pub mod ddl;
mod leftovers;
pub mod listing;
pub mod search;
pub mod system;
pub mod views;

use crate::clock::World;
use crate::db::{self, Store, Unit};
use crate::error::{Error, Result};
use crate::model::{Collection, date};
use crate::sql::Sql;
use catalog::Catalog;
use std::sync::Arc;

pub use change::{IndexStep, Migration, migration};

/// Loads the catalog of a tenant's database; a new database gets the system collections first.
///
/// # Errors
/// When the database cannot be read, or holds a collection that cannot be understood.
pub async fn open(store: &Store, world: &World) -> Result<Catalog> {
    let collections = load(store).await?;
    if !collections.is_empty() {
        leftovers::sweep(store, &collections).await?;
        return Ok(Catalog::new(collections));
    }
    let now = date::format(world.now_ms());
    let mut unit = Unit::new();
    let collections = system::collections(&now, &mut |length| world.ids.secret(length));
    let collections: Vec<_> = collections.into_iter().map(Arc::new).collect();
    let _ = migration(&[], &collections, Vec::new()).add_to(&mut unit);
    store.write_alone(unit).await.map_err(db::Failure::into_error)?;
    Ok(Catalog::new(load(store).await?))
}

/// Reads the catalog anew, after a change has been committed.
///
/// # Errors
/// When the database cannot be read.
pub async fn reload(store: &Store) -> Result<Catalog> {
    let moment = store.moment();
    Ok(Catalog::new(load(store).await?).at(moment))
}

async fn load(store: &Store) -> Result<Vec<Arc<Collection>>> {
    let mut sql = Sql::new("SELECT ");
    for (index, name) in Collection::COLUMNS.iter().enumerate() {
        sql.push(if index > 0 { ", " } else { "" }).push(name);
    }
    sql.push(" FROM _collections ORDER BY rowid");
    store
        .read(move |snapshot| {
            let mut collections = Vec::new();
            snapshot.rows(&sql, |row| {
                let columns: Vec<_> = (0..Collection::COLUMNS.len()).map(|index| row.get(index)).collect();
                let collection = Collection::from_columns(&columns)
                    .map_err(|detail| Error::internal("a stored collection cannot be understood", detail))?;
                collections.push(Arc::new(collection));
                Ok(())
            })?;
            Ok(collections)
        })
        .await
}
