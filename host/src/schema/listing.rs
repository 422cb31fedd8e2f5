//! Tables of the system that are listed with filter, sort and pages as if they were collections.
//!
//! Not here: who may look, and what a row is shown as.

use super::catalog::Catalog;
use crate::db::{Row, Snapshot, Store};
use crate::error::{Error, Result};
use crate::model::Collection;
use crate::rules::{self, Facts, Purpose};
use crate::sql::Sql;
use serde_json::{Map, Value as Json};

/// What somebody asks of such a table. Only for those who may see all of it.
#[derive(Debug)]
pub struct Listing {
    condition: Sql,
    order: Sql,
}

/// Which rows of a listing are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    pub offset: i64,
    pub limit: i64,
    /// Whether the total is wanted too.
    pub counted: bool,
}

/// Rows as they are shown, and how many there are in all.
#[derive(Debug)]
pub struct Found {
    pub items: Vec<Json>,
    /// -1 when it was not asked for.
    pub total: i64,
}

/// A sort where the order in which rows were made is that of their ids: these tables have no `@rowid`, and their ids begin
/// with the time.
fn by_making(sort: &str) -> String {
    let item = |item: &str| match item.trim().trim_start_matches(['-', '+']) {
        "@rowid" => item.replace("@rowid", "id"),
        _ => item.to_owned(),
    };
    sort.split(',').map(item).collect::<Vec<_>>().join(",")
}

impl Listing {
    /// Reads a filter and a sort over the columns of `table`; `order` is the order without a sort.
    ///
    /// # Errors
    /// `Invalid`, with the position of the mistake.
    pub fn of(
        table: &Collection,
        filter: Option<&str>,
        sort: Option<&str>,
        order: &'static str,
        now_ms: i64,
    ) -> Result<Self> {
        let purpose = Purpose::ClientFilter { superuser: true };
        // There are no other tables beside this one.
        let (alone, body) = (Catalog::default(), Map::new());
        let facts =
            Facts { context: "default", method: "GET", auth: None, body: &body, query: &[], headers: &[], now_ms };
        let written = |text: Option<&str>| text.filter(|text| !text.trim().is_empty()).map(str::to_owned);
        let mut listing = Self { condition: Sql::new("TRUE"), order: Sql::new(order) };
        if let Some(text) = written(filter) {
            refuse_nul("filter", &text)?;
            let checked = rules::parse(&text).and_then(|expr| rules::check(&expr, table, &alone, purpose));
            let checked = checked.map_err(|error| broken("filter", &text, &named(table, error)))?;
            let mut condition = Sql::new("(");
            condition.append(checked.to_sql(&facts, &alone).condition).push(")");
            listing.condition = condition;
        }
        if let Some(text) = written(sort) {
            refuse_nul("sort", &text)?;
            let text = by_making(&text);
            let sort = rules::sort(&text, table, &alone, purpose)
                .map_err(|error| broken("sort", &text, &named(table, error)))?;
            let terms = sort.to_sql(&facts, &alone).terms;
            if !terms.is_empty() {
                listing.order = terms;
            }
        }
        Ok(listing)
    }

    /// Only the rows that meet a condition as well.
    pub fn narrow(&mut self, condition: Sql) {
        self.condition.push(" AND (").append(condition).push(")");
    }

    /// `FROM table WHERE ..`.
    #[must_use]
    pub fn rows(&self, table: &str) -> Sql {
        let mut sql = Sql::new(" FROM ");
        sql.name(table).push(" WHERE (").append(self.condition.clone()).push(")");
        sql
    }

    /// The rows of a part, each as `show` makes it of `columns`.
    ///
    /// # Errors
    /// When the database cannot be read in time.
    pub async fn read(
        &self,
        store: &Store,
        table: &str,
        columns: &'static str,
        part: Part,
        show: impl Fn(&Row<'_>) -> Json + Send + Sync,
    ) -> Result<Found> {
        let mut select = Sql::new("SELECT ");
        select.push(columns).append(self.rows(table)).push(" ORDER BY ").append(self.order.clone());
        select.push(" LIMIT ").bind(part.limit).push(" OFFSET ").bind(part.offset);
        let mut count = Sql::new("SELECT count(*)");
        count.append(self.rows(table));
        let read = |snapshot: &mut Snapshot<'_>| {
            let mut items = Vec::new();
            snapshot.rows(&select, |row| {
                items.push(show(row));
                Ok(())
            })?;
            let total =
                if part.counted { snapshot.one(&count, |row| Ok(row.integer(0)))?.unwrap_or_default() } else { -1 };
            Ok(Found { items, total })
        };
        store.read(read).await
    }
}

/// The same error without the name of the table, which nobody knows who has not written it.
fn named(table: &Collection, mut error: rules::Error) -> rules::Error {
    error.message = error.message.replace(&format!("`{}` has no field", table.name), "there is no field");
    error
}

/// What is wrong with a text that a client sent, and where, counted from 1.
#[must_use]
pub fn broken(what: &str, text: &str, error: &rules::Error) -> Error {
    let position = text.get(..error.span.start).map_or(0, |before| before.chars().count()) + 1;
    let hint = error.hint.as_deref().map(|hint| format!(" {hint}")).unwrap_or_default();
    Error::invalid(format!("Invalid {what} at position {position}: {}.{hint}", error.message.trim_end_matches('.')))
}

/// The engine ends texts at a NUL here and there; nobody means one.
///
/// # Errors
/// `Invalid`, with the position.
pub fn refuse_nul(what: &str, text: &str) -> Result<()> {
    match text.chars().position(|c| c == '\0') {
        Some(before) => Err(Error::invalid(format!("Invalid {what} at position {}: it holds a NUL.", before + 1))),
        None => Ok(()),
    }
}
