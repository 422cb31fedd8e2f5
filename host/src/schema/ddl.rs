//! Collections to statements: tables, columns and indexes as `PocketBase` makes them.
//!
//! A change is made of ADD, RENAME and DROP COLUMN, through temporary names so that fields and tables can swap
//! names; a table is never rebuilt. In which order they run: `schema/change.rs`.

use crate::model::field::text::ID_PATTERN;
use crate::model::index::Index;
use crate::model::{Collection, Field, FieldKind};
use crate::sql::Sql;

/// The table of a collection that has one.
#[must_use]
pub fn create_table(collection: &Collection) -> Sql {
    let mut table = Sql::new("CREATE TABLE ");
    table.name(&collection.name).push(" (");
    for (index, field) in collection.fields.iter().enumerate() {
        if index > 0 {
            table.push(", ");
        }
        declare(&mut table, &field.name, field);
    }
    table.push(")");
    table
}

/// A view over `query`, which was parsed before; `columns` are selected from it.
#[must_use]
pub fn create_view(name: &str, columns: Sql, query: &str) -> Sql {
    let mut sql = view_head(name, columns);
    sql.append(Sql::trusted(query.to_owned())).push(VIEW_END);
    sql
}

/// What a view's statement begins with, before its query.
#[must_use]
pub fn view_head(name: &str, columns: Sql) -> Sql {
    let mut sql = Sql::new("CREATE VIEW ");
    sql.name(name).push(" AS SELECT ").append(columns).push(" FROM (");
    sql
}

/// What stands behind the query; on a line of its own, as the query may end in a comment.
pub const VIEW_END: &str = "\n)";

/// Removes a table with its indexes, or a view.
#[must_use]
pub fn drop(collection: &Collection) -> Sql {
    let mut sql = Sql::new(if collection.is_view() { "DROP VIEW IF EXISTS " } else { "DROP TABLE IF EXISTS " });
    sql.name(&collection.name);
    sql
}

/// The indexes of a collection; for ids that may hold capitals also one that finds them regardless of case.
pub fn create_indexes(collection: &Collection) -> impl Iterator<Item = Sql> {
    // Definitions were parsed and normalised when the collection was checked.
    let own = collection.indexes.iter().map(|index| Sql::trusted(index.clone()));
    own.chain(has_loose_ids(collection).then(|| {
        let mut sql = Sql::new("CREATE INDEX IF NOT EXISTS ");
        sql.name(&ids_index(collection)).push(" ON ").name(&collection.name).push(" (id COLLATE NOCASE)");
        sql
    }))
}

pub fn drop_indexes(collection: &Collection) -> impl Iterator<Item = Sql> {
    let own = collection.indexes.iter().filter_map(|index| Index::parse(index)).map(|index| index.name);
    own.chain([ids_index(collection)]).map(|name| {
        let mut sql = Sql::new("DROP INDEX IF EXISTS ");
        sql.name(&name);
        sql
    })
}

/// Whether ids may differ in case only, which the pattern of ordinary ones excludes.
#[must_use]
pub fn has_loose_ids(collection: &Collection) -> bool {
    let loose = |field: &Field| matches!(&field.kind, FieldKind::Text(text) if text.pattern.as_str() != ID_PATTERN);
    !collection.is_view() && collection.fields.iter().any(|field| field.is_primary_key() && loose(field))
}

fn ids_index(collection: &Collection) -> String {
    format!("_ids_{}", collection.id)
}

/// A table's new name.
#[must_use]
pub fn rename_table(from: &str, to: &str) -> Sql {
    let mut sql = Sql::new("ALTER TABLE ");
    sql.name(from).push(" RENAME TO ").name(to);
    sql
}

/// The statements that turn the columns of one definition into the other's and keep the data. The table has its
/// new name already, and no indexes.
#[must_use]
pub fn change_columns(old: &Collection, new: &Collection) -> Vec<Sql> {
    let mut statements = Vec::new();
    let kept: Vec<(&Field, &Field)> = new
        .fields
        .iter()
        .filter_map(|field| Some((old.fields.iter().find(|known| known.id == field.id)?, field)))
        .collect();
    for field in old.fields.iter().filter(|field| !new.fields.iter().any(|kept| kept.id == field.id)) {
        statements.push(drop_column(&new.name, &field.name));
    }
    statements.extend(rename_columns(&new.name, &kept));
    for (from, to) in &kept {
        if from.column() != to.column() {
            statements.extend(change_column(&new.name, from, to));
        }
    }
    for field in new.fields.iter().filter(|field| !old.fields.iter().any(|known| known.id == field.id)) {
        statements.push(add_column(&new.name, &field.name, field));
    }
    statements
}

fn rename_columns(table: &str, kept: &[(&Field, &Field)]) -> Vec<Sql> {
    let renamed: Vec<_> = kept.iter().filter(|(from, to)| from.name != to.name).collect();
    let aside = renamed.iter().map(|(from, to)| (from.name.clone(), format!("_renaming_{}", to.name)));
    let back = renamed.iter().map(|(_, to)| (format!("_renaming_{}", to.name), to.name.clone()));
    aside.chain(back).map(|(from, to)| rename_column(table, &from, &to)).collect()
}

fn rename_column(table: &str, from: &str, to: &str) -> Sql {
    let mut sql = Sql::new("ALTER TABLE ");
    sql.name(table).push(" RENAME COLUMN ").name(from).push(" TO ").name(to);
    sql
}

fn drop_column(table: &str, column: &str) -> Sql {
    let mut sql = Sql::new("ALTER TABLE ");
    sql.name(table).push(" DROP COLUMN ").name(column);
    sql
}

fn add_column(table: &str, column: &str, field: &Field) -> Sql {
    let mut sql = Sql::new("ALTER TABLE ");
    sql.name(table).push(" ADD COLUMN ");
    declare(&mut sql, column, field);
    sql
}

/// A column's name and declaration, as a table is made with it.
#[must_use]
pub fn declaration(field: &Field) -> Sql {
    let mut sql = Sql::default();
    declare(&mut sql, &field.name, field);
    sql
}

/// A column's name and declaration.
fn declare(sql: &mut Sql, column: &str, field: &Field) {
    let (declaration, null) = field.column();
    sql.name(column).push(" ").push(declaration);
    if let FieldKind::Vector(vector) = &field.kind {
        sql.push("(").number(vector.dimension.into()).push(") DEFAULT NULL");
    } else if null {
        sql.push(" DEFAULT NULL");
    }
}

/// A column with another declaration: single to multiple wraps the value, multiple to single keeps the last;
/// what may not be null any more gets the empty value.
fn change_column(table: &str, from: &Field, to: &Field) -> Vec<Sql> {
    let temporary = format!("_changing_{}", to.name);
    let mut fill = Sql::new("UPDATE ");
    fill.name(table).push(" SET ").name(&temporary).push(" = ");
    match (from.kind.is_multiple(), to.kind.is_multiple()) {
        (false, true) => {
            fill.push("CASE WHEN coalesce(").name(&to.name).push(", '') = '' THEN '[]' ELSE CASE WHEN json_valid(");
            fill.name(&to.name).push(") AND json_type(").name(&to.name).push(") = 'array' THEN ").name(&to.name);
            fill.push(" ELSE json_array(").name(&to.name).push(") END END");
        }
        (true, false) => {
            fill.push("CASE WHEN json_valid(").name(&to.name).push(") AND json_type(").name(&to.name);
            fill.push(") = 'array' THEN coalesce(json_extract(").name(&to.name);
            fill.push(", '$[#-1]'), '') ELSE coalesce(").name(&to.name).push(", '') END");
        }
        _ => {
            fill.name(&to.name).push(" WHERE ").name(&to.name).push(" IS NOT NULL");
        }
    }
    vec![
        add_column(table, &temporary, to),
        fill,
        drop_column(table, &to.name),
        rename_column(table, &temporary, &to.name),
    ]
}
