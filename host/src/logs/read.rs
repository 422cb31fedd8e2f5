//! Reading the request log: its rows by filter, sort and page, one row, and how many there were in each hour.

use super::{Logs, rows};
use crate::db::{Failure, Row, Snapshot};
use crate::error::{Error, Result};
use crate::schema::listing::{Found, Listing, Part};
use crate::schema::system;
use crate::sql::Sql;
use serde_json::{Value as Json, json};

const TABLE: &str = "_logs";
const COLUMNS: &str = "id, level, message, data, created";
/// Ids begin with the time.
const OLDEST_FIRST: &str = "id";

/// Rows deleted at once, so that the writer is free in between.
const CLEAR_ROWS: i64 = 5_000;

impl Logs {
    /// The rows of a part, with what waited to be written.
    ///
    /// # Errors
    /// `Invalid` for a broken filter or sort.
    pub async fn list(&self, filter: Option<&str>, sort: Option<&str>, part: Part) -> Result<Found> {
        let listing = self.listing(filter, sort)?;
        self.flush().await;
        listing.read(self.store(), TABLE, COLUMNS, part, shown).await
    }

    /// One row.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn view(&self, id: &str) -> Result<Json> {
        self.flush().await;
        let mut select = Sql::new("SELECT ");
        select.push(COLUMNS).push(" FROM _logs WHERE id = ").bind(id);
        let found = self.store().read(|snapshot| snapshot.one(&select, |row| Ok(shown(row)))).await?;
        found.ok_or_else(Error::not_found)
    }

    /// How many rows there are for each hour that has any: `[{date, total}]`.
    ///
    /// # Errors
    /// `Invalid` for a broken filter.
    pub async fn stats(&self, filter: Option<&str>) -> Result<Json> {
        let listing = self.listing(filter, None)?;
        self.flush().await;
        let mut select = Sql::new("SELECT substr(created, 1, 13) || ':00:00.000Z' AS hour, count(*)");
        select.append(listing.rows(TABLE)).push(" GROUP BY hour ORDER BY hour");
        let mut hours = Vec::new();
        let read = |snapshot: &mut Snapshot<'_>| {
            snapshot.rows(&select, |row| {
                hours.push(json!({"date": row.text(0), "total": row.integer(1)}));
                Ok(())
            })
        };
        self.store().read(read).await?;
        Ok(Json::Array(hours))
    }

    /// Deletes every row.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn clear(&self) -> Result<()> {
        self.flush().await;
        loop {
            let (unit, deleted) = rows::delete_some(CLEAR_ROWS);
            if self.store().write(unit).await.map_err(Failure::into_error)?.count(deleted) == 0 {
                return Ok(());
            }
        }
    }

    fn listing(&self, filter: Option<&str>, sort: Option<&str>) -> Result<Listing> {
        Listing::of(&system::logs_table(), filter, sort, OLDEST_FIRST, self.now_ms())
    }
}

fn shown(row: &Row<'_>) -> Json {
    let data: Json = serde_json::from_str(row.text(3)).unwrap_or_else(|_| json!({}));
    json!({"created": row.text(4), "data": data, "id": row.text(0), "level": row.integer(1), "message": row.text(2)})
}
