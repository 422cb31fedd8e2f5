//! Collections to statements: tables, columns and indexes as `PocketBase` makes them.
//!
//! A change is made of ADD, RENAME and DROP COLUMN, through temporary names so that fields can swap
//! names; a table is never rebuilt. All statements of a change run in one transaction with the metadata.

use super::search;
use crate::model::{Collection, Field, FieldKind, Kind};
use crate::sql::Sql;

/// The statements that make a collection's table or view.
#[must_use]
pub fn create(collection: &Collection) -> Vec<Sql> {
    if let Kind::View { query } = &collection.kind {
        let mut sql = Sql::new("CREATE VIEW ");
        sql.name(&collection.name).push(" AS SELECT * FROM (").append(Sql::trusted(query.clone())).push(")");
        return vec![sql];
    }
    let mut table = Sql::new("CREATE TABLE ");
    table.name(&collection.name).push(" (");
    for (index, field) in collection.fields.iter().enumerate() {
        if index > 0 {
            table.push(", ");
        }
        declare(&mut table, &field.name, field);
    }
    table.push(")");
    let mut statements = vec![table];
    statements.extend(indexes(collection));
    statements.extend(search::create(collection));
    statements
}

/// The statements that remove a collection's table or view, and its indexes with it.
#[must_use]
pub fn drop(collection: &Collection) -> Vec<Sql> {
    let mut sql = Sql::new(if collection.is_view() { "DROP VIEW IF EXISTS " } else { "DROP TABLE IF EXISTS " });
    sql.name(&collection.name);
    let mut statements = search::drop(collection);
    statements.push(sql);
    statements
}

/// The statements that turn one definition's table into the other's and keep the data.
#[must_use]
pub fn change(old: &Collection, new: &Collection) -> Vec<Sql> {
    if new.is_view() {
        return drop(old).into_iter().chain(create(new)).collect();
    }
    // Indexes name columns and tables, so they go first and come back last.
    let mut statements: Vec<Sql> = old.indexes.iter().filter_map(|index| drop_index(index)).collect();
    statements.extend(search::before_change(old));
    if old.name != new.name {
        statements.extend(rename_table(&old.name, &new.name));
    }
    let kept: Vec<(&Field, &Field)> = new
        .fields
        .iter()
        .filter_map(|field| Some((old.fields.iter().find(|known| known.id == field.id)?, field)))
        .collect();
    for field in old.fields.iter().filter(|field| !new.fields.iter().any(|kept| kept.id == field.id)) {
        let mut sql = Sql::new("ALTER TABLE ");
        sql.name(&new.name).push(" DROP COLUMN ").name(&field.name);
        statements.push(sql);
    }
    statements.extend(rename_columns(&new.name, &kept));
    for (from, to) in &kept {
        if from.kind.is_multiple() != to.kind.is_multiple() {
            statements.extend(change_arity(&new.name, to));
        }
    }
    for field in new.fields.iter().filter(|field| !old.fields.iter().any(|known| known.id == field.id)) {
        statements.push(add_column(&new.name, &field.name, field));
    }
    statements.extend(indexes(new));
    statements.extend(search::after_change(old, new));
    statements
}

fn indexes(collection: &Collection) -> impl Iterator<Item = Sql> {
    // Definitions were parsed and normalised when the collection was checked.
    collection.indexes.iter().map(|index| Sql::trusted(index.clone()))
}

fn drop_index(definition: &str) -> Option<Sql> {
    let index = crate::model::index::Index::parse(definition)?;
    let mut sql = Sql::new("DROP INDEX IF EXISTS ");
    sql.name(&index.name);
    Some(sql)
}

fn rename_table(from: &str, to: &str) -> Vec<Sql> {
    // Through a temporary name: SQLite takes names that differ in case only for the same table.
    let temporary = format!("_renaming_{to}");
    [(from, temporary.as_str()), (temporary.as_str(), to)]
        .into_iter()
        .map(|(from, to)| {
            let mut sql = Sql::new("ALTER TABLE ");
            sql.name(from).push(" RENAME TO ").name(to);
            sql
        })
        .collect()
}

fn rename_columns(table: &str, kept: &[(&Field, &Field)]) -> Vec<Sql> {
    let renamed: Vec<_> = kept.iter().filter(|(from, to)| from.name != to.name).collect();
    let aside = renamed.iter().map(|(from, to)| (from.name.clone(), format!("_renaming_{}", to.name)));
    let back = renamed.iter().map(|(_, to)| (format!("_renaming_{}", to.name), to.name.clone()));
    aside
        .chain(back)
        .map(|(from, to)| {
            let mut sql = Sql::new("ALTER TABLE ");
            sql.name(table).push(" RENAME COLUMN ").name(&from).push(" TO ").name(&to);
            sql
        })
        .collect()
}

fn add_column(table: &str, column: &str, field: &Field) -> Sql {
    let mut sql = Sql::new("ALTER TABLE ");
    sql.name(table).push(" ADD COLUMN ");
    declare(&mut sql, column, field);
    sql
}

/// A column's name and declaration.
fn declare(sql: &mut Sql, column: &str, field: &Field) {
    sql.name(column).push(" ").push(field.kind.column());
    if let FieldKind::Vector(vector) = &field.kind {
        sql.push("(").number(vector.dimension.into()).push(") DEFAULT NULL");
    }
}

/// Single to multiple wraps the value; multiple to single keeps the last.
fn change_arity(table: &str, to: &Field) -> Vec<Sql> {
    let temporary = format!("_arity_{}", to.name);
    let mut fill = Sql::new("UPDATE ");
    fill.name(table).push(" SET ").name(&temporary);
    if to.kind.is_multiple() {
        fill.push(" = CASE WHEN coalesce(").name(&to.name).push(", '') = '' THEN '[]' ELSE CASE WHEN json_valid(");
        fill.name(&to.name).push(") AND json_type(").name(&to.name).push(") = 'array' THEN ").name(&to.name);
        fill.push(" ELSE json_array(").name(&to.name).push(") END END");
    } else {
        fill.push(" = CASE WHEN json_valid(").name(&to.name).push(") AND json_type(").name(&to.name);
        fill.push(") = 'array' THEN coalesce(json_extract(").name(&to.name).push(", '$[#-1]'), '') ELSE coalesce(");
        fill.name(&to.name).push(", '') END");
    }
    let mut remove = Sql::new("ALTER TABLE ");
    remove.name(table).push(" DROP COLUMN ").name(&to.name);
    let mut rename = Sql::new("ALTER TABLE ");
    rename.name(table).push(" RENAME COLUMN ").name(&temporary).push(" TO ").name(&to.name);
    vec![add_column(table, &temporary, to), fill, remove, rename]
}
