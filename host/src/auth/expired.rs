//! Removing what was good for minutes only: one-time passwords and half-done sign-ins that nobody can use any more.

use super::limits;
use crate::db::{Failure, Unit};
use crate::error::Result;
use crate::model::{AuthOptions, date};
use crate::sql::Sql;
use crate::tenant::Tenant;

/// Deletes one-time passwords that have expired; how many.
///
/// # Errors
/// When the database cannot be written.
pub async fn otps(tenant: &Tenant) -> Result<u64> {
    sweep(tenant, "_otps", |options| options.otp.duration_s).await
}

/// Deletes sign-ins that waited for their second step for too long; how many.
///
/// # Errors
/// When the database cannot be written.
pub async fn mfas(tenant: &Tenant) -> Result<u64> {
    sweep(tenant, "_mfas", |options| options.mfa.duration_s).await
}

/// Each collection says how long its own are good for; those of collections that are gone are good for nothing.
async fn sweep(tenant: &Tenant, table: &'static str, lives_s: fn(&AuthOptions) -> u64) -> Result<u64> {
    let catalog = tenant.catalog();
    let mut unit = Unit::new();
    let mut slots = Vec::new();
    let mut others = Sql::new("DELETE FROM ");
    others.name(table).push(" WHERE collectionRef NOT IN (''");
    for collection in catalog.collections() {
        let Some(options) = collection.auth() else { continue };
        let good_for_ms = i64::try_from(lives_s(options)).unwrap_or(i64::MAX).saturating_mul(1_000);
        let mut sql = Sql::new("DELETE FROM ");
        sql.name(table).push(" WHERE collectionRef = ").bind(collection.id.as_str());
        sql.push(" AND created < ").bind(date::format(tenant.world.now_ms().saturating_sub(good_for_ms)));
        slots.push(unit.count(sql));
        others.push(", ").bind(collection.id.as_str());
    }
    others.push(")");
    slots.push(unit.count(others));
    let outcome = tenant.store.write(unit).await.map_err(Failure::into_error)?;
    Ok(slots.into_iter().map(|slot| outcome.count(slot)).sum())
}

/// Deletes the counts of what may be done so many times within a while; how many.
///
/// # Errors
/// When the database cannot be written.
pub async fn counts(tenant: &Tenant) -> Result<u64> {
    let mut unit = Unit::new();
    let slot = unit.count(limits::sweep(tenant.world.now_ms()));
    Ok(tenant.store.write(unit).await.map_err(Failure::into_error)?.count(slot))
}
