//! The indexes that the host makes itself: one on each single relation that no index of the definition begins with.
//!
//! Who points at a record is asked at every delete, by back-relations and by rules like `owner = @request.auth.id`.
//! They come and go with their fields and are listed nowhere: a definition says what its author wants, and may be brought to a
//! server that makes none. Not here: lists of relations, to whose items no index leads.

use super::ddl;
use crate::db::{Store, Unit};
use crate::error::Result;
use crate::model::index::RELATION_PREFIX;
use crate::model::{Collection, Field};
use crate::sql::Sql;
use std::collections::HashSet;
use std::sync::Arc;

/// The statements that make those of a collection.
pub(super) fn create(collection: &Collection) -> impl Iterator<Item = Sql> {
    collection.relations_without_index().map(|field| create_one(collection, field))
}

/// The names of all that a collection may have.
pub(super) fn names(collection: &Collection) -> impl Iterator<Item = String> {
    collection.single_relations().map(|field| name(collection, field))
}

fn create_one(collection: &Collection, field: &Field) -> Sql {
    let mut sql = Sql::new("CREATE INDEX IF NOT EXISTS ");
    sql.name(&name(collection, field)).push(" ON ").name(&collection.name).push(" (").name(&field.name).push(")");
    sql
}

/// By ids, so that whatever is renamed keeps its index; an id of a collection has no `~`.
fn name(collection: &Collection, field: &Field) -> String {
    format!("{RELATION_PREFIX}{}~{}", collection.id, field.id)
}

/// Makes the indexes that a database lacks, as one does that was written before the host made any, and removes what no
/// definition asks for. What cannot be made, as where a quota is used up, keeps nobody from the data: it is slower.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn make_up(store: &Store, collections: &[Arc<Collection>]) -> Result<()> {
    let mut known = known(store).await?;
    let mut statements = Vec::new();
    for collection in collections {
        for field in collection.relations_without_index() {
            if !known.remove(&name(collection, field)) {
                statements.push(create_one(collection, field));
            }
        }
    }
    statements.extend(known.iter().map(|name| ddl::drop_index(name)));
    for statement in statements {
        let text = statement.text().to_owned();
        if let Err(failure) = store.write_alone(Unit::of(statement)).await {
            tracing::warn!(?failure, statement = text, "an index of a relation could not be brought up to date");
        }
    }
    Ok(())
}

async fn known(store: &Store) -> Result<HashSet<String>> {
    let mut sql = Sql::new("SELECT name FROM sqlite_schema WHERE type = 'index' AND substr(name, 1, ");
    sql.number(RELATION_PREFIX.len() as u64).push(") = ").bind(RELATION_PREFIX);
    store
        .read(move |snapshot| {
            let mut names = HashSet::new();
            snapshot.rows(&sql, |row| {
                names.insert(row.text(0).to_owned());
                Ok(())
            })?;
            Ok(names)
        })
        .await
}
