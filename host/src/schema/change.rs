//! From the collections as they are to those that shall be, as one unit of work.
//!
//! Views stand on tables, indexes and triggers on columns, so they go first and come back last; tables and columns are
//! renamed through names of their own, so that two can swap theirs.

use super::{ddl, search};
use crate::db::Unit;
use crate::model::Collection;
use crate::sql::Sql;
use std::sync::Arc;

type Pair<'a> = (Option<&'a Collection>, &'a Collection);

/// Where in a unit an index is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexStep {
    pub step: usize,
    /// The id of its collection.
    pub collection: String,
    /// Its place among the indexes of the definition.
    pub position: usize,
}

/// Adds every step, and answers with those that make the indexes of definitions. `create_views` are the statements for all views
/// of `after`.
pub fn change(
    unit: &mut Unit,
    before: &[Arc<Collection>],
    after: &[Arc<Collection>],
    create_views: Vec<Sql>,
) -> Vec<IndexStep> {
    let mut made = Vec::new();
    let find = |list: &'_ [Arc<Collection>], id: &str| list.iter().position(|known| known.id == id);
    let gone: Vec<&Collection> =
        before.iter().filter(|old| find(after, &old.id).is_none()).map(AsRef::as_ref).collect();
    let changed: Vec<Pair<'_>> = after
        .iter()
        .map(|new| (find(before, &new.id).map(|at| before[at].as_ref()), new.as_ref()))
        .filter(|(old, new)| *old != Some(*new))
        .collect();
    let touches_tables = !gone.is_empty() || changed.iter().any(|(old, new)| old.is_none_or(|old| differs(old, new)));
    if touches_tables {
        for view in before.iter().filter(|old| old.is_view()) {
            unit.run(ddl::drop(view));
        }
        made = change_tables(unit, &gone, &changed);
        for statement in create_views {
            unit.run(statement);
        }
    }
    for collection in gone {
        let mut sql = Sql::new("DELETE FROM _collections WHERE id = ");
        sql.bind(collection.id.as_str());
        unit.run(sql);
    }
    for (_, new) in changed.iter().filter(|(old, new)| old.is_some_and(|old| old.name != new.name)) {
        let mut sql = Sql::new("UPDATE _collections SET name = '_renaming_' || id WHERE id = ");
        sql.bind(new.id.as_str());
        unit.run(sql);
    }
    for (_, new) in changed {
        unit.run(save(new));
    }
    made
}

/// Whether the difference of two definitions is one of the database.
fn differs(old: &Collection, new: &Collection) -> bool {
    old.name != new.name || old.kind != new.kind || old.fields != new.fields || old.indexes != new.indexes
}

fn change_tables(unit: &mut Unit, gone: &[&Collection], changed: &[Pair<'_>]) -> Vec<IndexStep> {
    let tables = || changed.iter().filter(|(_, new)| !new.is_view());
    let kept = || tables().filter_map(|(old, new)| Some(((*old)?, *new)));
    for statement in kept().flat_map(|(old, _)| search::before_change(old).into_iter().chain(ddl::drop_indexes(old))) {
        unit.run(statement);
    }
    for statement in gone.iter().filter(|gone| !gone.is_view()).flat_map(|gone| search::drop(gone)) {
        unit.run(statement);
    }
    for table in gone.iter().filter(|gone| !gone.is_view()) {
        unit.run(ddl::drop(table));
    }
    let aside = |new: &Collection| format!("_renaming_{}", new.id);
    let renamed: Vec<_> = kept().filter(|(old, new)| old.name != new.name).collect();
    for (old, new) in &renamed {
        unit.run(ddl::rename_table(&old.name, &aside(new)));
    }
    for (_, new) in &renamed {
        unit.run(ddl::rename_table(&aside(new), &new.name));
    }
    for statement in kept().flat_map(|(old, new)| ddl::change_columns(old, new)) {
        unit.run(statement);
    }
    for (_, new) in tables().filter(|(old, _)| old.is_none()) {
        unit.run(ddl::create_table(new));
    }
    let mut made = Vec::new();
    for (old, new) in tables() {
        for (position, statement) in ddl::create_indexes(new).enumerate() {
            // Behind those of the definition stands one of the server's own.
            if position < new.indexes.len() {
                made.push(IndexStep { step: unit.len(), collection: new.id.clone(), position });
            }
            unit.run(statement);
        }
        for statement in old.map_or_else(|| search::create(new), |old| search::after_change(old, new)) {
            unit.run(statement);
        }
    }
    made
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
