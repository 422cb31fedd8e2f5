//! Which rows a reading of many is about: the caller's list rule, the filter, and what the order asks, as one
//! condition on the collection's table.

use super::read;
use super::search::Search;
use crate::access::{self, Operation};
use crate::error::Result;
use crate::model::Collection;
use crate::rules::Order;
use crate::sql::Sql;
use crate::tenant::Cx;
use serde_json::Map;
use std::sync::Arc;

#[derive(Debug, Clone)]
pub(super) struct Selection {
    /// The table, perhaps with others.
    from: Sql,
    condition: Sql,
}

impl Selection {
    /// The rows of a collection that a caller may list and that meet a filter.
    ///
    /// # Errors
    /// `Invalid` for a broken filter, `Forbidden` when only superusers may.
    pub(super) fn of(cx: &Cx, collection: &Arc<Collection>, filter: Option<&str>) -> Result<Self> {
        let permit = access::admit(cx, collection, Operation::List)?;
        let none = Map::new();
        let mut from = Sql::default();
        from.name(&collection.name);
        let mut condition = Sql::new("1");
        read::append_rule(cx, &mut condition, &permit, &none);
        if let Some(filter) = read::client_filter(cx, collection, filter)? {
            condition.push(" AND ").append(read::to_condition(cx, &filter, &none));
        }
        Ok(Self { from, condition })
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
    }

    /// Puts another table beside the collection's, with what its rows meet.
    pub(super) fn join(&mut self, from: Sql, condition: Sql) {
        self.from = from;
        self.and(condition);
    }

    pub(super) fn and(&mut self, condition: Sql) {
        self.condition.push(" AND (").append(condition).push(")");
    }

    /// ` FROM .. WHERE ..`
    pub(super) fn rows(&self) -> Sql {
        let mut sql = Sql::new(" FROM ");
        sql.append(self.from.clone()).push(" WHERE ").append(self.condition.clone());
        sql
    }

    /// The statement that counts the rows.
    pub(super) fn count(&self) -> Sql {
        let mut sql = Sql::new("SELECT count(*)");
        sql.append(self.rows());
        sql
    }
}
