//! What is left of accounts whose collection has gone. It goes with the collection; earlier builds left it behind, and whoever
//! makes a collection of that name has the same id: accounts elsewhere would open accounts here that are not theirs.

use crate::db::{self, Store, Unit};
use crate::error::Result;
use crate::model::Collection;
use crate::sql::Sql;
use std::sync::Arc;

const TABLES: [&str; 4] = ["_externalAuths", "_authOrigins", "_otps", "_mfas"];

/// Deletes the rows about collections that are not there. Asked whenever a database is opened, so it asks the indexes for what is
/// between the ids that there are, and no row of those.
///
/// # Errors
/// When the database cannot be read or written.
pub(super) async fn sweep(store: &Store, collections: &[Arc<Collection>]) -> Result<()> {
    let mut ids: Vec<&str> = collections.iter().map(|collection| collection.id.as_str()).collect();
    ids.sort_unstable();
    let condition = between(&ids);
    let known = |table: &&str| collections.iter().any(|collection| collection.name == *table);
    for table in TABLES.into_iter().filter(known) {
        let from = |head: &'static str| {
            let mut sql = Sql::new(head);
            sql.name(table).push(" WHERE ").append(condition.clone());
            sql
        };
        let mut any = from("SELECT 1 FROM ");
        any.push(" LIMIT 1");
        if store.read(|snapshot| Ok(snapshot.one(&any, |_| Ok(()))?.is_some())).await? {
            store.write_alone(Unit::of(from("DELETE FROM "))).await.map_err(db::Failure::into_error)?;
        }
    }
    Ok(())
}

/// Whatever is none of the ids, as ranges.
fn between(ids: &[&str]) -> Sql {
    let mut sql = Sql::new("(");
    for (index, id) in ids.iter().enumerate() {
        if index > 0 {
            sql.push(" AND collectionRef < ").bind(*id).push(") OR (");
        } else {
            sql.push("collectionRef < ").bind(*id).push(" OR ");
        }
        sql.push("collectionRef > ").bind(*id);
    }
    sql.push(")");
    sql
}
