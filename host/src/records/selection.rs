//! Which rows a reading of many is about: the caller's list rule, the filter, and what the order asks, as one
//! condition on the collection's table.

use super::read;
use super::search::Search;
use crate::access::{self, Operation};
use crate::db::Snapshot;
use crate::error::Result;
use crate::model::Collection;
use crate::rules::{Checked, Order, Wide};
use crate::sql::Sql;
use crate::tenant::Cx;
use serde_json::Map;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Instructions of the engine after which a reading that looks up what each row leads to is given up for one that
/// looks it all up at once: some two milliseconds. The former is best where few rows are looked at, and how many
/// they will be nobody knows.
const SHORT_OPERATIONS: u32 = 40_000;
/// How many rows of other tables may be looked at for each row of the collection's.
const WIDE_FACTOR: u64 = 8;
/// Rows of other tables that may be looked at in any case.
const WIDE_ROWS: u64 = 20_000;
/// Rows of other tables that may be looked at in no case more of: their ids are kept in memory.
const WIDE_ROWS_MAX: u64 = 500_000;

/// How many rows a reading is thought to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    Few,
    Many,
}

#[derive(Debug, Clone)]
pub(super) struct Selection {
    /// The collection's table.
    table: String,
    /// The table, perhaps with others.
    from: Sql,
    condition: Sql,
    /// The same condition for a reading that looks at many rows.
    wide: Option<Wide>,
}

impl Selection {
    /// The rows of a collection that a caller may list and that meet a filter.
    ///
    /// # Errors
    /// `Invalid` for a broken filter, `Forbidden` when only superusers may.
    pub(super) fn of(cx: &Cx, collection: &Arc<Collection>, filter: Option<&str>) -> Result<Self> {
        let permit = access::admit(cx, collection, Operation::List)?;
        let filter = read::client_filter(cx, collection, filter)?;
        let rules: Vec<&Checked> = permit.condition().into_iter().chain(&filter).collect();
        let mut from = Sql::default();
        from.name(&collection.name);
        let mut condition = Sql::new("1");
        for rule in &rules {
            condition.push(" AND ").append(read::to_condition(cx, rule, &Map::new()));
        }
        Ok(Self { table: collection.name.clone(), from, condition, wide: wide(cx, &rules) })
    }

    /// Of these rows those that a search finds.
    #[must_use]
    pub(super) fn searched(mut self, search: Option<&Search<'_>>) -> Self {
        if let Some(search) = search {
            self.and(search.condition());
        }
        self
    }

    /// Leaves out the rows that an order must not place.
    pub(super) fn guard(&mut self, order: Option<&Order>) {
        read::append_guard(&mut self.condition, order);
        if let Some(wide) = &mut self.wide {
            read::append_guard(&mut wide.condition, order);
        }
    }

    /// Puts another table beside the collection's, with what its rows meet.
    pub(super) fn join(&mut self, from: Sql, condition: Sql) {
        self.from = from;
        self.and(condition);
    }

    pub(super) fn and(&mut self, condition: Sql) {
        if let Some(wide) = &mut self.wide {
            wide.condition.push(" AND (").append(condition.clone()).push(")");
        }
        self.condition.push(" AND (").append(condition).push(")");
    }

    /// Reads with statements that are made of this selection: those that are best where few rows have to be looked at
    /// and, where that turns out to take long, those that are best for many. Then `run` is begun anew, and what
    /// comes after this reading need not try the former.
    ///
    /// # Errors
    /// That of `run`.
    pub(super) fn read<R>(
        &self,
        snapshot: &mut Snapshot<'_>,
        rows: Expected,
        mut run: impl FnMut(&mut Snapshot<'_>, &Self) -> Result<R>,
    ) -> Result<(R, Expected)> {
        let Some(wide) = &self.wide else { return Ok((run(snapshot, self)?, rows)) };
        if rows == Expected::Few
            && let Some(found) = snapshot.within(SHORT_OPERATIONS, |snapshot| run(snapshot, self))?
        {
            return Ok((found, rows));
        }
        let found = if read::one_integer(snapshot, &self.is_wide_worth_it(wide))? == 0 {
            run(snapshot, self)?
        } else {
            run(snapshot, &Self { condition: wide.condition.clone(), wide: None, ..self.clone() })?
        };
        Ok((found, Expected::Many))
    }

    /// Whether the other tables are not much larger than the collection's, by their last row ids.
    fn is_wide_worth_it(&self, wide: &Wide) -> Sql {
        let last = |sql: &mut Sql, table: &str| {
            sql.push("coalesce((SELECT max(rowid) FROM ").name(table).push("), 0)");
        };
        let mut sql = Sql::new("SELECT 0");
        for table in &wide.tables {
            sql.push(" + ");
            last(&mut sql, table);
        }
        sql.push(" <= min(").number(WIDE_ROWS_MAX).push(", ").number(WIDE_ROWS).push(" + ").number(WIDE_FACTOR);
        sql.push(" * ");
        last(&mut sql, &self.table);
        sql.push(")");
        sql
    }

    /// ` FROM .. WHERE ..`
    pub(super) fn rows(&self) -> Sql {
        let mut sql = Sql::new(" FROM ");
        sql.append(self.from.clone()).push(" WHERE ").append(self.condition.clone());
        sql
    }

    /// How many rows there are.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(super) fn count(&self, snapshot: &mut Snapshot<'_>, rows: Expected) -> Result<i64> {
        let (count, _) = self.read(snapshot, rows, |snapshot, selection| {
            let mut sql = Sql::new("SELECT count(*)");
            sql.append(selection.rows());
            read::one_integer(snapshot, &sql)
        })?;
        Ok(count)
    }
}

/// The rules as one condition for many rows, if that makes a difference for any of them.
fn wide(cx: &Cx, rules: &[&Checked]) -> Option<Wide> {
    let none = Map::new();
    let facts = access::facts(cx, &none);
    let wide: Vec<Option<Wide>> = rules.iter().map(|rule| rule.to_wide_sql(&facts, &*cx.catalog)).collect();
    if wide.iter().all(Option::is_none) {
        return None;
    }
    let mut all = Wide { condition: Sql::new("1"), tables: BTreeSet::new() };
    for (rule, wide) in rules.iter().zip(wide) {
        all.condition.push(" AND ");
        match wide {
            Some(wide) => {
                all.condition.push("(").append(wide.condition).push(")");
                all.tables.extend(wide.tables);
            }
            None => drop(all.condition.append(read::to_condition(cx, rule, &none))),
        }
    }
    Some(all)
}
