//! Full-text search: FTS5 tables beside a collection's table, kept up by triggers.
//!
//! A collection has one for what everybody may see and, when some of its searchable fields are not open to
//! everybody, another one for all of them. So nobody's search touches, in its matches or in its ranking, what
//! they must not see. The tables hold no text, only which row has which words; they are called after the
//! collection's id, so that a renamed collection keeps them.

use crate::model::field::searchable::{Words, is_open};
use crate::model::{Collection, Field};
use crate::sql::Sql;

/// What is the same in every such table. Words are folded (`Ž` is `z`); the beginnings of two and three letters
/// are indexed, for searches while somebody types.
const OPTIONS: &str = ", content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2', prefix='2 3')";

/// Entities that editors write; they part words.
const ENTITIES: [&str; 6] = ["'&nbsp;'", "'&amp;'", "'&lt;'", "'&gt;'", "'&quot;'", "'&#39;'"];

/// An FTS5 table: the words of some fields of a collection.
#[derive(Debug)]
pub struct Table<'a> {
    /// No collection is called so, as it begins with `~`.
    pub name: String,
    collection: &'a Collection,
    fields: Vec<(&'a Field, Words)>,
}

/// Whose search it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sees {
    Everything,
    /// What everybody may see who may see the record.
    OpenFields,
}

/// The table in which somebody may search; `None` when there is nothing for them to search.
#[must_use]
pub fn table(collection: &Collection, sees: Sees) -> Option<Table<'_>> {
    tables(collection).into_iter().rfind(|table| sees == Sees::Everything || table.is_open())
}

/// The table of the open fields, and the one of all when they differ.
fn tables(collection: &Collection) -> Vec<Table<'_>> {
    let searchable = |field: &&Field| field.searchable && !collection.is_view();
    let all: Vec<_> = collection.fields.iter().filter(searchable).collect();
    let open: Vec<_> = all.iter().copied().filter(|field| is_open(collection, field)).collect();
    let differ = all.len() != open.len();
    [(open, "", true), (all, "~all", differ)]
        .into_iter()
        .filter(|(fields, _, wanted)| *wanted && !fields.is_empty())
        .map(|(fields, suffix, _)| Table {
            name: format!("~search_{}{suffix}", collection.id),
            collection,
            fields: fields.into_iter().filter_map(|field| Some((field, field.kind.words()?))).collect(),
        })
        .collect()
}

/// The statements that make and fill what a collection's definition asks for.
pub(super) fn create(collection: &Collection) -> Vec<Sql> {
    tables(collection).iter().flat_map(|table| table.create().into_iter().chain(table.triggers())).collect()
}

/// The statements that remove it all.
pub(super) fn drop(collection: &Collection) -> Vec<Sql> {
    tables(collection).iter().map(Table::drop).collect()
}

/// What has to happen before a table is changed: triggers name columns, so they go first and come back last.
pub(super) fn before_change(old: &Collection) -> Vec<Sql> {
    tables(old).iter().flat_map(Table::drop_triggers).collect()
}

/// What has to happen after a table was changed: tables whose fields are others now are made anew.
pub(super) fn after_change(old: &Collection, new: &Collection) -> Vec<Sql> {
    let (before, after) = (tables(old), tables(new));
    let kept = |table: &Table<'_>, others: &[Table<'_>]| others.iter().any(|other| other.holds_the_same(table));
    let gone = before.iter().filter(|table| !kept(table, &after)).map(Table::drop);
    let made = after.iter().filter(|table| !kept(table, &before)).flat_map(Table::create);
    gone.chain(made).chain(after.iter().flat_map(Table::triggers)).collect()
}

impl Table<'_> {
    /// The name of the collection's own table.
    #[must_use]
    pub fn of(&self) -> &str {
        &self.collection.name
    }

    fn is_open(&self) -> bool {
        self.fields.iter().all(|(field, _)| is_open(self.collection, field))
    }

    fn holds_the_same(&self, other: &Self) -> bool {
        let what = |table: &Self| -> Vec<(String, Words)> {
            table.fields.iter().map(|(field, words)| (field.id.clone(), *words)).collect()
        };
        self.name == other.name && what(self) == what(other)
    }

    fn create(&self) -> Vec<Sql> {
        let mut table = Sql::new("CREATE VIRTUAL TABLE ");
        table.name(&self.name).push(" USING fts5(").append(self.columns()).push(OPTIONS);
        let mut fill = self.insert();
        fill.push("SELECT _rowid_").append(self.values(&self.collection.name));
        fill.push(" FROM ").name(&self.collection.name);
        vec![table, fill]
    }

    fn drop(&self) -> Sql {
        let mut sql = Sql::new("DROP TABLE IF EXISTS ");
        sql.name(&self.name);
        sql
    }

    fn triggers(&self) -> Vec<Sql> {
        let mut insert = Sql::new(" BEGIN ");
        insert.append(self.insert()).push("VALUES (new._rowid_").append(self.values("new")).push("); END");
        let mut delete = Sql::new(" BEGIN ");
        delete.append(self.delete()).push(" END");
        let mut update = Sql::new(" WHEN ");
        for (index, (field, _)) in self.fields.iter().enumerate() {
            update.push(if index > 0 { " OR old." } else { "old." }).name(&field.name);
            update.push(" IS NOT new.").name(&field.name);
        }
        update.push(" BEGIN ").append(self.delete()).push(" ");
        update.append(self.insert()).push("VALUES (new._rowid_").append(self.values("new")).push("); END");
        let bodies = [(" AFTER INSERT ON ", insert), (" AFTER DELETE ON ", delete), (" AFTER UPDATE ON ", update)];
        self.trigger_names()
            .into_iter()
            .zip(bodies)
            .map(|(name, (event, body))| {
                let mut sql = Sql::new("CREATE TRIGGER ");
                sql.name(&name).push(event).name(&self.collection.name).append(body);
                sql
            })
            .collect()
    }

    fn drop_triggers(&self) -> Vec<Sql> {
        self.trigger_names()
            .into_iter()
            .map(|name| {
                let mut sql = Sql::new("DROP TRIGGER IF EXISTS ");
                sql.name(&name);
                sql
            })
            .collect()
    }

    fn trigger_names(&self) -> [String; 3] {
        ["insert", "delete", "update"].map(|event| format!("{}~{event}", self.name))
    }

    /// `c0, c1`: names of their own, which stay when fields are renamed.
    fn columns(&self) -> Sql {
        let mut sql = Sql::default();
        for index in 0..self.fields.len() {
            sql.push(if index > 0 { ", c" } else { "c" }).number(index as u64);
        }
        sql
    }

    fn insert(&self) -> Sql {
        let mut sql = Sql::new("INSERT INTO ");
        sql.name(&self.name).push(" (rowid, ").append(self.columns()).push(") ");
        sql
    }

    fn delete(&self) -> Sql {
        let mut sql = Sql::new("DELETE FROM ");
        sql.name(&self.name).push(" WHERE rowid = old._rowid_;");
        sql
    }

    /// `, words, words` of a row.
    fn values(&self, row: &str) -> Sql {
        let mut sql = Sql::default();
        for (field, words) in &self.fields {
            let mut column = Sql::default();
            column.column(row, &field.name);
            sql.push(", ").append(match words {
                Words::Plain => column,
                Words::Html => without_tags(column),
                Words::Json => values_within(&column),
            });
        }
        sql
    }
}

/// What stands between tags. The text is split at `<` by making it a JSON list; of each part all up to `>` goes.
fn without_tags(html: Sql) -> Sql {
    let mut text = html;
    for entity in ENTITIES {
        let mut sql = Sql::new("replace(");
        sql.append(text).push(", ").push(entity).push(", ' ')");
        text = sql;
    }
    let mut sql = Sql::new("(SELECT group_concat(substr(value, instr(value, '>') + 1), ' ') FROM json_each('[' || ");
    sql.push("replace(json_quote(").append(text).push("), '<', '\",\"') || ']'))");
    sql
}

/// The texts and numbers in JSON; of what is no JSON, all.
fn values_within(column: &Sql) -> Sql {
    let mut sql = Sql::new("CASE WHEN json_valid(");
    sql.append(column.clone()).push(") THEN (SELECT group_concat(atom, ' ') FROM json_tree(").append(column.clone());
    sql.push(") WHERE type IN ('text', 'integer', 'real')) ELSE ").append(column.clone()).push(" END");
    sql
}
