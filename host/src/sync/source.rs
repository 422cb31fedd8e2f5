//! Who this database is to its copies: an id that it keeps, made when it is first needed.

use crate::db::{Failure, Unit};
use crate::error::Result;
use crate::model::date;
use crate::sql::Sql;
use crate::tenant::Tenant;

/// The row of `_params`.
const ROW: &str = "syncSource";
/// Characters of the id.
const LENGTH: usize = 24;

/// The id of a tenant's database.
///
/// # Errors
/// When the database cannot be read or written.
pub(super) async fn of(tenant: &Tenant) -> Result<String> {
    if let Some(known) = read(tenant).await? {
        return Ok(known);
    }
    let now = date::format(tenant.world.now_ms());
    let mut sql = Sql::new("INSERT INTO _params (id, value, created, updated) VALUES (");
    sql.bind(ROW).push(", ").bind(tenant.world.ids.secret(LENGTH)).push(", ").bind(now.as_str()).push(", ");
    sql.bind(now.as_str()).push(") ON CONFLICT (id) DO NOTHING");
    tenant.store.write(Unit::of(sql)).await.map_err(Failure::into_error)?;
    Ok(read(tenant).await?.unwrap_or_default())
}

async fn read(tenant: &Tenant) -> Result<Option<String>> {
    let mut sql = Sql::new("SELECT value FROM _params WHERE id = ");
    sql.bind(ROW);
    tenant.store.read(|snapshot| snapshot.one(&sql, |row| Ok(row.text(0).to_owned()))).await
}
