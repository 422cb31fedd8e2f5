//! From the collections as they are to those that shall be, as statements in their order.
//!
//! Views stand on tables, indexes and triggers on columns, so they go first and come back last; tables and columns are
//! renamed through names of their own, so that two can swap theirs.

use super::{ddl, search};
use crate::db::Unit;
use crate::model::Collection;
use crate::sql::Sql;
use std::sync::Arc;

type Pair<'a> = (Option<&'a Collection>, &'a Collection);

/// Where in a unit, or among the statements of a migration, an index of a definition is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexStep {
    pub step: usize,
    /// The id of its collection.
    pub collection: String,
    /// Its place among the indexes of the definition.
    pub position: usize,
}

/// What a change does, to be run in this order.
#[derive(Debug, Default)]
pub struct Migration {
    /// On the tables, views, indexes and search of the collections; without parameters.
    pub tables: Vec<Sql>,
    /// Which of them make the indexes of definitions.
    indexes: Vec<IndexStep>,
    /// On the stored definitions.
    definitions: Vec<Sql>,
}

impl Migration {
    /// Adds every step, and answers with those that make the indexes of definitions.
    #[must_use]
    pub fn add_to(self, unit: &mut Unit) -> Vec<IndexStep> {
        let start = unit.len();
        for statement in self.tables.into_iter().chain(self.definitions) {
            unit.run(statement);
        }
        self.indexes.into_iter().map(|index| IndexStep { step: start + index.step, ..index }).collect()
    }
}

/// From `before` to `after`. `create_views` are the statements for all views of `after`.
#[must_use]
pub fn migration(before: &[Arc<Collection>], after: &[Arc<Collection>], create_views: Vec<Sql>) -> Migration {
    let find = |list: &'_ [Arc<Collection>], id: &str| list.iter().position(|known| known.id == id);
    let gone: Vec<&Collection> =
        before.iter().filter(|old| find(after, &old.id).is_none()).map(AsRef::as_ref).collect();
    let changed: Vec<Pair<'_>> = after
        .iter()
        .map(|new| (find(before, &new.id).map(|at| before[at].as_ref()), new.as_ref()))
        .filter(|(old, new)| *old != Some(*new))
        .collect();
    let mut migration = Migration::default();
    let touches_tables = !gone.is_empty() || changed.iter().any(|(old, new)| old.is_none_or(|old| differs(old, new)));
    if touches_tables {
        migration.tables.extend(before.iter().filter(|old| old.is_view()).map(|view| ddl::drop(view)));
        change_tables(&mut migration, &gone, &changed);
        migration.tables.extend(create_views);
    }
    for collection in gone {
        let mut sql = Sql::new("DELETE FROM _collections WHERE id = ");
        sql.bind(collection.id.as_str());
        migration.definitions.push(sql);
    }
    for (_, new) in changed.iter().filter(|(old, new)| old.is_some_and(|old| old.name != new.name)) {
        let mut sql = Sql::new("UPDATE _collections SET name = '_renaming_' || id WHERE id = ");
        sql.bind(new.id.as_str());
        migration.definitions.push(sql);
    }
    migration.definitions.extend(changed.into_iter().map(|(_, new)| save(new)));
    migration
}

/// Whether the difference of two definitions is one of the database.
fn differs(old: &Collection, new: &Collection) -> bool {
    old.name != new.name || old.kind != new.kind || old.fields != new.fields || old.indexes != new.indexes
}

fn change_tables(migration: &mut Migration, gone: &[&Collection], changed: &[Pair<'_>]) {
    let Migration { tables: steps, indexes, .. } = migration;
    let tables = || changed.iter().filter(|(_, new)| !new.is_view());
    let kept = || tables().filter_map(|(old, new)| Some(((*old)?, *new)));
    steps.extend(kept().flat_map(|(old, _)| search::before_change(old).into_iter().chain(ddl::drop_indexes(old))));
    let gone = || gone.iter().filter(|gone| !gone.is_view());
    steps.extend(gone().flat_map(|gone| search::drop(gone)));
    steps.extend(gone().map(|gone| ddl::drop(gone)));
    let aside = |new: &Collection| format!("_renaming_{}", new.id);
    let renamed: Vec<_> = kept().filter(|(old, new)| old.name != new.name).collect();
    steps.extend(renamed.iter().map(|(old, new)| ddl::rename_table(&old.name, &aside(new))));
    steps.extend(renamed.iter().map(|(_, new)| ddl::rename_table(&aside(new), &new.name)));
    steps.extend(kept().flat_map(|(old, new)| ddl::change_columns(old, new)));
    steps.extend(tables().filter(|(old, _)| old.is_none()).map(|(_, new)| ddl::create_table(new)));
    for (old, new) in tables() {
        // Behind those of the definition stands one of the server's own.
        let start = steps.len();
        let place = |position| IndexStep { step: start + position, collection: new.id.clone(), position };
        indexes.extend((0..new.indexes.len()).map(place));
        steps.extend(ddl::create_indexes(new));
        steps.extend(old.map_or_else(|| search::create(new), |old| search::after_change(old, new)));
    }
}

fn save(collection: &Collection) -> Sql {
    let columns = collection.to_columns();
    let mut sql = Sql::new("INSERT INTO _collections (");
    for (index, name) in Collection::COLUMNS.iter().enumerate() {
        sql.push(if index > 0 { ", " } else { "" }).push(name);
    }
    sql.push(") VALUES (");
    for (index, value) in columns.into_iter().enumerate() {
        sql.push(if index > 0 { ", " } else { "" }).bind(value);
    }
    sql.push(") ON CONFLICT (id) DO UPDATE SET ");
    for (index, name) in Collection::COLUMNS.iter().enumerate() {
        sql.push(if index > 0 { ", " } else { "" }).push(name).push(" = excluded.").push(name);
    }
    sql
}
